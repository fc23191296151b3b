"""What AWS brings, read into what the use cases take, and their results in the form that AWS takes back."""

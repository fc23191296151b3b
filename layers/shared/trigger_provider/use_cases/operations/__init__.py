"""What a person may ask for at the command line."""

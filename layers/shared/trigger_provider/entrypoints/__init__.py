"""Read AWS's events into the input of the use cases, and return their results in the form that AWS expects."""

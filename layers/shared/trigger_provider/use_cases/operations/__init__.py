"""What the operator may ask for at the command line."""

"""The clock and the random numbers of the system."""

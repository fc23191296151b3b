"""The clock and chance."""

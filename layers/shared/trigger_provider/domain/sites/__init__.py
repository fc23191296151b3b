"""Sites: whether one may be called now, and how it comes back after a trouble."""

"""Sites: whether a site may be called now, and how it is resumed after it was suspended or timed out."""

"""Requests: what they look like, how they are read, and what they do to a row."""

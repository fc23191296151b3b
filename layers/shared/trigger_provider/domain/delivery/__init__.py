"""Delivery: what is sent to Wix, what its answers mean, and when a row is tried again."""

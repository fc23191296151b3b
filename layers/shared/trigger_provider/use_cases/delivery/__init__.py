"""Delivery loads and plans rows, calls Wix, and settles the rows."""

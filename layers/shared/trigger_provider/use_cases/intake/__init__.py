"""Intake checks requests, sends a message for each change, and then saves the rows."""

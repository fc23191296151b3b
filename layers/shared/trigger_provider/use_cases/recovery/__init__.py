"""What waits comes back: rows whose time has come, and sites that may be called again."""

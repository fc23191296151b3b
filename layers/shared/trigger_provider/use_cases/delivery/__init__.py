"""Messages go out: rows are loaded, planned, sent to Wix and settled."""

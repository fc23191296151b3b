"""Log lines and metrics: their names and texts, and the code that writes them."""

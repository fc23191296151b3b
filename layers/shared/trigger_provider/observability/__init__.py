"""Log lines and metrics: names, texts, and where they are written."""

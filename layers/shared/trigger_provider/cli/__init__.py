"""The operator's command line. The layer ships without it, and nothing imports it."""

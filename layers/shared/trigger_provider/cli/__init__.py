"""The operator's command line: a doorway for a person. The layer ships without it, and nothing imports it."""

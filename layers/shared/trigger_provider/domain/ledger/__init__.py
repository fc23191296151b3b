"""Rows: what is stored of an event, under which ids, and how a row may change."""

"""Payloads: what a schema allows, and what the wire can carry."""

"""Triggers: their files, keys, schemas and bindings, and the rules of Wix for them."""

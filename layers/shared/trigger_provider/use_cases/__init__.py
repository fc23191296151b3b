"""The use cases: each puts its steps in order, and reaches the outside only through ports."""

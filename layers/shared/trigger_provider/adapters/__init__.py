"""Implementations of the ports: one folder for each service that they call."""

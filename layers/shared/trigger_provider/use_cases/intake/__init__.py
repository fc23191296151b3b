"""Requests come in: they are saved, and a message for each is on its way before."""

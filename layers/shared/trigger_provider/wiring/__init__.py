"""Constructs the objects of each function, once, when Lambda starts the function.

A cold start loads everything that is imported. So each kind of function has its own module, and shares only `parts`.
"""

"""The settings of each function, and the only reader of the environment. Names of things have no defaults.

Each function has a class of its own, and reads what it needs and no more: so none of them lacks, or receives, what only
another one uses.
"""

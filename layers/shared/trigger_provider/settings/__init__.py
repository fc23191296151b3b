"""The settings of each function. No other package reads the environment. Names of resources have no defaults.

Each function has its own class, which reads only what the function needs. So no function needs a setting that only
another function uses.
"""

"""Wix's APIs, tokens and signatures, over HTTP."""

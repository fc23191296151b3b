"""Puts objects together: once for each function, when Lambda starts it.

Whatever is imported is loaded at each cold start. So each kind of function has a module of its own, and shares `parts`.
"""

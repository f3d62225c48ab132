"""Backglass's engine: the documented layers and losses, runs as values, and an explanation of every number.

NumPy and the standard library, nothing else.
"""

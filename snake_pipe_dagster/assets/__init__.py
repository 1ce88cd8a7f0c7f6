"""The assets, one module per stage.

Belongs here: what each asset depends on, shows and calls. Does not: work; that is the core's.
"""

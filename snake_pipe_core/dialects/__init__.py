"""Dialects: how each parser writes its AST as JSON.

Belongs here: one folder per dialect (data only), and the registry that loads them. Does not: code
that reads artifacts; the engine does that, by what the folders say.
"""

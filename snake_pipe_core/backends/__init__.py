"""Where tables go, by role: relational, graph, vector, search.

Belongs here: one package per role, one contract (`base`), one registry. Does not: what the tables
mean, or when to load.
"""

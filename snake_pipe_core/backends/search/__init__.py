"""The search role: one document per symbol and per file, found by words.

Belongs here: what a user may ask (`query`), what every engine answers (`base`), and the engines.
Does not: search by meaning, which is the vector role.
"""

"""Where artifacts come from.

Belongs here: finding artifacts and reading their bytes. Does not: what is in them.
"""

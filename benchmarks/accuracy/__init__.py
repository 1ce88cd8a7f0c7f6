"""How right edges are, measured against tools that do not know us.

Belongs here: corpora, oracles, the comparison, the page it writes. Does not: speed.
"""

"""A slow, plain reading of `docs/reference/mapping.md`: what scan must produce.

Belongs here: scan in ordinary Python, one module per chapter of the page, written from the page
and not from the engine. Does not: speed, parallelism, and anything that the product imports.
"""

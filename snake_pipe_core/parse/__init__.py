"""Source code to AST JSON, for those who have no AST JSON yet.

Belongs here: running parsers over a tree of sources; `mirror.parse_tree` is the door. Does not: reading
AST JSON; what is written here is an artifact like any other producer's. Nothing is imported here, so
that a worker process loads its parser and no tables.
"""

"""The vocabulary every stage shares: tables, kinds, ids and findings.

Belongs here: what a column, a kind, an id or a finding code means. Does not: any input or output.
"""

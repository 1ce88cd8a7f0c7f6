"""The relational role: every symbol-level table and the record of publications in PostgreSQL.

Belongs here: how tables become PostgreSQL rows, and the server that is started when none is given.
Does not: what the tables mean.
"""

"""The graph role: who depends on whom.

Belongs here: the role's queries (`base`), their graph algorithms (`components`), and one module
per store. Does not: how edges come about.
"""

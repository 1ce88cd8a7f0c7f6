"""The vector role: which code is like which.

Belongs here: the role's query (`base`) and one module per store. Does not: how vectors come about.
"""

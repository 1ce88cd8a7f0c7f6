"""One vector per callable, type and document, so that code can be found by likeness.

Belongs here: what is embedded (`rows`), the provider contract (`base`), the registry, and the
providers. Does not: storing or searching vectors (`backends.vector`).
"""

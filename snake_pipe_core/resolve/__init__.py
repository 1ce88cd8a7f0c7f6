"""Resolve: names to symbols, across files.

Belongs here: the stage's public face. Does not: rules; see `modules` (import text → module),
`exports` (names that modules offer), `classes` (order and inheritance), `names` (references →
symbols), `edges` (the two tables), `source` (the order of it all).
"""

from snake_pipe_core.resolve.edges import check_references_accounted
from snake_pipe_core.resolve.source import (
    Resolved,
    ResolveReport,
    explain_tables,
    resolve_source,
    resolve_tables,
    resolver_version,
)

__all__ = [
    "ResolveReport",
    "Resolved",
    "check_references_accounted",
    "explain_tables",
    "resolve_source",
    "resolve_tables",
    "resolver_version",
]

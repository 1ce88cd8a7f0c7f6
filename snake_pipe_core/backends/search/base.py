"""What every search engine answers.

Belongs here: the query method of the search role and the shape of its answer. Does not: any
engine.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, field

from snake_pipe_core.backends.base import Backend
from snake_pipe_core.backends.search.query import Query


@dataclass(frozen=True)
class Hit:
    """One found symbol or file."""

    source: str
    collection: str
    """`symbols` or `documents`: the table that `id` belongs to."""
    id: int
    kind: str
    """Canonical kind; `file` for documents."""
    language: str
    name: str
    qualified_name: str
    path: str
    """Path of the source file."""
    start_line: int | None
    score: float
    """Higher is better; comparable within one answer only."""
    snippet: str = ""
    """The part of the docstring that matched best, empty if it did not match."""
    highlights: tuple[tuple[int, int], ...] = ()
    """Characters of `snippet` that matched: first, and after the last."""


@dataclass(frozen=True)
class SearchResult:
    """A page of hits, how many there are, and how they are spread."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Hits by `kind` and by `language`, over all pages, most frequent first."""


class SearchBackend(Backend):
    """A backend of the search role."""

    @abc.abstractmethod
    def search(self, query: Query | str, limit: int = 20, offset: int = 0) -> SearchResult:
        """Return the page of best hits among the published sources; text is parsed first."""

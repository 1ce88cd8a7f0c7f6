"""The contract of every backend.

Belongs here: what a backend must be able to do, in words that hold for all of them. Does not: any
driver, or what a particular database can do.

A load has four steps: `apply` writes version V of one source beside what is published, `verify`
compares counts and sampled ids with what was sent, `publish` makes V what readers see, `collect`
removes what nobody can see any more. A crash between any two leaves the published version as it
was, and the next `apply` of the same version begins from a clean slate or resumes; nothing is ever
visible twice. All of it is idempotent: the same version applied and published again changes no row.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Capabilities:
    """What callers may plan by; never ask for a backend's name instead."""

    role: str
    """`relational`, `graph`, `vector` or `search`."""
    transactional: bool
    """Whether publish is one transaction of the store itself."""
    concurrent_writers: bool
    """Whether two processes may apply at once (different sources)."""
    embedded: bool
    """Whether it needs no server that somebody else runs."""
    tables: tuple[str, ...]
    """Tables of the slice that it wants."""


@dataclass(frozen=True)
class Slice:
    """One source's published-to-be content: `version` is its digest, `frames` its tables.

    Frames hold exactly the columns of `model.tables`, rows of this source alone. The vector role
    also finds `embeddings` here (columns `source, id, text, kind, name, path, vector`), where
    `vector` is a list of 32-bit floats, one row per callable, type and document.
    """

    source: str
    version: str
    frames: Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Health:
    """Whether a backend can work, and what it says of itself."""

    ok: bool
    detail: str
    version: str = ""


@dataclass(frozen=True)
class Verification:
    """What a backend holds of one version: rows per collection and the ids that were sampled."""

    counts: Mapping[str, int]
    digest: str
    missing_ids: Sequence[int] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        """Whether no sampled id is missing."""
        return not self.missing_ids


class Backend(abc.ABC):
    """One store in one role. Use as a context manager; leaving it leaves no server or lock."""

    name: str
    capabilities: Capabilities

    @abc.abstractmethod
    def __enter__(self) -> Backend:
        """Connect, starting what is embedded. Raise `BackendUnavailableError` if it cannot."""

    @abc.abstractmethod
    def __exit__(self, *exc: object) -> None:
        """Release every connection, lock and server that `__enter__` took."""

    @abc.abstractmethod
    def health(self) -> Health:
        """Say whether it works, cheaply."""

    @abc.abstractmethod
    def apply(self, slice_: Slice) -> Mapping[str, int]:
        """Write the slice under its version, invisible to readers; return rows per collection."""

    @abc.abstractmethod
    def verify(self, slice_: Slice) -> Verification:
        """Read counts and sampled ids of the applied version back from the store."""

    @abc.abstractmethod
    def publish(self, source: str, version: str) -> str:
        """Make the version what readers see, at once; return its location."""

    @abc.abstractmethod
    def published(self) -> Mapping[str, str]:
        """Return the visible version of each source."""

    @abc.abstractmethod
    def drop(self, source: str) -> None:
        """Remove a source and all its versions; dropping what is not there does nothing."""

    @abc.abstractmethod
    def collect(self, keep: int = 2) -> None:
        """Remove unpublished remains and all but the newest `keep` versions of each source."""

    @abc.abstractmethod
    def rows(self, source: str, collection: str) -> Iterator[Mapping[str, Any]]:
        """Yield the published rows of one collection, for parity checks and tests."""

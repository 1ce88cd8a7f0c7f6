"""The contract of every kind of source.

Belongs here: what a source must be able to say and give. Does not: any particular place.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

DISCOVERY_SCHEMA = pl.Schema(
    {"path": pl.String, "size_bytes": pl.Int64, "mtime_ns": pl.Int64, "is_skipped": pl.Boolean}
)
"""Columns of `Discovery.files`; `path` is relative, `/`-separated and unique."""

FINDING_SCHEMA = pl.Schema(
    {
        "path": pl.String, "code": pl.String, "severity": pl.String, "pointer": pl.String,
        "message": pl.String, "hint": pl.String,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Discovery:
    """What a source holds right now.

    `files` has one row per file, sorted by path; `is_skipped` marks files that are there but not
    taken (patterns, links, names). `findings` says why, and names what could not be listed.
    """

    files: pl.DataFrame
    findings: pl.DataFrame


class Source(abc.ABC):
    """One place that holds artifacts."""

    location: str
    """Where it is, the same from wherever a command is started."""

    @property
    @abc.abstractmethod
    def origin(self) -> Mapping[str, Any]:
        """What opens this source again, as JSON values: `kind` and that kind's own settings."""

    @abc.abstractmethod
    def discover(self, progress: Callable[[int], None] | None = None) -> Discovery:
        """List every file; `progress` is called with the number seen so far."""

    @abc.abstractmethod
    def local_path(self, path: str) -> str | None:
        """Return a path of the local file system for `path`, or None if there is none."""

    @abc.abstractmethod
    def read(self, path: str) -> bytes:
        """Return the bytes of one artifact; raise `OSError` if it cannot be read.

        Two threads may ask at the same time.
        """

    @abc.abstractmethod
    def fingerprint(self) -> str:
        """Return a hash over (path, size, modification time) of every file, cheaply."""

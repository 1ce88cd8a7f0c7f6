"""The contract of every kind of source.

Belongs here: what a source must be able to say and give. Does not: any particular place.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import polars as pl
import xxhash

from snake_pipe_core.errors import TerminalError, TransientError

DEFAULT_INCLUDE = ("*.json",)

DISCOVERY_SCHEMA = pl.Schema(
    {"path": pl.String, "size_bytes": pl.Int64, "mtime_ns": pl.Int64, "is_skipped": pl.Boolean}
)
"""Columns of `Discovery.files`; `path` is relative, `/`-separated and unique.

A negative `mtime_ns` is no time but a fingerprint of the content (see `fingerprint_of`): it alone
decides whether a file changed, and `size_bytes` may then be an estimate.
"""

FINDING_SCHEMA = pl.Schema(
    {
        "path": pl.String, "code": pl.String, "severity": pl.String, "pointer": pl.String,
        "message": pl.String, "hint": pl.String,
    }
)  # fmt: skip


class SourceUnreachableError(TransientError):
    """A source that could not be listed to its end; what is known of it stays as it is."""


class SourceOptionError(TerminalError):
    """A source's kind, location or option that cannot work."""


class UnreadableArtifactError(OSError):
    """One artifact that cannot be had, while the source's others can; it becomes a finding."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        """Take what the finding will say; `code` is one of `model.findings`."""
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def fingerprint_of(*parts: object) -> int:
    """Return a stand-in for a modification time: a negative number made of what tells a version."""
    text = "\0".join(str(part) for part in parts)
    return -1 - (xxhash.xxh3_64_intdigest(text.encode("utf-8", "replace")) >> 2)


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
        """Return the bytes of one artifact that `discover` listed.

        Raises `UnreadableArtifactError` if this one cannot be had, another `OSError` or error of
        Snake-Pipe if the source is out of reach. Two threads may ask at the same time.
        """

    def read_many(self, paths: Sequence[str]) -> list[bytes | UnreadableArtifactError]:
        """Return the bytes of several artifacts, or why one cannot be had, in their order.

        Any other error ends the scan: the source is out of reach, not one artifact.
        """
        found: list[bytes | UnreadableArtifactError] = []
        for path in paths:
            try:
                found.append(self.read(path))
            except UnreadableArtifactError as error:
                found.append(error)
        return found

    def close(self) -> None:
        """Let go of files and connections; what `discover` set aside is gone."""
        return

    def __enter__(self) -> Self:
        """Return the source; it is closed with the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the source."""
        self.close()

    @abc.abstractmethod
    def fingerprint(self) -> str:
        """Return a hash that changes when any file does, as cheaply as the medium allows."""

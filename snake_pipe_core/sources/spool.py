"""Sources that can only be read from front to back.

Belongs here: reading such a source once, in its order, and keeping its artifacts compressed in one
nameless temporary file, from which the scan takes them in its own order. Does not: any medium.

The scan reads shard by shard, and a shard's files lie anywhere in an archive: reading each where it
lies would read the archive again for every file. The spool makes the whole linear. It has no name
in the file system, so it is gone however the program ends, and no name from outside ever becomes a
path.
"""

from __future__ import annotations

import abc
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import IO

import pyarrow as pa
import xxhash

from snake_pipe_core.errors import TerminalError
from snake_pipe_core.sources.base import (
    Discovery,
    UnreadableArtifactError,
    fingerprint_of,
)
from snake_pipe_core.sources.listing import Listing, fingerprint
from snake_pipe_core.sources.located import LocatedSource


class SpoolFullError(TerminalError):
    """A source whose artifacts do not fit into the temporary space that it may use."""


@dataclass(frozen=True)
class Entry:
    """One artifact as the medium gives it."""

    name: str
    read: Callable[[], bytes]
    """Gives the bytes, or raises `UnreadableArtifactError`; called before the next entry or never."""
    size_bytes: int = 0
    """What the medium says; once read, the length is used."""
    is_row: bool = False
    """Whether `name` was made up for a row that has none: such a row is always taken."""


class Spool:
    """Compressed artifacts in one nameless file; written by one thread, read by any."""

    def __init__(self, max_bytes: int) -> None:
        """Make it; `max_bytes` is what it may take on disk."""
        self.max_bytes, self.end = max_bytes, 0
        self._file: IO[bytes] | None = tempfile.TemporaryFile(prefix="snake-pipe-")  # noqa: SIM115
        self._places: dict[str, tuple[int, int, int]] = {}
        self._lost: dict[str, UnreadableArtifactError] = {}
        self._lock = Lock()

    def put(self, path: str, content: bytes | UnreadableArtifactError) -> None:
        """Keep an artifact; one of the same path is forgotten."""
        assert self._file is not None
        self._lost.pop(path, None)
        if isinstance(content, UnreadableArtifactError):
            self._lost[path] = content
            return
        packed = pa.compress(content, codec="zstd", asbytes=True)
        if self.end + len(packed) > self.max_bytes:
            raise SpoolFullError(
                f"The source takes more than {self.max_bytes:,} bytes of temporary space, "
                "compressed.",
                remedy="Raise the option spool_bytes, or split the source.",
                state="Nothing was written to the lake; the temporary space is free again.",
            )
        self._file.write(packed)
        self._places[path] = (self.end, len(packed), len(content))
        self.end += len(packed)

    def finish(self) -> None:
        """Let readers see everything that was put."""
        assert self._file is not None
        self._file.flush()

    def get(self, path: str) -> bytes:
        """Return an artifact, or raise why there is none."""
        if lost := self._lost.get(path):
            raise lost
        file = self._file
        if file is None or path not in self._places:
            raise UnreadableArtifactError(
                "FILE_UNREADABLE", "The artifact is not in the source any more.", "Run again."
            )
        offset, length, size = self._places[path]
        packed = os.pread(file.fileno(), length, offset)
        content: bytes = pa.decompress(packed, decompressed_size=size, codec="zstd", asbytes=True)
        return content

    def close(self) -> None:
        """Free the space."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


class SpooledSource(LocatedSource):
    """A source that gives its artifacts one after the other."""

    _spool: Spool | None = None

    @abc.abstractmethod
    def entries(self, listing: Listing) -> Iterator[Entry]:
        """Give every artifact whose name `listing` admits, in the medium's order.

        Raises `SourceUnreachableError` where the medium cannot be read to its end: a part of a
        listing would look as if the rest had been removed.
        """

    def discover(self, progress: Callable[[int], None] | None = None) -> Discovery:
        """Read the source once, to its end."""
        self.close()
        spool = Spool(self.options["spool_bytes"])
        try:
            found = self._listed(progress, spool)
            spool.finish()
        except BaseException:
            spool.close()
            raise
        self._spool = spool
        return found

    def _listed(self, progress: Callable[[int], None] | None, spool: Spool | None) -> Discovery:
        listing = Listing(self.patterns, progress)
        for entry in self.entries(listing):
            path = entry.name if entry.is_row else listing.admit(entry.name, entry.size_bytes)
            if path is None:
                continue
            content: bytes | UnreadableArtifactError
            try:
                content = entry.read()
                size = len(content)
                mark = fingerprint_of(xxhash.xxh3_64_intdigest(content), size)
            except UnreadableArtifactError as error:
                content, size, mark = error, entry.size_bytes, fingerprint_of(error.code)
            if path in listing.rows and not listing.rows[path][2]:
                before = listing.rows[path]
                listing.repeat(path, before[0], before[1])
            listing.add(path, size, mark)
            if spool:
                spool.put(path, content)
        return listing.discovery()

    def local_path(self, path: str) -> str | None:
        """Return None: artifacts have no files of their own."""
        return None

    def read(self, path: str) -> bytes:
        """Return an artifact from the spool."""
        if self._spool is None:
            self.discover()
        assert self._spool is not None
        return self._spool.get(path)

    def close(self) -> None:
        """Free the temporary space."""
        if self._spool:
            self._spool.close()
        self._spool = None

    def fingerprint(self) -> str:
        """Read the source and hash it."""
        return fingerprint(self._listed(None, None))

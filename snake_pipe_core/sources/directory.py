"""A directory of AST JSON on the local file system.

Belongs here: walking, patterns, links and permissions. Does not: reading JSON.

Links to files are followed; links to directories are not, so that no walk can loop, and are
reported. Hidden files and directories (a leading dot) are left out without a row: they belong to
tools, not to the source. `a.json.gz` and `a.json.zst` are the artifact `a.json`, unless that is
there itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.sources.base import (
    DEFAULT_INCLUDE,
    Discovery,
    Source,
    UnreadableArtifactError,
    fingerprint_of,
)
from snake_pipe_core.sources.compression import Limits, read_bounded
from snake_pipe_core.sources.listing import (
    COMPRESSIONS,
    Listing,
    Patterns,
    fingerprint,
    printable,
    uncompressed,
)

__all__ = ["DEFAULT_INCLUDE", "DirectorySource"]

_USUAL_RATIO = 12
"""Bytes of AST JSON to a compressed one: what a compressed file is taken to need before it is read."""
_TICK_NS = 10_000_000


class DirectorySource(Source):
    """A directory and everything below it."""

    def __init__(
        self,
        root: Path | str,
        *,
        include: Sequence[str] = DEFAULT_INCLUDE,
        exclude: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        """Take the directory; raise `SourceNotFoundError` if it is none."""
        self.root = Path(root).resolve()
        self.location = str(self.root)
        try:
            os.scandir(self.root).close()
        except OSError as error:
            raise SourceNotFoundError(
                f"{root} cannot be listed as a directory ({error.strerror}).",
                remedy="Name a directory that holds AST JSON files and that you may read.",
                state="Nothing was read or written.",
            ) from error
        self.patterns = Patterns(include, exclude)
        self.limits = limits or Limits()
        self._compressed: dict[str, str] = {}

    @classmethod
    def open(cls, location: str, patterns: Patterns, options: Mapping[str, Any]) -> Self:
        """Return the source; raise `SourceNotFoundError` if the directory cannot be listed."""
        limits = Limits(options["max_bytes"], options["max_ratio"])
        return cls(location, include=patterns.include, exclude=patterns.exclude, limits=limits)

    @property
    def origin(self) -> Mapping[str, Any]:
        """The directory, its patterns, and limits other than the usual."""
        usual = Limits()
        limits = {
            name: getattr(self.limits, name)
            for name in ("max_bytes", "max_ratio")
            if getattr(self.limits, name) != getattr(usual, name)
        }
        return {
            "kind": "directory",
            "location": self.location,
            "include": list(self.patterns.include),
            "exclude": list(self.patterns.exclude),
            **({"options": limits} if limits else {}),
        }

    def discover(self, progress: Callable[[int], None] | None = None) -> Discovery:
        """Walk the tree once, without opening a file."""
        return self._listed(progress, now=time.time_ns())

    def _listed(self, progress: Callable[[int], None] | None, *, now: int | None) -> Discovery:
        listing = Listing(self.patterns, progress)
        self._compressed = {}
        compressed: list[tuple[str, str, os.stat_result]] = []
        for path, entry in self._entries(listing):
            stat = self._visit(path, entry, listing)
            if stat is None:
                continue
            artifact, codec = uncompressed(path)
            if codec:
                compressed.append((artifact, path, stat))
            else:
                listing.add(path, stat.st_size, stat.st_mtime_ns)
        for artifact, path, stat in sorted(compressed, key=lambda each: each[1]):
            size, mark = stat.st_size * _USUAL_RATIO, _mark(stat, now)
            if artifact in listing.rows:
                listing.skip(
                    path, "PATH_REPEATED", "warning",
                    f"{artifact} is there, too; it counts, and this compressed file does not.",
                    "Remove one of the two.", stat.st_size, mark,
                )  # fmt: skip
                continue
            listing.add(artifact, size, mark)
            self._compressed[artifact] = path
        return listing.discovery()

    def _entries(self, walk: Listing) -> Iterator[tuple[str, os.DirEntry[str]]]:
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(self.root / folder if folder else self.root) as entries:
                    listing = list(entries)
            except OSError as error:
                walk.find(
                    printable(folder), "DIRECTORY_UNREADABLE", "error",
                    f"The directory cannot be listed ({error.strerror}); files in it were not "
                    "seen.",
                    "Grant read and execute permission, then run again.",
                )  # fmt: skip
                continue
            for entry in listing:
                if entry.name.startswith("."):
                    continue
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                else:
                    yield path, entry

    def _visit(self, path: str, entry: os.DirEntry[str], walk: Listing) -> os.stat_result | None:
        """Return what the system says of an artifact; note why any other file is none."""
        if path != printable(path):
            walk.add(printable(path), 0, 0, skipped=True)
            walk.find(
                printable(path), "PATH_ENCODING", "warning",
                "The file's name is not valid UTF-8, so no table can hold it.",
                "Rename the file.",
            )  # fmt: skip
            return None
        try:
            stat = entry.stat()
        except OSError as error:
            walk.add(path, 0, 0, skipped=True)
            walk.find(
                path, "LINK_BROKEN" if entry.is_symlink() else "FILE_UNREADABLE", "warning",
                f"The file's size and time cannot be read ({error.strerror}).",
                "Repair or remove the link." if entry.is_symlink() else "Check its permissions.",
            )  # fmt: skip
            return None
        if entry.is_symlink() and entry.is_dir():
            walk.add(path, 0, 0, skipped=True)
            walk.find(
                path, "LINK_TO_DIRECTORY", "info",
                "A link to a directory is not followed, so that no walk can loop.",
                "Name the linked directory as a source of its own.",
            )  # fmt: skip
            return None
        if not entry.is_file():
            walk.add(path, 0, 0, skipped=True)
            walk.find(
                path,
                "NOT_A_FILE",
                "info",
                "A device, pipe or socket is not an artifact.",
                "Remove it.",
            )
            return None
        if not self.patterns.take(uncompressed(path)[0]):
            walk.add(path, stat.st_size, stat.st_mtime_ns, skipped=True)
            walk.find(
                path, "PATTERN_EXCLUDED", "info",
                "The include and exclude patterns leave this file out.",
                "Change --include or --exclude if it is an artifact.",
            )  # fmt: skip
            return None
        return stat

    def _compressed_file(self, path: str) -> str | None:
        """Return the compressed file that holds an artifact, if one does."""
        if path in self._compressed:
            return self._compressed[path]
        if (self.root / path).exists():
            return None
        return next(
            (path + end for end in COMPRESSIONS if (self.root / (path + end)).exists()), None
        )

    def local_path(self, path: str) -> str | None:
        """Return the absolute path; None for an artifact that must be unfolded first."""
        return None if path in self._compressed else f"{self.root}/{path}"

    def read(self, path: str) -> bytes:
        """Return the artifact's bytes."""
        packed = self._compressed_file(path)
        try:
            if packed is None:
                return (self.root / path).read_bytes()
            with (self.root / packed).open("rb") as stream:
                return read_bounded(stream, uncompressed(packed)[1], self.limits)
        except UnreadableArtifactError:
            raise
        except OSError as error:
            raise UnreadableArtifactError(
                "FILE_UNREADABLE",
                f"The file cannot be read ({error.strerror}).",
                "Check that it still exists and its permissions.",
            ) from error

    def fingerprint(self) -> str:
        """Hash path, size and modification time of every file that is taken."""
        return fingerprint(self._listed(None, now=None))


def _mark(stat: os.stat_result, now: int | None) -> int:
    """Return a compressed file's fingerprint; one that was written just `now` looks new next time."""
    is_fresh = now is not None and abs(now - stat.st_mtime_ns) < _TICK_NS
    return fingerprint_of(stat.st_mtime_ns, stat.st_size, now if is_fresh else "")

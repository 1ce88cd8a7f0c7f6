"""A directory of AST JSON on the local file system.

Belongs here: walking, patterns, links and permissions. Does not: reading JSON.

Links to files are followed; links to directories are not, so that no walk can loop, and are
reported. Hidden files and directories (a leading dot) are left out without a row: they belong to
tools, not to the source.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import xxhash

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.sources.base import DISCOVERY_SCHEMA, FINDING_SCHEMA, Discovery, Source

DEFAULT_INCLUDE = ("*.json",)
_PROGRESS_EVERY = 1000


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a path, or its last part, matches any pattern (`*` crosses `/`)."""
    if not patterns:
        return lambda _: False
    matches = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns)).match
    return lambda path: bool(matches(path) or matches(path.rsplit("/", 1)[-1]))


@dataclass
class _Walk:
    paths: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    mtimes: list[int] = field(default_factory=list)
    skipped: list[bool] = field(default_factory=list)
    findings: list[tuple[str, str, str, str, str, str]] = field(default_factory=list)

    def add(self, path: str, stat: os.stat_result | None, *, skipped: bool = False) -> None:
        self.paths.append(path)
        self.sizes.append(stat.st_size if stat else 0)
        self.mtimes.append(stat.st_mtime_ns if stat else 0)
        self.skipped.append(skipped)

    def find(self, path: str, code: str, severity: str, message: str, hint: str) -> None:
        self.findings.append((path, code, severity, "", message, hint))


class DirectorySource(Source):
    """A directory and everything below it."""

    def __init__(
        self,
        root: Path | str,
        *,
        include: Sequence[str] = DEFAULT_INCLUDE,
        exclude: Sequence[str] = (),
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
        self.include, self.exclude = tuple(include), tuple(exclude)
        self._included, self._excluded = _matcher(include), _matcher(exclude)

    @property
    def origin(self) -> Mapping[str, Any]:
        """The directory and its patterns."""
        return {
            "kind": "directory",
            "location": self.location,
            "include": list(self.include),
            "exclude": list(self.exclude),
        }

    @classmethod
    def from_origin(cls, origin: Mapping[str, Any], root: Path | None = None) -> DirectorySource:
        """Open what `origin` describes, at `root` if it has moved there."""
        return cls(root or origin["location"], include=origin["include"], exclude=origin["exclude"])

    def discover(self, progress: Callable[[int], None] | None = None) -> Discovery:
        """Walk the tree once, without opening a file."""
        walk = _Walk()
        for path, entry in self._entries(walk):
            if progress and len(walk.paths) % _PROGRESS_EVERY == 0:
                progress(len(walk.paths))
            self._visit(path, entry, walk)
        files = pl.DataFrame(
            {
                "path": walk.paths, "size_bytes": walk.sizes, "mtime_ns": walk.mtimes,
                "is_skipped": walk.skipped,
            },
            schema=DISCOVERY_SCHEMA,
        ).sort("path")  # fmt: skip
        findings = pl.DataFrame(walk.findings, schema=FINDING_SCHEMA, orient="row")
        return Discovery(files, findings.sort("path", "code"))

    def _entries(self, walk: _Walk) -> Iterator[tuple[str, os.DirEntry[str]]]:
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(self.root / folder if folder else self.root) as entries:
                    listing = list(entries)
            except OSError as error:
                walk.find(
                    _printable(folder), "DIRECTORY_UNREADABLE", "error",
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

    def _visit(self, path: str, entry: os.DirEntry[str], walk: _Walk) -> None:
        if path != _printable(path):
            walk.add(_printable(path), None, skipped=True)
            walk.find(
                _printable(path), "PATH_ENCODING", "warning",
                "The file's name is not valid UTF-8, so no table can hold it.",
                "Rename the file.",
            )  # fmt: skip
            return
        try:
            stat = entry.stat()
        except OSError as error:
            walk.add(path, None, skipped=True)
            walk.find(
                path, "LINK_BROKEN" if entry.is_symlink() else "FILE_UNREADABLE", "warning",
                f"The file's size and time cannot be read ({error.strerror}).",
                "Repair or remove the link." if entry.is_symlink() else "Check its permissions.",
            )  # fmt: skip
            return
        if entry.is_symlink() and entry.is_dir():
            walk.add(path, None, skipped=True)
            walk.find(
                path, "LINK_TO_DIRECTORY", "info",
                "A link to a directory is not followed, so that no walk can loop.",
                "Name the linked directory as a source of its own.",
            )  # fmt: skip
            return
        if not entry.is_file():
            walk.add(path, None, skipped=True)
            walk.find(
                path,
                "NOT_A_FILE",
                "info",
                "A device, pipe or socket is not an artifact.",
                "Remove it.",
            )
            return
        if self._excluded(path) or not self._included(path):
            walk.add(path, stat, skipped=True)
            walk.find(
                path, "PATTERN_EXCLUDED", "info",
                "The include and exclude patterns leave this file out.",
                "Change --include or --exclude if it is an artifact.",
            )  # fmt: skip
            return
        walk.add(path, stat)

    def local_path(self, path: str) -> str | None:
        """Return the absolute path."""
        return f"{self.root}/{path}"

    def read(self, path: str) -> bytes:
        """Return the file's bytes."""
        return (self.root / path).read_bytes()

    def fingerprint(self) -> str:
        """Hash path, size and modification time of every file that is taken."""
        files = self.discover().files.filter(~pl.col("is_skipped"))
        digest = xxhash.xxh3_128()
        for path, size, mtime in files.select("path", "size_bytes", "mtime_ns").iter_rows():
            digest.update(f"{path}\0{size}\0{mtime}\n".encode())
        return digest.hexdigest()


def _printable(path: str) -> str:
    """Return the path with bytes that are not UTF-8 replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

"""What every kind of source does with the names that it lists.

Belongs here: patterns, names that no source may hold, compressed names, repeated names, and the
tables of a discovery. Does not: any medium.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl
import xxhash

from snake_pipe_core.sources.base import (
    DEFAULT_INCLUDE,
    DISCOVERY_SCHEMA,
    FINDING_SCHEMA,
    Discovery,
)

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
"""Endings of single compressed artifacts (`a.json.gz`), with the codec that reads them."""
_PROGRESS_EVERY = 1000
_DRIVE = re.compile(r"[A-Za-z]:")


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a path, or its last part, matches any pattern (`*` crosses `/`)."""
    if not patterns:
        return lambda _: False
    matches = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns)).match
    return lambda path: bool(matches(path) or matches(path.rsplit("/", 1)[-1]))


class Patterns:
    """Which paths are artifacts."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        """Take patterns; none to include means `DEFAULT_INCLUDE`."""
        self.include, self.exclude = tuple(include or DEFAULT_INCLUDE), tuple(exclude)
        self._included, self._excluded = matcher(self.include), matcher(self.exclude)

    def take(self, path: str) -> bool:
        """Return whether the path is an artifact."""
        return self._included(path) and not self._excluded(path)


def uncompressed(path: str) -> tuple[str, str | None]:
    """Return the artifact's own path and the codec, if `path` names a compressed `.json`."""
    for ending, codec in COMPRESSIONS.items():
        if path.endswith(".json" + ending):
            return path.removesuffix(ending), codec
    return path, None


def unsafe(path: str) -> str | None:
    """Say why a name from outside could lead out of its place, or None if it cannot."""
    if not path:
        return "is empty"
    if "\0" in path:
        return "holds a null character"
    if "\\" in path:
        return "holds a backslash, which is a separator elsewhere"
    if path.startswith("/") or _DRIVE.match(path):
        return "is absolute"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "holds an empty, `.` or `..` part"
    return None


def printable(path: str) -> str:
    """Return the path with bytes that are not UTF-8 replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass
class Listing:
    """The names of one discovery, as they come; at most one row a path."""

    patterns: Patterns
    progress: Callable[[int], None] | None = None
    rows: dict[str, tuple[int, int, bool]] = field(default_factory=dict)
    findings: list[tuple[str, str, str, str, str, str]] = field(default_factory=list)
    repeated: int = 0

    def add(self, path: str, size: int, mtime: int, *, skipped: bool = False) -> None:
        """Note a file, whatever its name."""
        if self.progress and len(self.rows) % _PROGRESS_EVERY == 0:
            self.progress(len(self.rows))
        self.rows[path] = (size, mtime, skipped)

    def find(self, path: str, code: str, severity: str, message: str, hint: str) -> None:
        """Note a finding."""
        self.findings.append((path, code, severity, "", message, hint))

    def skip(self, path: str, code: str, severity: str, message: str, hint: str,
             size: int = 0, mtime: int = 0) -> None:  # fmt: skip
        """Note a file that is there and not taken, and why."""
        shown = self._free(printable(path) or "(no name)")
        self.add(shown, size, mtime, skipped=True)
        self.find(shown, code, severity, message, hint)

    def admit(self, name: str, size: int = 0, mtime: int = 0) -> str | None:
        """Return the path under which a name from outside is taken, or None if it is not.

        A name that is not taken gets a row and a finding, but for hidden ones. The caller adds the
        row of a name that is taken.
        """
        name = name.removeprefix("./")
        if any(part.startswith(".") and part.strip(".") for part in name.split("/")):
            return None
        if name != printable(name):
            self.skip(
                name, "PATH_ENCODING", "warning",
                "The file's name is not valid UTF-8, so no table can hold it.", "Rename the file.",
            )  # fmt: skip
            return None
        if reason := unsafe(name):
            self.skip(
                name, "PATH_UNSAFE", "warning",
                f"The name {reason}; it is not taken, so that it cannot lead out of the source.",
                "Pack the files again with relative names and forward slashes.",
            )  # fmt: skip
            return None
        path, _ = uncompressed(name)
        if not self.patterns.take(path):
            self.skip(
                name, "PATTERN_EXCLUDED", "info",
                "The include and exclude patterns leave this file out.",
                "Change --include or --exclude if it is an artifact.", size, mtime,
            )  # fmt: skip
            return None
        return path

    def repeat(self, path: str, size: int, mtime: int) -> None:
        """Note one more file under a path that is taken already; only one of them can count."""
        self.skip(
            path, "PATH_REPEATED", "warning",
            f"The source holds more than one file called {path}; the last one counts.",
            "Give every file a name of its own.", size, mtime,
        )  # fmt: skip

    def _free(self, path: str) -> str:
        if path not in self.rows:
            return path
        self.repeated += 1
        return f"{path} (repeated, {self.repeated})"

    def discovery(self) -> Discovery:
        """Return the tables."""
        columns = list(zip(*self.rows.values(), strict=True)) or [(), (), ()]
        files = pl.DataFrame(
            {
                "path": list(self.rows), "size_bytes": columns[0], "mtime_ns": columns[1],
                "is_skipped": columns[2],
            },
            schema=DISCOVERY_SCHEMA,
        ).sort("path")  # fmt: skip
        findings = pl.DataFrame(self.findings, schema=FINDING_SCHEMA, orient="row")
        return Discovery(files, findings.sort("path", "code"))


def fingerprint(discovery: Discovery) -> str:
    """Hash path, size and modification time of every file that is taken."""
    digest = xxhash.xxh3_128()
    taken = discovery.files.filter(~pl.col("is_skipped"))
    for path, size, mtime in taken.select("path", "size_bytes", "mtime_ns").iter_rows():
        digest.update(f"{path}\0{size}\0{mtime}\n".encode())
    return digest.hexdigest()

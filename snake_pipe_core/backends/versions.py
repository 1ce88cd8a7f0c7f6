"""Version directories with one atomic pointer: how embedded stores publish.

Belongs here: the layout `<root>/<source>/<version>/`, its pointer `<root>/published.json`, and the
lock that keeps one writer per store. Does not: what lies in a version directory.

A version is written under `<version>.partial`, sealed by renaming it to `<version>`, and becomes
visible when the pointer file, replaced in one rename, names it. Readers resolve the pointer once
per request. A crash leaves either the old or the new pointer, and remains that `collect` removes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from snake_pipe_core.backends.locks import held

LOCK_TIMEOUT_SECONDS = 60.0


def fsync_directory(directory: Path) -> None:
    """Make renames within `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one rename, durable when this returns."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    fsync_directory(path.parent)


class VersionDirectories:
    """The version directories of one store, all sources."""

    def __init__(self, root: Path) -> None:
        """Take the store's directory; it is made when first written to."""
        self.root = root
        self._pointer = root / "published.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store's writer lock; the operating system frees it if the process dies."""
        with held(
            self.root / "writer.lock",
            seconds=LOCK_TIMEOUT_SECONDS,
            what=f"writing to {self.root}",
        ):
            yield

    def begin(self, source: str, version: str) -> Path:
        """Return an empty directory to write the version in, removing an earlier attempt."""
        partial = self.root / source / f"{version}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        return partial

    def seal(self, source: str, version: str) -> Path:
        """Rename what `begin` returned to its final name, and return that."""
        final = self.path(source, version)
        if final.exists():
            shutil.rmtree(final)
        (self.root / source / f"{version}.partial").rename(final)
        fsync_directory(final.parent)
        return final

    def abandon(self, source: str, version: str) -> None:
        """Remove what `begin` returned, after a failure."""
        shutil.rmtree(self.root / source / f"{version}.partial", ignore_errors=True)

    def path(self, source: str, version: str) -> Path:
        """Return where a sealed version lies, whether or not it exists."""
        return self.root / source / version

    def published(self) -> Mapping[str, str]:
        """Return the visible version of each source."""
        try:
            content = self._pointer.read_bytes()
        except FileNotFoundError:
            return {}
        return dict(json.loads(content))

    def publish(self, source: str, version: str) -> None:
        """Point readers at a sealed version."""
        self._write({**self.published(), source: version})

    def withdraw(self, source: str) -> None:
        """Stop showing a source and remove its directories."""
        self._write({name: v for name, v in self.published().items() if name != source})
        shutil.rmtree(self.root / source, ignore_errors=True)

    def collect(self, keep: int) -> list[Path]:
        """Remove partial directories and all but the newest `keep` versions; return what went."""
        for path in self.root.glob("*.tmp"):
            path.unlink()  # a writer of the pointer was killed; we hold its lock now
        removed = []
        published = self.published()
        for directory in sorted(path for path in self.root.glob("*") if path.is_dir()):
            versions = sorted(
                (path for path in directory.iterdir() if path.is_dir()),
                key=lambda path: (
                    path.name == published.get(directory.name), path.stat().st_mtime_ns
                ),
                reverse=True,
            )  # fmt: skip
            sealed = [path for path in versions if not path.name.endswith(".partial")]
            for path in versions:
                if path.name.endswith(".partial") or path in sealed[keep:]:
                    shutil.rmtree(path)
                    removed.append(path)
        return removed

    def _write(self, versions: Mapping[str, str]) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        content = json.dumps(dict(sorted(versions.items())), indent=1).encode()
        write_atomically(self._pointer, content)

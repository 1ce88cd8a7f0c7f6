"""Heads: which version of every table makes up one source.

Belongs here: the immutable record of a generation and the pointer to the newest. Does not: table
files. A head is replaced in one rename, after every table it names is committed; a crash in between
leaves the old head, whose table versions are all still there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from snake_pipe_core.backends.versions import write_atomically
from snake_pipe_core.errors import LakeError


@dataclass(frozen=True)
class Head:
    """One generation of one source.

    `tables` maps a table's name to its Delta version; `shards` is how many shards the tables of
    level symbol and node are cut into. `scan_digest` identifies the scanned content (ledger and
    engine), `graph_digest` the content that the edges were resolved from, with the resolver.
    """

    source: str
    generation: int
    shards: int
    tables: Mapping[str, int] = field(default_factory=dict)
    scan_digest: str = ""
    graph_digest: str = ""
    engine_version: str = ""
    location: str = ""
    """Where the artifacts were last read from."""
    origin: Mapping[str, Any] = field(default_factory=dict)
    """What opens that source again: kind, location and patterns; see `Source.origin`."""
    written_at: str = ""

    @property
    def is_resolved(self) -> bool:
        """Whether the edges belong to the scanned content."""
        return bool(self.graph_digest) and self.graph_digest.startswith(self.scan_digest)


class Heads:
    """The heads of all sources, in `<lake>/_heads`."""

    def __init__(self, root: Path) -> None:
        """Take the directory; it is made on the first write."""
        self.root = root

    def sources(self) -> list[str]:
        """Return every source that has a head, sorted."""
        return sorted(path.stem for path in self.root.glob("*.json"))

    def read(self, source: str, generation: int | None = None) -> Head | None:
        """Return the newest head of `source`, or that of `generation`; None if there is none."""
        path = self.root / f"{source}.json"
        if generation is not None:
            path = self.root / source / f"{generation:08d}.json"
        try:
            content: dict[str, Any] = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise LakeError(
                f"The head {path} is not JSON ({error}).",
                remedy="Restore it from the newest file in the folder of the same name.",
                state="Nothing was changed.",
            ) from error
        return Head(**content)

    def history(self, source: str) -> list[Head]:
        """Return all generations of a source, oldest first."""
        paths = sorted((self.root / source).glob("*.json"))
        return [Head(**json.loads(path.read_bytes())) for path in paths]

    def write(self, head: Head) -> None:
        """Record the generation, then make it the newest."""
        content = json.dumps(asdict(head), indent=1, sort_keys=True).encode()
        directory = self.root / head.source
        directory.mkdir(parents=True, exist_ok=True)
        for path in (directory / f"{head.generation:08d}.json", self.root / f"{head.source}.json"):
            write_atomically(path, content)

    def forget_after(self, source: str, generation: int) -> None:
        """Remove what a broken write left: later generations and temporary files."""
        for path in (self.root / source).glob("*.json"):
            if int(path.stem) > generation:
                path.unlink()
        for path in (*(self.root / source).glob("*.tmp"), *self.root.glob(f"{source}.json.*.tmp")):
            path.unlink()

    def remove(self, source: str) -> None:
        """Forget a source, its history included."""
        (self.root / f"{source}.json").unlink(missing_ok=True)
        directory = self.root / source
        if directory.is_dir():
            for path in directory.iterdir():
                path.unlink()
            directory.rmdir()

"""Writing the chosen artifacts, and proving that pseudonyms changed nothing but names.

Belongs here: the directory of a sample, and what is left out of it. Does not: choosing, naming.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.errors import TerminalError
from snake_pipe_core.native import Engine
from snake_pipe_core.sample.pseudonyms import Pseudonyms
from snake_pipe_core.sample.words import kept_words
from snake_pipe_core.sources.base import Source, UnreadableArtifactError

_SHAPE = {
    "artifacts": ("outcome", "dialect", "language", "node_count"),
    "nodes": ("node", "parent", "kind", "native_kind", "field", "position", "start_line",
              "start_column", "end_line", "end_column", "start_byte", "end_byte"),
    "symbols": ("node", "kind", "visibility", "flags"),
    "imports": ("node", "kind", "level"),
    "exports": ("node", "kind"),
    "references": ("node", "role", "binding", "argument_count"),
}  # fmt: skip
"""What pseudonyms must leave as it is."""


class SampleError(TerminalError):
    """A sample that cannot be written."""


@dataclass(frozen=True)
class SampleReport:
    """What was written: one entry per artifact, and what was left out and why."""

    artifacts: Sequence[Mapping[str, Any]]
    """`path` in the source, `sample` (path in the sample), `language, dialect, size_bytes`."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Path in the source, and the reason as a sentence."""


def write_sample(
    chosen: pl.DataFrame,
    source: Source,
    out: Path,
    engine: Engine,
    names: Pseudonyms | None,
    progress: Callable[[str, int, int | None], None],
) -> SampleReport:
    """Write the artifacts of these ledger rows below `out`, through `names` if given.

    Raises:
        SampleError: a path of the source leads out of the directory.
    """
    dialects = load_registry().dialects
    words = {name: kept_words(dialects[name]) for name in chosen["dialect"].unique()}
    written: list[dict[str, Any]] = []
    left_out: dict[str, str] = {}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        root = Path(folder) / "sample"
        root.mkdir()
        rows = chosen.select("path", "language", "dialect").rows(named=True)
        for done, row in enumerate(rows, 1):
            path = shown = row["path"]
            try:
                content = source.read(path)
                if names is not None:
                    dialect = dialects[row["dialect"]]
                    kept = words[row["dialect"]]
                    shown = names.path(path, kept)
                    kinds = frozenset(
                        name
                        for m in dialect.mappings
                        for name in m.content["nodes"]["discriminator"]
                    )
                    changed = names.artifact(content, kept, kinds)
                    if differing := _differing(engine, path, content, shown, changed):
                        left_out[path] = (
                            f"With pseudonyms, its {' and '.join(differing)} would be others."
                        )
                        continue
                    content = changed
            except UnreadableArtifactError as error:
                left_out[path] = error.message
                continue
            except (ValueError, RecursionError) as error:
                left_out[path] = f"Python cannot read it as JSON ({error})."
                continue
            target = root / PurePosixPath(shown)
            if ".." in target.parts or (target.is_absolute() and root not in target.parents):
                raise SampleError(
                    f"The artifact {path} would be written outside of the sample.",
                    remedy="Rename it in the source.",
                    state="Nothing was written.",
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            written.append({**row, "sample": shown, "size_bytes": len(content)})
            progress("sample", done, len(rows))
        if out.exists():
            out.rmdir()
        shutil.move(root, out)
    return SampleReport(written, left_out)


def _differing(engine: Engine, path: str, content: bytes, shown: str, changed: bytes) -> list[str]:
    """Return the tables in which the two artifacts differ in more than names."""
    before, after = (
        engine.scan("sample", [each], contents=[text])
        for each, text in ((path, content), (shown, changed))
    )
    found = []
    for table, columns in _SHAPE.items():
        frames = [
            pl.concat([pl.DataFrame(batch).select(columns) for batch in tables[table]])
            if tables.get(table)
            else pl.DataFrame()
            for tables in (before, after)
        ]
        if not frames[0].equals(frames[1]):
            found.append(table)
    return found

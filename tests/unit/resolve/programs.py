"""Small programs, from source text to resolved tables, through the real engine.

Belongs here: dumping, scanning and reading results by names instead of ids. Does not:
expectations; those stand in the tests.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

import polars as pl
from ast2json import ast2json

from snake_pipe_core.dialects.registry import build_registry, load_dialect
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine
from snake_pipe_core.resolve import Resolved, check_references_accounted, explain_tables
from snake_pipe_core.resolve.source import RESOLVED_TABLES
from snake_pipe_core.resolve.tables import Tables


@cache
def engine(*dialects: str) -> Engine:
    """Return the engine with these built-in dialects alone."""
    home = resources.files("snake_pipe_core.dialects")
    loaded = [load_dialect(home.joinpath(name), check=False) for name in dialects]
    return Engine(build_registry(loaded).mappings_json())


def scan(artifacts: Mapping[str, bytes], *dialects: str) -> dict[str, pl.DataFrame]:
    """Return the symbol-level tables of these artifacts; all of them must load."""
    paths = sorted(artifacts)
    batches = engine(*dialects).scan(
        "program", paths, contents=[artifacts[path] for path in paths], workers=1, max_bytes=1 << 28
    )
    frames = {}
    for name in ("artifacts", *RESOLVED_TABLES):
        declared = pl.DataFrame(pl.from_arrow(TABLES[name].schema.empty_table()))
        frames[name] = pl.concat([declared, *(pl.DataFrame(b) for b in batches.get(name, ()))])
    outcomes = frames["artifacts"]["outcome"].unique().to_list()
    assert set(outcomes) <= {"loaded", "loaded_with_warnings"}, frames["artifacts"]
    return {name: frames[name] for name in RESOLVED_TABLES}


def dump_python(files: Mapping[str, str]) -> dict[str, bytes]:
    """Return the artifacts that `ast2json` makes of Python texts."""
    with warnings.catch_warnings():
        # ast2json asks every attribute, the deprecated ones too.
        warnings.simplefilter("ignore", DeprecationWarning)
        return {
            f"{path}.json": json.dumps(ast2json(ast.parse(text))).encode()
            for path, text in files.items()
        }


@dataclass(frozen=True)
class Program:
    """A resolved program. Symbols are named `path/in/source.descriptors`, without the language."""

    tables: dict[str, pl.DataFrame]
    resolved: Resolved

    @cached_property
    def names(self) -> dict[int, str]:
        """Readable names of ids."""
        symbols = self.tables["symbols"].select("symbol_id", "symbol")
        names = {key: text.split(" ", 2)[2] for key, text in symbols.iter_rows()}
        documents = self.tables["documents"].select("document_id", "document_path")
        return names | {key: f"document {path}" for key, path in documents.iter_rows()}

    def edges(self, *kinds: str, resolution: str | None = None) -> set[tuple[str, str]]:
        """Return pairs of names of the edges of some kinds."""
        rows = self.resolved.edges.filter(pl.col("kind").is_in(kinds))
        if resolution is not None:
            rows = rows.filter(pl.col("resolution") == resolution)
        return {
            (self.names.get(a, "package"), self.names.get(b, "package"))
            for a, b in rows.select("src_id", "dst_id").iter_rows()
        }

    def edge(self, kind: str, source: str, target: str) -> dict[str, object]:
        """Return the one edge of that kind between two names."""
        ids = {name: key for key, name in self.names.items()}
        rows = self.resolved.edges.filter(
            (pl.col("kind") == kind)
            & (pl.col("src_id") == ids[source])
            & (pl.col("dst_id") == ids[target])
        )
        return rows.row(0, named=True)

    def unresolved(self, reason: str) -> set[tuple[str, str]]:
        """Return role and target of the unresolved rows with that reason."""
        rows = self.resolved.unresolved.filter(pl.col("reason") == reason)
        return set(rows.select("role", "target").iter_rows())


def resolve(tables: dict[str, pl.DataFrame]) -> Program:
    """Resolve tables and check that every reference has its one outcome."""
    frames = {name: frame.lazy() for name, frame in tables.items()}
    resolved = explain_tables(frames, "program")
    check_references_accounted(Tables.read(frames), resolved.outcomes)
    return Program(tables, resolved)


def resolve_python(files: Mapping[str, str]) -> Program:
    """Dump, scan and resolve Python texts."""
    return resolve(scan(dump_python(files), "python-ast"))

"""Published packages, unpacked, dumped to AST JSON, scanned and resolved.

Belongs here: getting and preparing what is measured. Does not: oracles.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tarfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
from ast2json import ast2json

from snake_pipe_core.dialects.registry import build_registry, load_dialect
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine
from snake_pipe_core.resolve import Resolved, check_references_accounted, explain_tables
from snake_pipe_core.resolve.source import RESOLVED_TABLES
from snake_pipe_core.resolve.tables import Tables


@dataclass(frozen=True)
class Corpus:
    """One package: its sources on disk, its tables, its edges."""

    name: str
    root: Path
    """Directory that document paths are relative to."""
    tables: dict[str, pl.DataFrame]
    resolved: Resolved

    @cached_property
    def documents(self) -> dict[int, str]:
        """Path of each document, by the id of its module symbol."""
        rows = self.tables["documents"].select("module_symbol_id", "document_path").iter_rows()
        return dict(rows)

    @cached_property
    def symbols(self) -> dict[int, dict[str, object]]:
        """Symbols by id, with the path of their document."""
        paths = self.tables["documents"].select("document_id", "document_path")
        rows = self.tables["symbols"].join(paths, on="document_id")
        return {row["symbol_id"]: row for row in rows.iter_rows(named=True)}

    def edges(self, *kinds: str) -> Iterator[tuple[int, int, str]]:
        """Yield source, target and resolution of the edges of some kinds."""
        rows = self.resolved.edges.filter(pl.col("kind").is_in(kinds))
        return rows.select("src_id", "dst_id", "resolution").iter_rows()


def python_package(name: str, version: str, work: Path) -> Corpus:
    """Return a source distribution from the package index, every `.py` of it dumped."""
    home = work / f"{name}-{version}"
    if not home.is_dir():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                   "--no-binary", ":all:", "--dest", str(work), f"{name}=={version}"]  # fmt: skip
        subprocess.run(command, check=True)
        with tarfile.open(next(work.glob(f"{name}-{version}.tar.gz"))) as archive:
            archive.extractall(work, filter="data")
    artifacts = {}
    for path in sorted(home.rglob("*.py")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast2json(ast.parse(path.read_bytes()))
        artifacts[path.relative_to(home).as_posix()] = json.dumps(tree).encode()
    return resolve(f"{name} {version}", home, artifacts, "python-ast")


def resolve(name: str, root: Path, artifacts: dict[str, bytes], *dialects: str) -> Corpus:
    """Scan and resolve artifacts, given by the path of the document each describes."""
    home = Path(__file__).parents[2] / "snake_pipe_core" / "dialects"
    loaded = [load_dialect(home / dialect, check=False) for dialect in dialects]
    paths = sorted(artifacts)
    batches = Engine(build_registry(loaded).mappings_json()).scan(
        "accuracy",
        [f"{path}.json" for path in paths],
        contents=[artifacts[path] for path in paths],
        workers=2,
        max_bytes=1 << 30,
    )
    tables = {}
    for table in ("nodes", *RESOLVED_TABLES):
        declared = pl.DataFrame(pl.from_arrow(TABLES[table].schema.empty_table()))
        tables[table] = pl.concat([declared, *(pl.DataFrame(b) for b in batches.get(table, ()))])
    frames = {table: tables[table].lazy() for table in RESOLVED_TABLES}
    resolved = explain_tables(frames, "accuracy")
    check_references_accounted(Tables.read(frames), resolved.outcomes)
    return Corpus(name, root, tables, resolved)

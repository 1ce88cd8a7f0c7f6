"""The tables that each golden artifact must give, as people reviewed them.

Belongs here: the rows in a form that can be read beside the source, and the comparison. Does not:
whether engine and oracle agree (`tests/differential`).

`expected.jsonl` in a case's folder holds one row per line, ids replaced by the symbols' strings and
nodes by native kind, line and column; what is null, empty, false or 0 is left out. `make golden`
writes what the engine says now; read the diff against the source before you commit it.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine

GOLDEN = Path(__file__).resolve().parent
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/source.*.json"))
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine with the built-in dialects."""
    return Engine(load_registry().mappings_json())


def scanned(engine: Engine, artifact: Path) -> dict[str, Rows]:
    """Return every table of one artifact as rows."""
    batches = engine.scan("golden", [artifact.name], contents=[artifact.read_bytes()])
    return {
        name: [
            row
            for batch in batches.get(name, ())
            for row in pl.DataFrame(batch).iter_rows(named=True)
        ]
        for name in TABLES
    }


class Case:
    """One artifact's tables, in words."""

    def __init__(self, tables: dict[str, Rows]) -> None:
        self.tables = tables
        self._symbols = {row["symbol_id"]: row["symbol"] for row in tables["symbols"]}
        self._nodes = {row["node"]: row for row in tables["nodes"]}

    def lines(self) -> Iterator[str]:
        """Yield the expected file's lines."""
        for table, row in self._rows():
            said = {key: value for key, value in row.items() if value not in (None, "", False, 0)}
            yield json.dumps({"table": table, **said}, ensure_ascii=False)

    def symbol(self, symbol_id: int | None) -> str | None:
        """Return a symbol's string; ids of other documents stay numbers."""
        if symbol_id is None:
            return None
        return str(self._symbols.get(symbol_id, symbol_id))

    def place(self, node: int | None) -> str | None:
        """Return where a node is: `Kind 3:4`, or `Kind #5` if it has no position."""
        if node is None:
            return None
        row = self._nodes[node]
        if row["start_line"] is None:
            return f"{row['native_kind']} #{node}"
        return f"{row['native_kind']} {row['start_line']}:{row['start_column']}"

    def _rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for row in self.tables["artifacts"]:
            yield (
                "artifacts",
                _pick(row, "outcome language dialect producer node_count unknown_count"),
            )
        for row in self.tables["findings"]:
            # Without the first slash: pointers into `root` would look like a home directory.
            pointer = {"pointer": row["pointer"].removeprefix("/")}
            yield "findings", _pick(row, "code severity message") | pointer
        for row in self.tables["documents"]:
            yield (
                "documents",
                _pick(
                    row,
                    "document_path root package module line_count position_encoding symbol_count",
                )
                | {"symbol": self.symbol(row["module_symbol_id"])},
            )
        kinds: dict[str, Counter[str]] = {}
        for row in self.tables["nodes"]:
            kinds.setdefault(row["kind"], Counter())[row["native_kind"]] += 1
        for kind, natives in sorted(kinds.items()):
            yield "nodes", {"kind": kind, "count": dict(sorted(natives.items()))}
        for row in self.tables["symbols"]:
            yield "symbols", self._symbol_row(row)
        for row in self.tables["imports"]:
            picked = _pick(row, "kind module imported_name alias level is_conditional")
            yield "imports", {
                "at": self.place(row["node"]), **picked, "in": self.symbol(row["symbol_id"]),
                "scope": self.place(row["scope_id"]),
            }  # fmt: skip
        for row in self.tables["exports"]:
            picked = _pick(row, "kind exported_name local_name module")
            yield "exports", {
                "at": self.place(row["node"]), **picked, "symbol": self.symbol(row["symbol_id"]),
                "import": self.place(row["import_node"]),
            }  # fmt: skip
        for row in self.tables["references"]:
            yield "references", self._reference_row(row)

    def _symbol_row(self, row: dict[str, Any]) -> dict[str, Any]:
        span = None
        if row["start_line"] is not None:
            span = "{start_line}:{start_column}-{end_line}:{end_column}".format(**row)
        complexity = None
        if row["cyclomatic_complexity"] is not None:
            complexity = [row[f"{k}_complexity"] for k in ("cyclomatic", "cognitive")]
            complexity.append(row["max_nesting"])
        return {
            "symbol": row["symbol"],
            **_pick(row, "kind name qualified_name"),
            "container": self.symbol(row["container_id"]),
            **_pick(row, "visibility flags signature docstring"),
            "span": span,
            "complexity": complexity,
        }

    def _reference_row(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "at": self.place(row["node"]),
            **_pick(row, "role qualifier name argument_count"),
            "in": self.symbol(row["symbol_id"]),
            **_pick(row, "binding binding_name"),
            "to": self.symbol(row["binding_id"]) or self.place(row["binding_node"]),
            **_pick(row, "type_path type_via member_path"),
        }


def _pick(row: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: row[name] for name in names.split()}


def test_every_case_is_found() -> None:
    folders = [
        path for path in GOLDEN.glob("*/*") if path.is_dir() and path.parent.name != "generate"
    ]
    assert sorted(folders) == CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_expected_tables(case: Path, engine: Engine, update_golden: bool) -> None:
    (artifact,) = case.glob("source.*.json")
    now = list(Case(scanned(engine, artifact)).lines())
    expected = case / "expected.jsonl"
    if update_golden:
        expected.write_text("".join(f"{line}\n" for line in now), encoding="utf-8")
    assert expected.is_file(), f"no {expected.name}: run `make golden` and read what it writes"
    before = expected.read_text(encoding="utf-8").splitlines()
    difference = "\n".join(difflib.unified_diff(before, now, "expected", "now", n=0, lineterm=""))
    assert not difference, f"{case.parent.name}/{case.name}:\n{difference}"

"""Comparing two sets of scan tables.

Belongs here: which columns two implementations must agree in, and how a difference is told. Does
not: where the tables come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine

Row = dict[str, Any]
Rows = dict[str, list[Row]]

# Say which program ran and when, or explain in words of their own.
_UNCOMPARED = {
    "artifacts": {"engine_version", "scanned_at", "mtime_ns", "finding_count"},
    "findings": {"message", "hint", "start_byte", "end_byte"},
}
# Which of several is told first, or how deep it points, is not agreed, only that there is one.
_POINTERLESS = {"SCHEMA_VIOLATION", "POSITION_INVALID", "POSITION_REVERSED", "JSON_LENIENT"}
_HASH = "subtree_hash"


def native_rows(
    engine: Engine, artifacts: Sequence[tuple[str, bytes]], *, workers: int = 1
) -> Rows:
    """Scan with the engine."""
    batches = engine.scan(
        "differential",
        [path for path, _ in artifacts],
        contents=[content for _, content in artifacts],
        workers=workers,
    )
    rows: Rows = {}
    for name, each in batches.items():
        rows[name] = [row for batch in each for row in pa.record_batch(batch).to_pylist()]
        for batch in each:
            assert pa.record_batch(batch).schema.names == TABLES[name].names
    return rows


def table_rows(tables: Mapping[str, pa.Table]) -> Rows:
    """Rows of Arrow tables."""
    return {name: table.to_pylist() for name, table in tables.items()}


def differences(left: Rows, right: Rows, *, limit: int = 12) -> list[str]:
    """Sentences about rows that only one side has; empty if the sides agree.

    Row order within a table is not compared, and `subtree_hash` only by which nodes share one.
    """
    told: list[str] = []
    paths = {row["document_id"]: row["path"] for side in (left, right) for row in side["documents"]}
    for name in TABLES:
        if name not in left and name not in right:
            continue
        ours, theirs = _keys(name, left[name]), _keys(name, right[name])
        for sign, extra in (("native only", ours - theirs), ("oracle only", theirs - ours)):
            rows = sorted(extra.elements(), key=repr)
            told += [f"{name}, {sign}: {_told(dict(row), paths)}" for row in rows[:limit]]
            if len(rows) > limit:
                told.append(f"{name}, {sign}: {len(rows) - limit} more")
    return told + _hash_differences(left, right)


def _keys(name: str, rows: Iterable[Row]) -> Counter[tuple[tuple[str, Any], ...]]:
    skipped = _UNCOMPARED.get(name, set()) | {"source", _HASH}
    keys: Counter[tuple[tuple[str, Any], ...]] = Counter()
    for row in rows:
        kept = {key: value for key, value in row.items() if key not in skipped}
        if name == "findings" and kept["code"] in _POINTERLESS:
            kept["pointer"] = ""
        key = tuple(kept.items())
        if name == "findings" and keys[key]:
            continue
        keys[key] += 1
    return keys


def _told(row: Row, paths: Mapping[int, str]) -> str:
    where = paths.get(row.pop("document_id", 0), "")
    return f"{where} {row}"


def _hash_differences(left: Rows, right: Rows) -> list[str]:
    """Nodes that share a hash on one side must share one on the other."""
    of_left = {(row["document_id"], row["node"]): row[_HASH] for row in left["nodes"]}
    forward: dict[int, int] = {}
    backward: dict[int, int] = {}
    for row in right["nodes"]:
        at = (row["document_id"], row["node"])
        if at not in of_left:
            continue
        ours, theirs = of_left[at], row[_HASH]
        if forward.setdefault(ours, theirs) != theirs:
            return [f"nodes: native hashes document {at[0]} node {at[1]} like another, oracle not"]
        if backward.setdefault(theirs, ours) != ours:
            return [f"nodes: oracle hashes document {at[0]} node {at[1]} like another, native not"]
    return []

"""What a workspace holds, in a form that two workspaces can be compared in.

Belongs here: reading. Does not: judging differences.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.lake import Lake
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.settings import Settings

LAKE_TABLES = [name for name in TABLES if name != "publications"]
COLLECTIONS = {
    "relational": [name for name in LAKE_TABLES if TABLES[name].level != "node"],
    "graph": ["symbols", "documents", "edges"],
    "vector": ["embeddings"],
    "search": ["symbols", "documents"],
}


def lake_rows(lake: Lake, source: str) -> dict[str, pl.DataFrame]:
    """Return every table's rows, sorted; the time of the scan is left out."""
    found = {}
    for name in LAKE_TABLES:
        frame = lake.scan(name, source).drop("scanned_at", strict=False).collect()
        found[name] = frame.sort(frame.columns)
    return found


def difference(left: dict[str, pl.DataFrame], right: dict[str, pl.DataFrame]) -> list[str]:
    """Return a sentence per table that differs, with an example."""
    told = []
    for name, frame in left.items():
        other = right[name]
        if not frame.equals(other):
            here = frame.join(other, on=frame.columns, how="anti", nulls_equal=True)
            there = other.join(frame, on=frame.columns, how="anti", nulls_equal=True)
            told.append(
                f"{name}: {frame.height} rows against {other.height}; only in the first "
                f"{here.head(2).to_dicts()}; only in the second {there.head(2).to_dicts()}"
            )
    return told


def backend_rows(
    workspace: Path, source: str, names: Iterable[str] | None = None
) -> dict[str, list[str]]:
    """Return what readers of each backend see of a source, as sorted texts.

    Times of scanning and modification are left out: neither is content.
    """
    found = {}
    for name in names or backends():
        with open_backend(name, Settings(workspace=workspace)) as backend:
            found[f"{name} version"] = [backend.published().get(source, "")]
            for collection in COLLECTIONS[backend.capabilities.role]:
                found[f"{name} {collection}"] = sorted(
                    repr(
                        sorted(
                            (key, _plain(value))
                            for key, value in row.items()
                            if key not in ("scanned_at", "mtime_ns")
                        )
                    )
                    for row in backend.rows(source, collection)
                )
    return found


def _plain(value: object) -> object:
    """Return vectors as tuples of rounded numbers, others as they are."""
    if isinstance(value, str | int | float | None):
        return value
    try:
        return tuple(round(float(x), 5) for x in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return repr(value)

"""The comparison of a discovery with the ledger.

Belongs here: every state a file can be in. Does not: walking or scanning.
"""

from __future__ import annotations

import polars as pl

from snake_pipe_core.extract import plan
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.sources.base import DISCOVERY_SCHEMA

LEDGER = TABLES["artifacts"].polars_schema


def found(*rows: tuple[str, int, int, bool]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=DISCOVERY_SCHEMA, orient="row")


def ledger(*rows: dict[str, object]) -> pl.DataFrame:
    default = {
        "source": "s", "size_bytes": 10, "mtime_ns": 1, "content_hash": "h", "outcome": "loaded",
        "engine_version": "1",
    }  # fmt: skip
    return pl.DataFrame([{**default, **row} for row in rows], schema=LEDGER)


def states(discovered: pl.DataFrame, known: pl.DataFrame, **options: object) -> dict[str, str]:
    made = plan(
        discovered,
        known,
        engine_version="1",
        shards=pl.lit(0, dtype=pl.Int64),
        **options,  # type: ignore[arg-type]
    )
    return dict(made.files.select("path", "state").iter_rows())


def test_new_changed_unchanged_and_removed() -> None:
    discovered = found(("new", 1, 1, False), ("same", 10, 1, False), ("size", 11, 1, False),
                       ("time", 10, 2, False))  # fmt: skip
    known = ledger({"path": "same"}, {"path": "size"}, {"path": "time"}, {"path": "gone"})
    assert states(discovered, known) == {
        "gone": "removed", "new": "new", "same": "unchanged", "size": "changed", "time": "changed",
    }  # fmt: skip


def test_another_engine_changes_everything() -> None:
    known = ledger({"path": "a", "engine_version": "0"})
    assert states(found(("a", 10, 1, False)), known) == {"a": "changed"}


def test_what_could_not_be_read_is_tried_again() -> None:
    known = ledger({"path": "a", "content_hash": None, "outcome": "quarantined"})
    assert states(found(("a", 10, 1, False)), known) == {"a": "changed"}


def test_replay_scans_what_has_not_changed() -> None:
    known = ledger({"path": "a"}, {"path": "b"})
    discovered = found(("a", 10, 1, False), ("b", 10, 1, False))
    assert states(discovered, known, again=frozenset({"a"})) == {"a": "changed", "b": "unchanged"}


def test_skipped_files_stay_skipped_until_the_patterns_change() -> None:
    known = ledger({"path": "a", "content_hash": None, "outcome": "skipped"})
    assert states(found(("a", 10, 1, True)), known) == {"a": "unchanged"}
    assert states(found(("a", 10, 2, True)), known) == {"a": "skipped"}
    assert states(found(("a", 10, 1, False)), known) == {"a": "changed"}
    assert states(found(("a", 10, 1, True)), ledger({"path": "a"})) == {"a": "skipped"}


def test_counts_add_up_to_all_files() -> None:
    made = plan(
        found(("a", 1, 1, False), ("b", 1, 1, True)), ledger({"path": "c"}),
        engine_version="1", shards=pl.lit(0),
    )  # fmt: skip
    assert made.counts() == {"new": 1, "removed": 1, "skipped": 1}
    assert made.paths("new", "removed") == ["a", "c"]

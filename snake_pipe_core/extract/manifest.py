"""What is new, changed, unchanged and removed.

Belongs here: comparing a discovery with the ledger of the last run. Does not: deciding outcomes.

The manifest is the ledger itself: path, size, modification time and engine version of every
artifact. A file counts as unchanged if all four are the same; one that could not be read last time
is always tried again. So is one whose modification time lies so close to its last scan that a
second write within the same tick of the file system's clock would not show. A negative modification
time is a fingerprint (`sources.base.fingerprint_of`), which decides alone: the size beside it may be
an estimate.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import polars as pl

_TICK_NS = 10_000_000
"""No file system clock that is in use ticks more coarsely (Linux: 1 to 10 ms)."""
_CLOCK_SKEW_NS = 2_000_000_000
"""Times further ahead than this are not "just now" but set, as archives do."""


@dataclass(frozen=True)
class Plan:
    """The comparison, a row per file.

    `files`: `path, size_bytes, mtime_ns, is_skipped, state, shard`, state one of `new`,
    `changed`, `unchanged`, `removed`, `skipped`; shard is that of the new layout.
    """

    files: pl.DataFrame

    def paths(self, *states: str) -> list[str]:
        """Return the paths in these states, sorted."""
        return self.files.filter(pl.col("state").is_in(states))["path"].to_list()

    def counts(self) -> dict[str, int]:
        """Return how many files each state has."""
        return dict(self.files.group_by("state").len().sort("state").iter_rows())


def plan(
    discovered: pl.DataFrame,
    ledger: pl.DataFrame,
    *,
    engine_version: str,
    shards: pl.Expr,
    again: Set[str] = frozenset(),
    only: Set[str] | None = None,
) -> Plan:
    """Compare `discovered` (see `DISCOVERY_SCHEMA`) with `ledger` (the artifacts table).

    `shards` computes a shard from `path`; `again` names paths to scan whatever the ledger says.
    With `only`, other paths are left alone: those of the ledger count as unchanged, whatever lies
    there now and whichever engine scanned them, and those it does not know are not in the plan.
    """
    known = ledger.select(
        "path",
        known_size="size_bytes",
        known_mtime="mtime_ns",
        known_engine="engine_version",
        known_scan=pl.col("scanned_at").dt.epoch("ns"),
        was_skipped=(pl.col("outcome") == "skipped") & pl.col("content_hash").is_null(),
        unread=pl.col("content_hash").is_null(),
    )
    joined = discovered.join(known, on="path", how="full", coalesce=True)
    is_asked_for = pl.col("path").is_in(sorted(again)) if again else pl.lit(value=False)
    age_at_scan = pl.col("known_scan") - pl.col("known_mtime")
    was_just_written = age_at_scan.is_between(-_CLOCK_SKEW_NS, _TICK_NS)
    has_same_size = (pl.col("size_bytes") == pl.col("known_size")) | (pl.col("mtime_ns") < 0)
    same = (
        has_same_size
        & (pl.col("mtime_ns") == pl.col("known_mtime"))
        & (pl.col("known_engine") == engine_version)
        & ~pl.col("unread")
        & ~was_just_written.fill_null(value=False)
        & ~is_asked_for
    )
    same_skip = (
        pl.col("was_skipped")
        & has_same_size
        & (pl.col("mtime_ns") == pl.col("known_mtime"))
        & ~is_asked_for
    )
    state = (
        pl.when(pl.col("size_bytes").is_null())
        .then(pl.lit("removed"))
        .when(pl.col("is_skipped") & same_skip.fill_null(value=False))
        .then(pl.lit("unchanged"))
        .when(pl.col("is_skipped"))
        .then(pl.lit("skipped"))
        .when(pl.col("known_size").is_null())
        .then(pl.lit("new"))
        .when(same)
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("changed"))
    )
    files = joined.select("path", "size_bytes", "mtime_ns", "is_skipped", state=state, shard=shards)
    if only is not None:
        is_meant = pl.col("path").is_in(sorted(only))
        files = files.filter(
            is_meant | pl.col("path").is_in(ledger["path"].implode())
        ).with_columns(state=pl.when(is_meant).then("state").otherwise(pl.lit("unchanged")))
    return Plan(files.sort("path"))

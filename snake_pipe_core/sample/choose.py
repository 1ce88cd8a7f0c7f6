"""Choosing artifacts that stand for a source.

Belongs here: strata and which artifacts of each are taken. Does not: reading or writing artifacts.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import polars as pl
import xxhash

from snake_pipe_core.model.kinds import Outcome

STRATA = ("language", "dialect", "size_class")
"""Artifacts are alike if these agree; size classes are powers of four bytes."""

_VALID = [outcome.value for outcome in Outcome if outcome.is_valid]


def choose(ledger: pl.DataFrame, *, count: int, seed: int) -> pl.DataFrame:
    """Return ledger rows of at most `count` valid artifacts, sorted by path.

    Strata get places in proportion to their artifacts, each at least one as long as there are
    places for all, the larger first. Which ones of a stratum are taken follows from the seed and
    what they hold, so that the same source and seed give the same sample on every machine.
    """
    taken = ledger.filter(pl.col("outcome").is_in(_VALID)).with_columns(
        size_class=(pl.col("size_bytes").clip(1).log(4)).floor().cast(pl.Int32),
        rank=pl.struct("content_hash", "path").map_elements(
            lambda row: xxhash.xxh3_64_intdigest(
                f"{seed}\0{row['content_hash']}\0{row['path']}".encode("utf-8", "surrogatepass")
            ),
            return_dtype=pl.UInt64,
        ),
    )
    if taken.is_empty():
        return ledger.clear()
    strata = taken.group_by(STRATA).len().sort("len", *STRATA, descending=[True, *[False] * 3])
    sizes = strata["len"].to_list()
    places = pl.Series("places", _places(sizes, min(count, sum(sizes))), dtype=pl.UInt32)
    return (
        taken.join(strata.with_columns(places), on=STRATA, nulls_equal=True)
        .filter(pl.col("rank").rank("ordinal").over(STRATA) <= pl.col("places"))
        .select(ledger.columns)
        .sort("path")
    )


def _places(sizes: list[int], count: int) -> list[int]:
    """Share `count` places among strata of these sizes, the largest first."""
    places = [1 if index < count else 0 for index in range(len(sizes))]
    total = sum(sizes)
    # What a stratum has beyond its share; the one with the least is served next.
    queue = [(places[i] - sizes[i] * count / total, i) for i in range(len(sizes))]
    heapify(queue)
    for _ in range(count - sum(places)):
        excess, index = heappop(queue)
        while places[index] == sizes[index]:
            excess, index = heappop(queue)
        places[index] += 1
        heappush(queue, (excess + 1, index))
    return places

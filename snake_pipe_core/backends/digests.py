"""Digests and samples of ids, to compare what was sent with what a store holds.

Belongs here: a digest that does not depend on the order of rows, and a choice of rows that is the
same for the same content. Does not: comparing, or reading a store.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

SAMPLE = 64


def set_digest(*columns: pl.Series) -> str:
    """Return 16 hex digits for a set of rows of 64-bit integers, whatever their order.

    The sum, modulo 2^64, of a mixed hash per row: equal sets have equal digests on every machine.
    Its purpose is to notice lost and doubled rows, not to resist an attacker.
    """
    mixed: NDArray[np.uint64] = np.zeros(len(columns[0]) if columns else 0, np.uint64)
    for column in columns:
        mixed = _mix(mixed + column.cast(pl.Int64).to_numpy().view(np.uint64))
    return f"{int(mixed.sum(dtype=np.uint64)):016x}"


def sample(frame: pl.LazyFrame, *columns: str, size: int = SAMPLE) -> pl.DataFrame:
    """Return up to `size` rows of some columns, spread evenly and the same for the same rows."""
    order = pl.struct(columns).hash(seed=0)
    return frame.select(columns).bottom_k(size, by=order).collect(engine="streaming")


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64-bit values (SplitMix64, https://prng.di.unimi.it/splitmix64.c)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))

"""Digests notice what was lost or doubled, and nothing else."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from snake_pipe_core.backends.digests import sample, set_digest

ids = st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=30, unique=True)


def digest(*columns: list[int]) -> str:
    return set_digest(*(pl.Series(column, dtype=pl.Int64) for column in columns))


@given(ids)
def test_order_does_not_matter(values: list[int]) -> None:
    assert digest(values) == digest(values[::-1])


@given(ids.filter(bool))
def test_a_lost_or_doubled_row_does(values: list[int]) -> None:
    assert len({digest(values), digest(values[1:]), digest([*values, values[0]])}) == 3


def test_columns_do_not_swap() -> None:
    assert digest([1, 2], [3, 4]) != digest([3, 4], [1, 2])
    assert digest([1, 2], [3, 4]) != digest([1, 2], [4, 3])


def test_a_known_digest() -> None:
    assert digest([-1, 0, 1]) == "5804479d1f855690"


def test_samples_repeat_and_are_bounded() -> None:
    frame = pl.LazyFrame({"id": range(1000), "other": "x"})
    first = sample(frame, "id", size=10)
    again = sample(frame.reverse(), "id", size=10)
    assert sorted(first["id"]) == sorted(again["id"])
    assert (first.columns, first.height) == (["id"], 10)
    assert sample(frame.head(3), "id").height == 3

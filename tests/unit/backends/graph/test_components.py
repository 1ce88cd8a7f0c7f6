"""Components of graphs that trouble careless algorithms."""

from __future__ import annotations

import polars as pl

from snake_pipe_core.backends.graph.components import cyclic_components


def edges(*pairs: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"src_id": pl.Int64, "dst_id": pl.Int64}, orient="row")


def test_no_edges() -> None:
    assert cyclic_components(edges()).is_empty()


def test_recursion_alone_is_no_component() -> None:
    assert cyclic_components(edges((1, 1), (1, 2))).is_empty()


def test_largest_first_then_smallest_id() -> None:
    found = cyclic_components(edges((7, 8), (8, 7), (1, 2), (2, 1), (3, 4), (4, 5), (5, 3)))
    assert found.group_by("cycle", maintain_order=True).agg("id").rows() == [
        (1, [3, 4, 5]), (2, [1, 2]), (3, [7, 8]),
    ]  # fmt: skip
    assert found["size"].to_list() == [3, 3, 3, 2, 2, 2, 2]


def test_a_ring_of_a_million_does_not_exhaust_the_stack() -> None:
    count = 1_000_000
    ring = pl.select(src_id=pl.int_range(count, dtype=pl.Int64)).with_columns(
        dst_id=(pl.col("src_id") + 1) % count
    )
    assert cyclic_components(ring)["size"].unique().to_list() == [count]


def test_extreme_ids() -> None:
    low, high = -(1 << 63), (1 << 63) - 1
    assert cyclic_components(edges((low, high), (high, low)))["id"].to_list() == [low, high]

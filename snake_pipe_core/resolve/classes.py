"""Class hierarchies: bases, linearization, members through bases.

Belongs here: method resolution order, lookup of a member in a class and what it inherits.
Does not: which symbol a base's name stands for.
"""

from __future__ import annotations

import polars as pl

MAXIMAL_ANCESTORS = 256
"""Ancestors kept per class: bounds the table on absurdly deep hierarchies."""


def linearize(bases: pl.DataFrame) -> pl.DataFrame:
    """Return each class's ancestors in resolution order.

    `bases`: `class_id`, `base_id`, `order`. Result: `class_id`, `ancestor_id`, `distance` (1 for
    the next). C3 as Python has it (https://docs.python.org/3/howto/mro.html); where C3 has no
    answer or bases form a cycle, depth first, left to right.
    """
    direct: dict[int, list[int]] = {}
    for class_id, base_id in (
        bases.sort("class_id", "order", "base_id").select("class_id", "base_id").iter_rows()
    ):
        if base_id != class_id and base_id not in direct.setdefault(class_id, []):
            direct[class_id].append(base_id)
    orders: dict[int, list[int]] = {}
    for start in direct:
        _linearize_from(start, direct, orders)
    rows = [
        (class_id, ancestor, distance)
        for class_id in direct
        for distance, ancestor in enumerate(orders[class_id][1:], start=1)
    ]
    return pl.DataFrame(
        rows,
        schema={"class_id": pl.Int64, "ancestor_id": pl.Int64, "distance": pl.Int32},
        orient="row",
    ).sort("class_id", "distance")


def _linearize_from(start: int, direct: dict[int, list[int]], orders: dict[int, list[int]]) -> None:
    """Fill `orders` for `start` and all above it, without recursion."""
    stack, entered = [start], set()
    while stack:
        current = stack[-1]
        if current in orders:
            stack.pop()
            continue
        pending = [base for base in direct.get(current, ()) if base not in orders]
        if current in entered or not pending:
            cyclic = any(base not in orders for base in direct.get(current, ()))
            order = None if cyclic else _merge(current, direct.get(current, []), orders)
            orders[current] = (order or _depth_first(current, direct))[: MAXIMAL_ANCESTORS + 1]
            stack.pop()
            continue
        entered.add(current)
        stack += reversed(pending)


def _merge(current: int, bases: list[int], orders: dict[int, list[int]]) -> list[int] | None:
    if len(bases) == 1:
        return [current, *orders[bases[0]]]
    sequences = [list(orders[base]) for base in bases] + [list(bases)]
    result = [current]
    while sequences := [sequence for sequence in sequences if sequence]:
        tails = {name for sequence in sequences for name in sequence[1:]}
        head = next((sequence[0] for sequence in sequences if sequence[0] not in tails), None)
        if head is None:
            return None
        result.append(head)
        for sequence in sequences:
            if sequence[0] == head:
                del sequence[0]
    return result


def _depth_first(start: int, direct: dict[int, list[int]]) -> list[int]:
    seen: dict[int, None] = {}
    stack = [start]
    while stack and len(seen) <= MAXIMAL_ANCESTORS:
        current = stack.pop()
        if current not in seen:
            seen[current] = None
            stack += reversed(direct.get(current, ()))
    return list(seen)


def find_members(wanted: pl.DataFrame, order: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Look names up in the ancestors of classes; the nearest ancestor that has the name counts.

    `wanted`: `owner`, `name` (unique). `members`: `owner`, `name`, `target_id`. Result: `owner`,
    `name`, `target_id`, for those found.
    """
    names = members.select("name").unique()
    above = wanted.join(names, on="name", how="semi").join(
        order.select("distance", owner="class_id", ancestor="ancestor_id"), on="owner"
    )
    found = above.join(
        members.select("name", "target_id", ancestor="owner"), on=["ancestor", "name"]
    )
    return found.filter(
        pl.col("distance") == pl.col("distance").min().over("owner", "name")
    ).select("owner", "name", "target_id")

"""Types that several places define together: the classes and modules of Ruby.

Belongs here: which definitions are one type, looking a name up in all of them. Does not: the order
of ancestors (`classes`).

Each definition stays a symbol of its own. A name is looked up in the very definition first, then in
those that are the same type, then further up. Where that finds several definitions of one type, the
fullest stands for them all.
"""

from __future__ import annotations

import polars as pl

from snake_pipe_core.model.kinds import TYPE_KINDS
from snake_pipe_core.resolve.classes import find_members
from snake_pipe_core.resolve.tables import Tables

GROUPS = {"symbol_id": pl.Int64, "type_id": pl.Int64}


def groups_of(tables: Tables) -> pl.DataFrame:
    """Return `symbol_id`, `type_id`: types with several definitions, and the one that stands for them.

    One type are definitions whose names, from the top of their files down, are the same.
    """
    languages = tables.languages_where(open_types=True)
    types = tables.symbols.filter(
        pl.col("language").is_in(languages) & pl.col("kind").is_in(list(TYPE_KINDS))
    )
    if types.is_empty():
        return pl.DataFrame(schema=GROUPS)
    held = tables.symbols.group_by("container_id").agg(members=pl.len())
    stands_in = pl.concat_str(pl.lit(" "), "flags", pl.lit(" ")).str.contains(" extension ")
    paths = types.join(tables.documents.select("document_id", "module"), on="document_id").join(
        held, left_on="symbol_id", right_on="container_id", how="left", maintain_order="left"
    )
    key = ["language", "path"]
    paths = paths.with_columns(
        path=pl.col("qualified_name").str.strip_prefix(pl.col("module")).str.strip_chars("."),
        stands_in=stands_in,
        members=pl.col("members").fill_null(0),
    ).sort(*key, "stands_in", "members", "symbol_id", descending=[False, False, False, True, False])
    return (
        paths.filter(pl.len().over(key) > 1)
        .select("symbol_id", type_id=pl.col("symbol_id").first().over(key))
        .select(*GROUPS)
    )  # fmt: skip


def type_of(rows: pl.DataFrame, column: str, groups: pl.DataFrame) -> pl.DataFrame:
    """Put the type in place of its definitions in one column."""
    if groups.is_empty() or rows.is_empty():
        return rows
    return (
        rows.join(
            groups.rename({"symbol_id": column, "type_id": "_type"}), on=column, how="left",
            maintain_order="left",
        )
        .with_columns(pl.coalesce("_type", column).alias(column))
        .drop("_type")
    )  # fmt: skip


def of_each(rows: pl.DataFrame, column: str, groups: pl.DataFrame) -> pl.DataFrame:
    """Say of every definition what `rows` say of its type."""
    if groups.is_empty() or rows.is_empty():
        return rows
    others = (
        groups.filter(pl.col("symbol_id") != pl.col("type_id"))
        .join(rows, left_on="type_id", right_on=column)
        .rename({"symbol_id": column})
    )
    return pl.concat([rows, others.select(rows.columns)])


def as_one(rows: pl.DataFrame, key: list[str], column: str, groups: pl.DataFrame) -> pl.DataFrame:
    """Of several definitions of one type among the rows of a key, keep the one that stands for all."""
    if groups.is_empty() or rows.is_empty():
        return rows
    several = pl.len().over(key) > 1
    many = type_of(rows.filter(several), column, groups).unique(
        [*key, column], keep="first", maintain_order=True
    )
    return pl.concat([rows.filter(~several), many])


def find_above(
    wanted: pl.DataFrame,
    order: pl.DataFrame,
    members: pl.DataFrame,
    groups: pl.DataFrame,
    *,
    here: bool = True,
) -> pl.DataFrame:
    """Look names up as `find_members` does, in what else defines the owner too (if `here`)."""
    if groups.is_empty():
        return find_members(wanted, order, members)
    at = type_of(wanted.with_columns(at="owner"), "at", groups)
    if here:
        types = groups.select(class_id="type_id").unique()
        own = types.select(
            "class_id", ancestor_id="class_id", distance=pl.lit(0, order.schema["distance"])
        )
        order = pl.concat([order.select(own.columns), own])
    found = find_members(
        at.select("name", owner="at").unique(), order, type_of(members, "owner", groups)
    )
    found = at.join(found.rename({"owner": "at"}), on=["at", "name"]).select(
        "owner", "name", "target_id"
    )
    return as_one(found, ["owner", "name"], "target_id", groups)


def tops_of(tables: Tables, groups: pl.DataFrame) -> pl.DataFrame:
    """Return `language`, `name`, `target_id`: types at the top of files, seen from everywhere."""
    languages = tables.languages_where(open_types=True)
    modules = tables.documents.select(container_id="module_symbol_id").unique()
    tops = (
        tables.symbols.filter(
            pl.col("language").is_in(languages) & pl.col("kind").is_in(list(TYPE_KINDS))
        )
        .join(modules, on="container_id", how="semi")
        .select("language", "name", target_id="symbol_id")
    )
    return type_of(tops, "target_id", groups).unique().sort(pl.all())

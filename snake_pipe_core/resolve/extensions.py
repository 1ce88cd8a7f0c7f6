"""Functions that extend a type from outside: Kotlin's receivers, C#'s `this` parameters.

Belongs here: which type a function extends, what follows for members and for names in its body.
Does not: extensions that the scan merges into their type (Swift, Rust).

A type's own member comes before an extension of the same name. Where extensions may be used
without an import is not looked at.
"""

from __future__ import annotations

import polars as pl

from snake_pipe_core.model.kinds import TYPE_KINDS
from snake_pipe_core.resolve.tables import Tables


def receivers_of(types: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return `symbol_id`, `owner`: functions and properties that extend a type of the source.

    `types`: resolved references of the roles that name types.
    """
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    extending = tables.symbols.filter(flags.str.contains(" extension ", literal=True))
    named = types.filter(pl.col("role") == "type")
    by_name = extending.filter(
        pl.col("language").is_in(tables.languages_where(receiver="first"))
    ).select("symbol_id", at="symbol_id")
    parameters = tables.symbols.filter(pl.col("kind") == "parameter").sort("document_id", "node")
    by_parameter = (
        extending.filter(pl.col("language").is_in(tables.languages_where(receiver="parameter")))
        .select("symbol_id")
        .join(
            parameters.unique("container_id", keep="first", maintain_order=True).select(
                symbol_id="container_id", at="symbol_id"
            ),
            on="symbol_id",
        )
    )
    return (
        pl.concat([by_name, by_parameter])
        .join(named.select("node", "target_id", "sort", at="symbol_id"), on="at")
        .sort("symbol_id", "node", "target_id", nulls_last=True)
        .unique("symbol_id", keep="first", maintain_order=True)
        .filter(pl.col("target_id").is_not_null() & (pl.col("sort") == "type"))
        .select("symbol_id", owner="target_id")
    )


def with_additions(outside: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return `class_id`, `outside` with what adds to types that the source does not declare."""
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    additions = tables.symbols.filter(
        pl.col("language").is_in(tables.languages_where(module_extensions=True))
        & pl.col("kind").is_in(list(TYPE_KINDS))
        & flags.str.contains(" extension ", literal=True)
    ).select(class_id="symbol_id", outside="name")
    return pl.concat([additions, outside.join(additions, on="class_id", how="anti")])


def with_extensions(members: pl.DataFrame, extended: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return members with those that extend a type: `owner`, `name`, `target_id`."""
    more = (
        extended.join(tables.symbols.select("symbol_id", "name"), on="symbol_id")
        .select("owner", "name", target_id="symbol_id")
        .join(members, on=["owner", "name"], how="anti")
    )
    return pl.concat([members, more]).unique().sort("owner", "name", "target_id")


def in_extensions(references: pl.DataFrame, extended: pl.DataFrame) -> pl.DataFrame:
    """Let `this`, and free names, of an extension mean the type that it extends."""
    if extended.is_empty():
        return references
    names = pl.col("binding").is_in(["self", "unbound", "wildcard"])
    inside = pl.col("binding_id").is_null() & names
    return (
        references.join(extended, on="symbol_id", how="left", maintain_order="left")
        .with_columns(binding_id=pl.when(inside).then("owner").otherwise("binding_id"))
        .drop("owner")
    )

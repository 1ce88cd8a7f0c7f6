"""From resolved references to what later chains need: bases, types of values, results.

Belongs here: reading `inherit`, `type` and `returns` references as facts about symbols. Does not:
resolving them (`names`), edges (`edges`).
"""

from __future__ import annotations

import polars as pl

from snake_pipe_core.resolve.classes import linearize
from snake_pipe_core.resolve.languages import LANGUAGES
from snake_pipe_core.resolve.rules import RANK
from snake_pipe_core.resolve.tables import Tables

_MAXIMAL_ALIASES = 4
"""Names for names for a type that are followed."""
BASE_ROLES = ("inherit", "implement", "mixin")
_MIXED_BACKWARD = [name for name, language in LANGUAGES.items() if language.open_types]
_NO_TYPE = ["Any", "Self", "object", "None", "NoneType", "unknown", "any"]
VALUES = {
    "symbol_id": pl.Int64, "value_id": pl.Int64, "value_external": pl.String,
    "value_rank": pl.UInt8,
}  # fmt: skip


def bases_of(resolved: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return ancestors (see `linearize`) and `class_id`, `outside` from base references.

    `resolved`: references of the roles that name bases, with `target_id`, `external` and `sort`.
    `outside` is the first base that is not in the source, `""` if its name is not known.
    """
    inside = pl.col("target_id").is_not_null()
    # Ruby: what is included last comes first, and the superclass after all of it.
    backward = pl.col("language").is_in(_MIXED_BACKWARD)
    node = pl.col("node").cast(pl.Int64)
    bases = resolved.filter(inside).select(
        class_id="symbol_id", base_id="target_id",
        order=pl.when(backward & (pl.col("role") == "mixin")).then(-node).otherwise(node),
    )  # fmt: skip
    order = linearize(bases)
    unknown = (
        resolved.filter(~inside | (pl.col("sort") == "value"))
        .sort("symbol_id", "node", "external", nulls_last=True)
        .unique("symbol_id", keep="first", maintain_order=True)
        .select(class_id="symbol_id", outside=pl.col("external").fill_null(""))
    )
    above = (
        order.join(unknown.rename({"class_id": "ancestor_id"}), on="ancestor_id")
        .sort("class_id", "distance")
        .unique("class_id", keep="first", maintain_order=True)
        .select("class_id", "outside")
    )
    return order, pl.concat([unknown, above.join(unknown, on="class_id", how="anti")])


def past_aliases(values: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Let `values` name the types that second names (`aliases`, columns alike) stand for."""
    after = aliases.select(value_id="symbol_id", next_id="value_id", next_external="value_external")
    for _ in range(_MAXIMAL_ALIASES):
        found = values.join(after, on="value_id", how="left", maintain_order="left")
        is_alias = pl.col("next_id").is_not_null() | pl.col("next_external").is_not_null()
        values = found.with_columns(
            value_id=pl.when(is_alias).then("next_id").otherwise("value_id"),
            value_external=pl.when(is_alias).then("next_external").otherwise("value_external"),
        ).select(values.columns)
    return values


def values_of(resolved: pl.DataFrame, tables: Tables, results: pl.DataFrame) -> pl.DataFrame:
    """Return the type of each symbol that `resolved` (type references) speaks of.

    Scan marks the principal type of a declaration (`list` of `list[Item]`; none of `Item[]`).
    A value made by calling a function has the type that the function returns.
    """
    wrappers = pl.concat(
        [
            pl.DataFrame(
                {"language": name, "name": sorted(language.unwrap | set(_NO_TYPE))},
                schema={"language": pl.String, "name": pl.String},
            )
            for name, language in tables.languages.items()
        ]
        or [pl.DataFrame(schema={"language": pl.String, "name": pl.String})]
    )
    known = resolved.join(wrappers, on=["language", "name"], how="anti")
    marked = pl.col("type_via").is_not_null()
    first = (
        known.filter(marked)
        .sort("symbol_id", "node", "target_id", nulls_last=True)
        .unique("symbol_id", keep="first", maintain_order=True)
        .join(
            results.select(
                target_id="symbol_id", made_id="value_id", made_external="value_external"
            ),
            on="target_id", how="left", maintain_order="left",
        )
    )  # fmt: skip
    is_type = pl.col("sort") == "type"
    made = pl.col("type_via") == "constructor"
    by_call = made & (pl.col("sort") == "callable")
    return (
        first.select(
            "symbol_id",
            value_id=pl.when(is_type).then("target_id").when(by_call).then("made_id"),
            value_external=pl.when(pl.col("target_id").is_null()).then("external")
            .when(by_call).then("made_external"),
            value_rank=pl.max_horizontal(
                "rank",
                pl.when(by_call).then(pl.lit(RANK["returns"], pl.UInt8))
                .when(made).then(pl.lit(RANK["constructor"], pl.UInt8))
                .otherwise(pl.lit(RANK["field"], pl.UInt8)),
            ),
        )
        .filter(pl.col("value_id").is_not_null() | pl.col("value_external").is_not_null())
        .select(*VALUES)
    )  # fmt: skip

"""Measuring a source: sizes, depths, nodes and kinds of each language and dialect.

Belongs here: what is counted and how, and what the quality score is. Does not: which figures are
unusual (`anomalies`).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from snake_pipe_core.model.kinds import Outcome
from snake_pipe_core.model.tables import PROFILES

GROUP = ("language", "dialect")
"""Figures are per language and dialect; both are empty in those of the whole source."""
DISTRIBUTIONS = ("size_bytes", "depth", "nodes")
NODE_COLUMNS = ("document_id", "node", "parent", "kind", "native_kind", "start_line")
"""What `Profiler.add` needs of `nodes`."""
QUALITY_WEIGHTS: Mapping[str, float] = {
    "valid_share": 40.0, "mapped_share": 25.0, "position_share": 20.0, "clean_share": 15.0,
}  # fmt: skip
"""Points of the quality score that each share earns in full; a hundred in all."""

UNPLACED_KINDS = ("operator", "token")
"""Kinds that many parsers give no position, such as Python's contexts and operators; positions are
asked of all others."""

_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_VALID = [outcome.value for outcome in Outcome if outcome.is_valid]
_LOADED = [Outcome.LOADED.value, Outcome.LOADED_WITH_WARNINGS.value]
_FIGURE = {"measure": pl.String, "name": pl.String, "value": pl.Float64}
_FIGURES = pl.Schema({**dict.fromkeys(GROUP, pl.String), **_FIGURE})


@dataclass(frozen=True)
class Profile:
    """One profile. `figures` has `language, dialect, measure, name, value`; see the table."""

    source: str
    version: str
    """Digest of what was scanned; equal for equal content and engine."""
    profiled_at: datetime.datetime
    figures: pl.DataFrame

    @property
    def rows(self) -> pl.DataFrame:
        """The rows of `profiles`."""
        given = {"source": self.source, "version": self.version, "profiled_at": self.profiled_at}
        schema = PROFILES.polars_schema
        return self.figures.with_columns(
            pl.lit(value, dtype=schema[name]).alias(name) for name, value in given.items()
        ).select(PROFILES.names)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures nested: the whole source, then each language and dialect."""
        groups = [
            _nested(self.figures.filter((pl.col("language") == "") & (pl.col("dialect") == "")))
        ]
        rest = self.figures.filter((pl.col("language") != "") | (pl.col("dialect") != ""))
        for (language, dialect), rows in sorted(rest.partition_by(*GROUP, as_dict=True).items()):
            groups.append({"language": language, "dialect": dialect, **_nested(rows)})
        return {
            "source": self.source,
            "version": self.version,
            "profiled_at": self.profiled_at,
            "whole": groups[0],
            "groups": groups[1:],
        }


class Profiler:
    """Takes a source's nodes part by part, then its ledger; gives the profile."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._shapes: list[pl.DataFrame] = []
        self._kinds: list[pl.DataFrame] = []

    def add(self, nodes: pl.DataFrame, documents: pl.DataFrame) -> None:
        """Count some documents' nodes (`NODE_COLUMNS`); `documents` has at least theirs.

        All nodes of a document must come in one call.
        """
        if nodes.is_empty():
            return
        known = documents.select("document_id", *GROUP).unique("document_id")
        self._shapes.append(
            _shapes(nodes)
            .unique("document_id")
            .join(documents.select("document_id", "path"), on="document_id")
        )
        counted = nodes.group_by(
            "document_id", "kind",
            native_kind=pl.when(pl.col("kind") == "unknown").then("native_kind").otherwise(pl.lit("")),
        ).agg(value=pl.len().cast(pl.Float64))  # fmt: skip
        self._kinds.append(
            counted.join(known, on="document_id")
            .group_by(*GROUP, "kind", "native_kind")
            .agg(pl.col("value").sum())
        )

    def profile(
        self, source: str, version: str, ledger: pl.DataFrame, findings: pl.DataFrame
    ) -> Profile:
        """Return the profile of what was added, with the source's `artifacts` and `findings`."""
        empty = {"path": pl.String, **dict.fromkeys(("depth", "placeable", "placed"), pl.Float64)}
        shapes = pl.concat(
            [pl.DataFrame(schema=empty), *(shape.select(*empty) for shape in self._shapes)]
        ).group_by("path").agg(pl.col("depth").max(), pl.col("placeable", "placed").sum())  # fmt: skip
        taken = ledger.filter(pl.col("outcome") != Outcome.SKIPPED.value)
        artifacts = taken.select(
            "path", "outcome",
            *(pl.col(name).fill_null("") for name in GROUP),
            size_bytes=pl.col("size_bytes").cast(pl.Float64),
            nodes=pl.col("node_count").cast(pl.Float64),
            unknown=pl.col("unknown_count").cast(pl.Float64),
        ).join(shapes, on="path", how="left")  # fmt: skip
        found = findings.join(artifacts.select("path", *GROUP), on="path", how="left").with_columns(
            pl.col(*GROUP).fill_null("")
        )
        kinds = pl.concat([pl.DataFrame(schema={**dict.fromkeys((*GROUP, "kind", "native_kind"), pl.String), "value": pl.Float64}), *self._kinds])  # fmt: skip
        parts = []
        for whole in (True, False):
            group = [pl.lit("").alias(name) if whole else pl.col(name) for name in GROUP]
            if not whole:  # artifacts of no dialect count in the whole alone
                artifacts, found, kinds = (
                    rows.filter(pl.col("dialect") != "") for rows in (artifacts, found, kinds)
                )
            parts += _distributions(artifacts, group)
            parts += _counts(artifacts, found, kinds, group)
            parts.append(_quality(artifacts, group))
        figures = (
            pl.concat([pl.DataFrame(schema=_FIGURES), *parts])
            .filter(pl.col("value").is_not_null())
            .sort(*GROUP, "measure", "name")
        )
        return Profile(source, version, datetime.datetime.now(datetime.UTC), figures)


def _shapes(nodes: pl.DataFrame) -> pl.DataFrame:
    """Return `document_id, depth, placeable, placed` of each document.

    Depth is the number of nodes on the longest way down. Each node's distance from the root is
    found by pointer doubling over the column of parents: as many rounds as the depth has bits.
    """
    placeable = ~pl.col("kind").is_in(list(UNPLACED_KINDS))
    tree = nodes.select(
        "document_id", "node", "parent", placeable=placeable,
        placed=placeable & pl.col("start_line").is_not_null(),
    )  # fmt: skip
    placed = _placed(tree)
    if not placed.select(
        (pl.col("row") - pl.col("start") == pl.col("node")).fill_null(value=False).all()
    ).item():
        placed = _placed(tree.sort("document_id", "node"))
    jump = placed.select(
        pl.coalesce(pl.col("start") + pl.col("parent"), "row").cast(pl.UInt32)
    ).to_series()
    distance = (jump != placed["row"]).cast(pl.Int32)
    while (step := distance.gather(jump)).max() != 0:
        distance = distance + step
        jump = jump.gather(jump)
    return (
        placed.with_columns(depth=distance.cast(pl.Float64) + 1)
        .group_by("start")
        .agg(
            pl.col("document_id").first(),
            pl.col("depth").max(),
            pl.col("placeable", "placed").sum().cast(pl.Float64),
        )
        .drop("start")
    )


def _placed(tree: pl.DataFrame) -> pl.DataFrame:
    """Return nodes with their `row` and the row at which their document starts."""
    return tree.with_row_index("row").with_columns(
        pl.col("row").cast(pl.Int64),
        start=pl.when(pl.col("node") == 0).then(pl.col("row").cast(pl.Int64)).forward_fill(),
    )


def _distributions(artifacts: pl.DataFrame, group: list[pl.Expr]) -> list[pl.DataFrame]:
    parts = []
    for measure in DISTRIBUTIONS:
        column = pl.col(measure)
        # Artifacts that were kept out have a size, and neither depth nor nodes.
        rows = artifacts if measure == "size_bytes" else artifacts.filter(pl.col("depth") > 0)
        if rows.is_empty():
            continue
        statistics = rows.group_by(group).agg(
            min=column.min(),
            **{name: column.quantile(share, "nearest") for name, share in _QUANTILES.items()},
            max=column.max(),
            sum=column.sum(),
        )
        parts.append(_long(statistics, measure))
        bins = rows.group_by(
            *group, name=column.clip(1).log(2).floor().cast(pl.Int32)
        ).agg(value=pl.len().cast(pl.Float64))  # fmt: skip
        names = pl.format("2^{}", "name")
        parts.append(_figures(bins.with_columns(name=names), f"{measure}_histogram"))
    return parts


def _counts(
    artifacts: pl.DataFrame, findings: pl.DataFrame, kinds: pl.DataFrame, group: list[pl.Expr]
) -> list[pl.DataFrame]:
    count = pl.len().cast(pl.Float64)
    total = pl.col("value").sum()
    unknown = kinds.filter(pl.col("kind") == "unknown")
    return [
        _figures(artifacts.group_by(*group, name="outcome").agg(value=count), "artifacts"),
        _figures(findings.group_by(*group, name="code").agg(value=count), "findings"),
        _figures(
            kinds.group_by(*group, name="kind").agg(value=total)
            .with_columns(pl.col("value") / pl.col("value").sum().over(*GROUP)),
            "kind_share",
        ),
        _figures(unknown.group_by(*group, name="native_kind").agg(value=total), "unknown_kind"),
    ]  # fmt: skip


def _quality(artifacts: pl.DataFrame, group: list[pl.Expr]) -> pl.DataFrame:
    outcome = pl.col("outcome")
    valid = outcome.is_in(_VALID).sum()
    expected = valid + (outcome == Outcome.QUARANTINED.value).sum()
    loaded = outcome.is_in(_LOADED)
    nodes = pl.col("nodes").filter(loaded).sum()
    shares = artifacts.group_by(group).agg(
        valid_share=_ratio(valid, expected),
        mapped_share=1 - _ratio(pl.col("unknown").filter(loaded).sum(), nodes),
        position_share=_ratio(pl.col("placed").sum(), pl.col("placeable").sum()),
        clean_share=1 - _ratio((outcome == Outcome.LOADED_WITH_WARNINGS.value).sum(), loaded.sum()),
    )
    # A source in which nothing is valid earns nothing; one in which nothing should be has no score.
    earned = [pl.col(name).fill_null(0) * weight for name, weight in QUALITY_WEIGHTS.items()]
    score = pl.when(pl.col("valid_share").is_not_null()).then(pl.sum_horizontal(earned))
    return _long(shares.with_columns(score=score), "quality")


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _long(wide: pl.DataFrame, measure: str) -> pl.DataFrame:
    return _figures(wide.unpivot(index=list(GROUP), variable_name="name").drop_nulls(), measure)


def _figures(rows: pl.DataFrame, measure: str) -> pl.DataFrame:
    return rows.with_columns(measure=pl.lit(measure)).select(_FIGURES.names()).cast(_FIGURES)


def _nested(rows: pl.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for measure, name, value in rows.select("measure", "name", "value").iter_rows():
        found.setdefault(measure, {})[name] = value
    for measure in DISTRIBUTIONS:
        bins = found.pop(f"{measure}_histogram", {})
        if measure in found:
            powers = sorted((int(name.removeprefix("2^")), count) for name, count in bins.items())
            found[measure]["histogram"] = [
                {"from": 2**power, "to": 2 ** (power + 1), "artifacts": int(count)}
                for power, count in powers
            ]
    for measure in ("kind_share", "unknown_kind", "findings"):
        ordered = sorted(found.get(measure, {}).items(), key=lambda each: (-each[1], each[0]))
        found[measure] = dict(ordered)
    return found

"""What is unusual about a profile, judged by the ones kept before.

Belongs here: which figures are watched, and when one is unusual. Does not: measuring.

A figure jumps if it lies further from the median of the kept profiles than `THRESHOLD` times their
spread. The spread is the median absolute deviation, scaled to a standard deviation, and at least
`RELATIVE_FLOOR` of the median and the measure's own floor: a source that never changed may change a
little. Neither median nor deviation is moved by a few bad profiles among the kept ones.
"""

from __future__ import annotations

import polars as pl

from snake_pipe_core.profile.measure import DISTRIBUTIONS, GROUP, Profile

THRESHOLD = 3.5
RELATIVE_FLOOR = 0.05
NORMAL = 1.4826
"""A standard deviation, in median absolute deviations of a normal distribution."""

_FLOORS = {
    "artifacts": 1.0, "findings": 1.0, "size_bytes": 16.0, "depth": 1.0, "nodes": 8.0,
    "kind_share": 0.01, "quality": 0.01,
}  # fmt: skip
"""Watched measures, and the least spread of each."""
_WATCHED = {"p50", "p95", "max", "sum"}
"""Statistics that are watched of distributions; `p99` and `min` move with single artifacts."""
_PRESENT = {"kind_share": "kind", "unknown_kind": "unknown kind"}
_KEY = [*GROUP, "measure", "name"]
ANOMALY = pl.Schema(
    {**dict.fromkeys((*_KEY, "what"), pl.String), "value": pl.Float64, "usual": pl.Float64,
     "spread": pl.Float64, "deviation": pl.Float64, "message": pl.String}
)  # fmt: skip


def anomalies(profile: Profile, kept: pl.DataFrame) -> pl.DataFrame:
    """Return what is unusual, the greatest deviation first; no rows without kept profiles.

    `kept` has rows of `profiles`; those of the profile's own version are not compared with.

    Returns:
        `language, dialect, measure, name`: the figure; `what`: `new`, `vanished` or `jump`;
        `value` now, `usual` (the median), `spread`, `deviation` in spreads (null unless a jump),
        `message`: a sentence.
    """
    before = kept.filter(pl.col("version") != profile.version)
    versions = before["version"].n_unique()
    if not versions:
        return pl.DataFrame(schema=ANOMALY)
    found = [
        _presence(profile.figures, before, versions),
        _jumps(profile.figures, before),
    ]
    order = {"new": 0, "vanished": 1, "jump": 2}
    return (
        pl.concat(found)
        .sort(
            pl.col("what").replace_strict(order, return_dtype=pl.Int8),
            pl.col("deviation").abs().fill_null(0),
            *_KEY,
            descending=[False, True, False, False, False, False],
        )
    )  # fmt: skip


def _presence(now: pl.DataFrame, before: pl.DataFrame, versions: int) -> pl.DataFrame:
    """Return languages with their dialects, and kinds, that none had before or most had."""
    present, earlier = _things(now), _things(before)
    often = earlier.group_by(_KEY).agg(times=pl.col("version").n_unique())
    new = present.join(often, on=_KEY, how="anti")
    gone = often.filter(pl.col("times") * 2 > versions).join(present, on=_KEY, how="anti")
    # What appears or goes with its whole dialect is one change, not one for each of its kinds.
    groups_new = new.filter(pl.col("measure") == "dialect").select(GROUP)
    groups_gone = gone.filter(pl.col("measure") == "dialect").select(GROUP)
    parts = []
    for what, rows, groups in (("new", new, groups_new), ("vanished", gone, groups_gone)):
        kept = rows.filter(pl.col("language") != "")
        is_group = pl.col("measure") == "dialect"
        kept = pl.concat(
            [kept.filter(is_group), kept.filter(~is_group).join(groups, on=GROUP, how="anti")]
        )
        tell = "is here for the first time." if what == "new" else "is gone."
        label = pl.col("measure").replace(_PRESENT)
        parts.append(
            kept.select(
                *_KEY,
                what=pl.lit(what),
                value=pl.lit(None, dtype=pl.Float64),
                usual=pl.lit(None, dtype=pl.Float64),
                spread=pl.lit(None, dtype=pl.Float64),
                deviation=pl.lit(None, dtype=pl.Float64),
                message=pl.format(f"The {{}} {{}} ({{}}) {tell}", label, "name", "language"),
            ).cast(ANOMALY)
        )  # fmt: skip
    return pl.concat(parts)


def _things(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what is present: one row per kind, and one per language and dialect."""
    kinds = rows.filter(pl.col("measure").is_in(list(_PRESENT)) & (pl.col("value") > 0))
    groups = (
        rows.filter((pl.col("dialect") != "") & (pl.col("measure") == "artifacts"))
        .with_columns(measure=pl.lit("dialect"), name="dialect")
        .unique([*_KEY, "version"] if "version" in rows.columns else _KEY)
    )
    return pl.concat([kinds, groups])


def _jumps(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return figures that lie far from their median; a figure that is absent counts as zero.

    Only languages with dialects that are here now and in a kept profile are compared.
    """
    groups = _groups(now).join(_groups(before), on=GROUP)
    current = _watched(now).join(groups, on=GROUP)
    earlier = _watched(before).join(groups, on=GROUP)
    shown = before.select(*GROUP, "version").unique().join(groups, on=GROUP)
    keys = pl.concat([current.select(_KEY), earlier.select(_KEY)]).unique()
    usual = (
        keys.join(shown, on=GROUP)
        .join(earlier.select(*_KEY, "version", "value"), on=[*_KEY, "version"], how="left")
        .with_columns(pl.col("value").fill_null(0))
        .group_by(_KEY)
        .agg(
            usual=pl.col("value").median(),
            mad=(pl.col("value") - pl.col("value").median()).abs().median(),
        )
    )
    floor = pl.col("measure").replace_strict(_FLOORS, return_dtype=pl.Float64)
    floor = pl.when(pl.col("name") == "score").then(100 * floor).otherwise(floor)
    judged = (
        usual.join(current.select(*_KEY, "value"), on=_KEY, how="left")
        .with_columns(
            pl.col("value").fill_null(0),
            spread=pl.max_horizontal(
                NORMAL * pl.col("mad"), RELATIVE_FLOOR * pl.col("usual").abs(), floor
            ),
        )
        .with_columns(deviation=(pl.col("value") - pl.col("usual")) / pl.col("spread"))
        .filter(pl.col("deviation").abs() > THRESHOLD)
    )
    where = (
        pl.when(pl.col("language") == "")
        .then(pl.lit("the whole source"))
        .otherwise(pl.concat_str("language", pl.lit(", "), "dialect"))
    )
    return judged.select(
        *_KEY,
        "value",
        "usual",
        "spread",
        "deviation",
        what=pl.lit("jump"),
        message=pl.format(
            "{} {} of {} is {}; usually it is {}.",
            "measure", "name", where, _rounded("value"), _rounded("usual"),
        ),
    ).select(ANOMALY.names()).cast(ANOMALY)  # fmt: skip


def _groups(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(GROUP).unique()


def _watched(rows: pl.DataFrame) -> pl.DataFrame:
    """Return watched figures; of the whole source, only those that are no distribution."""
    is_statistic = pl.col("measure").is_in(list(DISTRIBUTIONS))
    is_watched = pl.col("name").is_in(list(_WATCHED)) & (pl.col("language") != "")
    return rows.filter(
        pl.col("measure").is_in(list(_FLOORS)) & (~is_statistic | is_watched)
    ).filter((pl.col("measure") != "depth") | (pl.col("name") != "sum"))


def _rounded(column: str) -> pl.Expr:
    return pl.col(column).round(3).cast(pl.String).str.strip_suffix(".0")

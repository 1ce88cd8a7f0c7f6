"""Checks with one verdict a source.

Belongs here: how such checks are declared. Does not: what they say.
"""

import warnings
from typing import Any

import dagster as dg

from snake_pipe_dagster.partitions import SOURCES


def source_check(
    asset: str | list[str], name: str, description: str, *, blocking: bool = False
) -> dg.AssetCheckSpec:
    """Return the spec of a check that judges one source at a time."""
    with warnings.catch_warnings():
        # A preview feature, used knowingly: the version of Dagster is pinned for it.
        warnings.filterwarnings("ignore", "Specifying a partitions_def", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name=name,
            asset=dg.AssetKey(asset),
            description=description,
            blocking=blocking,
            partitions_def=SOURCES,
        )


def verdict(
    spec: dg.AssetCheckSpec, problems: list[str], summary: str = "", **metadata: Any
) -> dg.AssetCheckResult:
    """Return what a check found: it passes when there is no problem to tell.

    `summary` describes a pass; without it, the check's own description does.
    """
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=not problems,
        description=" ".join(problems) or summary or spec.description,
        metadata=metadata,
    )

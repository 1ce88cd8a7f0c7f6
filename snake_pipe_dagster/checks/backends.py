"""Parity and freshness of every backend; they do not block, since publishing is done by then.

Belongs here: asking whether a backend shows what the lake holds, and soon enough. Does not:
comparing.
"""

import time
from collections.abc import Iterator

import dagster as dg

from snake_pipe_core.backends.registry import BackendSpec, backends
from snake_pipe_core.load import backend_parity
from snake_pipe_dagster.assets.load import face_of
from snake_pipe_dagster.checks.verdicts import source_check, verdict
from snake_pipe_dagster.failures import RETRIES, told_failures
from snake_pipe_dagster.freshness import FRESHNESS, lateness
from snake_pipe_dagster.metadata import Metadata
from snake_pipe_dagster.resources import Landing, Workspace


def backend_checks() -> list[dg.AssetChecksDefinition]:
    """Return the checks of all registered backends."""
    return [check for spec in backends().values() for check in (_parity(spec), _freshness(spec))]


def _parity(backend: BackendSpec) -> dg.AssetChecksDefinition:
    spec = source_check(
        list(face_of(backend).path),
        "parity",
        f"All of {backend.name} shows the lake's version of the source: counts of all its tables "
        "and sampled ids agree.",
    )

    @dg.multi_asset_check(
        name=f"check_parity_of_{backend.name}",
        specs=[spec],
        pool=backend.name,
        retry_policy=RETRIES,
    )
    def parity(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        """Compare a backend with the lake."""
        with told_failures():
            found = backend_parity(
                workspace.settings(),
                workspace.pipeline().lake,
                context.partition_key,
                backend.name,
            )
        counts: Metadata = {f"rows_{name}": count for name, count in found.counts.items()}
        yield verdict(spec, list(found.problems), version=found.version, **counts)

    return parity


def _freshness(backend: BackendSpec) -> dg.AssetChecksDefinition:
    spec = source_check(
        list(face_of(backend).path),
        FRESHNESS,
        "What landed is shown here within the time that the landing folder allows. Judged by every "
        "run, and by the sensor `freshness` in between.",
    )

    @dg.multi_asset_check(name=f"check_freshness_of_{backend.name}", specs=[spec])
    def freshness(
        context: dg.AssetCheckExecutionContext, landing: Landing
    ) -> Iterator[dg.AssetCheckResult]:
        """Compare when a source landed with when it was published."""
        late = lateness(
            context.instance, face_of(backend), {context.partition_key},
            within_minutes=landing.publish_within_minutes, now=time.time(),
        )  # fmt: skip
        yield verdict(spec, list(late.values()))

    return freshness

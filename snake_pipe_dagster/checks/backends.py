"""Parity of every backend with the lake; does not block, since publishing is done by then.

Belongs here: asking the core whether a backend shows what the lake holds. Does not: comparing.
"""

import dagster as dg

from snake_pipe_core.backends.registry import BackendSpec, backends
from snake_pipe_core.load import backend_parity
from snake_pipe_dagster.assets.load import COLLECTIONS
from snake_pipe_dagster.failures import told_failures
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Workspace


def backend_checks() -> list[dg.AssetChecksDefinition]:
    """Return one parity check per registered backend."""
    return [_parity(spec) for spec in backends().values()]


def _parity(spec: BackendSpec) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=[spec.name, COLLECTIONS[spec.role][-1]],
        name="parity",
        partitions_def=SOURCES,
        pool=spec.name,
        description="The published version is that of the lake; counts and sampled ids agree.",
    )
    def parity(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
        with told_failures():
            found = backend_parity(
                workspace.settings(), workspace.pipeline().lake, context.partition_key, spec.name
            )
        return dg.AssetCheckResult(
            passed=not found.problems,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" ".join(found.problems) or "The backend shows what the lake holds.",
            metadata={
                "version": found.version,
                **{f"rows_{k}": v for k, v in found.counts.items()},
            },
        )

    return parity

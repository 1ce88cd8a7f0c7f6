"""Checks of the lake's tables; all block what is downstream.

Belongs here: the gate, the ledger's sums, unique ids, parents and edge endpoints. Does not: the
rules, which are in `snake_pipe_core.validate`.
"""

import dagster as dg

from snake_pipe_core.validate import checks as rules
from snake_pipe_core.validate import quality_gate
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Workspace


def lake_checks() -> list[dg.AssetChecksDefinition]:
    """Return the blocking checks of the lake."""
    return [
        _quality_gate(),
        _sentences("ledger_adds_up", "validated_asts", rules.ledger_adds_up,
                   "Every file has exactly one outcome, and documents and nodes match it."),
        _sentences("ids_unique", "normalized_asts", rules.ids_unique,
                   "No table has two rows with one key."),
        _sentences("parents_exist", "normalized_asts", rules.parents_exist,
                   "Every node but a root has a parent in its document, before itself."),
        _sentences("endpoints_exist", "cross_file_graph", rules.endpoints_exist,
                   "Both ends of every edge are symbols, documents or packages."),
        _sentences("edges_explained", "cross_file_graph", rules.edges_explained,
                   "Every edge has a resolution, a confidence and a rule."),
    ]  # fmt: skip


def _quality_gate() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="validated_asts",
        name="quality_gate",
        blocking=True,
        partitions_def=SOURCES,
        description="At least 99.9 % of the artifacts that should be valid are, in integers.",
    )
    def gate(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
        outcomes = rules.outcomes(workspace.pipeline().lake, context.partition_key)
        found = quality_gate(outcomes)
        return dg.AssetCheckResult(
            passed=found.passed,
            description=str(found),
            metadata={"valid": found.valid, "should_be_valid": found.expected, **outcomes},
        )

    return gate


def _sentences(
    name: str, asset: str, rule: rules.Rule, description: str
) -> dg.AssetChecksDefinition:
    """Return a blocking check that passes when its rule has nothing to say."""

    @dg.asset_check(
        asset=asset, name=name, blocking=True, partitions_def=SOURCES, description=description
    )
    def check(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
        problems = rule(workspace.pipeline().lake, context.partition_key)
        return dg.AssetCheckResult(
            passed=not problems,
            description=" ".join(problems) or description,
            metadata={"problems": len(problems)},
        )

    return check

"""Checks of the lake's tables; all block what is downstream.

Belongs here: the gate, the ledger's sums, unique ids, parents and edge endpoints. Does not: the
rules, which are in `snake_pipe_core.validate`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import dagster as dg

from snake_pipe_core.lake import Lake
from snake_pipe_core.validate import checks as rules
from snake_pipe_core.validate import quality_gate
from snake_pipe_dagster.checks.verdicts import source_check, verdict
from snake_pipe_dagster.failures import told_failures
from snake_pipe_dagster.metadata import Metadata, findings_table
from snake_pipe_dagster.resources import Workspace

_Judge = Callable[[dg.AssetCheckSpec, Lake, str], dg.AssetCheckResult]


class _Check(NamedTuple):
    name: str
    description: str
    judge: _Judge


def lake_checks() -> list[dg.AssetChecksDefinition]:
    """Return the blocking checks of the lake."""
    return [
        _checks_of(
            "validated_asts",
            _Check(
                "quality_gate",
                "At least 99.9 % of the artifacts that should be valid are valid, computed in "
                "integers from the ledger.",
                _gate,
            ),
            _Check(
                "ledger_adds_up",
                "Every file has exactly one outcome, and documents and nodes match the ledger.",
                _holds(rules.ledger_adds_up),
            ),
        ),
        _checks_of(
            "normalized_asts",
            _Check("ids_unique", "No table has two rows with one key.", _holds(rules.ids_unique)),
            _Check(
                "parents_exist",
                "Every node but a root has a parent in its document, before itself.",
                _holds(rules.parents_exist),
            ),
        ),
        _checks_of(
            "cross_file_graph",
            _Check(
                "endpoints_exist",
                "Both ends of every edge are symbols, documents or packages.",
                _holds(rules.endpoints_exist),
            ),
            _Check(
                "edges_explained",
                "Every edge has a resolution, a confidence and a rule, and every unresolved "
                "reference a reason.",
                _holds(rules.edges_explained),
            ),
        ),
    ]


def _checks_of(asset: str, *checks: _Check) -> dg.AssetChecksDefinition:
    specs = {
        check.name: source_check(asset, check.name, check.description, blocking=True)
        for check in checks
    }
    judges = {check.name: check.judge for check in checks}

    @dg.multi_asset_check(name=f"check_{asset}", specs=list(specs.values()), can_subset=True)
    def judge(
        context: dg.AssetCheckExecutionContext, workspace: Workspace
    ) -> Iterator[dg.AssetCheckResult]:
        """Judge one source's tables in the lake."""
        lake = workspace.pipeline().lake
        selected = {key.name for key in context.selected_asset_check_keys}
        for name, spec in specs.items():
            if name in selected:
                with told_failures():
                    yield judges[name](spec, lake, context.partition_key)

    return judge


def _gate(spec: dg.AssetCheckSpec, lake: Lake, source: str) -> dg.AssetCheckResult:
    outcomes = rules.outcomes(lake, source)
    gate = quality_gate(outcomes)
    metadata: Metadata = {"valid": gate.valid, "should_be_valid": gate.expected}
    metadata |= {f"files_{name}": count for name, count in outcomes.items()}
    kept_out = rules.kept_out(lake, source)
    if kept_out.height:
        metadata["kept_out"] = findings_table(kept_out)
    return verdict(spec, [] if gate.passed else [str(gate)], str(gate), **metadata)


def _holds(rule: rules.Rule) -> _Judge:
    """Return a judge that is content when the rule has nothing to say."""
    return lambda spec, lake, source: verdict(spec, rule(lake, source))

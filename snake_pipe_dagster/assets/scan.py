"""`validated_asts` and `normalized_asts`: one native pass, two assets.

Belongs here: their specs and the call of `Pipeline.scan`. Does not: scanning.
"""

from collections.abc import Iterator

import dagster as dg

from snake_pipe_core.model.tables import SCAN_TABLES
from snake_pipe_core.native import engine_version
from snake_pipe_dagster.assets.extract import OWNERS, raw_ast_files
from snake_pipe_dagster.failures import RETRIES, told_failures
from snake_pipe_dagster.metadata import column_schema, normalized_metadata, validated_metadata
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing, Workspace

RAW_CHANGED = (
    dg.AutomationCondition.eager() | dg.AutomationCondition.execution_failed().newly_true()
)
"""Run when the files change, and once more when a run of it fails."""


def scan_asset() -> dg.AssetsDefinition:
    """Return the multi-asset of extract, validate and normalize."""
    version = engine_version()

    @dg.multi_asset(
        name="scan",
        specs=[
            dg.AssetSpec(
                "validated_asts",
                deps=[raw_ast_files],
                description="The ledger: one terminal outcome for every file, with findings.",
                group_name="validate",
                kinds={"deltalake", "rust"},
                owners=OWNERS,
                code_version=version,
                automation_condition=RAW_CHANGED,
                metadata={
                    "dagster/column_schema": column_schema("artifacts", "findings"),
                    "dagster/table_name": "lake.artifacts",
                },
            ),
            dg.AssetSpec(
                "normalized_asts",
                deps=[raw_ast_files],
                description="Documents, nodes, symbols, imports, exports and references.",
                group_name="normalize",
                kinds={"deltalake", "rust"},
                owners=OWNERS,
                code_version=version,
                automation_condition=RAW_CHANGED,
                metadata={
                    "dagster/column_schema": column_schema(*SCAN_TABLES),
                    "dagster/table_name": "lake.nodes",
                },
            ),
        ],
        partitions_def=SOURCES,
        retry_policy=RETRIES,
    )
    def scan(
        context: dg.AssetExecutionContext, workspace: Workspace, landing: Landing
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        """Bring the lake up to date with one source."""
        with told_failures():
            report = workspace.pipeline().scan(
                context.partition_key, landing.source(context.partition_key)
            )
        context.log.info("%s %s", report.source, report.gate)
        yield dg.MaterializeResult(
            asset_key="validated_asts",
            metadata=validated_metadata(report),
            data_version=dg.DataVersion(report.head.scan_digest),
        )
        yield dg.MaterializeResult(
            asset_key="normalized_asts",
            metadata=normalized_metadata(report),
            data_version=dg.DataVersion(report.head.scan_digest),
        )

    return scan

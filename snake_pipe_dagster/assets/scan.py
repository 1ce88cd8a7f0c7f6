"""`validated_asts` and `normalized_asts`: one native pass, two assets.

Belongs here: their specs and the call of `Pipeline.scan`. Does not: scanning.
"""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.model.tables import SCAN_TABLES
from snake_pipe_core.native import engine_version
from snake_pipe_core.validate.checks import kept_out
from snake_pipe_dagster.assets.extract import OWNERS, raw_ast_files
from snake_pipe_dagster.automation import WHEN_FILES_CHANGE
from snake_pipe_dagster.failures import RETRIES, told_failures
from snake_pipe_dagster.metadata import column_schema, normalized_metadata, validated_metadata
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.progress import LoggedProgress
from snake_pipe_dagster.resources import Landing, Workspace


class ScanConfig(dg.Config):
    """What a launch may ask of scan."""

    replay_quarantine: bool = Field(
        default=False,
        description="Scan quarantined artifacts again although their files have not changed.",
    )


def scan_asset() -> dg.AssetsDefinition:
    """Return the multi-asset of extract, validate and normalize."""

    @dg.multi_asset(
        name="scan",
        specs=[
            _spec(
                "validated_asts",
                "validate",
                "The ledger: exactly one outcome for every file of the source, and the findings "
                "that say where and why an artifact was quarantined. Lake tables `artifacts` and "
                "`findings`.",
                ("artifacts", "findings"),
            ),
            _spec(
                "normalized_asts",
                "normalize",
                "What the valid artifacts say, in one form for all languages: documents, syntax "
                "nodes, symbols, imports, exports and references. Lake tables of these names.",
                SCAN_TABLES,
            ),
        ],
        partitions_def=SOURCES,
        retry_policy=RETRIES,
    )
    def scan(
        context: dg.AssetExecutionContext,
        config: ScanConfig,
        workspace: Workspace,
        landing: Landing,
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        """Bring the lake up to date with one source; only new and changed files are read."""
        source = context.partition_key
        pipeline = workspace.pipeline(LoggedProgress(context.log))
        with told_failures():
            again = kept_out(pipeline.lake, source)["path"] if config.replay_quarantine else ()
            with landing.source(source) as place:
                report = pipeline.scan(source, place, again=frozenset(again))
        context.log.info("%s: %s", source, report.gate)
        version = dg.DataVersion(report.head.scan_digest)
        yield dg.MaterializeResult(
            asset_key="validated_asts", metadata=validated_metadata(report), data_version=version
        )
        yield dg.MaterializeResult(
            asset_key="normalized_asts", metadata=normalized_metadata(report), data_version=version
        )

    return scan


def _spec(name: str, stage: str, description: str, tables: tuple[str, ...]) -> dg.AssetSpec:
    return dg.AssetSpec(
        name,
        deps=[raw_ast_files],
        description=description,
        group_name=stage,
        kinds={"deltalake", "rust"},
        owners=OWNERS,
        code_version=f"{engine_version()}-{load_registry().digest[:12]}",
        automation_condition=WHEN_FILES_CHANGE,
        metadata={
            "dagster/column_schema": column_schema(*tables),
            "dagster/table_name": f"lake.{tables[0]}",
        },
    )

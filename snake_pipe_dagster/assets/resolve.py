"""`cross_file_graph`: edges between symbols, documents and packages.

Belongs here: the asset and the call of `Pipeline.resolve`. Does not: resolving.
"""

import dagster as dg

from snake_pipe_core.pipeline import graph_digest
from snake_pipe_core.resolve import resolver_version
from snake_pipe_dagster.assets.extract import OWNERS
from snake_pipe_dagster.automation import WHEN_PARENTS_ARE_GOOD
from snake_pipe_dagster.failures import RETRIES, told_failures
from snake_pipe_dagster.metadata import column_schema, graph_metadata
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.progress import LoggedProgress
from snake_pipe_dagster.resources import Workspace


def graph_asset() -> dg.AssetsDefinition:
    """Return the asset of resolve."""

    @dg.asset(
        deps=["validated_asts", "normalized_asts"],
        partitions_def=SOURCES,
        group_name="resolve",
        description="How the code hangs together across files: imports, calls, inheritance and "
        "more as edges, each with its resolution, confidence, rule and evidence, and every "
        "reference without a target with the reason. Lake tables `edges` and `unresolved`.",
        kinds={"deltalake", "polars"},
        owners=OWNERS,
        code_version=resolver_version(),
        automation_condition=WHEN_PARENTS_ARE_GOOD,
        retry_policy=RETRIES,
        metadata={
            "dagster/column_schema": column_schema("edges", "unresolved"),
            "dagster/table_name": "lake.edges",
        },
    )
    def cross_file_graph(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        """Link the names of one source to symbols."""
        with told_failures():
            pipeline = workspace.pipeline(LoggedProgress(context.log))
            report = pipeline.resolve(context.partition_key)
            head = pipeline.lake.head(context.partition_key)
        return dg.MaterializeResult(
            metadata=graph_metadata(report), data_version=dg.DataVersion(graph_digest(head))
        )

    return cross_file_graph

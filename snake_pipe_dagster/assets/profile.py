"""`source_profile`: what a source looks like in figures.

Belongs here: the asset and the call of `Pipeline.profile`. Does not: measuring or comparing.
"""

import dagster as dg

from snake_pipe_core.profile import anomalies
from snake_pipe_dagster.assets.extract import OWNERS
from snake_pipe_dagster.automation import WHEN_FILES_CHANGE
from snake_pipe_dagster.failures import RETRIES, told_failures
from snake_pipe_dagster.metadata import column_schema, profile_metadata
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.progress import LoggedProgress
from snake_pipe_dagster.resources import Workspace


def profile_asset() -> dg.AssetsDefinition:
    """Return the asset of profiling."""

    @dg.asset(
        deps=["validated_asts", "normalized_asts"],
        partitions_def=SOURCES,
        group_name="normalize",
        description="What the source looks like: distributions of size, depth and nodes, shares of "
        "kinds and the quality score, per language and dialect, and what is unusual beside the "
        "profiles kept before. Lake table `profiles`, which keeps one profile for each version.",
        kinds={"deltalake", "polars"},
        owners=OWNERS,
        automation_condition=WHEN_FILES_CHANGE,
        retry_policy=RETRIES,
        metadata={
            "dagster/column_schema": column_schema("profiles"),
            "dagster/table_name": "lake.profiles",
        },
    )
    def source_profile(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        """Measure one source, compare it with earlier profiles, and keep the profile."""
        with told_failures():
            pipeline = workspace.pipeline(LoggedProgress(context.log))
            kept = pipeline.lake.profiles.last(context.partition_key)
            profile = pipeline.profile(context.partition_key)
        found = anomalies(profile, kept)
        for message in found["message"]:
            context.log.warning(message)
        return dg.MaterializeResult(
            metadata=profile_metadata(profile, found), data_version=dg.DataVersion(profile.version)
        )

    return source_profile

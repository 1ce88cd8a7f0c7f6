"""Taking a source out everywhere.

Belongs here: the job that removes a source and its partition. Does not: noticing that one is gone.
"""

import dagster as dg
from pydantic import Field

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.load import drop_source
from snake_pipe_dagster.failures import RETRIES, told_failures
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing, Workspace


class RemovalConfig(dg.Config):
    """Which source is to go."""

    source: str = Field(description="Name of the source; its directory must be gone already.")


@dg.op(retry_policy=RETRIES)
def remove(
    context: dg.OpExecutionContext, config: RemovalConfig, workspace: Workspace, landing: Landing
) -> None:
    """Remove a source from every backend, the lake and the partitions, unless it came back."""
    with told_failures():
        if config.source in landing.names():
            context.log.info(
                "%s is in the landing folder; nothing is removed. To remove a source, remove its "
                "directory.",
                config.source,
            )
            return
        try:
            drop_source(workspace.settings(), workspace.pipeline().lake, config.source)
        except SourceNotFoundError:
            context.log.info("The lake held nothing of %s.", config.source)
    context.instance.delete_dynamic_partition(str(SOURCES.name), config.source)
    context.log.info("%s is gone from the backends, the lake and the partitions.", config.source)


@dg.job(
    description="Take a source out of every backend, the lake and the partitions. The sensor "
    "`landing` starts it when a source's directory is gone.",
    # Steps that share an embedded store take turns by pools; one run after another by its tag.
    executor_def=dg.in_process_executor,
)
def remove_source() -> None:
    """Run the one op."""
    remove()

"""The IO manager of any backend.

Belongs here: publishing a source's slice when its first output arrives, and reading tables back.
Does not: any driver, or any backend's name.

A backend shows a source's tables all together or not at all, so the outputs of one step are one
publication: the first output publishes the whole slice, the others find it published and report
their own rows. If publishing fails, no output is recorded.
"""

from dataclasses import dataclass
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field, PrivateAttr

from snake_pipe_core.backends.registry import open_backend
from snake_pipe_core.load import LoadReport
from snake_pipe_dagster.failures import told_failures
from snake_pipe_dagster.metadata import published_metadata
from snake_pipe_dagster.resources import Workspace


@dataclass(frozen=True)
class BackendOutput:
    """What an asset hands over: which collection of which source it stands for."""

    source: str
    collection: str


class BackendIOManager(dg.ConfigurableIOManager):
    """Publishes and reads the collections of one backend."""

    backend: str = Field(description="Registered name of the backend.")
    workspace: dg.ResourceDependency[Workspace]
    _reports: dict[tuple[str, str], LoadReport] = PrivateAttr(default_factory=dict)

    def handle_output(self, context: dg.OutputContext, obj: BackendOutput) -> None:
        """Publish the source's slice, once per step, and report the collection's rows."""
        key = (context.run_id, obj.source)
        if key not in self._reports:
            self._reports[key] = self._publish(context, obj.source)
        context.add_output_metadata(published_metadata(self._reports[key], obj.collection))

    def _publish(self, context: dg.OutputContext, source: str) -> LoadReport:
        with told_failures():
            report = self.workspace.pipeline().load(
                source, backends=[self.backend], run_id=context.run_id
            )[0]
        if not report.ok:
            raise dg.Failure(
                description=report.error,
                metadata={"backend": self.backend, "version": report.version},
                allow_retries=report.is_transient,
            )
        context.log.info(
            "%s: %s is %s at version %s in %.2f s",
            self.backend, source, report.state, report.version[:12], report.seconds,
        )  # fmt: skip
        return report

    def load_input(self, context: dg.InputContext) -> pl.DataFrame:
        """Return the published rows of a collection, for one source or for all of a mapping."""
        sources = list(context.asset_partition_keys) if context.has_asset_partitions else []
        collection = context.asset_key.path[-1]
        rows: list[dict[str, Any]] = []
        with told_failures(), open_backend(self.backend, self.workspace.settings()) as backend:
            for source in sources:
                rows.extend(dict(row) for row in backend.rows(source, collection))
        return pl.DataFrame(rows, infer_schema_length=None)

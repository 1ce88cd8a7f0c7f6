"""One asset per table or index of every backend.

Belongs here: specs derived from the backend registry. Does not: any backend's name.
"""

from collections.abc import Iterator

import dagster as dg

from snake_pipe_core.backends.registry import BackendSpec, backends
from snake_pipe_core.model.tables import TABLES
from snake_pipe_dagster.assets.extract import OWNERS
from snake_pipe_dagster.automation import WHEN_TO_PUBLISH
from snake_pipe_dagster.failures import RETRIES
from snake_pipe_dagster.io_managers import BackendOutput
from snake_pipe_dagster.metadata import column_schema
from snake_pipe_dagster.partitions import SOURCES

COLLECTIONS: dict[str, tuple[str, ...]] = {
    "relational": tuple(
        t.name for t in TABLES.values() if t.level != "node" and t.name != "publications"
    ),
    "graph": ("symbols", "documents", "packages", "edges"),
    "vector": ("embeddings",),
    "search": ("symbols", "documents"),
}
"""What readers find in each role."""

_MEANINGS = {
    ("graph", "symbols"): "Symbols as vertices.",
    ("graph", "documents"): "Documents as vertices.",
    ("graph", "packages"): "Packages as vertices.",
    ("graph", "edges"): "Edges between symbols, documents and packages.",
    (
        "vector",
        "embeddings",
    ): "One embedding per callable, type and document, to find similar ones.",
    ("search", "symbols"): "One searchable entry per symbol: subtokens, docstring, path.",
    ("search", "documents"): "One searchable entry per file.",
}


def io_manager_key(backend: str) -> str:
    """Return the resource key of a backend's IO manager."""
    return f"{backend}_io"


def face_of(spec: BackendSpec) -> dg.AssetKey:
    """Return the asset that carries the checks of the backend as a whole."""
    return dg.AssetKey([spec.name, COLLECTIONS[spec.role][0]])


def backend_assets() -> list[dg.AssetsDefinition]:
    """Return one multi-asset per registered backend."""
    return [_assets_of(spec) for spec in backends().values()]


def _assets_of(spec: BackendSpec) -> dg.AssetsDefinition:
    collections = COLLECTIONS[spec.role]

    @dg.multi_asset(
        name=f"load_{spec.name}",
        outs={
            f"{spec.name}_{collection}": dg.AssetOut(
                key=[spec.name, collection],
                io_manager_key=io_manager_key(spec.name),
                dagster_type=dg.Any,
                description=f"{_meaning(spec.role, collection)} Kept in: {spec.summary}",
                group_name=f"load_{spec.role}",
                kinds={_kind(spec)},
                owners=OWNERS,
                automation_condition=WHEN_TO_PUBLISH,
                metadata=_metadata(spec, collection),
            )
            for collection in collections
        },
        deps=["cross_file_graph"],
        partitions_def=SOURCES,
        pool=spec.name,
        retry_policy=RETRIES,
    )
    def load(context: dg.AssetExecutionContext) -> Iterator[dg.Output]:  # type: ignore[type-arg]
        """Name what to publish; the IO manager publishes all of it at once."""
        for collection in collections:
            yield dg.Output(
                BackendOutput(context.partition_key, collection), f"{spec.name}_{collection}"
            )

    return load


def _meaning(role: str, collection: str) -> str:
    return _MEANINGS.get((role, collection)) or TABLES[collection].meaning


def _kind(spec: BackendSpec) -> str:
    return {"relational": "postgresql"}.get(spec.role, spec.name)


def _metadata(spec: BackendSpec, collection: str) -> dict[str, object]:
    if spec.role != "relational":
        return {}
    return {
        "dagster/column_schema": column_schema(collection),
        "dagster/table_name": f"snake_pipe.{collection}",
    }

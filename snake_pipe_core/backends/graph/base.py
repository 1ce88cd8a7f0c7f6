"""What every graph backend can be asked.

Belongs here: the queries of the role with their columns, and what is computed the same way over
any store. Does not: a query language or a driver.

Vertices carry one of the labels `symbol`, `document` and `package`. Every query names a source
and answers from the version of it that is published when the query begins.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Literal

import polars as pl

from snake_pipe_core.backends.base import Backend
from snake_pipe_core.backends.graph.components import cyclic_components
from snake_pipe_core.errors import BackendError
from snake_pipe_core.model.kinds import EDGE_KINDS

Direction = Literal["out", "in", "both"]
Level = Literal["symbol", "module", "package"]

DEPENDENCY_KINDS: tuple[str, ...] = (
    "IMPORTS", "INCLUDES", "CALLS", "INSTANTIATES", "REFERENCES", "READS", "WRITES", "INHERITS",
    "IMPLEMENTS", "OVERRIDES", "MIXES_IN", "HAS_TYPE", "RETURNS", "THROWS", "ALIAS_OF",
    "ANNOTATED_BY", "DEPENDS_ON",
)  # fmt: skip
"""Kinds by which a change of the target may break the source; holding (CONTAINS) is not one."""

CYCLE_KINDS: dict[str, tuple[str, ...]] = {
    "symbol": ("CALLS", "INSTANTIATES", "INHERITS", "IMPLEMENTS", "MIXES_IN"),
    "module": ("IMPORTS", "INCLUDES"),
    "package": ("IMPORTS", "INCLUDES", "DEPENDS_ON"),
}
"""Kinds that `cycles` follows at each level if it is not told."""

REACHED_SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "label": pl.String(),
        "symbol": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "path": pl.String(),
        "distance": pl.Int64(),
        "via": pl.List(pl.Int64()),
    }
)
NEIGHBOUR_SCHEMA = pl.Schema(
    {
        "id": pl.Int64,
        "label": pl.String,
        "symbol": pl.String,
        "kind": pl.String,
        "name": pl.String,
        "path": pl.String,
        "direction": pl.String,
        "edge": pl.String,
        "resolution": pl.String,
        "confidence": pl.Float64,
        "rule": pl.String,
        "occurrence_count": pl.Int32,
    }
)
STEP_SCHEMA = pl.Schema(
    {
        "step": pl.Int64,
        "id": pl.Int64,
        "label": pl.String,
        "symbol": pl.String,
        "kind": pl.String,
        "name": pl.String,
        "path": pl.String,
        "edge": pl.String,
    }
)
CYCLE_SCHEMA = pl.Schema(
    {
        "cycle": pl.Int64,
        "size": pl.Int64,
        "src_id": pl.Int64,
        "src": pl.String,
        "kind": pl.String,
        "dst_id": pl.Int64,
        "dst": pl.String,
        "occurrence_count": pl.Int64,
    }
)


def check_edge_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return `kinds` without repetitions; raise `BackendError` for a kind that does not exist."""
    unknown = sorted(set(kinds) - set(EDGE_KINDS))
    if unknown:
        raise BackendError(
            f"No edge kind is called {', '.join(unknown)}.",
            remedy=f"Choose from {', '.join(EDGE_KINDS)}.",
            state="Nothing was read.",
        )
    return tuple(dict.fromkeys(kinds))


class GraphBackend(Backend):
    """A backend of the graph role."""

    @abc.abstractmethod
    def impact(
        self,
        source: str,
        vertex_id: int,
        *,
        depth: int = 5,
        kinds: Sequence[str] = DEPENDENCY_KINDS,
    ) -> pl.DataFrame:
        """Return what may break if the vertex changes: all that reach it over at most `depth` edges.

        Columns as `REACHED_SCHEMA`, nearest first, then by id: the vertex reached, `path` of its
        source file, `distance` in edges, and `via`, the ids between it and the start on one
        shortest way, nearest to the start first. The start itself is not among them. Unknown ids
        reach nothing. Raise `BackendError` for an unknown kind or a depth below 1.
        """

    @abc.abstractmethod
    def dependencies(
        self,
        source: str,
        vertex_id: int,
        *,
        depth: int = 5,
        kinds: Sequence[str] = DEPENDENCY_KINDS,
    ) -> pl.DataFrame:
        """Return what the vertex needs: `impact` with every edge the other way round."""

    @abc.abstractmethod
    def neighbours(
        self,
        source: str,
        vertex_id: int,
        *,
        direction: Direction = "both",
        kinds: Sequence[str] = EDGE_KINDS,
    ) -> pl.DataFrame:
        """Return the edges at a vertex with the vertex at their other end, as `NEIGHBOUR_SCHEMA`.

        `direction` is `out` where the start is the edge's source, else `in`.
        """

    @abc.abstractmethod
    def shortest_path(
        self,
        source: str,
        from_id: int,
        to_id: int,
        *,
        depth: int = 30,
        kinds: Sequence[str] = DEPENDENCY_KINDS,
    ) -> pl.DataFrame:
        """Return one shortest chain of edges, both ends included, as `STEP_SCHEMA`.

        `edge` is the kind that leads to the step, null for the first. Empty if there is no chain
        of at most `depth` edges.
        """

    @abc.abstractmethod
    def edge_list(self, source: str, *, kinds: Sequence[str] = EDGE_KINDS) -> pl.DataFrame:
        """Return `src_id`, `dst_id`, `kind` and `occurrence_count` of all published edges."""

    @abc.abstractmethod
    def vertex_list(self, source: str) -> pl.DataFrame:
        """Return all published vertices.

        Columns: `id`, `label`, `text` (what a reader calls it: symbol, path or package name),
        `document_id` (of the document that holds it) and `package_id`; both null where there is
        none.
        """

    def cycles(
        self, source: str, *, level: Level = "module", kinds: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return the strongly connected components of two or more vertices, with their edges.

        At level `module` edges count between the documents that hold their ends, at `package`
        between the packages of these documents; an end without document or package counts as
        itself. Columns as `CYCLE_SCHEMA`, one row per edge inside a component: `cycle` numbers
        the components from 1, largest first; `occurrence_count` sums what edges stand for.
        Recursion of a single vertex is not a cycle.
        """
        if level not in CYCLE_KINDS:
            raise BackendError(
                f"Cycles have no level {level!r}.",
                remedy=f"Choose from {', '.join(CYCLE_KINDS)}.",
                state="Nothing was read.",
            )
        edges = self.edge_list(source, kinds=CYCLE_KINDS[level] if kinds is None else kinds)
        vertices = self.vertex_list(source)
        if level != "symbol":
            holder = pl.coalesce("document_id", "id")
            if level == "package":
                holder = pl.coalesce("package_id", holder)
            holders = vertices.select("id", holder=holder)
            edges = (
                edges.join(holders, left_on="src_id", right_on="id")
                .with_columns(src_id="holder")
                .drop("holder")
                .join(holders, left_on="dst_id", right_on="id")
                .with_columns(dst_id="holder")
            )
        edges = (
            edges.filter(pl.col("src_id") != pl.col("dst_id"))
            .group_by("src_id", "dst_id", "kind")
            .agg(pl.col("occurrence_count").cast(pl.Int64).sum())
        )
        components = cyclic_components(edges)
        names = vertices.select("id", "text")
        return (
            edges.join(components, left_on="src_id", right_on="id")
            .join(components.select("id", other="cycle"), left_on="dst_id", right_on="id")
            .filter(pl.col("cycle") == pl.col("other"))
            .join(names.rename({"text": "src"}), left_on="src_id", right_on="id", how="left")
            .join(names.rename({"text": "dst"}), left_on="dst_id", right_on="id", how="left")
            .select(pl.col(name).cast(dtype) for name, dtype in CYCLE_SCHEMA.items())
            .sort("cycle", "src", "dst", "kind")
        )

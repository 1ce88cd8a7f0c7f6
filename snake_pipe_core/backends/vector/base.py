"""What every vector backend can be asked.

Belongs here: the query of the role with its columns. Does not: embedding, or a driver.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence

import polars as pl

from snake_pipe_core.backends.base import Backend

FILTERS: tuple[str, ...] = ("kind", "name", "path", "language")
"""What is stored beside each vector, and what `where` may ask for."""

HIT_SCHEMA = pl.Schema(
    {
        "id": pl.Int64(),
        "distance": pl.Float64(),
        "kind": pl.String(),
        "name": pl.String(),
        "path": pl.String(),
        "language": pl.String(),
    }
)

Where = Mapping[str, str | Sequence[str]]


class VectorBackend(Backend):
    """A backend of the vector role."""

    @abc.abstractmethod
    def similar(
        self,
        source: str,
        like: int | Sequence[float],
        *,
        k: int = 10,
        where: Where | None = None,
    ) -> pl.DataFrame:
        """Return the `k` nearest to a vector, or to the one stored under an id (itself excluded).

        Columns as `HIT_SCHEMA`, nearest first; `distance` is 1 - cosine, from 0 to 2. `where`
        keeps hits whose `kind`, `name`, `path` or `language` equals a text or one of several.
        The search is approximate. Raise `BackendError` for a source that is not shown, an id
        without a vector, a vector of another length, or a filter that does not exist.
        """

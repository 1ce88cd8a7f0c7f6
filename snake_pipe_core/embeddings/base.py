"""The contract of every embedding provider.

Belongs here: what a provider is given and what it returns. Does not: any provider, or the choice
of what is embedded.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True)
class EmbeddingInput:
    """What is to be embedded, in two forms; a provider reads the one that suits it."""

    texts: pl.Series
    """One string per row: kind, qualified name, signature and documentation."""
    features: pl.DataFrame
    """Counted features in long form: `row` (index into `texts`), `feature` (index into
    `vocabulary`) and `weight` (how often it occurs, above 0). Each pair occurs once."""
    vocabulary: pl.Series
    """Features as strings: `word:` before a subtoken, `kinds:` before `parent>child`."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.texts)


class EmbeddingProvider(abc.ABC):
    """Turns code into vectors. Equal input gives equal vectors, in any batch and any order."""

    name: str
    """Name in the registry."""
    dimension: int
    """Length of each vector."""
    version: str
    """Changes whenever the same input would give another vector."""

    @property
    def identity(self) -> str:
        """Name, dimension and version: vectors are comparable if and only if it is equal."""
        return f"{self.name}/{self.dimension}/{self.version}"

    @abc.abstractmethod
    def embed(self, batch: EmbeddingInput) -> NDArray[np.float32]:
        """Return a matrix of shape (rows, dimension), each row of length 1 or all zero."""

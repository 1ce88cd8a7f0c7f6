"""Two sets of edges, compared.

Belongs here: precision, recall, the differences. Does not: where the sets come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Edge = tuple[str, str]


@dataclass(frozen=True)
class Comparison:
    """What we say against what an oracle says, both as pairs of names."""

    corpus: str
    what: str
    oracle: str
    ours: frozenset[Edge]
    theirs: frozenset[Edge]
    recall_only: bool = False
    """The oracle knows only a part (what one run executed): precision means nothing."""
    reasons: dict[Edge, str] = field(default_factory=dict)
    """Why a difference is there, for those that were looked into."""

    @property
    def only_ours(self) -> list[Edge]:
        """Edges that the oracle does not have."""
        return [] if self.recall_only else sorted(self.ours - self.theirs)

    @property
    def only_theirs(self) -> list[Edge]:
        """Edges that we do not have."""
        return sorted(self.theirs - self.ours)

    @property
    def precision(self) -> float | None:
        """Share of our edges that the oracle has; None if it cannot be told."""
        if self.recall_only:
            return None
        return len(self.ours & self.theirs) / len(self.ours) if self.ours else 1.0

    @property
    def recall(self) -> float:
        """Share of the oracle's edges that we have."""
        return len(self.ours & self.theirs) / len(self.theirs) if self.theirs else 1.0

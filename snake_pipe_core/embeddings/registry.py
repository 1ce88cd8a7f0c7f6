"""Which embedding providers there are.

Belongs here: the built-in provider and those that installed packages offer through the entry-point
group `snake_pipe.embeddings` (a callable that takes no argument and returns an
`EmbeddingProvider`). Does not: loading a provider before it is asked for.
"""

from __future__ import annotations

from importlib.metadata import entry_points

from snake_pipe_core.embeddings.base import EmbeddingProvider
from snake_pipe_core.errors import TerminalError

GROUP = "snake_pipe.embeddings"
DEFAULT = "feature-hash"
BUILT_IN = (DEFAULT,)


def provider_names() -> list[str]:
    """Return all names, without importing any provider."""
    return sorted({*BUILT_IN, *entry_points(group=GROUP).names})


def open_provider(name: str = DEFAULT) -> EmbeddingProvider:
    """Return the provider of that name; raise `TerminalError` if there is none, or not exactly one."""
    if name == DEFAULT:
        from snake_pipe_core.embeddings.feature_hash import FeatureHash

        return FeatureHash()
    found = list(entry_points(group=GROUP, name=name))
    if len(found) != 1:
        what = "No package offers" if not found else f"{len(found)} packages offer"
        raise TerminalError(
            f"{what} the embedding provider {name!r}.",
            remedy=f"Choose from {', '.join(provider_names())}, or install one package that "
            f"declares it in the entry-point group {GROUP}.",
            state="Nothing was embedded.",
        )
    provider: EmbeddingProvider = found[0].load()()
    return provider

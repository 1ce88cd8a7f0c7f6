"""Providers are found by name, ours without any package and others by entry point."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import numpy as np
import pytest
from numpy.typing import NDArray

from snake_pipe_core.embeddings import registry
from snake_pipe_core.embeddings.base import EmbeddingInput, EmbeddingProvider
from snake_pipe_core.errors import TerminalError


class Ones(EmbeddingProvider):
    """A provider as another package would write it."""

    name, dimension, version = "ones", 1, "1"

    def embed(self, batch: EmbeddingInput) -> NDArray[np.float32]:
        return np.ones((len(batch), 1), np.float32)


def offer(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    points = [EntryPoint("ones", f"{__name__}:Ones", registry.GROUP) for _ in range(count)]
    monkeypatch.setattr(
        registry, "entry_points", lambda **query: EntryPoints(points).select(**query)
    )


def test_the_default_needs_no_package() -> None:
    assert registry.open_provider().name == registry.DEFAULT
    assert registry.DEFAULT in registry.provider_names()


def test_another_package_may_offer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, 1)
    assert registry.provider_names() == ["feature-hash", "ones"]
    assert registry.open_provider("ones").identity == "ones/1/1"


@pytest.mark.parametrize(("count", "message"), [(0, "No package offers"), (2, "2 packages offer")])
def test_none_or_several_are_refused(
    monkeypatch: pytest.MonkeyPatch, count: int, message: str
) -> None:
    offer(monkeypatch, count)
    with pytest.raises(TerminalError, match=message):
        registry.open_provider("ones")

"""The arithmetic of the default provider."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snake_pipe_core.embeddings.base import EmbeddingInput
from snake_pipe_core.embeddings.feature_hash import FeatureHash

VOCABULARY = [f"word:w{n}" for n in range(20)] + [f"kinds:a>b{n}" for n in range(20)]
rows_of_features = st.lists(
    st.dictionaries(st.sampled_from(range(40)), st.integers(1, 50), max_size=15), max_size=6
)


def batch(rows: list[dict[int, int]]) -> EmbeddingInput:
    long = [(row, f, float(w)) for row, features in enumerate(rows) for f, w in features.items()]
    return EmbeddingInput(
        pl.Series(["" for _ in rows], dtype=pl.String),
        pl.DataFrame(
            long, schema={"row": pl.Int64, "feature": pl.Int64, "weight": pl.Float64}, orient="row"
        ),
        pl.Series(VOCABULARY),
    )


@given(rows_of_features)
def test_rows_have_length_one_or_zero(rows: list[dict[int, int]]) -> None:
    matrix = FeatureHash(64).embed(batch(rows))
    assert matrix.shape == (len(rows), 64)
    assert matrix.dtype == np.float32
    for features, vector in zip(rows, matrix, strict=True):
        length = np.linalg.norm(vector)
        assert length == pytest.approx(1, abs=1e-6) or (length == 0 and len(features) != 1)


@given(rows_of_features.filter(bool))
def test_a_row_does_not_depend_on_its_batch(rows: list[dict[int, int]]) -> None:
    whole = FeatureHash(64).embed(batch(rows))
    for number, features in enumerate(rows):
        alone = FeatureHash(64).embed(batch([features]))
        assert np.array_equal(alone[0], whole[number])


def test_repetition_counts_less_and_less() -> None:
    once, often = FeatureHash(4096).embed(batch([{0: 1, 1: 1}, {0: 100, 1: 1}]))
    assert sorted(np.abs(once[once != 0])) == pytest.approx([0.5**0.5] * 2, abs=1e-3)
    small, large = sorted(np.abs(often[often != 0]))
    assert large / small == pytest.approx(1 + np.log(100), rel=1e-3)


def test_words_and_kinds_have_their_shares() -> None:
    (vector,) = FeatureHash(4096).embed(batch([{0: 1, 20: 5, 21: 9}]))
    assert np.abs(vector).max() ** 2 == pytest.approx(0.8, abs=1e-3)


def test_identity_tells_dimensions_apart() -> None:
    assert FeatureHash(64).identity != FeatureHash(128).identity

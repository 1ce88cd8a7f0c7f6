"""The splitting rule, example by example, and what holds for any text."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snake_pipe_core.model.subtokens import split, subtokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("HTTPServer2Error", "http server 2 error"),
        ("getURLFor", "get url for"),
        ("__init__", "init"),
        ("parse_JSON", "parse json"),
        ("IOBase", "io base"),
        ("HTML5Parser", "html 5 parser"),
        ("sha256sum", "sha 256 sum"),
        ("ABc", "a bc"),
        ("A", "a"),
        ("été_ÉtatX", "été état x"),
        ("e\u0301t", "ét"),
        ("\N{LATIN SMALL LIGATURE FI}le", "file"),
        ("a.b/c d", "a b c d"),
        ("get_get", "get get"),
        ("", ""),
        ("$_", ""),
    ],
)
def test_splits(text: str, words: str) -> None:
    assert " ".join(split(text)) == words


def test_null_stays_null_and_rows_stay_apart() -> None:
    frame = pl.DataFrame({"name": ["aB", None, "", "c"]})
    assert frame.select(subtokens(pl.col("name")))["name"].to_list() == [
        ["a", "b"], None, [], ["c"],
    ]  # fmt: skip


@given(st.text())
def test_words_split_no_further(text: str) -> None:
    for word in split(text):
        assert word
        assert " " not in word
        assert split(word) == (word,)

"""What the search engine finds, in which order, and how it shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from snake_pipe_core.backends.base import Slice
from snake_pipe_core.backends.search.base import SearchResult
from snake_pipe_core.backends.search.query import And, Term
from snake_pipe_core.backends.search.tantivy import TantivyBackend
from snake_pipe_core.errors import BackendUnavailableError
from tests.slices import as_slice, make_slice, nasty_slice, nasty_text

# kind, name, qualified name, docstring of the symbols of one small library
LIBRARY = [
    ("class", "UserAccount", "shop.models.UserAccount", "Somebody who may buy things."),
    ("method", "close", "shop.models.UserAccount.close", "End the account for good."),
    ("function", "user_account_for", "shop.models.user_account_for", None),
    ("function", "getHTTPResponse", "shop.web.getHTTPResponse", "Ask the server, wait, answer."),
    ("function", "parse", "shop.text.parse", "Read a query and return its tree."),
    ("function", "parse_all", "shop.text.parse_all", "Call parse for each line."),
    ("function", "deparse", "shop.text.deparse", "The way back from parse to text."),
    ("method", "größe", "shop.text.größe", "Länge des Textes in Zeichen 🐍, nicht in Bytes."),
    ("constant", "MAX_SIZE", "shop.text.MAX_SIZE", None),
]


def library(source: str = "shop") -> Slice:
    base = make_slice(source, documents=1, symbols_per_document=len(LIBRARY), dimensions=0)
    frames = {name: frame.collect() for name, frame in base.frames.items()}
    kinds, names, qualified, docstrings = zip(*LIBRARY, strict=True)
    frames["symbols"] = frames["symbols"].with_columns(
        kind=pl.Series(kinds), name=pl.Series(names), qualified_name=pl.Series(qualified),
        docstring=pl.Series(docstrings, dtype=pl.String),
    )  # fmt: skip
    return as_slice(source, frames)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TantivyBackend]:
    with TantivyBackend(tmp_path_factory.mktemp("search")) as backend:
        for slice_ in (library(), nasty_slice("nasty")):
            backend.apply(slice_)
            backend.publish(slice_.source, slice_.version)
        yield backend


def names(result: SearchResult) -> list[str]:
    return [hit.name for hit in result.hits if hit.source == "shop"]


def test_the_exact_name_comes_first(shop: TantivyBackend) -> None:
    assert names(shop.search("parse"))[0] == "parse"
    assert names(shop.search("Parse"))[0] == "parse"
    assert set(names(shop.search("parse"))) >= {"parse", "parse_all", "deparse"}


def test_a_name_beats_a_docstring(shop: TantivyBackend) -> None:
    found = names(shop.search("account -kind:file"))
    assert set(found[:2]) == {"UserAccount", "user_account_for"}
    assert "close" in found[2:]


@pytest.mark.parametrize("text", ["user_account", "userAccount", "UserAccount", "user account"])
def test_every_way_of_writing_finds_both(shop: TantivyBackend, text: str) -> None:
    assert {"UserAccount", "user_account_for"} <= set(names(shop.search(text)))


@pytest.mark.parametrize("text", ["http response", "HTTPResponse", "getHttp*", "respnse~"])
def test_words_within_a_name(shop: TantivyBackend, text: str) -> None:
    assert names(shop.search(text)) == ["getHTTPResponse"]


def test_words_in_different_fields_are_found_together(shop: TantivyBackend) -> None:
    assert names(shop.search("parse tree kind:function")) == ["parse"]


def test_phrases(shop: TantivyBackend) -> None:
    assert names(shop.search('"return its tree"')) == ["parse"]
    assert names(shop.search('"its return tree"')) == []
    assert names(shop.search('"max size"')) == ["MAX_SIZE"]


def test_negation_and_choice(shop: TantivyBackend) -> None:
    without = names(shop.search("parse -line -back"))
    assert "parse" in without
    assert {"parse_all", "deparse"}.isdisjoint(without)
    assert set(names(shop.search("close OR MAX_SIZE"))) >= {"close", "MAX_SIZE"}
    assert "close" not in names(shop.search("-close source:shop"))
    assert "MAX_SIZE" in names(shop.search("-close source:shop"))


def test_filters(shop: TantivyBackend) -> None:
    assert names(shop.search("kind:class source:shop")) == ["UserAccount"]
    assert set(names(shop.search("kind:class,constant"))) == {"UserAccount", "MAX_SIZE"}
    assert shop.search("source:nobody").total == 0
    assert {hit.source for hit in shop.search("source:nasty", limit=50).hits} == {"nasty"}
    path = shop.search("source:shop").hits[0].path
    assert shop.search(f'source:shop path:"{path}"').total == len(LIBRARY) + 1
    assert shop.search(f"source:shop path:{path[:4]}*").total == len(LIBRARY) + 1
    assert shop.search("source:shop path:nowhere/*").total == 0
    assert shop.search("language:python source:shop").total == len(LIBRARY) + 1


def test_files_are_found_by_path(shop: TantivyBackend) -> None:
    found = shop.search("kind:file source:shop")
    assert [hit.collection for hit in found.hits] == ["documents"]
    assert found.hits[0].path.endswith(found.hits[0].name)


def test_facets_count_all_pages(shop: TantivyBackend) -> None:
    found = shop.search("source:shop", limit=1)
    assert found.total == len(LIBRARY) + 1
    assert found.facets["kind"] == {
        "function": 5, "method": 2, "class": 1, "constant": 1, "file": 1,
    }  # fmt: skip
    assert found.facets["language"] == {"python": found.total}


def test_pages_do_not_overlap_and_leave_nothing_out(shop: TantivyBackend) -> None:
    whole = [(hit.source, hit.id) for hit in shop.search("", limit=100).hits]
    pages = [
        (hit.source, hit.id) for start in range(0, 40, 7) for hit in shop.search("", 7, start).hits
    ]
    assert pages == whole
    assert len(set(whole)) == len(whole) == shop.search("").total


def test_snippets_highlight_characters(shop: TantivyBackend) -> None:
    hit = shop.search("Bytes").hits[0]
    assert [hit.snippet[first:after] for first, after in hit.highlights] == ["Bytes"]
    hit = shop.search("tree kind:function").hits[0]
    assert [hit.snippet[first:after] for first, after in hit.highlights] == ["tree"]
    assert shop.search("MAX_SIZE").hits[0].snippet == ""


def test_a_tree_is_as_good_as_a_text(shop: TantivyBackend) -> None:
    assert shop.search(And((Term("parse"), Term("tree")))) == shop.search("parse tree")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(nasty_text())
def test_any_text_has_an_answer(shop: TantivyBackend, text: str) -> None:
    result = shop.search(text)
    assert len(result.hits) <= result.total
    for hit in result.hits:
        for first, after in hit.highlights:
            assert 0 <= first < after <= len(hit.snippet)


@pytest.mark.parametrize("text", ["a*b", "path:a.b*", "x.*", "[a-z]*", "path:**", "\\*", "(.+)*"])
def test_patterns_of_users_are_not_regular_expressions(shop: TantivyBackend, text: str) -> None:
    assert shop.search(text).total >= 0


@pytest.mark.parametrize("name", ["größe", "getHTTPResponse", "MAX_SIZE", "close"])
def test_a_quoted_name_finds_its_symbol(shop: TantivyBackend, name: str) -> None:
    assert shop.search(f'"{name}"').hits[0].name == name


def test_nothing_published_answers_nothing(tmp_path: Path) -> None:
    with TantivyBackend(tmp_path) as backend:
        assert backend.search("anything") == SearchResult((), 0, {"kind": {}, "language": {}})
    assert list(tmp_path.iterdir()) == []


def test_a_new_version_is_searched_at_once(tmp_path: Path) -> None:
    old, new = make_slice(documents=3, dimensions=0), make_slice(documents=2, dimensions=0)
    with TantivyBackend(tmp_path) as backend, TantivyBackend(tmp_path) as reader:
        backend.apply(old)
        backend.publish("alpha", old.version)
        before = reader.search("").total
        backend.apply(new)
        assert reader.search("").total == before
        backend.publish("alpha", new.version)
        backend.collect(keep=1)
        assert reader.search("").total < before


def test_reading_leaves_the_version_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = tmp_path / "tmp"
    links.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(links))
    slice_ = library()
    with TantivyBackend(tmp_path / "store") as backend:
        backend.apply(slice_)
        backend.publish("shop", slice_.version)
    (index,) = (tmp_path / "store").glob("*/*/index")
    before = (index.stat().st_mtime_ns, sorted(index.iterdir()))
    for _ in range(20):
        with TantivyBackend(tmp_path / "store") as backend:
            assert backend.verify(slice_).ok
            assert backend.search("UserAccount").total
    # A lock file that came and went would have changed the folder's time.
    assert (index.stat().st_mtime_ns, sorted(index.iterdir())) == before
    assert list(links.iterdir()) == []


def test_opening_says_that_it_needs_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slice_ = library()
    with TantivyBackend(tmp_path) as backend:
        backend.apply(slice_)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
        with pytest.raises(BackendUnavailableError, match="Let TMPDIR name a folder"):
            backend.verify(slice_)

"""Samples: what is chosen, and that pseudonyms change names and nothing else.

Belongs here: strata, determinism, the goldens of all dialects and the bundled sources through
pseudonyms. Does not: printing (`tests/cli`).
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.sample import Pseudonyms, SampleError, choose, kept_words
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource
from tests.contract.hostile import dumped, parsed, with_constant

PROJECT = Path(__file__).resolve().parents[3]
EXAMPLES = PROJECT / "examples" / "asts"
GOLDENS = sorted((PROJECT / "tests" / "golden").glob("*/*/source.*.json"))
DIALECTS = load_registry().dialects
WORD = re.compile(r"\w+")
COUNTED = {
    "artifacts": ("outcome", "language", "dialect", "node_count"),
    "nodes": ("kind", "native_kind", "field", "position", "start_line", "end_column"),
    "symbols": ("kind", "flags", "visibility", "parameter_count", "cyclomatic_complexity"),
    "imports": ("kind", "level", "is_conditional"),
    "exports": ("kind",),
    "references": ("role", "binding", "argument_count", "type_via"),
    "edges": ("kind", "resolution", "rule", "confidence", "occurrence_count"),
    "unresolved": ("role", "reason"),
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_registry().mappings_json())


def linked(place: Path, workspace: Path) -> dict[str, Counter[Any]]:
    """Scan and resolve; count the rows of every table by everything that is no name."""
    pipeline = Pipeline(Settings(workspace=workspace))
    pipeline.scan("s", DirectorySource(place))
    pipeline.resolve("s")
    return {
        table: Counter(pipeline.lake.scan(table, "s").select(columns).collect().rows())
        for table, columns in COUNTED.items()
    }


def values(content: bytes) -> list[Any]:
    decoder, text, found = json.JSONDecoder(), content.decode().strip(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    return found


def said(value: Any, *, members: bool) -> Iterator[str]:
    """Yield the names of members, or every other text, of a JSON value."""
    if isinstance(value, dict):
        for key, each in value.items():
            if members:
                yield key
            yield from said(each, members=members)
    elif isinstance(value, list):
        for each in value:
            yield from said(each, members=members)
    elif isinstance(value, str) and not members:
        yield value


# ---- choosing --------------------------------------------------------------------------------


def ledger(*strata: tuple[str, int, int]) -> pl.DataFrame:
    rows = [
        {"path": f"{language}{size}-{n}", "language": language, "dialect": "d", "size_bytes": size,
         "outcome": "loaded", "content_hash": f"{language}{size}{n}"}
        for language, size, count in strata
        for n in range(count)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def taken(chosen: pl.DataFrame) -> dict[tuple[str, int], int]:
    rows = chosen.group_by("language", "size_bytes").len().rows()
    return {(language, size): count for language, size, count in rows}


def test_places_are_in_proportion_and_every_stratum_has_one() -> None:
    rows = ledger(("go", 100, 60), ("go", 10_000, 30), ("java", 100, 9), ("rust", 100, 1))
    assert taken(choose(rows, count=20, seed=1)) == {
        ("go", 100): 12, ("go", 10_000): 6, ("java", 100): 1, ("rust", 100): 1
    }  # fmt: skip
    assert set(taken(choose(rows, count=4, seed=1)).values()) == {1}
    assert taken(choose(rows, count=2, seed=1)) == {("go", 100): 1, ("go", 10_000): 1}
    assert choose(rows, count=1000, seed=1).height == 100


def test_the_seed_decides_and_the_order_does_not() -> None:
    rows = ledger(("go", 100, 200), ("java", 5000, 50))
    first = choose(rows, count=20, seed=1)
    assert choose(rows.sample(fraction=1, shuffle=True, seed=3), count=20, seed=1).equals(first)
    assert not choose(rows, count=20, seed=2)["path"].equals(first["path"])


def test_what_is_not_valid_is_not_taken() -> None:
    rows = ledger(("go", 100, 3)).with_columns(outcome=pl.lit("quarantined"))
    assert choose(rows, count=5, seed=0).is_empty()


def test_a_sample_is_the_same_bytes_and_refuses_to_mix(tmp_path: Path) -> None:
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    source = DirectorySource(EXAMPLES)
    report = pipeline.sample(source, tmp_path / "a", count=20, seed=7)
    assert len(report.artifacts) == 20
    assert {row["language"] for row in report.artifacts} >= {"go", "java", "python", "typescript"}
    for row in report.artifacts:
        assert (tmp_path / "a" / row["sample"]).read_bytes() == (
            EXAMPLES / row["path"]
        ).read_bytes()
    again = pipeline.sample(source, tmp_path / "b", count=20, seed=7)
    assert again.artifacts == report.artifacts
    with pytest.raises(SampleError, match="is there already"):
        pipeline.sample(source, tmp_path / "a", count=20, seed=7)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "ws") == ["a", "b"]


def test_nothing_valid_is_an_error_and_no_empty_directory(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text("{}")
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    with pytest.raises(SampleError, match="no valid artifact"):
        pipeline.sample(DirectorySource(tmp_path / "in"), tmp_path / "out", count=1, seed=0)
    assert not (tmp_path / "out").exists()


# ---- pseudonyms ------------------------------------------------------------------------------


def test_words_keep_their_shape_and_one_key_gives_one_name() -> None:
    names = Pseudonyms(b"secret")
    for word in ("total", "Total", "TOTAL", "_total", "__total", "Größe", "Ärger", "X", "x"):
        shown = names.word(word)
        assert shown != word
        assert shown.startswith("_" * (len(word) - len(word.lstrip("_"))))
        assert shown.strip("_")[0].isupper() == word.strip("_")[0].isupper()
        assert Pseudonyms(b"secret").word(word) == shown
        assert Pseudonyms(b"other").word(word) != shown
    assert names.word("TOTAL").isupper()
    words = [f"name{number}" for number in range(20_000)]
    assert len({names.word(word) for word in words}) == len(words)


@pytest.mark.parametrize("number", ["42", "1", "1000", "0x1F", "3.25", "1_000", "0o17", "9" * 60])
def test_numbers_become_other_numbers_of_the_form(number: str) -> None:
    shown = Pseudonyms(b"secret").number(number)
    assert len(shown) == len(number)
    bases = {"0x": 16, "0o": 8}
    base = bases.get(number[:2])
    read = [int(text, base) if base else float(text.replace("_", "")) for text in (number, shown)]
    assert read[0] != read[1]


@pytest.mark.parametrize("dialect", sorted({path.parent.parent.name for path in GOLDENS}))
def test_pseudonyms_leave_every_dialect_its_structure_and_no_word(
    dialect: str, engine: Engine, tmp_path: Path
) -> None:
    goldens = [path for path in GOLDENS if path.parent.parent.name == dialect]
    for artifact in goldens:
        target = tmp_path / "original" / artifact.parent.name / artifact.name
        target.parent.mkdir(parents=True)
        shutil.copy(artifact, target)
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    report = pipeline.sample(
        DirectorySource(tmp_path / "original"),
        tmp_path / "sample",
        count=999,
        seed=0,
        key=b"secret",
    )
    assert report.left_out == {}
    assert len(report.artifacts) == len(goldens)
    places = {row["path"]: tmp_path / "sample" / row["sample"] for row in report.artifacts}
    for artifact in goldens:
        written = places[f"{artifact.parent.name}/{artifact.name}"]
        assert words_told(artifact, written, engine) == set(), artifact.parent.name
    # Of two goldens that describe one document the first by name counts, which pseudonyms change.
    pipeline.scan("s", DirectorySource(tmp_path / "original"))
    rivals = pipeline.lake.scan("artifacts", "s").filter(pl.col("duplicate_of").is_not_null())
    for path in rivals.collect()["path"]:
        (tmp_path / "original" / path).unlink()
        places[path].unlink()
    originals = linked(tmp_path / "original", tmp_path / "a")
    assert originals["nodes"]
    assert linked(tmp_path / "sample", tmp_path / "b") == originals


def words_told(artifact: Path, written: Path, engine: Engine) -> set[str]:
    """Return words of what was parsed that are still in the artifact as it was written."""
    batches = engine.scan("s", ["a.json"], contents=[artifact.read_bytes()])
    nodes = pl.concat([pl.DataFrame(batch) for batch in batches["nodes"]])
    # What was parsed lies beside most artifacts and knows nothing of dialects.
    source = artifact.with_suffix("")
    text = source.read_text() if source.exists() else " ".join(nodes["name"].drop_nulls())
    secret = {word for word in WORD.findall(text) if not word[0].isdigit() and len(word) > 2}
    parsers = " ".join([*nodes["native_kind"].unique(), *nodes["field"].unique()])
    public = kept_words(DIALECTS[artifact.parent.parent.name]) | {*WORD.findall(parsers)}
    found = {
        word
        for value in values(written.read_bytes())
        for text in said(value, members=False)
        for word in WORD.findall(text)
    }
    return {word for word in (secret & found) - public if not word.startswith("__")}


@pytest.mark.parametrize("example", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_a_whole_source_links_as_before_and_names_nothing(example: Path, tmp_path: Path) -> None:
    out, same = tmp_path / "sample", tmp_path / "same"
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    report = pipeline.sample(DirectorySource(example), out, count=1000, seed=0, key=b"secret")
    assert report.left_out == {}
    for row in report.artifacts:
        (same / row["path"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(example / row["path"], same / row["path"])
    before, after = linked(same, tmp_path / "a"), linked(out, tmp_path / "b")
    assert after == before
    assert before["edges"]
    files = [path for path in out.rglob("*") if path.is_file()]
    everything = " ".join(str(path.relative_to(out)) + path.read_text() for path in files).lower()
    for word in ("shop", "order", "customer", "catalog", "inventory", "price", "discount"):
        assert re.search(rf"\b{word}", everything) is None, word


SECRETS = '''"""The launch is planned for Tuesday."""
PASSWORD = "hunter2-hunter2"
ACCOUNT = 4711_0815
RATE = 17.125
def transfer_bluebird(amount_eur, *, from_iban="DE89370400440532013000"):
    """Move value to name."""
    return {"recipient name": amount_eur * 8472, "path": "/srv/bluebird/ledger.db"}
'''


def test_literals_and_paths_go_too(tmp_path: Path) -> None:
    place = tmp_path / "in" / "secret_project"
    place.mkdir(parents=True)
    (place / "transfer_bluebird.py.json").write_bytes(dumped(parsed(SECRETS)))
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    report = pipeline.sample(
        DirectorySource(tmp_path / "in"), tmp_path / "out", count=1, seed=0, key=b"secret"
    )
    (row,) = report.artifacts
    content = (tmp_path / "out" / row["sample"]).read_text() + row["sample"]
    for word in ("launch", "Tuesday", "bluebird", "hunter", "PASSWORD", "47110815", "17.125",
                 "8472", "amount", "iban", "DE89", "370400440532013000", "recipient", "srv",
                 "secret", "planned", "Move"):  # fmt: skip
        assert word not in content, word
    assert row["sample"].endswith(".py.json")


def test_an_artifact_that_cannot_be_rewritten_is_left_out_and_told(tmp_path: Path) -> None:
    place = tmp_path / "in"
    place.mkdir()
    (place / "good.py.json").write_bytes(with_constant("1234"))
    (place / "deep.py.json").write_bytes(with_constant("[" * 100_000 + "]" * 100_000))
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    report = pipeline.sample(DirectorySource(place), tmp_path / "out", count=9, seed=0, key=b"k")
    assert [row["path"] for row in report.artifacts] == ["good.py.json"]
    assert list(report.left_out) == ["deep.py.json"]
    assert len(list((tmp_path / "out").rglob("*.json"))) == 1

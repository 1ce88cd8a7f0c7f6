"""The engine and the oracle make the same rows of everything.

Belongs here: whole scans compared, over real, damaged and invented artifacts. Does not: validation
alone (`test_schema_oracle.py`), properties that need no second implementation (`tests/property`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from tests.differential.artifacts import (
    PROJECT,
    Inventor,
    Raw,
    archived_artifacts,
    damaged,
    example_artifacts,
    golden_artifacts,
    stated_document,
    written,
)
from tests.differential.comparison import differences, native_rows, table_rows
from tests.oracle.scan import Dialects, load_mappings, scan

_ARCHIVES = sorted((PROJECT.parent / "shared" / "corpora").glob("*.tar.xz"))
_GOLDEN = golden_artifacts()
_SMALL = [content for _, content in _GOLDEN if len(content) < 120_000]

# A seed says everything: there is nothing to shrink.
_PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@cache
def _engine() -> Engine:
    return Engine(load_registry().mappings_json())


@cache
def _oracle() -> Dialects:
    return load_mappings()


def _assert_agreement(artifacts: list[tuple[str, bytes]]) -> None:
    rows = native_rows(_engine(), artifacts)
    told = differences(rows, table_rows(scan("differential", artifacts, _oracle())))
    assert not told, "\n".join(told)


def test_mappings_are_the_same() -> None:
    assert [mapping["name"] for mapping, _ in _oracle().units] == [
        mapping.dialect for mapping in load_registry().mappings
    ]


@pytest.mark.parametrize("artifact", _GOLDEN, ids=[path for path, _ in _GOLDEN])
def test_golden(artifact: tuple[str, bytes]) -> None:
    _assert_agreement([artifact])


def test_examples() -> None:
    artifacts = example_artifacts()
    assert artifacts
    _assert_agreement(artifacts)


def test_many_artifacts_in_one_call() -> None:
    # Those that state their document's path state the same one more than once.
    own = [each for each in _GOLDEN if stated_document(each[0]) == each[0]]
    assert len(own) > 100
    _assert_agreement([(f"all/{path}", content) for path, content in own])


@pytest.mark.parametrize("archive", _ARCHIVES, ids=[file.name for file in _ARCHIVES])
def test_corpora_sample(archive: Path) -> None:
    for artifact in archived_artifacts(archive, limit=3, max_bytes=200_000):
        _assert_agreement([artifact])


@pytest.mark.slow
@pytest.mark.parametrize("archive", _ARCHIVES, ids=[file.name for file in _ARCHIVES])
def test_corpora_whole(archive: Path) -> None:
    for artifact in archived_artifacts(archive, limit=None, max_bytes=8_000_000):
        _assert_agreement([artifact])


def test_corpora_are_there(shared_corpora: Path) -> None:
    assert [file.parent for file in _ARCHIVES] == [shared_corpora] * len(_ARCHIVES)
    assert _ARCHIVES


@settings(max_examples=100, phases=_PHASES, suppress_health_check=list(HealthCheck))
@given(index=st.integers(0, len(_SMALL) - 1), seed=st.integers(0, 2**32))
def test_damaged(index: int, seed: int) -> None:
    _assert_agreement([("damaged/a.x.json", damaged(Random(seed), _SMALL[index]))])


@pytest.mark.parametrize("unit", range(len(load_registry().mappings)))
@settings(max_examples=25, phases=_PHASES, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_invented(unit: int, seed: int) -> None:
    registry = load_registry()
    mapping = registry.mappings[unit]
    schema = registry.dialects[mapping.dialect].schema
    inventor = Inventor({**mapping.content, "name": mapping.dialect}, schema)
    _assert_agreement([("src/pkg/__init__.py.json", inventor.artifact(Random(seed)))])


@pytest.mark.parametrize("kind", ["program", "module", "class", "method", "do_block"])
def test_a_root_opens_the_documents_scope_whatever_it_is(kind: str) -> None:
    pattern = {"type": "find_pattern", "children": [{"type": "identifier", "text": "x"}]}
    tree = {"dialect": "tree-sitter", "language": "ruby",
            "root": {"type": kind, "children": [pattern]}}  # fmt: skip
    artifact = ("a.rb.json", json.dumps(tree).encode())
    _assert_agreement([artifact])
    symbols = native_rows(_engine(), [artifact])["symbols"]
    assert [row["kind"] for row in symbols if row["name"] == "x"] == ["variable"]


_ODD_BYTES = {
    "nothing": b"",
    "blanks": b" \n\t\r ",
    "mark": b"\xef\xbb\xbf",
    "utf16": '{"_type":"Module"}'.encode("utf-16"),
    "latin1": b'{"_type":"Module","body":["\xe9"]}',
    "half a character": b'{"_type":"Module","body":["\xc3',
    "encoded surrogate": b'{"_type":"Module","body":["\xed\xa0\x80"]}',
    "open": b'{"_type":"Module","body":[',
    "open string": b'{"_type":"Mod',
    "open escape": b'{"_type":"Mod\\u00',
    "open word": b'{"_type":tru',
    "open number": b'{"_type":-',
    "two": b'{"_type":"Module","body":[]}{"_type":"Module","body":[]}',
    "trailing": b'{"_type":"Module","body":[]} x',
    "with mark": b'\xef\xbb\xbf{"_type":"Module","body":[],"type_ignores":[]}',
    "not an object": b"[1,2]",
    "scalar": b"7",
    "null": b"null",
    "tab in string": b'{"_type":"Module","body":["\t"]}',
    "zero byte": b'{"_type":"Module","body":[]}\x00',
    "unknown": b'{"no":"dialect"}',
}


@pytest.mark.parametrize("content", _ODD_BYTES.values(), ids=_ODD_BYTES)
def test_odd_bytes(content: bytes) -> None:
    _assert_agreement([("odd/a.py.json", content)])


_FUNCTION = (
    '{"_type":"FunctionDef","name":"f","args":{"_type":"arguments","posonlyargs":[],"args":[],'
    '"kwonlyargs":[],"kw_defaults":[],"defaults":[]},"decorator_list":[],"body":['
)


_NAME = '{"_type":"Name","id":"a","ctx":{"_type":"Load"}}'
_LOAD = '"ctx":{"_type":"Load"}'
# What a level begins with, what it ends with, and how many nodes it adds.
_LEVELS = {
    "BinOp": ('{"_type":"BinOp","left":', f',"op":{{"_type":"Add"}},"right":{_NAME}}}', 4),
    "Attribute": ('{"_type":"Attribute","value":', f',"attr":"b",{_LOAD}}}', 2),
    "Call": ('{"_type":"Call","func":', ',"args":[],"keywords":[]}', 1),
    "List": ('{"_type":"List","elts":[', f"],{_LOAD}}}", 2),
    "FunctionDef": (_FUNCTION, "]}", 2),
    "unknown": ('{"x":[', "]}", 0),
}


def _nested(construct: str, depth: int) -> bytes:
    begin, end, _ = _LEVELS[construct]
    expression = f'{{"_type":"Expr","value":{_NAME}}}'
    if construct == "FunctionDef":
        statement = begin * depth + expression + end * depth
    elif construct == "unknown":
        statement = expression[:-1] + ',"extra":' + begin * depth + _NAME + end * depth + "}"
    else:
        statement = f'{{"_type":"Expr","value":{begin * depth + _NAME + end * depth}}}'
    return f'{{"_type":"Module","body":[{statement}],"type_ignores":[]}}'.encode()


@pytest.mark.parametrize(
    ("construct", "depth"),
    [
        *[(construct, 600) for construct in _LEVELS],
        *[
            pytest.param(each, 20_000, marks=pytest.mark.slow)
            for each in ("BinOp", "List", "unknown")
        ],
    ],
)
def test_depth(construct: str, depth: int) -> None:
    _assert_agreement([("deep/a.py.json", _nested(construct, depth))])


@pytest.mark.parametrize("construct", _LEVELS)
def test_great_depth_is_no_crash_and_costs_no_square(construct: str) -> None:
    # The oracle would take minutes: the engine alone.
    depth = 100_000
    rows = native_rows(_engine(), [("deep/a.py.json", _nested(construct, depth))])
    extra = 2 if construct == "unknown" else 0
    assert rows["artifacts"][0]["outcome"] == "loaded"
    assert rows["artifacts"][0]["node_count"] == _LEVELS[construct][2] * depth + 4 + extra


def test_written_is_read_back() -> None:
    import json

    value = {"a": [1, None, "x"], "b": {}, "c": Raw("1e3")}
    assert json.loads(written(value)) == {"a": [1, None, "x"], "b": {}, "c": 1000.0}

"""Python's trees as JSON: the same as ast2json's, and what ast2json cannot do."""

from __future__ import annotations

import ast
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from snake_pipe_core.parse.outcome import RefusedSourceError
from snake_pipe_core.parse.python_tree import write_python

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = sorted(
    path
    for folder in ("tests/golden/generate/sources", "snake_pipe_core", "examples/sources")
    for path in (PROJECT / folder).rglob("*.py")
    if path.stem != "broken"
)


def artifact(source: bytes) -> str:
    pieces: list[str] = []

    def emit(texts: list[str]) -> None:
        pieces.extend(texts)
        texts.clear()

    write_python(source, emit)
    return "".join(pieces)


def without_copies(value: Any) -> Any:
    """What ast2json writes, less the attributes that repeat others."""
    if isinstance(value, list):
        return [without_copies(each) for each in value]
    if not isinstance(value, dict):
        return value
    copies = {"Tuple": ("dims",), "Constant": ("n", "s")}.get(value.get("_type", ""), ())
    return {key: without_copies(each) for key, each in value.items() if key not in copies}


def by_ast2json(source: bytes) -> str:
    from ast2json import ast2json

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return json.dumps(without_copies(ast2json(ast.parse(source))), separators=(",", ":"))
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_the_text_is_that_of_ast2json_less_its_copies(path: Path) -> None:
    source = path.read_bytes()
    assert artifact(source) == by_ast2json(source).replace(":Infinity", ":1e999")


def test_values_that_json_has_no_word_for_are_written_as_ast2json_does() -> None:
    source = (
        rb"x = [b'text', b'\xff\x00', 1j, ..., None, True, -0.0, 1e300, 'tab\t\u00e9', '\ud800']"
    )
    assert artifact(source) == by_ast2json(source)
    assert json.loads(artifact(b"x = 1e999"))["body"][0]["value"]["value"] == float("inf")
    assert "Infinity" not in artifact(b"x = 1e999")


def test_nested_tuples_cost_what_they_hold() -> None:
    nested = artifact(b"x = " + b"(" * 60 + b"1" + b",)" * 60)
    assert len(nested) < 60 * 200


@pytest.mark.parametrize(
    "source",
    [
        "# -*- coding: latin-1 -*-\nx = 'caf\u00e9'\n".encode("latin-1"),
        "# vim: set fileencoding=cp1252 :\nx = 'caf\u00e9'\n".encode("cp1252"),
        "\ufeffx = 'caf\u00e9'\n".encode(),
        "x = 'caf\u00e9'\r\n".encode(),
    ],
    ids=["latin-1", "cp1252", "byte order mark", "utf-8"],
)
def test_encodings_are_found_as_pep_263_says(source: bytes) -> None:
    value = json.loads(artifact(source))["body"][-1]["value"]
    assert (value["value"], value["end_col_offset"]) == ("caf\u00e9", 11)


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        (b"x = 1\ny = = 2\n", "SYNTAX_ERROR", 2, 4),
        ("\u00e9\u00e9\u00e9 = = 2\n".encode(), "SYNTAX_ERROR", 1, 9),
        ("# coding: latin-1\n\u00e9\u00e9\u00e9 = = 2\n".encode("latin-1"), "SYNTAX_ERROR", 2, 9),
        ("\u00e9 = (1 +\n".encode(), "SYNTAX_ERROR", 1, 5),
        (b"#!python\n# coding: no-such\nx = 1\n", "SYNTAX_ERROR", 2, None),
        (b"x = 1\ny = '\xe9'\n", "SYNTAX_ERROR", 2, 5),
        (b"print 'old'\n", "SYNTAX_ERROR", 1, 0),
        (b"x = " + b"+".join([b"a"] * 50_000), "TOO_DEEP", None, None),
        (b"not " * 200_000 + b"x", "TOO_DEEP", None, None),
    ],
)
def test_what_python_refuses_is_told_with_line_and_column(
    source: bytes, code: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(RefusedSourceError) as refused:
        artifact(source)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    assert (refused.value.line, refused.value.column) == (line, column)


def test_a_tree_as_deep_as_pythons_parser_takes_is_written() -> None:
    text = artifact(b"x = " + b"+".join([b"a"] * 1500))
    assert text.count('"_type":"BinOp"') == 1499


def test_the_dialect_takes_it_without_a_finding() -> None:
    # The source edge.py holds halves of surrogate pairs, which are a finding rightly.
    sources = [path.read_bytes() for path in SOURCES if path.name != "edge.py"]
    paths = [f"{number}.py.json" for number in range(len(sources))]
    engine = Engine(load_registry().mappings_json())
    tables = engine.scan("s", paths, contents=[artifact(source).encode() for source in sources])
    findings = pl.concat([pl.DataFrame(batch) for batch in tables["findings"]])
    ledger = pl.concat([pl.DataFrame(batch) for batch in tables["artifacts"]])
    assert findings.height == 0, findings
    assert set(ledger["outcome"]) <= {"loaded", "duplicate"}
    assert set(ledger["dialect"]) == {"python-ast"}

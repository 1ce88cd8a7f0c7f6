"""Trees of tree-sitter as JSON: those of the goldens byte for byte, however deep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from snake_pipe_core.parse.languages import PARSERS
from snake_pipe_core.parse.syntax_tree import ParserErrors, grammar_of, write_syntax

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "tree-sitter"
BY_NAME = {parser.name: parser for parser in PARSERS if parser.wheel}
ENGINE = Engine(load_registry().mappings_json())
CASES = [
    case
    for case in sorted(GOLDEN.iterdir())
    if case.is_dir() and case.name.partition("-")[0] in BY_NAME
]


def artifact(source: bytes, path: str, name: str) -> tuple[str, ParserErrors]:
    pieces: list[str] = []

    def emit(texts: list[str]) -> None:
        pieces.extend(texts)
        texts.clear()

    parser = BY_NAME[name]
    errors = write_syntax(source, path, name, grammar_of(parser.wheel, parser.entry), emit)
    return "".join(pieces), errors


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_text_is_that_of_the_golden_artifact(case: Path) -> None:
    name = case.name.partition("-")[0]
    (source,) = (path for path in case.glob("source.*") if path.suffix != ".json")
    expected = (case / f"{source.name}.json").read_text("utf-8")
    # The wrapper may call the language by another word that the dialect takes, too.
    called = json.loads(expected)["language"]
    text, _ = artifact(source.read_bytes(), source.name, name)
    own = f'"language":"{name}"'
    assert text.replace(own, f'"language":"{called}"', 1) + "\n" == expected
    (found,) = ENGINE.inspect([f"{source.name}.json"], contents=[text.encode()])
    assert (found.dialect, found.language) == ("tree-sitter", BY_NAME[name].language)
    assert found.document_path == source.name


def test_errors_are_counted_and_the_first_is_located() -> None:
    text, errors = artifact(
        "let \u00e9 = 1;\nlet x = \u00e9 @@ 2;\n".encode(), "a.js", "javascript"
    )
    root = json.loads(text)["root"]
    found = []
    pending = [root]
    while pending:
        node = pending.pop()
        pending += reversed(node.get("children", []))
        if node.get("error") or node.get("missing"):
            found.append(node)
    assert errors.count == len(found) > 0
    assert [errors.line, errors.column] == [
        found[0]["start_point"][0] + 1, found[0]["start_point"][1],
    ]  # fmt: skip
    assert errors.line == 2
    assert "@" in errors.message


def test_a_correct_source_has_no_errors() -> None:
    assert artifact(b"let x = 1;\n", "a.js", "javascript")[1] == ParserErrors()


def test_depth_has_no_limit() -> None:
    depth = 100_000
    text, errors = artifact(b"x = " + b"[" * depth + b"]" * depth, "a.js", "javascript")
    assert errors.count == 0
    assert text.count('"type":"array"') == depth


def test_bytes_that_are_no_utf8_keep_their_offsets() -> None:
    text, _ = artifact(b"x = '\xff\xfe'; y = 2\n", "a.js", "javascript")
    assert "\ufffd\ufffd" in text
    last = json.loads(text)["root"]["children"][-1]
    assert (last["start_byte"], last["end_byte"]) == (10, 15)

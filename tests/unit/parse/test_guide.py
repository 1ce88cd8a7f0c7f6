"""The guide says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from snake_pipe_core.parse.languages import PARSERS
from snake_pipe_core.parse.outcome import CODES

PROJECT = Path(__file__).resolve().parents[3]
GUIDE = (PROJECT / "docs/guides/parse.md").read_text("utf-8")
SOURCES = "".join(path.read_text() for path in (PROJECT / "snake_pipe_core/parse").glob("*.py"))


def test_the_guide_has_every_code_and_no_other() -> None:
    table = GUIDE.split("## Trouble")[1]
    assert set(re.findall(r"`([A-Z][A-Z_0-9]+)`", table)) == {*CODES, "ERROR"}


def test_every_code_is_told_by_something() -> None:
    assert [code for code in CODES if SOURCES.count(f'"{code}"') < 2] == []


def test_the_guide_has_every_parser_with_its_file_names() -> None:
    for parser in PARSERS:
        for word in (*parser.suffixes, *parser.names):
            assert f"`{word}`" in GUIDE, word
        assert not parser.wheel or parser.distribution in GUIDE


def test_every_wheel_is_in_the_extra() -> None:
    extra = (PROJECT / "pyproject.toml").read_text("utf-8").split("\nparse = [")[1].split("]")[0]
    wheels = {parser.distribution for parser in PARSERS if parser.wheel}
    assert set(re.findall(r'"([a-z-]+)[>=]', extra)) == {"tree-sitter", *wheels}

"""Go by its own go/ast: methods away from their type, embedding, packages.

Belongs here: edges read off the small project `projects/sources/go` by hand, the same for asty and goastgen. Does
not: tree-sitter's Go (`test_examples`).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.unit.resolve.programs import Program, resolve, scan

ASTS = Path(__file__).parent / "projects" / "asts"

each_parser = pytest.mark.parametrize("parser", ["asty", "goastgen"])


@cache
def project(parser: str, left_out: str = "") -> Program:
    folder = ASTS / f"go-{parser}"
    artifacts = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.json"))
        if path.name != left_out
    }
    return resolve(scan(artifacts, "asty", *({parser} - {"asty"})))


def plain(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without the files, which goastgen's symbols hold."""
    files = r"(?<=/)(queue|methods|base|main)/"
    return {(re.sub(files, "", src), re.sub(files, "", dst)) for src, dst in edges}


@each_parser
def test_a_method_is_found_away_from_its_type(parser: str) -> None:
    calls = plain(project(parser).edges("CALLS"))
    assert ("shop/Queue#Push().", "shop/Queue#check().") in calls
    assert ("main/main().", "shop/Queue#Push().") in calls


@each_parser
def test_calls_cross_files_and_packages(parser: str) -> None:
    calls = plain(project(parser).edges("CALLS"))
    assert ("shop/New().", "shop/build().") in calls
    assert ("main/main().", "shop/New().") in calls
    assert ("shop/Queue#Push().", "shop/Item#Price().") in calls


@each_parser
def test_what_is_embedded_is_inherited(parser: str) -> None:
    assert plain(project(parser).edges("INHERITS")) == {("shop/Queue#", "shop/Base#")}
    assert ("shop/Queue#Push().", "shop/Base#Log().") in plain(project(parser).edges("CALLS"))


@each_parser
def test_methods_without_their_type_are_their_documents(parser: str) -> None:
    defined = {dst: src for src, dst in project(parser, "queue.go.json").edges("DEFINES")}
    [push] = [symbol for symbol in defined if symbol.endswith("Push().")]
    assert defined[push].endswith("shop/methods/")

"""Rust's modules: files that `mod` declares, and paths through them.

Belongs here: which file a declaration means, what `crate`, `self`, `super` and names of crates
lead to. Does not: dialects.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import polars as pl

from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine
from snake_pipe_core.resolve import resolve_tables
from snake_pipe_core.resolve.source import RESOLVED_TABLES

_MAPPING: dict[str, Any] = {
    "name": "tiny", "version": "1", "languages": ["rust"],
    "detect": {"any": [{"path": "@t", "equals": "Root"}]},
    "frame": {"root": [""], "path": [], "language": [{"default": "rust"}]},
    "nodes": {"discriminator": ["t"]},
    "positions": {"encoding": "utf8", "forms": [{"start_line": "line"}]},
    "kinds": {"Root": "module"},
    "modules": {
        "separator": "::", "document_kind": "module", "drop_extensions": [".rs"],
        "roots": ["src"], "index": ["mod", "lib", "main"],
    },
    "chains": {"separator": "::"},
    "rule": [
        {"on": ["Declared"], "import": {
            "module": "name", "kind": "module", "binds": "last_segment", "level": 1}},
        {"on": ["Module"], "scope": "module", "define": {"kind": "module", "name": "name"}},
        {"on": ["Enum"], "scope": "class", "define": {"kind": "enum", "name": "name"}},
        {"on": ["Use"], "when": {"path": "imported", "equals": "*"}, "import": {
            "module": "name", "imported": "imported", "wildcard": "*", "binds": "nothing"}},
        {"on": ["Use"], "when": {"not": {"path": "imported", "equals": "*"}}, "import": {
            "module": "name", "imported": "imported"}},
        {"on": ["Function"], "scope": "function", "define": {"kind": "function", "name": "name"}},
        {"on": ["Call"], "reference": {"role": "call", "target": "name"}},
    ],
}  # fmt: skip


def _node(line: str) -> dict[str, Any]:
    """A line of a file, `mod m;`, `mod m {`, `use a::b;`, `fn f;`, `enum E {` or `f();`."""
    word, _, name = line.partition(" ")
    if word == "use":
        module, _, imported = name.rpartition("::")
        return {"t": "Use", "name": module, "imported": imported}
    kinds = {"mod": "Declared", "fn": "Function", "in": "Module", "enum": "Enum"}
    if word in kinds:
        return {"t": kinds[word], "name": name}
    return {"t": "Call", "name": line.removesuffix("()")}


def _tree(lines: list[Any]) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for line in lines:
        if isinstance(line, list):
            nodes[-1]["items"] = _tree(line)
        else:
            nodes.append(_node(line))
    return nodes


@cache
def _engine() -> Engine:
    return Engine(json.dumps([{"mappings": [_MAPPING], "schema": {"$defs": {"node": {}}}}]))


def _resolved(files: dict[str, list[Any]]) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """Edges (kind, from, to) of imports and calls, and what has none (name, reason)."""
    contents = [json.dumps({"t": "Root", "items": _tree(tree)}).encode() for tree in files.values()]
    paths = [f"{path}.json" for path in files]
    batches = _engine().scan("made", paths, contents=contents, workers=1)
    frames = {}
    for name in RESOLVED_TABLES:
        declared = pl.DataFrame(pl.from_arrow(TABLES[name].schema.empty_table()))
        frames[name] = pl.concat([declared, *(pl.DataFrame(b) for b in batches.get(name, ()))])
    edges, unresolved = resolve_tables({name: each.lazy() for name, each in frames.items()}, "made")
    names = dict(frames["symbols"].select("symbol_id", "symbol").iter_rows())
    told = {
        (kind, *(names[each].removeprefix("rust ").partition(" ")[2] for each in (src, dst)))
        for kind, src, dst in edges.select("kind", "src_id", "dst_id").iter_rows()
        if kind in ("IMPORTS", "CALLS")
    }
    return told, set(unresolved.select("name", "reason").iter_rows())


def test_mod_declares_files_beside_roots_and_below_names() -> None:
    edges, unresolved = _resolved(
        {
            "src/main.rs": ["mod a", "mod b", "mod none", "in inline", ["mod c"]],
            "src/a.rs": ["mod deep"],
            "src/a/deep.rs": [],
            "src/b/mod.rs": ["mod d"],
            "src/b/d.rs": [],
            "src/inline/c.rs": [],
            "tests/all.rs": ["mod common"],
            "tests/common/mod.rs": [],
        }
    )
    assert edges == {
        ("IMPORTS", "main/", "a/"),
        ("IMPORTS", "main/", "b/mod/"),
        ("IMPORTS", "main/", "inline/c/"),
        ("IMPORTS", "a/", "a/deep/"),
        ("IMPORTS", "b/mod/", "b/d/"),
        ("IMPORTS", "tests/all/", "tests/common/mod/"),
    }
    assert unresolved == {("none", "missing")}


def test_paths_begin_at_the_crate_here_or_above() -> None:
    edges, unresolved = _resolved(
        {
            "src/lib.rs": ["mod a", "mod b", "fn top"],
            "src/a.rs": [
                "use crate::b::f", "use super::top", "use std::fs::read", "use crate::b::none",
                "fn g", ["f()", "top()", "crate::b::f()", "super::top()", "read()"],
                "in tests", ["use super::*", "fn t", ["g()", "super::g()", "super::super::top()"]],
            ],
            "src/b.rs": ["fn f"],
        }
    )  # fmt: skip
    calls = {edge for edge in edges if edge[0] == "CALLS"}
    assert calls == {
        ("CALLS", "a/g().", "b/f()."),
        ("CALLS", "a/g().", "lib/top()."),
        ("CALLS", "a/tests/t().", "a/g()."),
        ("CALLS", "a/tests/t().", "lib/top()."),
    }
    assert ("IMPORTS", "a/", "b/f().") in edges
    assert ("IMPORTS", "a/", "lib/top().") in edges
    assert ("none", "missing") in unresolved
    assert ("read", "external") in unresolved


def test_names_come_through_what_modules_use() -> None:
    edges, _ = _resolved(
        {
            "src/lib.rs": ["mod shapes", "mod user", "use shapes::area"],
            "src/shapes.rs": ["mod area", "enum Shape", ["fn dot"]],
            "src/shapes/area.rs": ["fn one"],
            "src/user.rs": [
                "use crate::area::one",
                "use crate::shapes::Shape::*",
                "fn f", ["one()", "dot()"],
            ],
        }
    )  # fmt: skip
    assert ("CALLS", "user/f().", "shapes/area/one().") in edges
    assert ("CALLS", "user/f().", "shapes/Shape#dot().") in edges


def test_a_library_of_the_source_is_found_by_its_folder() -> None:
    edges, unresolved = _resolved(
        {
            "my-lib/src/lib.rs": ["mod a"],
            "my-lib/src/a.rs": ["fn f"],
            "app/src/main.rs": ["use my_lib::a::f", "fn main", ["f()", "my_lib::a::f()", "other::g()"]],
        }
    )  # fmt: skip
    calls = {edge[1:] for edge in edges if edge[0] == "CALLS"}
    assert calls == {("app/src/main/main().", "my-lib/src/a/f().")}
    assert ("g", "external") in unresolved


def test_modules_that_use_each_other_end() -> None:
    edges, _ = _resolved(
        {
            "src/lib.rs": ["mod a", "mod b"],
            "src/a.rs": ["use crate::b::x", "use crate::b::*", "use x::y::z"],
            "src/b.rs": ["use crate::a::x", "use crate::a::*"],
        }
    )
    assert ("IMPORTS", "lib/", "a/") in edges

"""Imports that name files: C's includes, and what has no packages.

Belongs here: which file a text names, names that come through it. Does not: dialects.
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
    "name": "tiny", "version": "1", "languages": ["c"],
    "detect": {"any": [{"path": "@t", "equals": "Root"}]},
    "frame": {"root": [""], "path": [], "language": [{"default": "c"}]},
    "nodes": {"discriminator": ["t"]},
    "positions": {"encoding": "utf8", "forms": [{"start_line": "line"}]},
    "kinds": {"Root": "module"},
    "modules": {"separator": "/", "document_kind": "file"},
    "chains": {"separator": "::"},
    "rule": [
        {"on": ["Include"], "import": {"module": "name", "kind": "include"}},
        {"on": ["Def"], "scope": "function", "define": {"kind": "function", "name": "name"}},
        {"on": ["Call"], "reference": {"role": "call", "target": "name"}},
    ],
}  # fmt: skip


@cache
def _engine() -> Engine:
    return Engine(json.dumps([{"mappings": [_MAPPING], "schema": {"$defs": {"node": {}}}}]))


def _resolved(files: dict[str, list[str]]) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Edges (kind, from, to, rule) and unresolved rows (name, reason) of `#a.h`, `f()`, `!g`."""
    kinds = {"#": "Include", "!": "Def"}
    trees = {
        path: [
            {"t": kinds.get(line[0], "Call"), "name": line.strip("#!").removesuffix("()")}
            for line in lines
        ]
        for path, lines in files.items()
    }
    contents = [json.dumps({"t": "Root", "items": tree}).encode() for tree in trees.values()]
    paths = [f"{path}.json" for path in trees]
    batches = _engine().scan("made", paths, contents=contents, workers=1)
    frames = {}
    for name in RESOLVED_TABLES:
        declared = pl.DataFrame(pl.from_arrow(TABLES[name].schema.empty_table()))
        frames[name] = pl.concat([declared, *(pl.DataFrame(b) for b in batches.get(name, ()))])
    edges, unresolved = resolve_tables({name: each.lazy() for name, each in frames.items()}, "made")
    names = dict(frames["symbols"].select("symbol_id", "symbol").iter_rows())
    told: set[tuple[Any, ...]] = {
        (kind, names[src].removeprefix("c . "), names[dst].removeprefix("c . "), rule)
        for kind, src, dst, rule in edges.select("kind", "src_id", "dst_id", "rule").iter_rows()
        if kind in ("INCLUDES", "CALLS")
    }
    return told, set(unresolved.select("name", "reason").iter_rows())


def test_an_include_is_looked_for_beside_the_file_then_by_its_end() -> None:
    edges, unresolved = _resolved(
        {
            "src/m.c": ["#a.h", "#<b.h>", "#../top.h", "#inc/c.h", "#<stdio.h>", "#./none.h"],
            "src/a.h": [],
            "other/a.h": [],
            "lib/b.h": [],
            "top.h": [],
            "lib/inc/c.h": [],
        }
    )
    start = "src/`m.c`/"
    assert edges == {
        ("INCLUDES", start, "src/`a.h`/", "module"),
        ("INCLUDES", start, "lib/`b.h`/", "suffix"),
        ("INCLUDES", start, "`top.h`/", "module"),
        ("INCLUDES", start, "lib/inc/`c.h`/", "suffix"),
    }
    assert unresolved == {("<stdio.h>", "external"), ("./none.h", "missing")}


def test_several_files_of_one_end_are_candidates() -> None:
    edges, unresolved = _resolved({"m.c": ["#<x.h>"], "a/x.h": [], "b/x.h": []})
    assert {edge[2] for edge in edges} == {"a/`x.h`/", "b/`x.h`/"}
    assert unresolved == {("<x.h>", "ambiguous")}
    many = {f"d{number}/x.h": list[str]() for number in range(12)}
    edges, unresolved = _resolved({"m.c": ["#<x.h>"], **many})
    assert edges == set()
    assert unresolved == {("<x.h>", "ambiguous")}


def test_names_come_through_includes_of_includes() -> None:
    edges, unresolved = _resolved(
        {"m.c": ["#a.h", "f()", "::f()", "none()"], "a.h": ["#b.h"], "b.h": ["!f"]}
    )
    assert {edge for edge in edges if edge[0] == "CALLS"} == {
        ("CALLS", "`m.c`/", "`b.h`/f().", "wildcard")
    }
    assert unresolved == {("none", "missing")}


def test_a_name_that_no_include_brings_is_the_one_that_the_linker_finds() -> None:
    edges, unresolved = _resolved({"m.c": ["f()", "g()"], "a.c": ["!f"], "b.c": []})
    assert edges == {("CALLS", "`m.c`/", "`a.c`/f().", "linkage")}
    assert unresolved == {("g", "missing")}


def test_a_name_that_several_files_define_is_ambiguous() -> None:
    edges, unresolved = _resolved({"m.c": ["f()"], "a.c": ["!f"], "b.c": ["!f"]})
    assert {edge[2] for edge in edges} == {"`a.c`/f().", "`b.c`/f()."}
    assert unresolved == {("f", "ambiguous")}

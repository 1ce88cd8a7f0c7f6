"""A small PHP program, from parsers' dumps to edges.

Belongs here: that names link across files and namespaces, whichever parser read the files. Does not:
what a dump's rows are (`tests/golden`), resolving in general (`tests/unit/resolve`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine
from snake_pipe_core.resolve import resolve_tables
from snake_pipe_core.resolve.source import RESOLVED_TABLES

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FILES = {
    "agreement": "src/Shop/Stock/Item.php.json",
    "money": "src/Shop/Money.php.json",
    "text": "src/text.php.json",
}
PARSERS = [
    "php-parser/php-parser-4",
    "php-parser/php-parser-5",
    "glayzzle/glayzzle",
    "tree-sitter/php",
]
each_parser = pytest.mark.parametrize("parser", PARSERS)
EXPECTED = {
    # inheritance, and what comes through it
    ("INHERITS", "Shop\\Stock.Book", "Shop\\Stock.Item"),
    ("IMPLEMENTS", "Shop\\Stock.Item", "Shop\\Stock.Priced"),
    ("MIXES_IN", "Shop\\Stock.Item", "Shop\\Stock.Named"),
    ("OVERRIDES", "Shop\\Stock.Book.tax", "Shop\\Stock.Item.tax"),
    ("CALLS", "Shop\\Stock.Book.price", "Shop\\Stock.Priced.price"),
    ("CALLS", "Shop\\Stock.Item.sell", "Shop\\Stock.Named.name"),
    ("READS", "Shop\\Stock.Book.tax", "Shop\\Stock.Priced.CURRENCY"),
    # a property and a method of one name
    ("READS", "Shop\\Stock.Named.name", "Shop\\Stock.Named.name"),
    # imports: a class under another name, a function, a constant
    ("IMPORTS", "Shop\\Stock\\Item", "Shop.Money"),
    ("CALLS", "Shop\\Stock.Named.name", "Shop\\Text.slug"),
    ("READS", "Shop\\Stock.Size.of", "Shop\\Text.LIMIT"),
    ("HAS_TYPE", "Shop\\Stock.Item.cost", "Shop.Money"),
    # what a call gives
    ("CALLS", "Shop\\Stock.Item.sell", "Shop.Money.times"),
    # names that begin with a namespace: imported, below the own one, from the top
    ("CALLS", "Shop.Money.of", "Shop\\Text.parse"),
    ("CALLS", "Shop.Money.buy", "Shop\\Stock.Item.sell"),
    ("HAS_TYPE", "Shop.Money.buy.$size", "Shop\\Stock.Size"),
    ("CALLS", "Shop.Money.buy", "Shop\\Text.slug"),
    # `new static`, `new self` and the constructor
    ("INSTANTIATES", "Shop.Money.of", "Shop.Money"),
    ("CALLS", "Shop.Money.plus", "Shop.Money.__construct"),
    ("THROWS", "Shop\\Stock.Item.sell", "Shop\\Stock.OutOfStock"),
}


@cache
def resolved(
    parser: str, called: str = "strtolower"
) -> tuple[pl.DataFrame, pl.DataFrame, dict[int, str]]:
    """Edges, unresolved rows, and the qualified names of symbols, of the program of one parser.

    `called` stands for a function that it calls. With another than PHP's own there is a file more.
    """
    files = FILES if called == "strtolower" else FILES | {"script": "src/script.php.json"}
    contents = [
        (GOLDEN / f"{parser}-{case}" / "source.php.json")
        .read_bytes()
        .replace(b'"strtolower"', f'"{called}"'.encode())
        # tree-sitter's wrapper states a path of its own.
        .replace(b'"path":"source.php"', f'"path":"{path.removesuffix(".json")}"'.encode())
        for case, path in files.items()
    ]
    engine = Engine(load_registry().mappings_json())
    batches = engine.scan("made", list(files.values()), contents=contents, workers=1)
    frames = {}
    for name in RESOLVED_TABLES:
        declared = pl.DataFrame(pl.from_arrow(TABLES[name].schema.empty_table()))
        frames[name] = pl.concat([declared, *(pl.DataFrame(b) for b in batches.get(name, ()))])
    edges, unresolved = resolve_tables({name: each.lazy() for name, each in frames.items()}, "made")
    names = dict(frames["symbols"].select("symbol_id", "qualified_name").iter_rows())
    return edges, unresolved, names


@each_parser
def test_names_link_across_files_and_namespaces(parser: str) -> None:
    edges, _, names = resolved(parser)
    found = {
        (kind, names.get(src), names.get(dst))
        for kind, src, dst in edges.select("kind", "src_id", "dst_id").iter_rows()
    }
    assert EXPECTED - found == set()


@each_parser
def test_what_is_php_itself_is_outside_and_nothing_is_missing(parser: str) -> None:
    _, unresolved, _ = resolved(parser)
    reasons = dict(unresolved.group_by("reason").len().iter_rows())
    assert set(reasons) == {"external", "dynamic"}
    outside = set(unresolved.filter(pl.col("reason") == "external")["target"])
    assert {"Countable", "JsonSerializable", "RuntimeException", "trim", "strlen"} <= outside
    assert "Shop\\Events.Sold" in outside
    dynamic = unresolved.filter(pl.col("reason") == "dynamic").select("qualifier", "name").rows()
    assert dynamic == [("$price", "plus")]


@each_parser
def test_functions_that_a_namespace_lacks_are_those_at_the_top(parser: str) -> None:
    edges, _, names = resolved(parser, "home")
    calls = edges.filter(pl.col("kind") == "CALLS")
    found = {
        (names.get(src), names.get(dst))
        for src, dst in calls.select("src_id", "dst_id").iter_rows()
    }
    assert ("Shop\\Text.slug", "home") in found


@each_parser
def test_variables_of_another_file_are_no_names(parser: str) -> None:
    edges, _, names = resolved(parser, "home")
    reads = edges.filter(pl.col("kind") == "READS").select("src_id", "dst_id").iter_rows()
    users = {names.get(src) for src, dst in reads if (names.get(dst) or "").startswith("$")}
    assert users <= {"home", "script"}

"""What the tree-sitter mappings say of the golden sources, written down by hand.

Belongs here: symbols, imports and references of chosen lines, per language. Does not: agreement with
other parsers (`tests/golden/test_agreement.py`), the whole of the rows (`tests/differential`).
"""

from __future__ import annotations

import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "tree-sitter"


@cache
def engine() -> Engine:
    return Engine(load_registry().mappings_json())


def scan(content: bytes, path: str) -> dict[str, pl.DataFrame]:
    scanned = engine().scan("s", [path], None, [content])
    return {
        name: pl.concat([pl.DataFrame(batch) for batch in batches]) if batches else pl.DataFrame()
        for name, batches in scanned.items()
    }


@cache
def tables(case: str) -> dict[str, pl.DataFrame]:
    file = next((GOLDEN / case).glob("*.json"))
    return scan(file.read_bytes(), file.name)


def symbols(case: str) -> dict[str, dict[str, Any]]:
    """Symbols by what follows the package or module in their string."""
    return {
        row["symbol"].split(" ", 2)[2]: row for row in tables(case)["symbols"].iter_rows(named=True)
    }


def references(case: str, line: int) -> set[tuple[str, str, str]]:
    """Role, dotted chain and binding of the references of one line."""
    return {
        (row["role"], ".".join(filter(None, (row["qualifier"], row["name"]))), row["binding"])
        for row in tables(case)["references"].iter_rows(named=True)
        if row["start_line"] == line
    }


def imports(case: str) -> list[tuple[str, str, str, str]]:
    columns = ("module", "imported_name", "alias", "kind")
    return [tuple(row) for row in tables(case)["imports"].select(columns).iter_rows()]


def test_java_packages_are_name_spaces():
    assert {
        "com/example/shapes/Shape#area().",
        "com/example/shapes/Shape#Unit#METRE.apply().",
        "com/example/shapes/Shape#Unit#Unit(+1).",
        "com/example/shapes/Polygon#Triangle#area().",
        "com/example/shapes/Square#area().Local#",
        "com/example/shapes/Square#area().`[class]`#run().",
        "com/example/shapes/Money#cents.",
    } <= set(symbols("java-types"))
    assert tables("java-types")["documents"]["package"].to_list() == ["com.example.shapes"]


@pytest.mark.parametrize(
    ("symbol", "kind", "visibility", "flags"),
    [
        ("Shape#", "interface", "public", ""),
        ("Shape#SIDES.", "field", "public", "final static"),
        ("Shape#area().", "method", "public", "abstract"),
        ("Shape#hidden().", "method", "private", ""),
        ("Shape#Unit#", "enum", "public", ""),
        ("Shape#Unit#FOOT.", "enum_member", "public", ""),
        ("Polygon#", "class", "package", "abstract sealed"),
        ("Polygon#corners.", "field", "protected", "final"),
        ("Polygon#Polygon().", "constructor", "package", ""),
        ("Money#", "class", "package", "record"),
        ("Money#notes.", "field", "private", "final"),
        ("Marker#", "interface", "package", "annotation"),
    ],
)
def test_java_members_keep_kind_visibility_and_modifiers(symbol, kind, visibility, flags):
    row = symbols("java-types")[f"com/example/shapes/{symbol}"]
    assert (row["kind"], row["visibility"], row["flags"]) == (kind, visibility, flags)


def test_java_docstrings_are_the_comments_before():
    row = symbols("java-types")["com/example/shapes/Shape#"]
    assert row["docstring"] == "An interface with every kind of member."


def test_java_imports():
    assert imports("java-types") == [
        ("java.lang.Math", "PI", "PI", "symbol"),
        ("java.util.stream.Collectors", "*", "", "wildcard"),
        ("java.util", "*", "", "wildcard"),
        ("java.util.function", "Function", "Function", "symbol"),
        ("com.example.base.Outer", "Inner", "Inner", "symbol"),
    ]


def test_java_references():
    assert references("java-members", 37) == {
        ("call", "text.length", "builtin"),
        ("call", "add.apply", "wildcard"),
        ("call", "make.get().size", "wildcard"),
        ("call", "make.get", "wildcard"),
    }
    assert ("throws", "IOException", "import") in references("java-members", 12)
    assert ("implement", "Shape", "symbol") in references("java-types", 46)


def test_java_calls_see_methods_and_not_fields_of_the_same_name():
    """`cents()` in a record is its accessor, which the source does not state, not the field.

    The source imports members on demand, which come before inherited and unstated ones.
    """
    (call,) = (
        row
        for row in tables("java-types")["references"].iter_rows(named=True)
        if row["start_line"] == 50 and row["role"] == "call"
    )
    assert (call["name"], call["binding"]) == ("cents", "wildcard")


def test_go_methods_belong_to_the_type_of_their_receiver():
    found = symbols("go-members")
    assert found["members/Server#Close()."]["flags"] == "pointer_receiver"
    assert found["members/Point#String()."]["flags"] == ""
    assert found["members/Server#run()."]["visibility"] == "package"
    assert found["members/Server#run()."]["signature"] == "(limit)"


def test_go_receivers_of_other_files_make_the_same_symbol():
    artifact = json.loads((GOLDEN / "go-members" / "source.go.json").read_text(encoding="utf-8"))
    declaration = next(
        child
        for child in artifact["root"]["children"]
        if child["type"] == "method_declaration"
        and any(part.get("text") == "Close" for part in child["children"])
    )
    clause = next(c for c in artifact["root"]["children"] if c["type"] == "package_clause")
    artifact["root"]["children"] = [clause, declaration]
    artifact["path"] = "other.go"
    alone = scan(json.dumps(artifact).encode(), "other.go.json")["symbols"]
    own = {row["symbol"]: row for row in alone.iter_rows(named=True)}
    whole = {row["symbol"]: row for row in symbols("go-members").values()}
    close = "go . members/Server#Close()."
    assert own[close]["symbol_id"] == whole[close]["symbol_id"]
    assert own[close]["container_id"] == whole["go . members/Server#"]["symbol_id"]


def test_go_embedded_types_are_bases_and_fields():
    found = symbols("go-members")
    assert {"members/Server#Ledger.", "members/Server#Point.", "members/Server#Name."} <= set(found)
    lines = {33: "money.Ledger", 34: "Point", 35: "pb.UnimplementedShop", 42: "fmt.Stringer"}
    for line, base in lines.items():
        assert {("inherit", base)} == {
            (role, chain) for role, chain, _ in references("go-members", line) if role == "inherit"
        }


def test_go_blank_names_bind_nothing():
    assert not [symbol for symbol in symbols("go-members") if symbol.endswith("/_.")]


def test_go_imports():
    assert imports("go-members") == [
        ("context", "", "context", "module"),
        ("fmt", "", "fmt", "module"),
        ("strings", "*", "", "wildcard"),
        ("embed", "", "", "side_effect"),
        ("strconv", "", "str", "module"),
        ("example.com/shop/internal/money", "", "money", "module"),
        ("example.com/shop/api/v2", "", "pb", "module"),
        ("errors", "", "errors", "module"),
    ]


def test_go_docstrings_end_at_a_blank_line():
    found = symbols("go-members")
    assert found["members/Server#"]["docstring"] == "Server embeds, tags and nests."
    assert found["members/New()."]["docstring"] is None
    document = next(row for row in found.values() if row["kind"] == "file")
    assert document["docstring"] == "Package members has every kind of declaration."


def test_python_docstrings_with_escapes_are_absent_rather_than_half():
    module = next(row for row in symbols("python-edge").values() if row["kind"] == "module")
    assert module["docstring"] is None
    assert symbols("python-edge")["source/`ƒ`()."]["docstring"] == "docstring"


def test_javascript_docstrings_stand_before_exports():
    row = symbols("javascript-agreement")["`source.js`/Item#"]
    assert (row["docstring"], row["flags"]) == ("A priced thing.", "exported")


@pytest.mark.parametrize("case", ["java-broken", "python-broken"])
def test_syntax_errors_are_warnings_and_the_rest_is_read(case):
    found = tables(case)
    assert found["artifacts"]["outcome"].to_list() == ["loaded_with_warnings"]
    assert "PARSER_ERROR_NODE" in found["findings"]["code"].to_list()
    assert found["symbols"].height > 1


@pytest.mark.parametrize("language", ["python", "javascript", "typescript", "java", "go"])
def test_the_wrapper_may_leave_out_its_name(language):
    file = next((GOLDEN / next(iter(cases(language)))).glob("*.json"))
    artifact = json.loads(file.read_text(encoding="utf-8"))
    del artifact["dialect"]
    found = scan(json.dumps(artifact).encode(), file.name)["artifacts"]
    assert found["dialect"].to_list() == ["tree-sitter"]
    assert found["language"].to_list() == [language]


def cases(language: str) -> list[str]:
    return sorted(folder.name for folder in GOLDEN.glob(f"{language}-*"))


@pytest.mark.parametrize("case", sorted(f.name for f in GOLDEN.iterdir() if f.is_dir()))
def test_every_named_kind_is_mapped(case):
    nodes = tables(case)["nodes"]
    unknown = nodes.filter(pl.col("kind") == "unknown")["native_kind"].unique().to_list()
    assert set(unknown) <= {"ERROR"}


@pytest.mark.parametrize(
    ("corpus", "count"),
    [
        ("treesitter-python--flask", 65),
        ("treesitter-javascript--express", 50),
        ("treesitter-typescript--redux", 17),
        ("treesitter-java--gson", 87),
        ("treesitter-go--gin", 59),
    ],
)
def test_every_named_kind_of_whole_repositories_is_mapped(shared_corpora, tmp_path, corpus, count):
    with tarfile.open(shared_corpora / f"{corpus}.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    files = sorted(tmp_path.rglob("*.json"))
    assert len(files) == count
    inspected = engine().scan(
        "s", [str(f.relative_to(tmp_path)) for f in files], [str(f) for f in files]
    )
    nodes = pl.concat([pl.DataFrame(batch) for batch in inspected["nodes"]])
    unknown = nodes.filter(pl.col("kind") == "unknown")["native_kind"].unique().to_list()
    assert set(unknown) <= {"ERROR"}


@pytest.mark.parametrize(
    ("case", "symbol", "kind", "visibility", "flags"),
    [
        ("csharp-types", "Shop/Orders/IShippable#", "interface", "public", ""),
        ("csharp-types", "Shop/Orders/IShippable#ShipTo().", "method", "public", "abstract"),
        ("csharp-types", "Shop/Orders/Changed#", "class", "public", "delegate"),
        ("csharp-types", "Shop/Orders/Line#", "struct", "internal", "readonly"),
        ("csharp-types", "Shop/Orders/Money#Amount.", "property", "public", ""),
        ("csharp-types", "Shop/Orders/Pair#", "struct", "public", "record"),
        ("csharp-types", "Shop/Orders/source/Order#Opened.", "event", "public", ""),
        ("csharp-types", "Shop/Orders/source/Order#Draft#", "class", "private", "sealed"),
        ("csharp-members", "Shop/Web/OrderExtensions#IsPaid().", "method", "public", "extension static"),
        ("kotlin-types", "com/shop/orders/Line#", "class", "public", "data"),
        ("kotlin-types", "com/shop/orders/Shape#", "interface", "public", "sealed"),
        ("kotlin-types", "com/shop/orders/Order#Order().", "constructor", "internal", ""),
        ("kotlin-types", "com/shop/orders/Order#Factory#", "class", "public", "companion object"),
        ("kotlin-functions", "com/shop/orders/source/shout().", "function", "public", "extension"),
        ("swift-types", "source/Shape#", "interface", "public", ""),
        ("swift-types", "source/Order#", "class", "public", "open"),
        ("swift-types", "source/Order#first.", "property", "internal", "computed"),
        ("swift-types", "source/Order#Part#Kind#grow().", "method", "internal", ""),
        ("swift-types", "source/Array#", "class", "internal", "extension"),
        ("swift-types", "source/Bank#", "class", "internal", "actor"),
    ],
)  # fmt: skip
def test_members_keep_kind_visibility_and_modifiers(case, symbol, kind, visibility, flags):
    row = symbols(case)[symbol]
    assert (row["kind"], row["visibility"], row["flags"]) == (kind, visibility, flags)


def test_csharp_imports_are_wildcards_but_for_aliases():
    assert imports("csharp-types") == [
        ("System.Linq", "*", "", "wildcard"),
        ("System", "*", "", "wildcard"),
        ("System.Math", "*", "", "wildcard"),
        ("System.Collections.Generic", "List", "Lines", "symbol"),
        ("System", "DateTime", "Clock", "symbol"),
    ]


def test_kotlin_and_swift_imports():
    assert imports("kotlin-types") == [
        ("com.shop.base", "Entity", "Entity", "symbol"),
        ("com.shop.base", "*", "", "wildcard"),
        ("com.shop.base", "Money", "Cash", "symbol"),
    ]
    assert imports("swift-types") == [
        ("Foundation", "*", "", "wildcard"),
        ("ShopKit", "*", "", "wildcard"),
        ("Money", "Amount", "Amount", "symbol"),
    ]


def test_kotlin_lambdas_behind_the_arguments_are_arguments_of_the_call():
    (call,) = (
        row
        for row in tables("kotlin-functions")["references"].iter_rows(named=True)
        if row["name"] == "repeat"
    )
    assert (call["binding"], call["argument_count"]) == ("builtin", 2)


def test_swift_patterns_bind_and_members_of_the_expected_type_are_dynamic():
    assert references("swift-functions", 27) == {("call", "left.join", "local")}
    assert ("call", "init", "dynamic") in references("swift-functions", 45)

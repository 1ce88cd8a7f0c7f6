"""Dialects of one language agree row for row, less what `docs/reference/agreement.md` lists.

Belongs here: comparison of the tables of two dialects for one source, golden or whole repository.
Does not: what the rows should be (`agreement.json`, the expected tables).
"""

from __future__ import annotations

import tarfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine

GOLDEN = Path(__file__).resolve().parent
Rows = dict[str, Counter[tuple[Any, ...]]]

SYMBOL = (
    "symbol", "kind", "qualified_name", "visibility", "flags", "signature",
    "cyclomatic_complexity", "cognitive_complexity", "max_nesting", "parameter_count",
)  # fmt: skip
IMPORT = ("module", "imported_name", "alias", "level", "kind", "is_conditional")
EXPORT = ("kind", "exported_name", "local_name", "module")
REFERENCE = (
    "role", "name", "qualifier", "binding", "binding_name", "type_path", "member_path",
    "argument_count",
)  # fmt: skip

# Golden cases that both dialects have, and how many rows of each table may differ, on either side
# together. The reasons stand in docs/reference/agreement.md.
PYTHON = {
    "agreement": {},
    "classes": {},
    "functions": {},
    "imports": {},
    "typeparams": {},
    "empty": {},
    # Two names that Python normalizes (NFKC), one as a parameter that its function prints.
    "edge": {"symbols": 6},
}
JAVASCRIPT = {
    "agreement": {},
    # One computed name.
    "classes": {"symbols": 2},
    "modules": {},
    "commonjs": {},
}
TYPESCRIPT = {
    "agreement": {},
    "classes": {},
    # `import("m")` alone as a type.
    "modules": {"imports": 2},
}
JAVA = {
    # An outer `this` in one chain; each declarator has a type of its own in JavaParser.
    "types": {"references": 2},
    "members": {"references": 4},
}
# typescript-estree names `Outer.Inner` by its last parts.
SWC: dict[str, dict[str, int]] = {
    "agreement": {},
    "classes": {},
    "modules": {},
    "commonjs": {},
    "reexports": {},
}
SWC_TYPES: dict[str, dict[str, int]] = {
    "agreement": {},
    "classes": {},
    "declarations": {},
    "modules": {"symbols": 11, "references": 4},
}
GO = {
    # A generic function is called; the grammar has an index.
    "members": {},
    "generics": {"references": 3},
}
# The parts that two of PHP's parsers have in common.
PHP: dict[str, dict[str, dict[str, int]]] = {
    "php-parser/php-parser-4": {
        case: {} for case in ("agreement", "branches", "money", "script", "text")
    },
    "glayzzle/glayzzle": {
        "agreement": {},
        "branches": {},
        "modern": {},
        # `static` is a type of the language there.
        "money": {"references": 1},
        "script": {},
        "text": {},
    },
    "tree-sitter/php": {
        case: {} for case in ("agreement", "branches", "modern", "money", "script", "text")
    },
}
CASES = [
    *(("python-ast/ast2json", "tree-sitter/python", "py", case, PYTHON[case]) for case in PYTHON),
    *(("estree/acorn", "tree-sitter/javascript", "js", case, JAVASCRIPT[case]) for case in JAVASCRIPT),
    *(
        ("estree/typescript-estree", "tree-sitter/typescript", "ts", case, TYPESCRIPT[case])
        for case in TYPESCRIPT
    ),
    *(
        ("php-parser/php-parser-5", other, "php", case, PHP[other][case])
        for other in PHP
        for case in PHP[other]
    ),
    *(("javaparser/javaparser-ranges", "tree-sitter/java", "java", case, JAVA[case]) for case in JAVA),
    *(("asty/asty", "tree-sitter/go", "go", case, GO[case]) for case in GO),
]  # fmt: skip


@cache
def engine() -> Engine:
    return Engine(load_registry().mappings_json())


def rows_of(artifacts: dict[str, bytes], *, docstrings: bool, lines: bool = True) -> Rows:
    """Scan artifacts and return what is compared of each table, with counts."""
    paths = sorted(artifacts)
    scanned = engine().scan("s", paths, None, [artifacts[path] for path in paths])
    frames = {
        name: pl.concat([pl.DataFrame(batch) for batch in batches]) if batches else pl.DataFrame()
        for name, batches in scanned.items()
    }
    outcomes = dict(frames["artifacts"].select("path", "outcome").iter_rows())
    assert set(outcomes.values()) <= {"loaded", "loaded_with_warnings"}, outcomes
    names = dict(frames["symbols"].select("symbol_id", "symbol").iter_rows())
    documents = dict(frames["documents"].select("document_id", "path").iter_rows())

    def rows(table: str, columns: tuple[str, ...], *ids: str) -> Counter[tuple[Any, ...]]:
        return Counter(
            (
                documents[row["document_id"]],
                *(row[column] for column in columns),
                *(names.get(row[column]) for column in ids),
            )
            for row in frames[table].iter_rows(named=True)
        )

    # A generator method's `*` is no member of tree-sitter's node.
    frames["symbols"] = frames["symbols"].with_columns(
        flags=pl.col("flags")
        .str.split(" ")
        .list.eval(pl.element().filter(pl.element() != "generator"))
        .list.join(" ")
    )
    symbol = (*SYMBOL, "docstring") if docstrings else SYMBOL
    return {
        "symbols": rows("symbols", symbol, "container_id"),
        "imports": rows("imports", IMPORT),
        "exports": rows("exports", EXPORT, "symbol_id"),
        "references": rows(
            "references",
            (*REFERENCE, "start_line") if lines else REFERENCE,
            "binding_id",
            "symbol_id",
        ),
    }


def assert_agree(first: Rows, second: Rows, allowed: dict[str, int]) -> None:
    """Each table has the same rows, but for the number allowed."""
    for table in first:
        only = {
            "only first": sorted((first[table] - second[table]).elements(), key=repr),
            "only second": sorted((second[table] - first[table]).elements(), key=repr),
        }
        count = sum(len(rows) for rows in only.values())
        assert count == allowed.get(table, 0), (table, only)


@pytest.mark.parametrize(
    ("first", "second", "extension", "case", "allowed"),
    [pytest.param(*case, id=f"{case[1].partition('/')[2]}-{case[3]}") for case in CASES],
)
def test_two_dialects_of_one_source_agree(first, second, extension, case, allowed):
    name = f"source.{extension}.json"
    dumps = [(GOLDEN / f"{dialect}-{case}" / name).read_bytes() for dialect in (first, second)]
    # ESTree keeps no comments, JavaParser not all.
    docstrings = extension in ("py", "php") and case != "edge"
    first, second = [rows_of({name: dump}, docstrings=docstrings) for dump in dumps]
    assert_agree(first, second, allowed)


@pytest.mark.parametrize(
    ("clang", "tree_sitter", "extension", "allowed"),
    [
        # `static` of a variable; a macro that clang has replaced.
        ("clang-queue", "c-queue", "c", 4),
        # Macros.
        ("clang-queue-header", "c-queue-header", "h", 2),
        # `explicit` where the compiler does not say it; `ns::f` that might be a method.
        ("clang-shapes", "cpp-shapes", "cpp", 4),
        # What is abstract a compiler knows.
        ("clang-shapes-header", "cpp-shapes-header", "h", 2),
    ],
)
def test_clang_and_tree_sitter_define_the_same(clang, tree_sitter, extension, allowed):
    name = f"source.{extension}.json"
    dumps = [
        (GOLDEN / folder / name).read_bytes()
        for folder in (f"clang/{clang}", f"tree-sitter/{tree_sitter}")
    ]
    first, second = [rows_of({name: dump}, docstrings=False)["symbols"] for dump in dumps]
    assert_agree({"symbols": first}, {"symbols": second}, {"symbols": allowed})


@pytest.mark.parametrize(
    ("parser", "case", "suffix", "extension", "allowed"),
    [
        *(("acorn", case, "", "js", allowed) for case, allowed in SWC.items()),
        *(("typescript-estree", case, "-ts", "ts", allowed) for case, allowed in SWC_TYPES.items()),
    ],
)
def test_swc_agrees_with_estree(parser, case, suffix, extension, allowed):
    name = f"source.{extension}.json"
    dumps = [
        (GOLDEN / "estree" / f"{parser}-{case}" / name).read_bytes(),
        (GOLDEN / "swc" / f"swc-{case}{suffix}" / name).read_bytes(),
    ]
    # swc states no lines.
    first, second = [rows_of({name: dump}, docstrings=False, lines=False) for dump in dumps]
    assert_agree(first, second, allowed)


def unpack(archive: Path) -> dict[str, bytes]:
    """Artifacts of a corpus, by path below the repository's folder."""
    with tarfile.open(archive) as tar:
        files = [member for member in tar if member.isfile() and member.name.endswith(".json")]
        return {
            member.name.split("/", 2)[2]: tar.extractfile(member).read()  # type: ignore[union-attr]
            for member in files
            if member.name.count("/") >= 2
        }


def without_symbols(rows: Rows) -> Rows:
    """What is left without symbols' strings: goastgen keeps the symbols of each file apart."""
    return {
        "symbols": Counter((row[0], *row[2:-1]) for row in rows["symbols"].elements()),
        "imports": rows["imports"],
        "references": Counter(row[:-2] for row in rows["references"].elements()),
    }


@pytest.mark.parametrize("case", ["forward", "ranges", "embed", "queue"])
def test_goastgen_agrees_with_asty(case):
    name = "source.go.json"
    first, second = [
        rows_of(
            {name: (GOLDEN / dialect / f"{dialect}-{case}" / name).read_bytes()}, docstrings=False
        )
        for dialect in ("asty", "goastgen")
    ]
    assert_agree(without_symbols(first), without_symbols(second), {})


def test_goastgen_agrees_with_asty_on_gin(shared_corpora):
    one, other = (
        unpack(shared_corpora / f"go-{name}--gin.tar.xz") for name in ("asty", "goastgen")
    )
    both = sorted(set(one) & set(other))
    assert len(both) >= 59
    first, second = [
        rows_of({path: dumps[path] for path in both}, docstrings=False) for dumps in (one, other)
    ]
    assert_agree(without_symbols(first), without_symbols(second), {})


# Files that a parser could not read whole.
BROKEN = {"src/types/store.ts.json"}


@pytest.mark.parametrize(
    ("first", "second", "count", "docstrings", "allowed"),
    [
        pytest.param("python-ast2json--flask", "treesitter-python--flask", 65, True, {}, id="flask"),
        pytest.param("js-acorn--express", "treesitter-javascript--express", 50, False, {}, id="express-acorn"),
        pytest.param("js-babel--express", "treesitter-javascript--express", 50, True, {}, id="express-babel"),
        pytest.param("js-espree--express", "js-acorn--express", 139, False, {}, id="express-espree"),
        pytest.param("js-swc--express", "js-acorn--express", 140, False, None, id="express-swc"),
        pytest.param("ts-estree--redux", "treesitter-typescript--redux", 16, False, {}, id="redux-estree"),
        pytest.param("ts-babel--redux", "treesitter-typescript--redux", 16, True, {}, id="redux-babel"),
        pytest.param("php-nikic5--monolog", "php-nikic4--monolog", 121, True, {}, id="monolog-4"),
        pytest.param("php-nikic5--monolog", "php-glayzzle--monolog", 121, True, {}, id="monolog-glayzzle"),
        pytest.param("php-nikic5--monolog", "treesitter-php--monolog", 121, True, {}, id="monolog-tree-sitter"),
        pytest.param("ts-babel--redux", "ts-estree--redux", 38, False, {}, id="redux"),
        # Generic functions that are called, values in literals of structs.
        pytest.param("go-asty--gin", "treesitter-go--gin", 59, True, {"references": 97}, id="gin-asty"),
        # `Outer.this`, and two lines that begin elsewhere.
        pytest.param("java-javaparser--gson", "treesitter-java--gson", 87, False, {"references": 14}, id="gson"),
    ],
)  # fmt: skip
def test_two_dialects_of_one_repository_agree(
    shared_corpora, first, second, count, docstrings, allowed
):
    one, other = (unpack(shared_corpora / f"{name}.tar.xz") for name in (first, second))
    both = sorted(set(one) & set(other) - BROKEN)
    assert len(both) >= count
    # swc states no lines: `allowed` is None.
    first, second = [
        rows_of(
            {path: dumps[path] for path in both}, docstrings=docstrings, lines=allowed is not None
        )
        for dumps in (one, other)
    ]
    assert_agree(first, second, allowed or {})


# Attributes are tokens to syn-serde, among them `#[path]`; so are the names in some macros. Fields of enum
# members and constant parameters have no node there; an `impl` of any type binds its parameter to no type.
RUST: dict[str, dict[str, int]] = {"bodies": {}, "imports": {"imports": 2}, "items": {"symbols": 6}}

# Ruby's parsers do not agree on what a bare name is (a variable or a call), so of references only
# those that name bases are held against each other. ruby_ast_gen and tree-sitter nest other nodes
# than Prism where that adds to the cognitive complexity alone.
RUBY = ("assignments", "base", "imports", "items", "lending", "matching", "order", "unicode")
RUBY_DUMPS = {
    "prism": "prism/prism",
    "tree-sitter": "tree-sitter/ruby",
    "ruby-ast-gen": "ruby-ast-gen/ruby_ast_gen",
    "whitequark": "whitequark/whitequark",
}
NESTING = ("cognitive_complexity", "max_nesting")


def ruby_rows(artifacts: dict[str, bytes]) -> Rows:
    """What Ruby's parsers agree on: definitions, imports, and references that name bases."""
    rows = rows_of(artifacts, docstrings=False)
    nesting = [SYMBOL.index(column) + 1 for column in NESTING]
    symbols = Counter(
        {
            tuple(value for at, value in enumerate(row) if at not in nesting): count
            for row, count in rows["symbols"].items()
        }
    )
    bases = Counter(
        {
            (*row[:4], row[-1]): count
            for row, count in rows["references"].items()
            if row[1] in ("inherit", "mixin")
        }
    )
    return {"symbols": symbols, "imports": rows["imports"], "bases": bases}


@pytest.mark.parametrize("dialect", [name for name in RUBY_DUMPS if name != "prism"])
@pytest.mark.parametrize("case", RUBY)
def test_parsers_of_ruby_agree_on_definitions(dialect, case):
    dumps = [
        (GOLDEN / f"{RUBY_DUMPS[name]}-{case}" / "source.rb.json").read_bytes()
        for name in ("prism", dialect)
    ]
    first, second = [ruby_rows({"source.rb.json": dump}) for dump in dumps]
    assert_agree(first, second, {})


@pytest.mark.parametrize(
    ("corpus", "count"),
    [
        pytest.param("treesitter-ruby--sinatra", 53, id="tree-sitter"),
        pytest.param("ruby-astgen--sinatra", 147, id="ruby-ast-gen"),
        pytest.param("ruby-whitequark--sinatra", 147, id="whitequark"),
    ],
)
def test_parsers_of_ruby_agree_on_sinatra(shared_corpora, corpus, count):
    names = ("ruby-prism--sinatra", corpus)
    one, other = (unpack(shared_corpora / f"{name}.tar.xz") for name in names)
    both = sorted(set(one) & set(other))
    assert len(both) >= count
    first, second = [ruby_rows({path: dumps[path] for path in both}) for dumps in (one, other)]
    assert_agree(first, second, {})


def rust_rows(artifacts: dict[str, bytes]) -> Rows:
    """Definitions (but for who sees them and docs), imports and exports of Rust."""
    rows = rows_of(artifacts, docstrings=False, lines=False)
    kept = [SYMBOL.index(column) + 1 for column in ("symbol", "kind", "qualified_name")]
    symbols: Counter[tuple[Any, ...]] = Counter()
    for row, count in rows["symbols"].items():
        symbols[row[0], *(row[at] for at in kept)] += count
    exports = Counter({row[:4]: count for row, count in rows["exports"].items()})
    return {"symbols": symbols, "imports": rows["imports"], "exports": exports}


@pytest.mark.parametrize("case", ["bodies", "imports", "items"])
def test_parsers_of_rust_agree_on_definitions(case):
    dumps = [
        (GOLDEN / folder / "source.rs.json").read_bytes()
        for folder in (f"tree-sitter/rust-{case}", f"syn-serde/syn-serde-{case}")
    ]
    first, second = [rust_rows({"source.rs.json": dump}) for dump in dumps]
    assert_agree(first, second, RUST[case])


def test_parsers_of_rust_agree_on_fd(shared_corpora):
    names = ("treesitter-rust--fd", "rust-synserde--fd")
    one, other = (unpack(shared_corpora / f"{name}.tar.xz") for name in names)
    both = sorted(set(one) & set(other))
    assert len(both) >= 24
    first, second = [rust_rows({path: dumps[path] for path in both}) for dumps in (one, other)]
    assert_agree(first, second, {})

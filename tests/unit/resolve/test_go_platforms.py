"""Go's files for platforms, and files without the type that their methods belong to.

Belongs here: what contains a method whose type is declared elsewhere or nowhere. Does not: other
edges of Go (`test_examples`).
"""

from __future__ import annotations

from collections.abc import Mapping

from snake_pipe_core.parse.syntax_tree import grammar_of, write_syntax
from tests.unit.resolve.programs import Program, resolve, scan

TYPE = "package net\n\ntype Resolver struct{}\n\nfunc (r *Resolver) Do() { r.lookup() }\n"
UNIX = "//go:build unix\n\npackage net\n\nfunc (r *Resolver) lookup() {}\n"
WINDOWS = "package net\n\nfunc (r *Resolver) lookup() {}\n"


def program(files: Mapping[str, str]) -> Program:
    artifacts = {}
    for path, text in files.items():
        pieces: list[str] = []

        def emit(texts: list[str], pieces: list[str] = pieces) -> None:
            pieces.extend(texts)
            texts.clear()

        write_syntax(text.encode(), path, "go", grammar_of("tree_sitter_go", "language"), emit)
        artifacts[f"{path}.json"] = "".join(pieces).encode()
    made = resolve(scan(artifacts, "tree-sitter"))
    named = made.names
    edges = made.resolved.edges.filter(kind="DEFINES")
    assert set(edges["src_id"]) <= set(named), "a DEFINES edge from nowhere"
    assert made.tables["symbols"]["symbol_id"].is_unique().all()
    return made


def test_a_method_in_a_file_for_a_platform_belongs_to_the_type_of_the_package() -> None:
    net = program({"net/a.go": TYPE, "net/a_unix.go": UNIX, "net/a_windows.go": WINDOWS})
    assert net.edges("DEFINES") >= {
        ("net/Resolver#", "net/Resolver#Do()."),
        ("net/Resolver#", "net/a_unix/Resolver#lookup()."),
        ("net/Resolver#", "net/a_windows/Resolver#lookup()."),
    }


def test_a_type_that_only_files_for_platforms_declare_has_their_methods() -> None:
    both = {"net/a_unix.go": UNIX + TYPE.split("net\n", 1)[1], "net/b_posix.go": UNIX}
    assert program(both).edges("DEFINES") >= {
        ("net/a_unix/Resolver#", "net/a_unix/Resolver#lookup()."),
        ("net/a_unix/Resolver#", "net/b_posix/Resolver#lookup()."),
    }


def test_a_method_whose_type_is_in_no_file_belongs_to_its_file() -> None:
    assert ("net/a_windows/", "net/a_windows/Resolver#lookup().") in program(
        {"net/a_windows.go": WINDOWS}
    ).edges("DEFINES")
    plain = program({"net/plain.go": WINDOWS}).edges("DEFINES")
    assert ("net/plain/", "net/Resolver#lookup().") in plain


def test_tests_for_platforms_are_apart_from_each_other() -> None:
    text = "package net\n\nfunc isErr() bool { return true }\n"
    net = program({"net/e_plan9_test.go": text, "net/e_windows_test.go": text})
    assert {"net/e_plan9_test/isErr().", "net/e_windows_test/isErr()."} <= set(net.names.values())

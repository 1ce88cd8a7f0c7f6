"""Runs the producers that are Python packages, and those that are programs of other languages.

Belongs here: calling a parser and writing its JSON as its users would.
Does not: choosing what to parse (`cases.json`), the npm parsers (`dump_npm_parsers.mjs`).
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent
EXAMPLES = HERE.parents[2] / "examples"
PROJECTS = HERE.parents[1] / "unit" / "resolve" / "projects"

# A deep source must reach the parsers' own limits, not those of the recursive dumpers.
sys.setrecursionlimit(20_000)

type Dump = Callable[[bytes, str], str]


def dump_ast2json(source: bytes, path: str) -> str:
    """The tree of `ast2json.ast2json`, minified; non-finite floats stay bare `Infinity`."""
    tree = import_module("ast2json").ast2json(ast.parse(source, filename=path))
    return json.dumps(tree, separators=(",", ":"))


def dump_astexport(source: bytes, path: str) -> str:
    """The document of `astexport.export.export_json`, as it prints it."""
    document: str = import_module("astexport.export").export_json(ast.parse(source, filename=path))
    return document


def wheel_name(language: str) -> str:
    """The word by which the wheel of a language calls it."""
    return "c_sharp" if language == "csharp" else language


def tree_sitter_grammar(language: str) -> Any:
    """The compiled grammar of one language, from its wheel."""
    wheel = import_module(f"tree_sitter_{wheel_name(language)}")
    several = language in ("php", "typescript")
    pointer = getattr(wheel, f"language_{language}" if several else "language")
    return import_module("tree_sitter").Language(pointer())


def tree_sitter_node(cursor: Any) -> dict[str, Any]:
    """One node without its children. `error` and `missing` appear only where they are true."""
    node = cursor.node
    record: dict[str, Any] = {
        "type": node.type,
        "named": node.is_named,
        "field": cursor.field_name,
        "start_byte": node.start_byte,
        "end_byte": node.end_byte,
        "start_point": [node.start_point.row, node.start_point.column],
        "end_point": [node.end_point.row, node.end_point.column],
    }
    if node.is_error:
        record["error"] = True
    if node.is_missing:
        record["missing"] = True
    return record


def dump_tree_sitter(language: str) -> Dump:
    """The wrapper around a tree-sitter tree: leaves carry `text`, inner nodes `children`."""

    def dump(source: bytes, path: str) -> str:
        parser = import_module("tree_sitter").Parser(tree_sitter_grammar(language))
        cursor = parser.parse(source).walk()
        root = tree_sitter_node(cursor)
        open_nodes = [root]
        entered = True
        while open_nodes:
            record = open_nodes[-1]
            if entered and cursor.goto_first_child():
                record["children"] = [tree_sitter_node(cursor)]
                open_nodes.append(record["children"][0])
                continue
            if entered:
                record["text"] = cursor.node.text.decode("utf-8", "replace")
            open_nodes.pop()
            if open_nodes and cursor.goto_next_sibling():
                sibling = tree_sitter_node(cursor)
                open_nodes[-1]["children"].append(sibling)
                open_nodes.append(sibling)
                entered = True
            else:
                cursor.goto_parent()
                entered = False
        name = wheel_name(language)
        document = {"dialect": "tree-sitter", "language": name, "path": path, "root": root}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))

    return dump


def dump_clang(source: bytes, path: str) -> str:
    """The JSON of clang, minified; ids are numbered as they come, since they are addresses.

    The source is compiled where it stands, under its own name: it includes headers beside it.
    """
    found = [each for each in sorted((HERE / "sources" / "clang").iterdir())
             if each.read_bytes() == source and each.suffix == Path(path).suffix]  # fmt: skip
    is_plain = found[0].stem == "queue"
    options = ["-x", "c" if is_plain else "c++", f"-std={'c17' if is_plain else 'c++17'}"]
    dump = subprocess.run(
        ["clang-19", "-fsyntax-only", *options, "-Xclang", "-ast-dump=json", found[0].name],
        cwd=found[0].parent, check=True, capture_output=True, text=True,
    )  # fmt: skip
    numbers: dict[str, str] = {}
    text = json.dumps(json.loads(dump.stdout), separators=(",", ":"))
    return re.sub(
        r'"0x[0-9a-f]+"',
        lambda match: numbers.setdefault(match.group(), f'"{hex(len(numbers) + 1)}"'),
        text,
    )


def dump_whitequark(source: bytes, path: str) -> str:
    """What `ruby-parse --emit-json` of the Ruby gem `parser` prints, minified."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.write_bytes(source)
        dump = subprocess.run(
            ["ruby-parse", "--emit-json", file.name], cwd=folder, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
    return json.dumps(json.loads(dump.stdout), ensure_ascii=False, separators=(",", ":"))


def dump_syn_serde(source: bytes, path: str) -> str:
    """What the crate `syn-serde` writes of syn's tree; the program is in `syn-serde/`."""
    crate = HERE / "syn-serde" / "Cargo.toml"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.write_bytes(source)
        dump = subprocess.run(
            ["cargo", "run", "--quiet", "--locked", "--manifest-path", crate, "--", file],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    return json.dumps(json.loads(dump.stdout), ensure_ascii=False, separators=(",", ":"))


PRODUCERS: dict[str, Dump] = {
    "syn-serde": dump_syn_serde,
    "whitequark": dump_whitequark,
    "clang": dump_clang,
    "ast2json": dump_ast2json,
    "astexport": dump_astexport,
} | {
    f"tree-sitter-{language}": dump_tree_sitter(language)
    for language in (
        "c", "cpp", "csharp", "go", "java", "javascript", "kotlin", "php", "python", "ruby", "rust",
        "swift", "typescript",
    )
}  # fmt: skip


PROGRAMS = {"syn-serde": "cargo", "clang": "clang-19", "whitequark": "ruby-parse"}
"""Producers that are no Python packages, by the program that has to be there."""


def write_golden(dialect: str, case: str, producer: str, source: str) -> None:
    """Writes `tests/golden/<dialect>/<case>/source.<ext>` and its artifact beside it."""
    origin = HERE / "sources" / source
    folder = GOLDEN / dialect / case
    folder.mkdir(parents=True, exist_ok=True)
    document = f"source{origin.suffix}"
    shutil.copyfile(origin, folder / document)
    artifact = PRODUCERS[producer](origin.read_bytes(), document)
    (folder / f"{document}.json").write_text(artifact + "\n", encoding="utf-8", newline="\n")


def write_tree(home: Path, source: str, producer: str, suffixes: list[str]) -> None:
    """Writes `<home>/asts/<source>/`, one artifact per source file, at the mirrored path."""
    root = home / "sources" / source
    target = home / "asts" / source
    if target.exists():
        shutil.rmtree(target)
    for origin in sorted(root.rglob("*")):
        if origin.suffix not in suffixes:
            continue
        document = origin.relative_to(root).as_posix()
        artifact = PRODUCERS[producer](origin.read_bytes(), document)
        destination = target / f"{document}.json"
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_text(artifact + "\n", encoding="utf-8", newline="\n")


def write_damaged_example() -> None:
    """Writes `examples/asts/shop-damaged/`: what an interrupted copy leaves in a directory.

    One sound artifact, its exact duplicate, one artifact cut in the middle of a token, and one
    JSON file that no parser made.
    """
    sound = (EXAMPLES / "asts/shop-python/src/shop/money.py.json").read_bytes()
    target = EXAMPLES / "asts" / "shop-damaged"
    if target.exists():
        shutil.rmtree(target)
    for path, content in {
        "catalog/money.py.json": sound,
        "catalog/money_copy.py.json": sound,
        "catalog/truncated.py.json": sound[: len(sound) * 2 // 3],
        "settings.json": (EXAMPLES / "sources/shop-damaged/settings.json").read_bytes(),
    }.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)


def main() -> None:
    """Runs every case of `cases.json` whose producer is a Python package."""
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    for golden in cases["golden"]:
        program = PROGRAMS.get(golden["producer"])
        if program is not None and shutil.which(program) is None:
            print(f"generate: {program} is not there: {golden['case']} stays as it is.")
        elif golden["producer"] in PRODUCERS:
            write_golden(**golden)
    for example in cases["examples"]:
        if example["producer"] in PRODUCERS:
            write_tree(EXAMPLES, **example)
    for project in cases["projects"]:
        if project["producer"] in PRODUCERS:
            write_tree(PROJECTS, **project)
    if (EXAMPLES / "sources/shop-damaged").exists():
        write_damaged_example()


if __name__ == "__main__":
    main()

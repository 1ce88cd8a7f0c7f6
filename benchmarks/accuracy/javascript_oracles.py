"""Oracles for JavaScript and TypeScript: TypeScript's compiler and dependency-cruiser.

Belongs here: getting packages and tools from npm, asking them, naming things as they do. Does not:
judging.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.accuracy.compare import Comparison, Edge
from benchmarks.accuracy.corpora import Corpus, resolve

TOOLS = ("typescript@5.9", "acorn@8", "@typescript-eslint/typescript-estree@8",
         "dependency-cruiser@17")  # fmt: skip


@dataclass(frozen=True)
class Package:
    """An npm package: what we made of it and what TypeScript says."""

    corpus: Corpus
    facts: dict[str, Any]


def install_tools(work: Path) -> Path:
    """Install the tools into a folder of their own and return it."""
    home = work / "npm-tools"
    if not (home / "node_modules" / "dependency-cruiser").is_dir():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}')
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", *TOOLS], cwd=home, check=True
        )
    return home


def npm_package(name: str, version: str, folders: list[str], work: Path, tools: Path) -> Package:
    """Unpack a package, dump the sources of its folders, resolve them and ask TypeScript."""
    home = work / f"{name}-{version}"
    if not home.is_dir():
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version}"], cwd=work, check=True)
        with tarfile.open(work / f"{name}-{version}.tgz") as archive:
            archive.extractall(home, filter="data")
    root = home / "package"
    script = Path(__file__).with_name("javascript_facts.cjs")
    output = subprocess.run(
        ["node", str(script), str(tools), str(root), *folders],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    facts = json.loads(output)
    artifacts = {path: text.encode() for path, text in facts.pop("asts").items()}
    corpus = resolve(f"{name} {version}", root, artifacts, "estree", "babel")
    return Package(corpus, facts)


def compare_modules(package: Package) -> Comparison:
    """Module imports against `ts.resolveModuleName`."""
    theirs = {(a, b) for a, b in package.facts["modules"]}
    return Comparison(
        package.corpus.name, "imports between modules", "tsc",
        _module_edges(package.corpus), frozenset(theirs),
    )  # fmt: skip


def compare_cruiser(package: Package, folders: list[str], tools: Path) -> Comparison:
    """Module imports against dependency-cruiser."""
    root = package.corpus.root
    command = [str(tools / "node_modules" / ".bin" / "depcruise"), "--no-config",
               "--ts-pre-compilation-deps", "--output-type", "json", *folders]  # fmt: skip
    output = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    known = set(package.corpus.documents.values())
    theirs = {
        (module["source"], dependency["resolved"])
        for module in json.loads(output)["modules"]
        for dependency in module["dependencies"]
        if module["source"] in known and dependency["resolved"] in known
    }
    return Comparison(
        package.corpus.name, "imports between modules", "dependency-cruiser",
        _module_edges(package.corpus), frozenset(theirs),
    )  # fmt: skip


def compare_heritage(package: Package) -> Comparison:
    """`extends` and `implements` against TypeScript's checker."""
    symbols = package.corpus.symbols
    ours = {
        (_class_name(symbols[a]), _class_name(symbols[b]))
        for a, b, _ in package.corpus.edges("INHERITS", "IMPLEMENTS")
        if a in symbols and b in symbols
    }
    return Comparison(
        package.corpus.name, "base classes and interfaces", "tsc", frozenset(ours),
        frozenset((a, b) for a, b in package.facts["heritage"]),
    )  # fmt: skip


def compare_calls(package: Package) -> tuple[Counter[str], list[str]]:
    """Count how TypeScript's checker and we agree on what each call calls."""
    corpus = package.corpus
    paths = corpus.tables["documents"].select("document_id", "document_path")
    targets = corpus.tables["symbols"].join(paths, on="document_id").select(
        dst_id="symbol_id", dst_path="document_path", dst_line="start_line",
        dst_kind="kind", dst_name="name",
    )  # fmt: skip
    places = corpus.tables["nodes"].select("document_id", "node", "start_line")
    rows = (
        corpus.resolved.outcomes.references.filter(pl.col("role").is_in(["call", "instantiate"]))
        .join(paths, on="document_id")
        .join(places, on=["document_id", "node"])
        .join(targets, on="dst_id", how="left")
    )
    kinds = {"function", "method", "constructor", "class"}
    ours: dict[tuple[str, int, str], set[tuple[str, int]]] = {}
    for row in rows.iter_rows(named=True):
        found = ours.setdefault((row["document_path"], row["start_line"], row["name"]), set())
        if row["dst_path"] is not None and row["dst_kind"] in kinds:
            found.add((row["dst_path"], row["dst_line"]))
    counts: Counter[str] = Counter()
    differences = []
    for path, line, name, found in package.facts["calls"]:
        mine = ours.get((path, line, name))
        theirs = {(target, at) for target, at in found}
        if mine is None:
            counts["not compared"] += 1
        elif mine and theirs:
            same = bool(mine & theirs)
            counts["same" if same else "different"] += 1
            if not same:
                differences.append(
                    f"{path}:{line} {name}: ours {sorted(mine)}, tsc {sorted(theirs)}"
                )
        elif theirs:
            counts["we abstain"] += 1
        else:
            counts["oracle abstains" if mine else "both abstain"] += 1
            if mine:
                differences.append(f"{path}:{line} {name}: ours {sorted(mine)}, tsc nothing")
    return counts, differences


def _module_edges(corpus: Corpus) -> frozenset[Edge]:
    documents = corpus.documents
    return frozenset(
        (documents[a], documents[b])
        for a, b, _ in corpus.edges("IMPORTS")
        if a in documents and b in documents
    )


def _class_name(row: dict[str, object]) -> str:
    return f"{row['document_path']}:{row['name']}"

"""Oracles for Python: grimp, the interpreter itself, astroid and jedi.

Belongs here: asking them and naming things as they do. Does not: judging.

Modules are named by dotted names, classes and functions by `module:qualified.name`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl

from benchmarks.accuracy.compare import Comparison, Edge
from benchmarks.accuracy.corpora import Corpus


def compare_modules(corpus: Corpus, package: str, source: str) -> Comparison:
    """Module imports within a package, against grimp's import graph."""
    import grimp

    sys.path.insert(0, str(corpus.root / source))
    try:
        graph = grimp.build_graph(package, cache_dir=None)
    finally:
        sys.path.pop(0)
    theirs = {
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    modules = _modules(corpus, source)
    ours = {
        (modules[a], modules[b])
        for a, b, _ in corpus.edges("IMPORTS")
        if a in modules and b in modules and a != b
    }
    known = graph.modules
    return Comparison(
        corpus.name, "imports between modules", "grimp", frozenset(ours), frozenset(theirs),
        reasons={
            edge: "a package without `__init__.py`: grimp does not look into those"
            for edge in ours
            if not known.issuperset(edge)
        },
    )  # fmt: skip


def compare_runtime(corpus: Corpus, package: str, source: str, python: Path) -> list[Comparison]:
    """Imported names and bases, against the objects of a process that imported all modules.

    Only what can be told of objects: functions and classes that know their module and name.
    """
    program = Path(__file__).with_name("runtime_facts.py")
    output = subprocess.run(
        [str(python), str(program), package, str(corpus.root / source)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    facts = json.loads(output)
    names = _names(corpus, source)
    modules = _modules(corpus, source)
    bound: dict[Edge, str] = {}
    imports = corpus.resolved.outcomes.imports.join(
        corpus.tables["imports"].select("document_id", "node", "imported_name", "alias", "scope_id"),
        on=["document_id", "node"],
    ).filter((pl.col("scope_id") == 0) & (pl.col("imported_name") == pl.col("name")))  # fmt: skip
    for row in imports.iter_rows(named=True):
        if row["src_id"] in modules and row["dst_id"] in names:
            bound[(modules[row["src_id"]], row["alias"])] = names[row["dst_id"]]
    theirs = {(f"{m}:{alias}", target) for m, alias, target in facts["names"]}
    asked = {edge[0] for edge in theirs}
    ours = {(f"{m}:{alias}", target) for (m, alias), target in bound.items()}
    inherits = {
        (names[a], names[b]) for a, b, _ in corpus.edges("INHERITS") if a in names and b in names
    }
    known = set(facts["classes"])
    return [
        Comparison(corpus.name, "imported functions and classes", "the interpreter",
                   frozenset(edge for edge in ours if edge[0] in asked), frozenset(theirs)),
        Comparison(corpus.name, "base classes", "the interpreter",
                   frozenset(edge for edge in inherits if edge[0] in known),
                   frozenset((a, b) for a, b in facts["bases"])),
    ]  # fmt: skip


def compare_bases(corpus: Corpus, package: str, source: str) -> Comparison:
    """Base classes within a package, against astroid, which pyreverse draws with."""
    import astroid

    manager = astroid.MANAGER
    sys.path.insert(0, str(corpus.root / source))
    theirs: set[Edge] = set()
    modules = _modules(corpus, source)
    try:
        for path in sorted((corpus.root / source / package).rglob("*.py")):
            module = manager.ast_from_file(str(path))
            for found in module.nodes_of_class(astroid.nodes.ClassDef):
                for base in found.ancestors(recurs=False):
                    if base.root().name.split(".")[0] == package:
                        theirs.add((_astroid_name(found), _astroid_name(base)))
    finally:
        sys.path.pop(0)
        manager.clear_cache()
    names = _names(corpus, source)
    in_package = {key for key, name in modules.items() if name.split(".")[0] == package}
    paths = {corpus.documents[key] for key in in_package}
    ours = {
        (names[a], names[b])
        for a, b, _ in corpus.edges("INHERITS")
        if a in names and b in names and corpus.symbols[a]["document_path"] in paths
    }
    return Comparison(
        corpus.name, "base classes", "astroid (pyreverse)", frozenset(ours), frozenset(theirs)
    )


def compare_calls(
    corpus: Corpus, package: str, source: str, limit: int
) -> tuple[Counter[str], list[str]]:
    """Ask jedi what every n-th call of the package calls; count how the answers agree.

    `same`; `different`; `we abstain` (jedi names something of the package, we nothing); `oracle
    abstains`; `both abstain` (neither names anything of the package).
    """
    import jedi

    project = jedi.Project(str(corpus.root / source), sys_path=[str(corpus.root / source)])
    folder = f"{source}/{package}/" if source != "." else f"{package}/"
    calls = _calls(corpus, folder)
    step = max(1, len(calls) // limit)
    counts: Counter[str] = Counter()
    scripts: dict[str, jedi.Script] = {}
    differences = []
    for path, line, column, targets, name in calls[::step]:
        script = scripts.get(path)
        if script is None:
            script = scripts[path] = jedi.Script(path=str(corpus.root / path), project=project)
        try:
            found = script.goto(line, column, follow_imports=True)
        except Exception:  # noqa: BLE001  jedi gives up on some code; that is an abstention
            found = []
        theirs = {
            (Path(d.module_path).relative_to(corpus.root).as_posix(), d.line)
            for d in found
            if d.module_path and folder in f"{d.module_path}" and d.type in ("function", "class")
        }
        answer = _agreement(targets, theirs)
        counts[answer] += 1
        if answer == "different":
            differences.append(
                f"{path}:{line} {name}: ours {sorted(targets)}, jedi {sorted(theirs)}"
            )
    return counts, differences


def _agreement(ours: set[tuple[str, int]], theirs: set[tuple[str, int]]) -> str:
    if ours and theirs:
        return "same" if ours & theirs else "different"
    if theirs:
        return "we abstain"
    return "oracle abstains" if ours else "both abstain"


def _calls(corpus: Corpus, folder: str) -> list[tuple[str, int, int, set[tuple[str, int]], str]]:
    """Return path, line and column of the name, our targets (path, line) and name of each call."""
    paths = corpus.tables["documents"].select("document_id", "document_path")
    places = (
        corpus.tables["nodes"]
        .filter(pl.col("field") == "func")
        .select("document_id", "end_line", "end_column", node="parent")
    )
    targets = (
        corpus.tables["symbols"]
        .join(paths, on="document_id")
        .select(
            dst_id="symbol_id", dst_path="document_path", dst_line="start_line", dst_kind="kind"
        )
    )
    rows = (
        corpus.resolved.outcomes.references.filter(pl.col("role") == "call")
        .join(paths, on="document_id")
        .filter(pl.col("document_path").str.starts_with(folder) & (pl.col("name") != ""))
        .join(places, on=["document_id", "node"])
        .join(targets, on="dst_id", how="left")
        .sort("document_path", "end_line", "end_column")
    )
    calls: dict[tuple[str, int, int, str], set[tuple[str, int]]] = {}
    kinds = {"function", "method", "constructor", "class"}
    for row in rows.iter_rows(named=True):
        key = (row["document_path"], row["end_line"],
               row["end_column"] - len(row["name"].encode()), row["name"])  # fmt: skip
        found = calls.setdefault(key, set())
        if row["dst_path"] is not None and row["dst_kind"] in kinds:
            found.add((row["dst_path"], row["dst_line"]))
    return [(p, line, max(column, 0), found, n) for (p, line, column, n), found in calls.items()]


def _modules(corpus: Corpus, source: str) -> dict[int, str]:
    """Return dotted names of the documents below a source directory, by module symbol."""
    prefix = "" if source == "." else f"{source}/"
    names = {}
    for key, path in corpus.documents.items():
        if path.startswith(prefix):
            dotted = path.removeprefix(prefix).removesuffix(".py").replace("/", ".")
            names[key] = dotted.removesuffix(".__init__")
    return names


def _names(corpus: Corpus, source: str) -> dict[int, str]:
    """Return `module:qualified.name` of symbols below a source directory."""
    by_path = {corpus.documents[key]: name for key, name in _modules(corpus, source).items()}
    names = {}
    for key, row in corpus.symbols.items():
        module = by_path.get(str(row["document_path"]))
        if module is not None and row["container_id"] is not None:
            inner = [str(row["name"])]
            above = corpus.symbols.get(int(str(row["container_id"])))
            while above is not None and above["container_id"] is not None:
                inner.append(str(above["name"]))
                above = corpus.symbols.get(int(str(above["container_id"])))
            names[key] = f"{module}:{'.'.join(reversed(inner))}"
    return names


def _astroid_name(node: object) -> str:
    module = node.root().name  # type: ignore[attr-defined]
    return f"{module}:{node.qname().removeprefix(module + '.')}"  # type: ignore[attr-defined]

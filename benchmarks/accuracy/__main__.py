"""Measure how right edges are, and write `docs/reference/accuracy.md`.

    python -m benchmarks.accuracy [--work DIR] [--write]

Needs the network (package indexes of Python and npm) and node. Belongs here: which packages, the
table, the page. Does not: oracles.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy import javascript_oracles as javascript
from benchmarks.accuracy import python_oracles as python
from benchmarks.accuracy.compare import Comparison, Edge
from benchmarks.accuracy.corpora import python_package

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "accuracy.md"
PYTHON = (("flask", "3.1.2"), ("requests", "2.32.5"))
NPM = (
    ("express", "5.1.0", ["lib"]),
    ("mocha", "11.7.4", ["lib", "bin"]),
    ("rxjs", "7.8.2", ["src"]),
)
JEDI_CALLS = 600
EXPLAINED: dict[Edge, str] = {
    ("requests.help", "requests"): (
        "`from . import __version__`: the package binds that name, and Python takes an attribute "
        "before a submodule; grimp takes the submodule"
    ),
    ("requests.help", "requests.__version__"): "the other side of the same statement",
    ("flask.sansio.app:App", "flask.sansio.scaffold:Scaffold"): (
        "`flask/sansio` has no `__init__.py`; astroid does not follow relative imports there"
    ),
    ("flask.sansio.blueprints:Blueprint", "flask.sansio.scaffold:Scaffold"): "the same",
    ("src/index.ts", "src/operators/index.ts"): (
        "`/// <reference path>`: a comment, which is not in the AST"
    ),
    ("src/index.ts", "src/testing/index.ts"): "the same",
}
Calls = tuple[str, str, Counter[str], list[str]]


def main() -> int:
    """Measure, print, and write the page if asked; return 1 if a difference is unexplained."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--work", type=Path, help="keep downloads here (else a temporary folder)")
    parser.add_argument("--write", action="store_true", help="write docs/reference/accuracy.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        comparisons, calls = measure(work)
    page = render(comparisons, calls)
    print(page)
    if arguments.write:
        PAGE.write_text(page)
    return 1 if any(unexplained(comparison) for comparison in comparisons) else 0


def measure(work: Path) -> tuple[list[Comparison], list[Calls]]:
    """Ask every oracle about every package."""
    interpreter = _environment(work)
    comparisons: list[Comparison] = []
    calls: list[Calls] = []
    for name, version in PYTHON:
        corpus = python_package(name, version, work)
        comparisons += [
            python.compare_modules(corpus, name, "src"),
            *python.compare_runtime(corpus, name, "src", interpreter),
            python.compare_bases(corpus, name, "src"),
        ]
        calls.append((corpus.name, "jedi", *python.compare_calls(corpus, name, "src", JEDI_CALLS)))
    tools = javascript.install_tools(work)
    for name, version, folders in NPM:
        package = javascript.npm_package(name, version, folders, work, tools)
        comparisons += [
            javascript.compare_modules(package),
            javascript.compare_cruiser(package, folders, tools),
            javascript.compare_heritage(package),
        ]
        calls.append((package.corpus.name, "tsc", *javascript.compare_calls(package)))
    return comparisons, calls


def _environment(work: Path) -> Path:
    """Return an interpreter that can import the measured packages."""
    home = work / "environment"
    if not home.is_dir():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        wanted = [f"{name}=={version}" for name, version in PYTHON]
        subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", *wanted], check=True)
    return home / "bin" / "python"


def explanation(comparison: Comparison, edge: Edge) -> str | None:
    """Return why the edge differs, if that is known."""
    return comparison.reasons.get(edge) or EXPLAINED.get(edge)


def unexplained(comparison: Comparison) -> list[Edge]:
    """Return the differences that nobody has explained."""
    edges = [*comparison.only_ours, *comparison.only_theirs]
    return [edge for edge in edges if explanation(comparison, edge) is None]


def render(comparisons: Sequence[Comparison], calls: Sequence[Calls]) -> str:
    """Return the page."""
    lines = [
        "# Accuracy",
        "",
        "Written by `python -m benchmarks.accuracy --write`. What the resolver says of published",
        "packages against tools that do not know it: grimp (import graphs), the interpreter itself",
        "(what imported names and base classes are in a process that imported every module),",
        "astroid (which pyreverse draws with), jedi, TypeScript's compiler (tsc) and",
        "dependency-cruiser. Precision is the share of our edges that the oracle has, recall the",
        "share of its edges that we have; differences are listed below, with their reasons.",
        "",
        "## Imports and inheritance",
        "",
        "| package | what | oracle | ours | oracle's | precision | recall | unexplained |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for comparison in comparisons:
        lines.append(
            f"| {comparison.corpus} | {comparison.what} | {comparison.oracle} "
            f"| {len(comparison.ours)} | {len(comparison.theirs)} "
            f"| {_share(comparison.precision)} | {_share(comparison.recall)} "
            f"| {len(unexplained(comparison))} |"
        )
    lines += ["", "### Differences", ""]
    for comparison in comparisons:
        by_reason: dict[str, list[str]] = {}
        for side, edges in (("ours", comparison.only_ours), ("oracle's", comparison.only_theirs)):
            for edge in edges:
                reason = explanation(comparison, edge) or "not explained"
                by_reason.setdefault(reason, []).append(f"{side} `{edge[0]}` → `{edge[1]}`")
        for reason, found in by_reason.items():
            lines.append(
                f"- {comparison.corpus}, {comparison.what}, {comparison.oracle}: {reason}."
            )
            lines += [f"    - {edge}" for edge in found]
    lines += [
        "",
        "## Calls",
        "",
        "Each call is looked up by place and name; a target is a function, method or class of the",
        "package. *Same* and *different* are calls for which both name one. *We abstain*: only the",
        "oracle does (it infers types; we follow declared ones). *Oracle abstains*: only we do.",
        "",
        "| package | oracle | same | different | agreement | we abstain | oracle abstains | neither |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for corpus, oracle, counts, _ in calls:
        both = counts["same"] + counts["different"]
        agreement = counts["same"] / both if both else 1.0
        lines.append(
            f"| {corpus} | {oracle} | {counts['same']} | {counts['different']} "
            f"| {_share(agreement)} | {counts['we abstain']} | {counts['oracle abstains']} "
            f"| {counts['both abstain']} |"
        )
    different = [
        f"- {corpus}, {oracle}: {difference}"
        for corpus, oracle, _, differences in calls
        for difference in differences
        if "nothing" not in difference
    ]
    if different:
        lines += ["", "### Calls that differ", "", *different]
    return "\n".join(lines) + "\n"


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    raise SystemExit(main())

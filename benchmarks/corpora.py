"""Every archive of real AST JSON through scan and resolve, with every file accounted for.

Belongs here: unpacking archives, what became of their files and how long each took, the page that says
so. Does not: throughput (`benchmarks`), or how right edges are (`benchmarks.accuracy`).

    python -m benchmarks.corpora [--write] [ARCHIVE ...]

An archive is `<parser>--<repository>.tar.xz`. The archives are not part of the checkout; they are
looked for in `../shared/corpora` unless named.
"""

from __future__ import annotations

import argparse
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.lake import Lake
from snake_pipe_core.model.kinds import Outcome
from snake_pipe_core.native import Engine
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource
from snake_pipe_core.validate import checks

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT.parent / "shared" / "corpora"
PAGE = PROJECT / "docs" / "reference" / "coverage.md"
READ_BY: dict[str, str] = {
    "python-ast2json": "python-ast",
    "python-astexport": "python-ast",
    "js-acorn": "estree",
    "js-espree": "estree",
    "js-esprima": "estree",
    "js-oxc": "estree",
    "ts-estree": "estree",
    "js-babel": "babel",
    "ts-babel": "babel",
    "js-astgen": "babel",
    "ts-astgen": "babel",
    "treesitter-python": "tree-sitter",
    "treesitter-javascript": "tree-sitter",
    "treesitter-typescript": "tree-sitter",
    "treesitter-java": "tree-sitter",
    "treesitter-go": "tree-sitter",
    "c-clang": "clang",
    "c-clang-min": "clang",
    "cpp-clang": "clang",
    "solidity-solc": "solc",
    "js-swc": "swc",
    "rust-synserde": "syn-serde",
    "ruby-whitequark": "whitequark",
    "ruby-prism": "prism",
    "ruby-astgen": "ruby-ast-gen",
    "treesitter-php": "tree-sitter",
    "treesitter-ruby": "tree-sitter",
    "php-glayzzle": "glayzzle",
    "php-nikic4": "php-parser",
    "php-nikic5": "php-parser",
    "treesitter-rust": "tree-sitter",
    "treesitter-c": "tree-sitter",
    "treesitter-cpp": "tree-sitter",
    "treesitter-swift": "tree-sitter",
    "treesitter-kotlin": "tree-sitter",
    "treesitter-csharp": "tree-sitter",
    "go-goastgen": "goastgen",
    "go-asty": "asty",
    "java-javaparser": "javaparser",
}
"""The dialect that claims each parser's files; parsers not listed are not read."""
RULES: tuple[Callable[[Lake, str], list[str]], ...] = (
    checks.ledger_adds_up,
    checks.ids_unique,
    checks.parents_exist,
    checks.endpoints_exist,
    checks.edges_explained,
)


@dataclass(frozen=True)
class Survey:
    """What became of one archive."""

    archive: str
    dialects: dict[str, int]
    """Accepted files of each dialect."""
    files: int
    """JSON files in the archive, counted without the pipeline."""
    outcomes: dict[str, int]
    nodes: int
    unknown_nodes: int
    native_kinds: int
    unknown_kinds: dict[str, int]
    """Native kinds that the mapping does not name, with their nodes."""
    symbols: int
    references: int
    edges: int
    unresolved: dict[str, int]
    """References without a target in the archive, by reason."""
    findings: dict[str, int]
    """Findings by code; what is only information is left out."""
    unhelpful: list[str]
    """Paths kept out without a finding that says what to do."""
    problems: list[str]
    """What the rules over the tables say; nothing if all hold."""
    median_ms: float
    """Milliseconds that one file takes to be read, validated and normalized, at the median."""
    small_ms: float
    """The same, of 95 % of the files under 1 MB."""
    languages: dict[str, int]
    """Files by the language told when their names are hidden; of those that a dialect reads."""

    @property
    def accounted(self) -> int:
        """How many files have an outcome."""
        return sum(self.outcomes.values())

    @property
    def valid(self) -> int:
        """How many files are valid."""
        return sum(self.outcomes.get(o.value, 0) for o in Outcome if o.is_valid)

    @property
    def known_share(self) -> float:
        """Share of nodes whose native kind the mapping names; 1 without nodes."""
        return 1 - self.unknown_nodes / self.nodes if self.nodes else 1.0

    @property
    def language(self) -> str:
        """The language that the archive's name states."""
        first, second, *_ = self.parser.split("-")
        name = second if first == "treesitter" else first
        return {"js": "javascript", "ts": "typescript"}.get(name, name)

    @property
    def parser(self) -> str:
        """What made the files."""
        return self.archive.partition("--")[0]

    @property
    def is_read(self) -> bool:
        """Whether a dialect reads this parser's files."""
        return self.parser in READ_BY


def archives(folder: Path = FOLDER) -> list[Path]:
    """Return the archives of a folder, sorted; none if there is no folder."""
    return sorted(folder.glob("*.tar.xz"))


def survey(archive: Path, work: Path, *, files: int | None = None) -> Survey:
    """Unpack (only the first `files`, if given), scan and resolve one archive below `work`."""
    name = archive.name.removesuffix(".tar.xz")
    unpacked = work / name
    with tarfile.open(archive) as packed:
        members = [member for member in packed if member.isfile() or member.isdir()]
        if files is not None:
            members = [member for member in members if member.isfile()][:files]
        packed.extractall(unpacked, members, filter="data")
    count = sum(1 for path in unpacked.rglob("*.json") if path.is_file())
    # The archive's two outer folders say which parser and repository; paths begin below them.
    outer = sorted(unpacked.glob("*/*"))
    root = outer[0] if len(outer) == 1 and outer[0].is_dir() else unpacked
    pipeline = Pipeline(Settings(workspace=work / f"{name}.workspace"))
    pipeline.scan("corpus", DirectorySource(root))
    pipeline.resolve("corpus")
    return _survey_of(pipeline.lake, name, count, root)


def _alone(root: Path) -> tuple[list[tuple[int, float]], dict[str, int]]:
    """Scan each file alone, its name hidden: size and milliseconds, and files by language."""
    engine = Engine(load_registry().mappings_json())
    times: list[tuple[int, float]] = []
    languages: Counter[str] = Counter()
    for file in sorted(root.rglob("*.json")):
        started = time.perf_counter()
        tables = engine.scan("corpus", ["a.json"], [str(file)], workers=1)
        times.append((file.stat().st_size, 1000 * (time.perf_counter() - started)))
        [artifact] = pl.concat([pl.DataFrame(batch) for batch in tables["artifacts"]]).to_dicts()
        if artifact["node_count"]:
            languages[artifact["language"]] += 1
    return times, dict(languages)


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _survey_of(lake: Lake, name: str, files: int, root: Path) -> Survey:
    times, languages = _alone(root)

    def table(which: str) -> pl.DataFrame:
        return lake.scan(which, "corpus").collect()

    def count(frame: pl.DataFrame, by: str) -> dict[str, int]:
        return dict(frame.group_by(by).len().sort("len", by, descending=[True, False]).iter_rows())

    ledger, findings, nodes = table("artifacts"), table("findings"), table("nodes")
    trouble = findings.filter(pl.col("severity") != "info")
    kept_out = ledger.filter(
        pl.col("outcome").is_in([Outcome.QUARANTINED.value, Outcome.UNSUPPORTED.value])
    )
    helpful = trouble.filter(
        (pl.col("severity") == "error")
        & (pl.col("hint").str.len_chars() > 0)
        & (pl.col("message").str.len_chars() > 0)
    )
    accepted = ledger.filter(pl.col("node_count") > 0)
    return Survey(
        archive=name,
        dialects=count(accepted, "dialect"),
        files=files,
        outcomes=count(ledger, "outcome"),
        nodes=nodes.height,
        unknown_nodes=int((nodes["kind"] == "unknown").sum()),
        native_kinds=nodes["native_kind"].n_unique(),
        unknown_kinds=count(nodes.filter(pl.col("kind") == "unknown"), "native_kind"),
        symbols=table("symbols").height,
        references=table("references").height,
        edges=table("edges").height,
        unresolved=count(table("unresolved"), "reason"),
        findings=count(trouble, "code"),
        unhelpful=kept_out.join(helpful, on="path", how="anti")["path"].to_list(),
        problems=[problem for rule in RULES for problem in rule(lake, "corpus")],
        median_ms=_percentile([each for _, each in times], 0.5),
        small_ms=_percentile([each for size, each in times if size < 1_000_000], 0.95),
        languages=languages,
    )


def _words(counts: dict[str, int], limit: int | None = None) -> str:
    shown = list(counts.items())[:limit]
    more = len(counts) - len(shown)
    return ", ".join(f"{value:,} {name}" for name, value in shown) + (
        f" and {more} more" if more else ""
    )


def _table(header: Sequence[str], numbers: int, rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |"]
    lines.append("|" + "---|" * (len(header) - numbers) + "---:|" * numbers)
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def _told(surveys: Sequence[Survey]) -> int:
    """How many files were told the language of their archive."""
    return sum(one.languages.get(one.language, 0) for one in surveys)


def page(surveys: Sequence[Survey]) -> str:
    """Return the page of the reference."""
    read = [one for one in surveys if one.is_read]
    others = [one for one in surveys if not one.is_read]
    nodes, unknown = sum(one.nodes for one in read), sum(one.unknown_nodes for one in read)
    valid, files = sum(one.valid for one in read), sum(one.files for one in read)
    accounted, everything = sum(o.accounted for o in surveys), sum(o.files for o in surveys)
    lines = [
        "<!-- Written by `python -m benchmarks.corpora --write`. Run that, do not edit. -->",
        "",
        "# Coverage",
        "",
        "What parsers made of public repositories, run through scan and resolve. The archives keep",
        "their repositories' licences and are not part of this checkout.",
        "",
        f"Of {everything:,} files {accounted:,} have an outcome. Of the parsers that a dialect",
        f"reads, {valid:,} of {files:,} files are loaded, and {unknown:,} of {nodes:,} nodes",
        f"({unknown / nodes if nodes else 0:.3%}) have a native kind that the mapping does not name.",
        "",
        "## Read",
        "",
        *_table(
            ("archive", "dialect", "not named by the mapping", "files", "loaded", "nodes",
             "kinds named", "nodes named", "symbols", "edges", "without target"),
            8,
            (
                (
                    one.archive,
                    ", ".join(f"`{name}`" for name in one.dialects),
                    _words(one.unknown_kinds, 3),
                    f"{one.files:,}",
                    f"{one.valid:,}",
                    f"{one.nodes:,}",
                    f"{one.native_kinds - len(one.unknown_kinds)} of {one.native_kinds}",
                    f"{one.known_share:.3%}",
                    f"{one.symbols:,}",
                    f"{one.edges:,}",
                    f"{sum(one.unresolved.values()):,}",
                )
                for one in read
            ),
        ),
        "*Without target* are references and imports that lead out of the archive or cannot be told;",
        "each is a row of `unresolved` with its reason:",
        "",
        *_table(
            ("archive", "external", "dynamic", "ambiguous", "missing"),
            4,
            (
                (one.archive, *(f"{one.unresolved.get(reason, 0):,}" for reason in
                                ("external", "dynamic", "ambiguous", "missing")))
                for one in read
            ),
        ),
        "## Each file alone",
        "",
        "How long one file takes to be read, validated and normalized on one core (milliseconds), and the",
        "language that is told when the file's name is hidden.",
        "",
        f"Of {sum(sum(one.languages.values()) for one in read):,} files {_told(read):,} have the",
        f"language of their archive ({_told(read) / max(1, sum(sum(one.languages.values()) for one in read)):.2%}).",
        "",
        *_table(
            ("archive", "languages", "ms at the median", "ms at 95 % of files under 1 MB"),
            2,
            (
                (one.archive, _words(one.languages), f"{one.median_ms:.2f}", f"{one.small_ms:.2f}")
                for one in read
            ),
        ),
        "## Kept out",
        "",
        "No dialect reads these. Every file has its outcome and a finding that says why and what to",
        "do instead.",
        "",
        *_table(
            ("archive", "outcomes", "findings", "files"),
            1,
            (
                (one.archive, _words(one.outcomes), ", ".join(f"`{c}`" for c in one.findings),
                 f"{one.files:,}")
                for one in others
            ),
        ),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Run from the command line; return 1 if a rule does not hold or a file is unaccounted for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpora", description=__doc__)
    parser.add_argument("archives", nargs="*", type=Path, help="archives (default: all there are)")
    parser.add_argument("--write", action="store_true", help="rewrite the page in docs/reference")
    given = parser.parse_args()
    if given.write and given.archives:
        parser.error("--write is about all archives: name none")
    chosen = given.archives or archives()
    if not chosen:
        parser.error(f"there are no archives in {FOLDER.parent.name}/{FOLDER.name}")
    surveys, failed = [], False
    for archive in chosen:
        with tempfile.TemporaryDirectory() as folder:
            one = survey(archive, Path(folder))
        surveys.append(one)
        bad = [*one.problems, *(f"no hint for {path}" for path in one.unhelpful[:3])]
        if one.accounted != one.files:
            bad.append(f"{one.files} files, {one.accounted} outcomes")
        failed = failed or bool(bad)
        print(
            f"{one.archive}: {_words(one.outcomes)}; {one.nodes:,} nodes, "
            f"{one.known_share:.3%} named; {one.edges:,} edges; "
            f"unresolved {_words(one.unresolved) or 'none'}"
        )
        if one.unknown_kinds:
            print(f"  not named: {_words(one.unknown_kinds, 8)}")
        if one.findings:
            print(f"  findings: {_words(one.findings)}")
        for problem in bad:
            print(f"  PROBLEM: {problem}")
    if given.write:
        PAGE.write_text(page(surveys), encoding="utf-8")
        print(f"wrote {PAGE.relative_to(PROJECT)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

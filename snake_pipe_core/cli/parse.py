"""`snake-pipe parse`.

Belongs here: printing what a parse did. Does not: parsing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from snake_pipe_core.cli.options import format_option
from snake_pipe_core.cli.output import (
    EXIT_GATE,
    emit_json,
    heading,
    print_table,
    progress_bars,
    size_of,
    told_errors,
)

_SHOWN = 20
"""Files of one table; all are in the JSON."""


@click.command()
@click.argument("root", metavar="SRC", type=click.Path(path_type=Path))
@click.option(
    "--out", "target", required=True, type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR", help="Where the AST JSON goes: src/a.py becomes DIR/src/a.py.json.",
)  # fmt: skip
@click.option(
    "--language", "-l", "chosen", multiple=True,
    help="Only this language, such as python; repeatable.  [default: all]",
)  # fmt: skip
@click.option(
    "--include", multiple=True,
    help="Pattern of source files; repeatable.  [default: all that a parser reads]",
)  # fmt: skip
@click.option("--exclude", multiple=True, help="Pattern of files to leave out; repeatable.")
@click.option(
    "--no-ignore", is_flag=True,
    help="Look into what .gitignore names and into folders of tools and builds, too.",
)  # fmt: skip
@click.option(
    "--max-bytes", type=click.IntRange(min=1), default=8 << 20, show_default=True,
    help="Larger files are refused.",
)  # fmt: skip
@click.option(
    "--timeout", type=click.FloatRange(min=0.01), default=60.0, show_default=True,
    help="Seconds of processor time for one file.",
)  # fmt: skip
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), default=None,
    help="Processes.  [default: one per processor]",
)  # fmt: skip
@click.option("--moved", is_flag=True, help="The sources lie elsewhere than at the last parse.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@format_option
def parse(
    root: Path, target: Path, chosen: tuple[str, ...], include: tuple[str, ...],
    exclude: tuple[str, ...], *, no_ignore: bool, max_bytes: int, timeout: float, jobs: int | None,
    moved: bool, quiet: bool, form: str,
) -> None:  # fmt: skip
    """Make AST JSON of the source code in SRC, for `snake-pipe run DIR`.

    Python is parsed by Python itself, other languages by tree-sitter (pip install
    'snake-pipe[parse]'). Files that did not change since the last parse into DIR are not parsed
    again, and artifacts of sources that are gone are removed. Exit code 3 if fewer than 999 of
    1,000 source files gave a tree.
    """
    with told_errors(form):
        from snake_pipe_core.parse.mirror import ParseOptions, parse_tree

        options = ParseOptions(
            languages=chosen, include=include, exclude=exclude, ignore=not no_ignore,
            max_bytes=max_bytes, seconds=timeout, jobs=jobs or 0, moved=moved,
        )  # fmt: skip
        with progress_bars(quiet=quiet or form == "json") as progress:
            report = parse_tree(root, target, options, progress)
    summary = report.summary()
    if form == "json":
        emit_json(summary)
    else:
        print_parse(summary)
        if report.with_tree:
            click.echo(f"\nTry next:\n  snake-pipe run {target}")
    sys.exit(0 if report.passed else EXIT_GATE)


def print_parse(summary: Mapping[str, Any]) -> None:
    """Print a parse: languages, files without a tree, files with a remark, and what was left out."""
    files = summary["files"]
    heading(f"{summary['root']}: {files['seen']:,} files in {summary['seconds']} s")
    if summary["languages"]:
        rows = [
            {
                "language": language,
                **counts,
                "source": size_of(counts["source_bytes"]),
                "artifacts": size_of(counts["artifact_bytes"]),
            }
            for language, counts in summary["languages"].items()
        ]
        columns = {
            "language": "language", "files": "files", "parsed": "parsed", "unchanged": "unchanged",
            "refused": "refused", "with_errors": "with errors", "source": "source",
            "artifacts": "AST JSON",
        }  # fmt: skip
        print_table(rows, columns)
    else:
        click.echo("No file is source code that a parser reads.")
    if summary["removed"]:
        click.echo(f"Removed: the artifacts of {len(summary['removed']):,} files.")
    click.echo(_others(summary))
    _print_files("Without a tree", summary["refused"])
    _print_files("With a tree and a remark", summary["noted"])


def _others(summary: Mapping[str, Any]) -> str:
    """Return one sentence about files that were seen and not parsed."""
    parts = []
    if others := summary["without_parser"]:
        most = sorted(others.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{ending} {count:,}" for ending, count in most[:6])
        more = ", ..." if len(most) > 6 else ""
        parts.append(f"{sum(others.values()):,} files without a parser ({named}{more})")
    reasons: dict[str, list[str]] = {}
    for path, reason in summary["ignored"].items():
        reasons.setdefault(reason, []).append(path)
    for reason, paths in sorted(reasons.items()):
        named = ", ".join(paths[:3]) + (", ..." if len(paths) > 3 else "")
        parts.append(f"{len(paths):,} left out ({reason}: {named})")
    return f"Not parsed: {'; '.join(parts) or 'nothing'}."


def _print_files(title: str, files: Sequence[Mapping[str, Any]]) -> None:
    """Print files with what is told of them, and below, of each code, what to do."""
    if not files:
        return
    click.echo()
    columns = {
        "path": "file", "line": "line", "column": "column", "code": "code", "message": "what",
    }  # fmt: skip
    print_table(files[:_SHOWN], columns, title)
    if len(files) > _SHOWN:
        click.echo(f"... and {len(files) - _SHOWN:,} more: --format json names all.")
    for code, hint in sorted({(file["code"], file["hint"]) for file in files}):
        click.echo(f"{code}: {hint}")

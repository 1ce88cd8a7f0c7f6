"""`snake-pipe inspect` and `explain`.

Belongs here: printing what a source holds, without loading, and what findings mean. Does not:
looking into it, or the meanings.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from snake_pipe_core.cli.options import (
    format_option,
    patterns_options,
    place_of,
    place_options,
    settings_of,
    workspace_options,
)
from snake_pipe_core.cli.output import (
    emit_json,
    emit_rows,
    print_table,
    progress_bars,
    size_of,
    told_errors,
)

if TYPE_CHECKING:
    from snake_pipe_core.errors import SnakePipeError
    from snake_pipe_core.pipeline import Pipeline
    from snake_pipe_core.sources.base import Source


@click.command()
@click.argument("location", required=False)
@click.option("--source", "-s", default=None, help="Instead of LOCATION: a source of the settings.")
@place_options
@patterns_options
@workspace_options
@format_option
def inspect(
    location: str | None, source: str | None, kind: str | None, assignments: tuple[str, ...], include: tuple[str, ...], exclude: tuple[str, ...], workspace: Path | None,
    config: Path | None, form: str,
) -> None:  # fmt: skip
    """Say what LOCATION holds, without loading it: dialects, languages, sizes and trouble."""
    with told_errors(form):
        from snake_pipe_core.pipeline import Pipeline

        settings = settings_of(workspace, config)
        place = place_of(settings, location, source, kind, assignments, include, exclude)
        with place, progress_bars(quiet=form == "json") as progress:
            pipeline = Pipeline(settings, progress)
            report = pipeline.inspect(place)
        unparsed = {} if report["dialects"] else _unparsed(place, pipeline)
    if form == "json":
        emit_json(report)
        return
    click.echo(
        f"{location or place.location}: {report['files']:,} artifacts, {size_of(report['size_bytes'])}, "
        f"{report['skipped']:,} other files.\n"
    )
    rows = [
        {
            **row,
            "size": size_of(row["size_bytes"]),
            "mapped": f"{100 * (1 - row['unknown_count'] / row['node_count']):.2f} %"
            if row["node_count"] else "",
        }
        for row in report["dialects"]
    ]  # fmt: skip
    columns = {
        "dialect": "dialect", "dialect_version": "version", "producer": "producer",
        "language": "language", "files": "files", "size": "size", "node_count": "nodes",
        "mapped": "nodes mapped", "valid": "valid",
    }  # fmt: skip
    emit_rows(rows, form=form, columns=columns, empty="No dialect claims any file.")
    if unparsed:
        shown = shlex.quote(location or place.location)
        files = ", ".join(f"{count:,} {language}" for language, count in sorted(unparsed.items()))
        click.echo(
            f"But there is source code ({files} files). Make AST JSON of it:\n"
            f"  snake-pipe parse {shown} --out asts"
        )
    click.echo()
    if report["trouble"]:
        columns = {
            "code": "code", "severity": "severity", "count": "artifacts", "path": "for example",
            "pointer": "at", "message": "what is wrong", "hint": "what to do",
        }  # fmt: skip
        print_table(report["trouble"], columns, "Trouble")
        click.echo("\n`snake-pipe explain CODE` says more.")
    else:
        click.echo("No trouble found.")


def _unparsed(place: Source, pipeline: Pipeline) -> Mapping[str, int]:
    """Return source files by language, if the source is a directory of them."""
    from snake_pipe_core.parse.offer import unparsed_languages
    from snake_pipe_core.sources.directory import DirectorySource

    if not isinstance(place, DirectorySource):
        return {}
    return unparsed_languages(place.root, pipeline.scanner.engine)


@click.command()
@click.argument("code", required=False)
@format_option
def explain(code: str | None, form: str) -> None:
    """Say what the finding CODE means, where it arises and what to do; without CODE, list them."""
    from snake_pipe_core.model.findings import FINDING_CODES

    if code is None:
        rows = [
            {"code": f.code, "severity": f.severity, "meaning": f.meaning, "remedy": f.remedy}
            for f in FINDING_CODES.values()
        ]
        emit_rows(rows, form=form, columns={key: key for key in ("code", "severity", "meaning")})
        return
    with told_errors(form):
        finding = FINDING_CODES.get(code.upper().replace("-", "_"))
        if finding is None:
            raise _no_code(code, FINDING_CODES)
    if form == "json":
        emit_json(
            {
                "code": finding.code, "severity": finding.severity, "meaning": finding.meaning,
                "arises": finding.arises, "cause": finding.cause, "outcome": finding.outcome,
                "remedy": finding.remedy, "page": finding.page,
            }
        )  # fmt: skip
    else:
        click.echo(finding.page.rstrip())


def _no_code(code: str, known: Iterable[str]) -> SnakePipeError:
    from difflib import get_close_matches

    from snake_pipe_core.errors import TerminalError

    near = get_close_matches(code.upper(), known, n=2, cutoff=0.5)
    return TerminalError(
        f"No finding has the code {code!r}.",
        remedy=f"Did you mean {' or '.join(near)}?" if near else "`snake-pipe explain` lists all.",
        state="Nothing was changed.",
    )

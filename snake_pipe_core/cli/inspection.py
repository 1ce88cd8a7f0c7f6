"""`snake-pipe inspect`.

Belongs here: printing what a source holds, without loading. Does not: looking into it.
"""

from __future__ import annotations

from pathlib import Path

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
            report = Pipeline(settings, progress).inspect(place)
    if form == "json":
        emit_json(report)
        return
    click.echo(
        f"{place.location}: {report['files']:,} artifacts, {size_of(report['size_bytes'])}, "
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
    click.echo()
    if report["trouble"]:
        columns = {
            "code": "code", "severity": "severity", "count": "artifacts", "path": "for example",
            "message": "what is wrong",
        }  # fmt: skip
        print_table(report["trouble"], columns, "Trouble")
    else:
        click.echo("No trouble found.")

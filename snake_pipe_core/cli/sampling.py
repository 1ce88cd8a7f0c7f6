"""`snake-pipe sample`.

Belongs here: options and printing. Does not: choosing artifacts or naming anything.
"""

from __future__ import annotations

import os
import secrets
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
    print_table,
    progress_bars,
    size_of,
    told_errors,
)

_KEY = "SNAKE_PIPE_SAMPLE_KEY"


@click.command()
@click.argument("location", required=False)
@click.option("--source", "-s", default=None, help="Instead of LOCATION: a source of the settings.")
@click.option("--count", "-n", type=click.IntRange(min=1), default=20, show_default=True,
              help="At most so many artifacts.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True,
              help="Another seed takes other artifacts; the same one, the same.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="Directory to write; it must not exist, or be empty.")  # fmt: skip
@click.option("--pseudonymize", is_flag=True,
              help="Replace names, literals, comments and paths, the same everywhere. The secret "
              f"they depend on is {_KEY}, or one that is drawn and forgotten.")  # fmt: skip
@place_options
@patterns_options
@workspace_options
@format_option
def sample(
    location: str | None, source: str | None, *, count: int, seed: int, out: Path,
    pseudonymize: bool, kind: str | None, assignments: tuple[str, ...], include: tuple[str, ...],
    exclude: tuple[str, ...], workspace: Path | None, config: Path | None, form: str,
) -> None:  # fmt: skip
    """Write a few valid artifacts that stand for those at LOCATION.

    Languages, dialects and sizes are all there, in proportion. With --pseudonymize the sample can
    be shown to people who must not see the code: its trees, symbols and edges are as before.
    """
    with told_errors(form):
        from snake_pipe_core.pipeline import Pipeline

        settings = settings_of(workspace, config)
        key = os.environ.get(_KEY, "").encode() or secrets.token_bytes(32)
        place = place_of(settings, location, source, kind, assignments, include, exclude)
        with place, progress_bars(quiet=form == "json") as progress:
            report = Pipeline(settings, progress).sample(
                place, out, count=count, seed=seed, key=key if pseudonymize else None
            )
    if form == "json":
        emit_json({"out": out, "artifacts": report.artifacts, "left_out": report.left_out})
        return
    rows = [{**row, "size": size_of(row["size_bytes"])} for row in report.artifacts]
    columns = {"path": "artifact", "language": "language", "dialect": "dialect", "size": "size"}
    if pseudonymize:
        columns |= {"sample": "in the sample"}
    print_table(rows, columns, f"{len(rows):,} artifacts in {out}")
    for path, reason in report.left_out.items():
        click.echo(f"Left out: {path}. {reason}")
    if pseudonymize:
        click.echo("\nThis list holds the real names: keep it, and give away the directory alone.")

"""Printing: tables for people, JSON for programs.

Belongs here: how results, progress and errors look. Does not: what they are.

Results go to standard output, progress and errors to standard error, so that pipes see results
alone. JSON is one document per command.
"""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from snake_pipe_core.errors import SnakePipeError, TransientError

if TYPE_CHECKING:  # rich costs a tenth of a second, which `--help` need not pay
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from snake_pipe_core.incremental import Progress

EXIT_GATE = 3
EXIT_BACKEND = 4
EXIT_TRANSIENT = 75
LOAD_STEPS = ("started", "written", "verified", "published")
"""What a backend has come to after so many of its steps."""
_WIDE = 160


def emit_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, indent=2, default=_plain, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def heading(text: str) -> None:
    """Print a heading."""
    click.secho(text, bold=True)


def emit_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    form: str,
    columns: Mapping[str, str],
    title: str = "",
    empty: str = "Nothing found.",
) -> None:
    """Print rows as a table of `columns` (key to heading), or all of them as a JSON array."""
    if form == "json":
        emit_json(list(rows))
    elif rows:
        print_table(rows, columns, title)
    else:
        click.echo(empty)


def print_table(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str = ""
) -> None:
    """Print a table with its title above; wide if this is no terminal, so that nothing folds."""
    if title:
        heading(title)
    console = _console()
    console.print(_table_of(rows, columns))


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    if console.is_terminal:
        return console
    return Console(stderr=stderr, highlight=False, width=_WIDE)


def _table_of(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> Table:
    """Return a table of rows; numbers stand right, and text folds rather than being cut."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for key, name in columns.items():
        numeric = all(isinstance(row.get(key), int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[_cell(row.get(key)) for key in columns])
    return table


def _cell(value: Any) -> Text:
    """Return a cell that shows brackets as they are."""
    from rich.text import Text

    return Text(text_of(value))


def text_of(value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**12 else str(value)
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple):
        return ", ".join(text_of(item) for item in value)
    return str(value)


def size_of(size: float) -> str:
    """Return bytes in a unit that reads well."""
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


@contextmanager
def progress_bars(*, quiet: bool) -> Iterator[Progress]:
    """Yield a `pipeline.Progress` that draws one bar per stage.

    Bars are drawn on a terminal; elsewhere (a log, a pipe) each step prints one line when done.
    """
    if quiet:
        yield _silent
    elif sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        yield _lines()


def _silent(stage: str, done: int, total: int | None) -> None:
    """Report to nobody."""


def _lines() -> Progress:
    told: set[str] = set()

    def report(stage: str, done: int, total: int | None) -> None:
        text = ""
        if stage.startswith("load "):
            text = f"{stage}: {LOAD_STEPS[done]}"
        elif total is not None and done >= total:
            text = f"{stage}: {total:,} done" if total > 1 else f"{stage}: done"
        if text and text not in told:
            told.add(text)
            click.echo(text, err=True)

    return report


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich import progress
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )

    bars = progress.Progress(
        SpinnerColumn(finished_text="[green]✓[/green]"), TextColumn("{task.description:<14}"),
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn(),
        console=_console(stderr=True),
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int | None) -> None:
        step = LOAD_STEPS[done] if stage.startswith("load ") else ""
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total, step=step)
        bars.update(tasks[stage], completed=done, total=total, step=step)

    with bars:
        yield report


@contextmanager
def told_errors(form: str) -> Iterator[None]:
    """Turn errors of Snake-Pipe into a message on standard error and an exit code."""
    try:
        yield
    except SnakePipeError as error:
        tell_error(error, form)
        sys.exit(EXIT_TRANSIENT if isinstance(error, TransientError) else 1)


def tell_error(error: SnakePipeError, form: str) -> None:
    """Print an error on standard error: for people in three lines, for programs as JSON in one."""
    if form == "json":
        told = {"error": type(error).__name__, "message": error.message, "remedy": error.remedy,
                "state": error.state}  # fmt: skip
        click.echo(json.dumps(told), err=True)
        return
    for label, text in (("Error", error.message), ("Do", error.remedy), ("State", error.state)):
        if text:
            click.echo(f"{label}: {text}", err=True)

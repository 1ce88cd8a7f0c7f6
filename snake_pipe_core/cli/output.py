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
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from snake_pipe_core.errors import SnakePipeError, TransientError

EXIT_GATE = 3
EXIT_BACKEND = 4
EXIT_TRANSIENT = 75

LOAD_STEPS = ("started", "written", "verified", "published")
"""What a backend has come to after so many of its steps."""


def out() -> Console:
    """Return the console of standard output; wide when it is not a terminal, so nothing is cut."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)


def err() -> Console:
    """Return the console of standard error."""
    return Console(stderr=True, highlight=False)


def emit_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, indent=2, default=_plain, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


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
        return
    if not rows:
        click.echo(empty)
        return
    out().print(table_of(rows, columns, title))


def table_of(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str = ""
) -> Table:
    """Return a table of rows; numbers stand right, and text folds rather than being cut."""
    table = Table(title=title or None, title_justify="left", title_style="bold", box=None,
                  pad_edge=False, header_style="bold")  # fmt: skip
    for key, heading in columns.items():
        numeric = all(isinstance(row.get(key), int | float) for row in rows)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[text_of(row.get(key)) for key in columns])
    return table


def text_of(value: Any) -> str:
    """Return a cell's text."""
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
    return str(value).replace("[", r"\[")


def size_of(size: float) -> str:
    """Return bytes in a unit that reads well."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError


@contextmanager
def progress_bars(*, quiet: bool = False) -> Iterator[Any]:
    """Yield a `pipeline.Progress` that draws one bar per stage, or one line per finished stage.

    Bars are drawn on a terminal; elsewhere (a log, a pipe) each stage prints one line when done.
    """
    if quiet:
        yield lambda stage, done, total: None
        return
    console = err()
    if not console.is_terminal:
        told: set[str] = set()

        def line(stage: str, done: int, total: int | None) -> None:
            text = ""
            if stage.startswith("load "):
                text = f"{stage}: {LOAD_STEPS[done]}"
            elif total is not None and done >= total:
                text = f"{stage}: {total:,} done" if total > 1 else f"{stage}: done"
            if text and text not in told:
                told.add(text)
                click.echo(text, err=True)

        yield line
        return
    bars = Progress(
        SpinnerColumn(), TextColumn("{task.description:<16}"), BarColumn(),
        MofNCompleteColumn(), TimeElapsedColumn(), console=console,
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}
    with bars:

        def bar(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield bar


@contextmanager
def told_errors(form: str) -> Iterator[None]:
    """Turn errors of Snake-Pipe into a message on standard error and an exit code."""
    try:
        yield
    except SnakePipeError as error:
        if form == "json":
            kind = type(error).__name__
            click.echo(
                json.dumps({"error": kind, "message": error.message, "remedy": error.remedy,
                            "state": error.state}), err=True,
            )  # fmt: skip
        else:
            for label, text in (
                ("Error", error.message),
                ("Do", error.remedy),
                ("State", error.state),
            ):
                if text:
                    click.echo(f"{label}: {text}", err=True)
        sys.exit(EXIT_TRANSIENT if isinstance(error, TransientError) else 1)

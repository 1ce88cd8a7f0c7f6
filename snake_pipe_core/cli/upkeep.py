"""`snake-pipe status`, `doctor`, `drop` and `vacuum`.

Belongs here: the state of the workspace and keeping it tidy. Does not: loading.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from snake_pipe_core.cli.options import format_option, settings_of, source_option, workspace_options
from snake_pipe_core.cli.output import (
    EXIT_BACKEND,
    emit_json,
    emit_rows,
    heading,
    tell_error,
    told_errors,
)


@click.command()
@source_option
@workspace_options
@format_option
def status(source: str | None, workspace: Path | None, config: Path | None, form: str) -> None:
    """Show the ledger of each source and what every backend shows of it.

    The relational store keeps the record of publications. If it cannot be asked, every other store
    is; exit code 4 then, and standard error says which store failed, why, and what to do.
    """
    with told_errors(form):
        from snake_pipe_core.query import Answers

        answer = Answers(settings_of(workspace, config)).status(source)
    if form == "json":
        emit_json(answer.sources)
    elif not answer.sources:
        click.echo("There are no sources yet. Run `snake-pipe run DIRECTORY`.")
    else:
        _show_sources(answer.sources)
    for error in answer.unasked.values():
        tell_error(error, form)
    if answer.unasked:
        sys.exit(EXIT_BACKEND)


def _show_sources(sources: Sequence[Mapping[str, Any]]) -> None:
    for item in sources:
        heading(f"{item['source']}: generation {item['generation']} of {item['location']}")
        outcomes = ", ".join(f"{count:,} {name}" for name, count in item["outcomes"].items())
        click.echo(f"{outcomes or 'no files'}; the quality gate {item['gate']}.")
        if not item["is_resolved"]:
            click.echo("The lake's edges are older than its symbols.")
        current = [row for row in item["publications"] if row["state"] != "superseded"]
        rows = [{**row, "shown": _shown(row)} for row in current]
        columns = {
            "backend": "backend", "state": "state", "shown": "shows the lake's content",
            "published_at": "published", "version": "version",
        }  # fmt: skip
        emit_rows(rows, form="table", columns=columns, empty="It was never published.")
        for row in current:
            if row["error"] and row["state"] != "unknown":  # which standard error tells of once
                click.secho(f"{row['backend']}: {row['error']}", fg="red")
        click.echo()


def _shown(row: Mapping[str, Any]) -> str:
    if row["state"] == "unknown":
        return "unknown"
    if row["is_current"]:
        return "yes"
    return "an older version" if row["state"] in ("published", "stale") else "no"


@click.command()
@workspace_options
@format_option
def doctor(workspace: Path | None, config: Path | None, form: str) -> None:
    """Check that everything works here: engine, dialects, lake and every backend."""
    rows: list[dict[str, Any]] = []
    with told_errors(form):
        settings = settings_of(workspace, config)
        rows.append(_check("snake-pipe", version("snake-pipe"), ok=True))
        rows.append(_check("python", platform.python_version(), ok=sys.version_info >= (3, 12)))
        rows += _engine_checks()
        settings.workspace.mkdir(parents=True, exist_ok=True)
        rows.append(
            _check("workspace", str(settings.workspace), ok=_is_writable(settings.workspace))
        )
        from snake_pipe_core.query import Answers

        for name, (role, health) in Answers(settings).health().items():
            rows.append(
                _check(f"{role}: {name}", f"{health.version} {health.detail}".strip(), ok=health.ok)
            )
    emit_rows(rows, form=form, columns={"check": "check", "ok": "works", "detail": "detail"})
    if not all(row["ok"] for row in rows):
        sys.exit(1)


def _engine_checks() -> list[dict[str, Any]]:
    from snake_pipe_core.dialects.registry import load_registry
    from snake_pipe_core.errors import SnakePipeError
    from snake_pipe_core.native import Engine, check_mapping

    try:
        registry = load_registry()
        engine = Engine(registry.mappings_json())
    except SnakePipeError as error:
        return [_check("engine", str(error), ok=False)]
    faults = [
        each for dialect in registry.dialects.values() for each in check_mapping(dialect.unit)
    ]
    found = " ".join(faults) or ", ".join(mapping.name for mapping in registry.mappings)
    return [
        _check("engine", engine.version, ok=True),
        _check("dialects", found, ok=not faults),
    ]


def _check(name: str, detail: str, *, ok: bool) -> dict[str, Any]:
    return {"check": name, "ok": ok, "detail": detail}


def _is_writable(directory: Path) -> bool:
    probe = directory / ".doctor"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        return False
    return True


@click.command()
@click.argument("source")
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_options
@format_option
def drop(source: str, *, yes: bool, workspace: Path | None, config: Path | None, form: str) -> None:
    """Remove SOURCE from every backend and the lake."""
    with told_errors(form):
        from snake_pipe_core.lake import Lake
        from snake_pipe_core.load import drop_source

        settings = settings_of(workspace, config)
        lake = Lake(settings.lake)
        lake.head(source)
        if not yes:
            click.confirm(f"Remove {source} from every backend and the lake?", abort=True, err=True)
        drop_source(settings, lake, source)
    if form == "json":
        emit_json({"source": source, "dropped": True})
    else:
        click.echo(f"{source} is gone. The artifacts themselves were not touched.")


@click.command()
@click.option("--keep-days", default=7.0, show_default=True, type=click.FloatRange(min=0),
              help="Versions younger than this stay readable.")  # fmt: skip
@workspace_options
@format_option
def vacuum(keep_days: float, workspace: Path | None, config: Path | None, form: str) -> None:
    """Delete files of the lake that no recent version needs."""
    with told_errors(form):
        from snake_pipe_core.lake import Lake

        removed = Lake(settings_of(workspace, config).lake).vacuum(keep_days=keep_days)
    if form == "json":
        emit_json({"files_deleted": removed})
    else:
        click.echo(f"{removed:,} files were deleted.")

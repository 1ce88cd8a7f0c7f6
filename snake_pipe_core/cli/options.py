"""Options that commands share.

Belongs here: their names, help and how they become `Settings`. Does not: commands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from snake_pipe_core.settings import Settings
    from snake_pipe_core.sources.base import Source


def workspace_options[F: Callable[..., Any]](command: F) -> F:
    """Add --workspace and --config; the command receives `settings_of(...)`'s arguments."""
    command = click.option(
        "--workspace", "-w", type=click.Path(path_type=Path, file_okay=False), default=None,
        help="Directory of the lake and the embedded stores.  [default: .snake-pipe]",
    )(command)  # fmt: skip
    return click.option(
        "--config", type=click.Path(path_type=Path, dir_okay=False), default=None,
        help="Settings file.  [default: snake-pipe.toml, if there is one]",
    )(command)  # fmt: skip


def format_option[F: Callable[..., Any]](command: F) -> F:
    """Add --format table|json as `form`."""
    return click.option(
        "--format", "form", type=click.Choice(["table", "json"]), default="table",
        show_default=True, help="Tables for people or JSON for programs.",
    )(command)  # fmt: skip


class BackendName(click.ParamType[str]):
    """The name of a registered backend; the registry is read when one is given, not for help."""

    name = "backend"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, or fail naming those that exist."""
        from snake_pipe_core.backends.registry import backends

        if value not in (known := backends()):
            self.fail(f"{value!r} is no backend; there are {', '.join(known)}.", param, ctx)
        return str(value)


def patterns_options[F: Callable[..., Any]](command: F) -> F:
    """Add --include and --exclude."""
    command = click.option(
        "--exclude", multiple=True, help="Pattern of files to leave out; repeatable."
    )(command)
    return click.option(
        "--include", multiple=True, help="Pattern of artifacts; repeatable.  [default: *.json]"
    )(command)


def place_options[F: Callable[..., Any]](command: F) -> F:
    """Add --kind and --option, which say how to read a location."""
    command = click.option(
        "--option", "-o", "assignments", multiple=True, metavar="NAME=VALUE",
        help="An option of the source's kind, such as table=asts; repeatable.",
    )(command)  # fmt: skip
    return click.option(
        "--kind", default=None, help="Kind of source, such as tar.  [default: by the location]"
    )(command)


def place_of(
    settings: Settings, location: str | None, source: str | None, kind: str | None,
    assignments: Sequence[str], include: Sequence[str], exclude: Sequence[str],
) -> Source:  # fmt: skip
    """Return the source at `location`, or the one that the settings know by the name `source`."""
    from snake_pipe_core.sources.base import SourceOptionError
    from snake_pipe_core.sources.registry import open_configured, open_source

    if location is None and source is None:
        raise click.UsageError(
            "Say where the artifacts are, or name a source of snake-pipe.toml by --source."
        )
    options = {}
    for assignment in assignments:
        key, sign, value = assignment.partition("=")
        if not sign:
            raise SourceOptionError(
                f"--option {assignment} has no value.",
                remedy="Write --option NAME=VALUE.",
                state="Nothing was read or written.",
            )
        options[key] = value
    if location is not None:
        return open_source(location, kind=kind, include=include, exclude=exclude, options=options)
    table = dict(settings.sources.get(source or "", {}))
    changes = {"kind": kind, "include": list(include), "exclude": list(exclude)}
    table |= {key: value for key, value in changes.items() if value}
    if options:
        table["options"] = {**table.get("options", {}), **options}
    name = source or ""
    known: dict[str, Mapping[str, Any]] = dict(settings.sources)
    if name in known:
        known[name] = table
    return open_configured(name, known)


def source_option[F: Callable[..., Any]](command: F) -> F:
    """Add --source, for commands that can work on one source or on all."""
    return click.option("--source", "-s", default=None, help="Only this source.")(command)


def settings_of(workspace: Path | None, config: Path | None, **given: Any) -> Settings:
    """Return settings from file, variables and options, in that order."""
    from snake_pipe_core.settings import Settings

    return Settings.load(config, workspace=workspace, **given)

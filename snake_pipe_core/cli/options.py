"""Options that commands share.

Belongs here: their names, help and how they become `Settings`. Does not: commands.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from snake_pipe_core.settings import Settings


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


def source_option[F: Callable[..., Any]](command: F) -> F:
    """Add --source, for commands that can work on one source or on all."""
    return click.option("--source", "-s", default=None, help="Only this source.")(command)


def settings_of(workspace: Path | None, config: Path | None, **given: Any) -> Settings:
    """Return settings from file, variables and options, in that order."""
    from snake_pipe_core.settings import Settings

    return Settings.load(config, workspace=workspace, **given)

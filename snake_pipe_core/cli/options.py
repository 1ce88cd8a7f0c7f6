"""Options that commands share.

Belongs here: their names, help and how they become `Settings`. Does not: commands.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

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


def source_option[F: Callable[..., Any]](command: F) -> F:
    """Add --source, for commands that can work on one source or on all."""
    return click.option("--source", "-s", default=None, help="Only this source.")(command)


def settings_of(workspace: Path | None, config: Path | None, **given: Any) -> Settings:
    """Return settings from file, variables and options, in that order."""
    return Settings.load(config, workspace=workspace, **given)

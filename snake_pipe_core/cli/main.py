"""The root command and its shared options.

Belongs here: wiring subcommands. Does not: what they do.
"""

from __future__ import annotations

import click

from snake_pipe_core.cli.ask import cycles, impact, search, similar
from snake_pipe_core.cli.inspection import explain, inspect
from snake_pipe_core.cli.parse import parse
from snake_pipe_core.cli.quarantine import quarantine
from snake_pipe_core.cli.run import demo, run
from snake_pipe_core.cli.sampling import sample
from snake_pipe_core.cli.upkeep import doctor, drop, status, vacuum


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="snake-pipe", prog_name="snake-pipe")
def main() -> None:
    """AST JSON from any parser in; one linked picture of the code in four databases out.

    Start with `snake-pipe inspect DIR` to see what a directory holds, then `snake-pipe run DIR`.
    Everything is kept in the workspace, by default `.snake-pipe` in the current directory.
    """


for command in (
    run, demo, parse, inspect, sample, explain, quarantine, search, similar, impact, cycles, status, doctor, drop, vacuum,
):  # fmt: skip
    main.add_command(command)

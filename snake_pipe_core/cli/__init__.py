"""The command line: `snake-pipe`.

Belongs here: options, printing, exit codes. Does not: any work; that is `pipeline` and `query`.

Exit codes: 0 all is well; 1 a terminal error; 2 wrong usage; 3 a source below the quality gate; 4 a
backend that failed while others went on; 75 a transient error, worth trying again.
"""

from snake_pipe_core.cli.main import main

__all__ = ["main"]

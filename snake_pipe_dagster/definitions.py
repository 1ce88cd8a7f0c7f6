"""The code location: what `dagster dev -w workspace.yaml` loads.

Belongs here: the definitions and where they look by default. Does not: anything else.

`SNAKE_PIPE_WORKSPACE`, `SNAKE_PIPE_LANDING` and `SNAKE_PIPE_POSTGRES_URL` change the places; they
are read when Dagster asks for the definitions, not at import.
"""

import dagster as dg

from snake_pipe_dagster.build import build_definitions
from snake_pipe_dagster.resources import Landing, Workspace


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions over the places that the environment names."""
    return build_definitions(Workspace.from_environment(), Landing.from_environment())

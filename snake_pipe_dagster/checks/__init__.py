"""The asset checks.

Belongs here: verdicts over tables, each one call of the core. Does not: rules.
"""

from snake_pipe_dagster.checks.backends import backend_checks
from snake_pipe_dagster.checks.lake import lake_checks

__all__ = ["backend_checks", "lake_checks"]

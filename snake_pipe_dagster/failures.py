"""From core errors to Dagster failures.

Belongs here: which errors are worth a retry. Does not: catching anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from snake_pipe_core.errors import SnakePipeError, TransientError

RETRIES = dg.RetryPolicy(
    max_retries=3, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
"""Tries again what may pass by itself; terminal errors forbid it, see `told_failures`."""


@contextmanager
def told_failures() -> Iterator[None]:
    """Turn errors of Snake-Pipe into failures that are retried only if they may pass."""
    try:
        yield
    except SnakePipeError as error:
        raise dg.Failure(
            description=str(error),
            metadata={
                "error": type(error).__name__,
                "what_to_do": error.remedy or "See the message.",
                "state_left": error.state or "Unknown.",
            },
            allow_retries=isinstance(error, TransientError),
        ) from error

"""From errors to Dagster failures.

Belongs here: which errors are worth a retry. Does not: doing anything about them.

Dagster retries a step after any exception but a `Failure` that forbids it. So every exception
becomes a failure here, and only one that may pass by itself allows a retry.
"""

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
    """Turn errors into failures that say what to do and are retried only if they may pass."""
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
    except OSError as error:
        raise dg.Failure(
            description=f"The system refused: {error}.",
            metadata={"error": type(error).__name__, "what_to_do": "See the message."},
            allow_retries=True,
        ) from error
    except Exception as error:
        raise dg.Failure(
            description=f"Snake-Pipe failed in a way nobody foresaw: {error!r}.",
            metadata={
                "error": type(error).__name__,
                "what_to_do": "Report it with the stack trace in the run's log.",
            },
            allow_retries=False,
        ) from error

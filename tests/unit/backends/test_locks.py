"""Locks between commands leave nothing behind and are won by one."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from snake_pipe_core.backends import locks
from snake_pipe_core.errors import BackendUnavailableError

HOLDER = """
import sys
from pathlib import Path
from snake_pipe_core.backends import locks
with locks.held(Path(sys.argv[1]), seconds=5, what="testing"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.lock"
    with locks.held(path, seconds=1, what="testing"):
        assert path.exists()
        assert locks.is_held(path)
    assert list(path.parent.iterdir()) == []
    assert not locks.is_held(path)


def test_a_second_one_waits_and_gives_up(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with (
        locks.held(path, seconds=1, what="testing"),
        pytest.raises(BackendUnavailableError, match="testing"),
        locks.held(path, seconds=0.1, what="testing"),
    ):
        pytest.fail("two hold it")


def test_one_at_a_time_though_the_file_comes_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    inside = most = 0
    guard = threading.Lock()

    def enter() -> None:
        nonlocal inside, most
        for _ in range(50):
            with locks.held(path, seconds=30, what="testing"):
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert list(tmp_path.iterdir()) == []


def test_the_dead_hold_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert locks.is_held(path)
        process.kill()
        process.wait()
        assert path.exists()
        assert not locks.is_held(path)
        assert not path.exists()
        with locks.held(path, seconds=1, what="testing"):
            pass
    assert list(tmp_path.iterdir()) == []

"""Commands run as a user runs them, on a workspace that two bundled sources were loaded into."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from snake_pipe_core.cli import main
from tests.contract.remains import processes_in, remains_in

EXAMPLES = Path(__file__).parents[2] / "examples" / "asts"

Command = Callable[..., Result]


def run_command(*arguments: object) -> Result:
    """Run `snake-pipe ARGUMENTS`; an exception that is no exit fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(result: Result) -> Any:
    """Return the one JSON document on standard output."""
    return json.loads(result.stdout)


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with shop-python published and shop-damaged held back by the gate."""
    place = tmp_path_factory.mktemp("cli")
    for name, code in (("shop-python", 0), ("shop-damaged", 3)):
        shutil.copytree(EXAMPLES / name, place / name)
        assert run_command("run", place / name, "-w", place / "ws").exit_code == code
    return place / "ws"


@pytest.fixture
def workspace(loaded: Path) -> Iterator[Path]:
    """The loaded workspace, for commands that change nothing; checked for remains afterwards."""
    yield loaded
    assert remains_in(loaded) == []
    assert processes_in(loaded) == []


@pytest.fixture
def own(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the loaded workspace and its sources, for commands that change it."""
    shutil.copytree(loaded.parent, tmp_path / "own")
    workspace = tmp_path / "own" / "ws"
    for name, code in (("shop-python", 0), ("shop-damaged", 3)):
        moved = run_command("run", tmp_path / "own" / name, "-w", workspace, "--moved", "-q")
        assert moved.exit_code == code, moved.output
    return workspace

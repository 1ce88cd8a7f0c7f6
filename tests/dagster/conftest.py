"""A code location over a workspace and a landing folder of its own.

Belongs here: fixtures of the Dagster tests. Does not: core behaviour, which has its own tests.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from snake_pipe_dagster.build import build_definitions
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing, Workspace
from tests.dagster.server import DevServer, dev_server, processes_of


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    (tmp_path / "landing").mkdir()
    return Landing(path=str(tmp_path / "landing"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(path=str(tmp_path / "workspace"))


@pytest.fixture
def definitions(workspace: Workspace, landing: Landing) -> dg.Definitions:
    return build_definitions(workspace, landing)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


@pytest.fixture
def quick_instance() -> Iterator[dg.DagsterInstance]:
    """An instance in memory: for sensors and automation, which ask it thousands of questions."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def land(project: Path, landing: Landing) -> Callable[..., Path]:
    """Return a function that lands one of the bundled examples, under its own or another name."""

    def copy(example: str, name: str | None = None) -> Path:
        target = Path(landing.path) / (name or example)
        shutil.copytree(project / "examples" / "asts" / example, target)
        return target

    return copy


@pytest.fixture
def run(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> Callable[..., dg.ExecuteInProcessResult]:
    """Return a function that materializes a source as the UI would, one partition a run."""

    def materialize(source: str, *selection: str) -> dg.ExecuteInProcessResult:
        instance.add_dynamic_partitions(str(SOURCES.name), [source])
        job = definitions.resolve_implicit_global_asset_job_def()
        keys = [dg.AssetKey(name.split("/")) for name in selection] or None
        return job.execute_in_process(
            instance=instance, partition_key=source, asset_selection=keys, raise_on_error=False
        )

    return materialize


@pytest.fixture(scope="session")
def server(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """One `dagster dev` for all tests that want a real one; it must leave no process behind."""
    root = tmp_path_factory.mktemp("dev")
    with dev_server(project, root / "d") as started:
        yield started
    deadline = time.monotonic() + 20
    while processes_of(root) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert processes_of(root) == []

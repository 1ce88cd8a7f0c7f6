"""Which backends the contract is held against, and what they do not do yet.

Belongs here: parametrization over the registry, and the list of gaps. Does not: the contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from snake_pipe_core.backends.base import Backend
from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.settings import Settings
from tests.contract.remains import processes_in, remains_in

GAPS: Mapping[tuple[str, str], str] = {}
"""What a backend does not do, by backend and test: `notimpl`, `notyet` or `never`, and why.

Marked as strict xfail: a gap that closes must leave this list.
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend_name" in metafunc.fixturenames:
        name = metafunc.function.__name__
        metafunc.parametrize(
            "backend_name",
            [
                pytest.param(
                    backend, marks=[_gap(backend, name)] if (backend, name) in GAPS else []
                )
                for backend in backends()
            ],
        )


def _gap(backend: str, test: str) -> pytest.MarkDecorator:
    reason = GAPS[backend, test]
    assert reason.startswith(("notimpl: ", "notyet: ", "never: ")), reason
    return pytest.mark.xfail(reason=reason, strict=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A workspace that must hold neither a lock nor a process when the test is over."""
    workspace = tmp_path / "workspace"
    yield workspace
    assert remains_in(workspace) == []
    assert processes_in(workspace) == []


@pytest.fixture
def settings(workspace: Path) -> Settings:
    return Settings(workspace=workspace)


@pytest.fixture
def backend(backend_name: str, settings: Settings) -> Iterator[Backend]:
    with open_backend(backend_name, settings) as opened:
        yield opened

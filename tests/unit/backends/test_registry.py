"""Backends are listed without their drivers, and named when something is missing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from snake_pipe_core.backends import registry
from snake_pipe_core.backends.base import Backend
from snake_pipe_core.backends.registry import (
    BackendSpec,
    UnknownBackendError,
    backends,
    open_backend,
)
from snake_pipe_core.errors import BackendUnavailableError
from snake_pipe_core.settings import Settings

THEIRS = BackendSpec(
    "theirs", "search", "tests.unit.backends.nowhere:Theirs", ("no_such_driver",),
    "pip install no-such-driver", "Somebody else's.",
)  # fmt: skip
THEIR_POSTGRES = BackendSpec("postgres", "relational", "a:B", (), "", "A clash.")


def register(monkeypatch: pytest.MonkeyPatch, *specs: str) -> None:
    points = [
        EntryPoint(name.lower(), f"{__name__}:{name}", registry.ENTRY_POINT_GROUP) for name in specs
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])


def test_every_role_has_a_backend(tmp_path: Path) -> None:
    assert {spec.role for spec in backends().values()} == {
        "relational", "graph", "vector", "search",
    }  # fmt: skip
    for name, spec in backends().items():
        backend = open_backend(name, Settings(workspace=tmp_path))
        assert isinstance(backend, Backend)
        assert (backend.name, backend.capabilities.role) == (name, spec.role)
    assert list(tmp_path.iterdir()) == []


def test_listing_imports_no_driver() -> None:
    code = (
        "import sys; from snake_pipe_core.backends.registry import backends; "
        "drivers = [d for s in backends().values() for d in s.drivers]; assert drivers; "
        "assert all(not s.missing_drivers() for s in backends().values()); "
        "print([d for d in drivers if d in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_missing_driver_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, "THEIRS")
    with pytest.raises(BackendUnavailableError, match="pip install no-such-driver"):
        open_backend("theirs", Settings())


def test_other_packages_may_register(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, "THEIRS")
    assert backends()["theirs"] is THEIRS


def test_a_clash_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", lambda: [("postgres", THEIR_POSTGRES)])
    with pytest.raises(UnknownBackendError, match="Two backends"):
        backends()


def test_unknown_names_are_answered_with_the_known() -> None:
    with pytest.raises(UnknownBackendError, match="postgres, ladybug, chroma, tantivy"):
        open_backend("oracle", Settings())

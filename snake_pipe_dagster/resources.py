"""What assets, checks and sensors are given: the workspace and the landing folder.

Belongs here: typed configuration that becomes core objects. Does not: any work.
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
from pydantic import Field

from snake_pipe_core.pipeline import Pipeline, Progress, silent
from snake_pipe_core.query import Answers
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DEFAULT_INCLUDE, DirectorySource


class Workspace(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The lake and the stores."""

    path: str = Field(default=".snake-pipe", description="Directory of the lake and the stores.")
    postgres_url: str | None = Field(
        default=None, description="PostgreSQL server; the embedded one is started if absent."
    )
    workers: int = Field(default=0, description="Threads of one run; 0 for all processors.")

    @classmethod
    def from_environment(cls) -> Workspace:
        """Return the workspace that `SNAKE_PIPE_*` variables and `snake-pipe.toml` name."""
        settings = Settings.load()
        return cls(
            path=str(settings.workspace.absolute()),
            postgres_url=settings.postgres_url,
            workers=settings.workers,
        )

    def settings(self) -> Settings:
        """Return the core's settings."""
        return Settings(
            workspace=Path(self.path), postgres_url=self.postgres_url, workers=self.workers
        )

    def pipeline(self, progress: Progress = silent) -> Pipeline:
        """Return the pipeline over this workspace."""
        return Pipeline(self.settings(), progress)

    def answers(self) -> Answers:
        """Return the queries over this workspace."""
        return Answers(self.settings())


class Landing(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The folder in which every directory is a source."""

    path: str = Field(default="landing", description="Directory that holds one directory a source.")
    include: list[str] = Field(
        default=list(DEFAULT_INCLUDE), description="Patterns of artifacts within a source."
    )
    exclude: list[str] = Field(default=[], description="Patterns of files to leave out.")

    @classmethod
    def from_environment(cls) -> Landing:
        """Return the folder that `SNAKE_PIPE_LANDING` names, `landing` if it is not set."""
        return cls(path=str(Path(os.environ.get("SNAKE_PIPE_LANDING", "landing")).absolute()))

    def names(self) -> list[str]:
        """Return the name of every directory, sorted; hidden and half-landed ones left out.

        Writers land by writing into a directory whose name begins with a dot and renaming it.
        """
        root = Path(self.path)
        if not root.is_dir():
            return []
        return sorted(
            entry.name for entry in root.iterdir() if entry.is_dir() and entry.name[0] != "."
        )

    def source(self, name: str) -> DirectorySource:
        """Return one source; raise `SourceNotFoundError` if its directory is gone."""
        return DirectorySource(Path(self.path) / name, include=self.include, exclude=self.exclude)

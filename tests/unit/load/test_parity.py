"""Whether a backend that differs from the lake is told from one that does not.

Belongs here: `backend_parity`. Does not: what each backend counts (`tests/contract`).
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import psycopg
import pytest

from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.backends.relational.postgres import PostgresBackend
from snake_pipe_core.load import backend_parity
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource

SOURCE = "shop"


@pytest.fixture
def loaded(tmp_path: Path, project: Path) -> Pipeline:
    """A pipeline that has published the bundled Go shop everywhere."""
    pipeline = Pipeline(Settings(workspace=tmp_path / "workspace"))
    assert pipeline.run(SOURCE, DirectorySource(project / "examples" / "asts" / "shop-go")).ok
    return pipeline


@pytest.mark.parametrize("name", sorted(backends()))
def test_what_was_just_loaded_is_equal(loaded: Pipeline, name: str) -> None:
    parity = backend_parity(loaded.settings, loaded.lake, SOURCE, name)
    assert parity.problems == ()
    assert sum(parity.counts.values()) > 0


def test_older_content_is_told(loaded: Pipeline, project: Path) -> None:
    loaded.scan(SOURCE, DirectorySource(project / "examples" / "asts" / "shop-python"))
    loaded.resolve(SOURCE)
    for name in backends():
        (problem,) = backend_parity(loaded.settings, loaded.lake, SOURCE, name).problems
        assert name in problem
        assert "the lake is at" in problem


def test_nothing_published_is_told(loaded: Pipeline, tmp_path: Path) -> None:
    elsewhere = Settings(workspace=tmp_path / "elsewhere")
    (problem,) = backend_parity(elsewhere, loaded.lake, SOURCE, "ladybug").problems
    assert "shows version none" in problem


def test_lost_rows_are_told(loaded: Pipeline) -> None:
    with open_backend("postgres", loaded.settings) as backend:
        url = cast("PostgresBackend", backend).url
        with psycopg.connect(url) as connection:
            connection.execute("delete from snake_pipe_data.symbols")
    parity = backend_parity(loaded.settings, loaded.lake, SOURCE, "postgres")
    sampled, counted = parity.problems
    assert "of the sampled ids are missing" in sampled
    assert counted.startswith("symbols has 0 rows, the lake ")

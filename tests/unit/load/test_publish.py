"""Publishing while edges are still being made, and what is never seen.

Belongs here: `load_slice`. Does not: what a backend does with a slice
(`tests/contract`), or killed runs (`tests/property`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl
import pytest

from snake_pipe_core import pipeline as pipeline_module
from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.errors import BrokenTablesError, LakeError
from snake_pipe_core.lake import Head
from snake_pipe_core.load import load_slice
from snake_pipe_core.pipeline import Pipeline, silent
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource

SOURCE = "shop"


@pytest.fixture
def scanned(tmp_path: Path, project: Path) -> Pipeline:
    """A pipeline whose lake holds the bundled JavaScript shop, scanned."""
    made = Pipeline(Settings(workspace=tmp_path))
    made.scan(SOURCE, shop(project))
    return made


def shop(project: Path) -> DirectorySource:
    return DirectorySource(project / "examples" / "asts" / "shop-web-js")


def shown(pipeline: Pipeline) -> dict[str, str | None]:
    """Return the version of the source that each backend shows."""
    found: dict[str, str | None] = {}
    for name in backends():
        with open_backend(name, pipeline.settings) as backend:
            found[name] = backend.published().get(SOURCE)
    return found


def test_nothing_is_shown_before_the_edges_are_there(scanned: Pipeline) -> None:
    """All four are open while nothing is resolved, and none is seen until it is."""
    promised = promise(scanned)
    edges: Future[Head] = Future()
    opened = {name: Event() for name in backends()}

    def progress(stage: str, done: int, total: int | None) -> None:
        opened[stage.removeprefix("load ")].set()

    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(
            load_slice, scanned.settings, scanned.lake, promised, progress=progress, resolved=edges
        )
        assert all(event.wait(60) for event in opened.values())
        assert set(shown(scanned).values()) == {None}
        assert not loading.done()
        scanned.resolve(SOURCE)
        edges.set_result(scanned.lake.head(SOURCE))
        reports = loading.result(60)
    assert [report.state for report in reports] == ["published"] * len(backends())
    assert shown(scanned) == {report.backend: report.version for report in reports}


def test_edges_of_other_content_are_not_published(scanned: Pipeline) -> None:
    promised = promise(scanned)
    edges: Future[Head] = Future()
    edges.set_result(replace(promised, graph_digest="of something else"))
    reports = load_slice(
        scanned.settings, scanned.lake, promised, progress=silent, resolved=edges
    )  # fmt: skip
    assert [report.state for report in reports] == ["failed"] * len(backends())
    assert all("changed by another run" in str(report.error) for report in reports)
    assert all(report.is_transient for report in reports)
    assert set(shown(scanned).values()) == {None}


def test_an_unresolved_head_is_refused(scanned: Pipeline) -> None:
    with pytest.raises(LakeError, match="belong to older content"):
        load_slice(scanned.settings, scanned.lake, scanned.lake.head(SOURCE), progress=silent)


@pytest.mark.parametrize(
    ("broken", "error"),
    [("resolve_source", RuntimeError), ("broken_rules", BrokenTablesError)],
)
def test_a_run_that_fails_after_the_scan_shows_nothing_new(
    tmp_path: Path,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    error: type[Exception],
) -> None:
    """What was applied meanwhile stays unseen, what was seen stays, and the next run is whole."""
    mine = tmp_path / "asts"
    mine.mkdir()
    files = sorted((project / "examples" / "asts" / "shop-web-js").rglob("*.json"))
    for number, file in enumerate(files[1:]):
        (mine / f"{number}.json").write_bytes(file.read_bytes())
    pipeline = Pipeline(Settings(workspace=tmp_path / "workspace"))
    assert pipeline.run(SOURCE, DirectorySource(mine)).ok
    before = shown(pipeline)
    assert None not in before.values()

    (mine / "last.json").write_bytes(files[0].read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(pipeline_module, broken, failing(broken))
        with pytest.raises(error):
            pipeline.run(SOURCE, DirectorySource(mine))
    assert shown(pipeline) == before

    report = pipeline.run(SOURCE, DirectorySource(mine))
    assert report.ok
    assert shown(pipeline) == {load.backend: load.version for load in report.loads}
    assert not set(shown(pipeline).values()) & set(before.values())


def failing(name: str) -> Callable[..., Any]:
    """Return what stands for a stage that fails, or finds the tables contradictory."""

    def fail(*arguments: object) -> list[str]:
        if name == "broken_rules":
            return ["Two symbols have one id."]
        raise RuntimeError("the power went out")

    return fail


def promise(pipeline: Pipeline) -> Head:
    """Return the head as it will be when its edges are made."""
    head = pipeline.lake.head(SOURCE)
    return replace(head, graph_digest=pipeline_module.graph_digest(head))


def test_counts_of_unchanged_content_are_those_of_its_publication(
    scanned: Pipeline, project: Path
) -> None:
    first = scanned.run(SOURCE, shop(project))
    again = scanned.run(SOURCE, shop(project))
    assert {load.state for load in again.loads} == {"unchanged"}
    counts = {load.backend: dict(load.counts) for load in first.loads}
    assert {load.backend: dict(load.counts) for load in again.loads} == counts
    edges = scanned.lake.scan("edges", SOURCE).select(pl.len()).collect().item()
    assert counts["postgres"]["edges"] == counts["ladybug"]["edges"] == edges > 0

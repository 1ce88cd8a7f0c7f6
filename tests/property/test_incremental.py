"""Whatever is done to a source's files, an incremental run ends where a rebuild does.

Belongs here: random histories, compared with a scan from nothing. Does not: single rules of extract
or settle, which have tests of their own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from snake_pipe_core.normalize import Scanner
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource
from snake_pipe_core.validate.checks import ids_unique, ledger_adds_up, parents_exist
from tests.property.lake_rows import backend_rows, difference, lake_rows
from tests.property.shop_files import Operation, ShopFiles, operations

SOURCE = "shop"
PER_SHARD = 2
"""So few that a handful of files makes several shards."""

_CLAIMS = [
    Operation("claim", "b/two.json", 0, "web/cart.js"),
    Operation("run"),
    Operation("claim", "a/one.json", 1, "web/cart.js"),
    Operation("crowd", number=40),
    Operation("run"),
    Operation("delete", "a/one.json"),
    Operation("run"),
]
_SAME_BYTES = [
    Operation("claim", "b/two.json", 0, "web/cart.js"),
    Operation("claim", "c/three.json", 0, "web/cart.js"),
    Operation("claim", "a/one.json", 0, "web/cart.js"),
    Operation("run"),
    Operation("damage", "a/one.json"),
    Operation("run"),
    Operation("claim", "b/two.json", 1, "web/cart.js"),
]
_ACROSS_FILES = [
    Operation("write", "shop/order.py.json", 1),
    Operation("write", "shop/gift.py.json", 2),
    Operation("write", "shop/price.py.json", 3),
    Operation("run"),
    Operation("write", "shop/order.py.json", 5),
    Operation("run"),
    Operation("revert", "shop/order.py.json"),
]


@cache
def scanner() -> Scanner:
    return Pipeline(Settings(workers=2)).scanner


def pipeline(workspace: Path) -> Pipeline:
    made = Pipeline(Settings(workspace=workspace, workers=1, files_per_shard=PER_SHARD))
    made.scanner = scanner()
    return made


@contextmanager
def directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="snake-pipe-test-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def bring_up_to_date(made: Pipeline, root: Path) -> None:
    made.scan(SOURCE, DirectorySource(root))
    made.resolve(SOURCE)


def check_history(history: list[Operation]) -> None:
    with directory() as place:
        files = ShopFiles(place / "files")
        made = pipeline(place / "incremental")
        rebuilds = 0
        for operation in [*history, Operation("run")]:
            if operation.verb != "run":
                files.apply(operation)
                continue
            bring_up_to_date(made, files.root)
            rebuilds += 1
            anew = pipeline(place / f"anew{rebuilds}")
            bring_up_to_date(anew, files.root)
            assert not difference(lake_rows(made.lake, SOURCE), lake_rows(anew.lake, SOURCE))
            head, fresh = made.lake.head(SOURCE), anew.lake.head(SOURCE)
            assert (head.scan_digest, head.graph_digest) == (fresh.scan_digest, fresh.graph_digest)
            for rule in (ledger_adds_up, ids_unique, parents_exist):
                assert rule(made.lake, SOURCE) == []


@settings(max_examples=12)
@given(st.lists(operations(), min_size=3, max_size=14))
@example(_CLAIMS)
@example(_SAME_BYTES)
@example(_ACROSS_FILES)
def test_incremental_equals_a_rebuild(history: list[Operation]) -> None:
    check_history(history)


@pytest.mark.slow
@settings(max_examples=150)
@given(st.lists(operations(), min_size=3, max_size=40))
def test_incremental_equals_a_rebuild_for_long(history: list[Operation]) -> None:
    check_history(history)


def test_backends_end_where_those_of_a_rebuild_do(tmp_path: Path) -> None:
    """All four stores, over a history with claims, renames and cross-file effects."""
    files = ShopFiles(tmp_path / "files")
    made = pipeline(tmp_path / "incremental")
    renamed = [Operation("rename", "shop/gift.py.json", 5), Operation("crowd", number=9)]
    for part in (_ACROSS_FILES, _CLAIMS[:3], [Operation("delete", "b/two.json")], renamed):
        for operation in part:
            if operation.verb != "run":
                files.apply(operation)
        report = made.run(SOURCE, DirectorySource(files.root))
        assert report.ok, [load.error for load in report.loads]
    assert pipeline(tmp_path / "anew").run(SOURCE, DirectorySource(files.root)).ok
    incremental, anew = (backend_rows(tmp_path / name, SOURCE) for name in ("incremental", "anew"))
    empty = {key.split()[1] for key, rows in anew.items() if not rows}
    assert empty <= {"findings"}
    assert incremental == anew


def test_running_twice_publishes_nothing_new(tmp_path: Path) -> None:
    files = ShopFiles(tmp_path / "files")
    for operation in [*_ACROSS_FILES, *_SAME_BYTES, Operation("link", number=1)]:
        if operation.verb not in ("run", "damage"):
            files.apply(operation)
    made = pipeline(tmp_path / "workspace")
    first = made.run(SOURCE, DirectorySource(files.root))
    assert [load.state for load in first.loads] == ["published"] * 4
    before = lake_rows(made.lake, SOURCE), backend_rows(tmp_path / "workspace", SOURCE)
    made.scan(SOURCE, DirectorySource(files.root))  # settles what was written just before the scan
    generation = made.lake.head(SOURCE).generation
    second = made.run(SOURCE, DirectorySource(files.root))
    assert [load.state for load in second.loads] == ["unchanged"] * 4
    assert not second.scan.changed
    assert made.lake.head(SOURCE).generation == generation
    assert not difference(before[0], lake_rows(made.lake, SOURCE))
    assert backend_rows(tmp_path / "workspace", SOURCE) == before[1]

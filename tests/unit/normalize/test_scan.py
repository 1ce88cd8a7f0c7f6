"""Shards that are scanned side by side.

Belongs here: their order, their progress, and what an error of one does. Does not: rows; those are
compared by `tests/differential` and `tests/property`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from snake_pipe_core.errors import MappingError
from snake_pipe_core.lake import Lake
from snake_pipe_core.normalize import Scanner
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource

FILES = 40
ARTIFACT = (
    '{"_type": "Module", "body": [{"_type": "Expr", "value": {"_type": "Constant", "value": %d,'
    ' "kind": null, "lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 1},'
    ' "lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 1}], "type_ignores": []}'
)


class Unreadable(DirectorySource):
    """A source without local files, whose `broken` artifact cannot be read."""

    broken = ""

    def local_path(self, path: str) -> str | None:
        return None

    def read(self, path: str) -> bytes:
        if path == self.broken:
            raise ConnectionResetError(f"{path} is out of reach")
        return super().read(path)


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    folder = tmp_path / "artifacts"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"m{number:02d}.py.json").write_text(ARTIFACT % number)
    return folder


def pipeline(workspace: Path, *, workers: int = 2) -> Pipeline:
    return Pipeline(Settings(workspace=workspace, files_per_shard=2, workers=workers))


def test_progress_counts_every_file_once(artifacts: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    made = pipeline(tmp_path / "workspace")
    with made.reporting(lambda stage, done, total: told.append((done, total))):
        report = made.scan("s", DirectorySource(artifacts))
    scanned = [done for done, total in told if total == FILES][1:]
    assert len(report.counts.shards) > 2
    assert (report.counts.files, report.outcomes) == (FILES, {"loaded": FILES})
    assert scanned == sorted(set(scanned))
    assert scanned[-1] == FILES


def test_lanes_change_nothing(artifacts: Path, tmp_path: Path) -> None:
    ledgers = []
    for workers in (1, 2):
        made = pipeline(tmp_path / str(workers), workers=workers)
        made.scan("s", DirectorySource(artifacts))
        frames = (made.lake.scan(table, "s").collect() for table in ("artifacts", "nodes"))
        ledgers.append([frame.drop("scanned_at", strict=False).to_dicts() for frame in frames])
    assert len(ledgers[0][1]) == 3 * FILES
    assert ledgers[0] == ledgers[1]


def test_an_error_of_one_shard_ends_the_scan_and_leaves_nothing(
    artifacts: Path, tmp_path: Path
) -> None:
    source = Unreadable(artifacts)
    made = pipeline(tmp_path / "workspace")
    before = made.scan("s", source).head
    for path in artifacts.iterdir():
        path.write_text(path.read_text().replace('"kind": null', '"kind": "u"'))
    source.broken = "m07.py.json"
    with pytest.raises(ConnectionResetError, match="m07"):
        made.scan("s", source)
    lake = Lake(made.lake.root)
    assert lake.head("s") == before
    kept = {Path(file) for name in before.tables for file in lake.files(name, "s", head=before)}
    assert set(lake.root.rglob("*.parquet")) == kept
    source.broken = ""
    assert made.scan("s", source).outcomes == {"loaded": FILES}


def test_a_scanner_knows_its_version_before_its_engine_is_compiled(tmp_path: Path) -> None:
    scanner = pipeline(tmp_path).scanner
    assert scanner.version == scanner.engine.version


def test_a_mapping_that_cannot_be_compiled_is_told_when_the_engine_is_needed() -> None:
    scanner = Scanner(
        '[{"mappings": [{"name": "odd", "kinds": 3}]}]', workers=1, memory_budget_bytes=0
    )
    with pytest.raises(MappingError, match="The dialect odd cannot be compiled"):
        _ = scanner.engine

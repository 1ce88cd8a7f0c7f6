"""Replay after a fix: exactly the artifacts asked for, and the history stays.

Belongs here: replay after a new schema, a new dialect and a new engine. Does not: replay of mended
files (`tests/cli`), or killed runs (`tests/property`).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from snake_pipe_core.cli import main
from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.normalize import Scanner
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource
from tests.contract.hostile import dumped, parsed

PROJECT = Path(__file__).resolve().parents[2]
LAMBDA = "late.py.json"
"""The artifact that the older schema does not know what to make of."""
BUDGET = 1 << 30


def units() -> list[dict[str, Any]]:
    """Return what the engine compiles: mappings with schemas, and formats that are refused."""
    found: list[dict[str, Any]] = json.loads(load_registry().mappings_json())
    return found


def name_of(unit: dict[str, Any]) -> str:
    return str(unit.get("mappings", [{}])[0].get("name"))


def older_schema() -> str:
    """Return all mappings, with a schema of Python's that misses something in every lambda."""
    found = units()
    (unit,) = [unit for unit in found if name_of(unit) == "python-ast"]
    unit["schema"]["$defs"]["Lambda"]["required"] = ["is_allowed"]
    return json.dumps(found)


def no_solc() -> str:
    """Return all mappings but that of Solidity's compiler."""
    return json.dumps([unit for unit in units() if name_of(unit) != "solc"])


def older(pipeline: Pipeline, mappings: str, budget: int = BUDGET) -> Pipeline:
    """Give a pipeline the engine with these mappings."""
    pipeline.scanner = Scanner(mappings, workers=2, memory_budget_bytes=budget)
    return pipeline


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Three files that any version reads, one lambda and one Solidity file."""
    root = tmp_path / "in"
    root.mkdir()
    for number in range(3):
        (root / f"plain{number}.py.json").write_bytes(dumped(parsed(f"def f{number}(): pass")))
    (root / LAMBDA).write_bytes(dumped(parsed("from plain0 import f0\nlate = lambda: f0()")))
    shutil.copy(PROJECT / "tests/golden/solc/solc-ledger/source.sol.json", root / "ledger.sol.json")
    return root


def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(Settings(workspace=tmp_path / "ws"))


def rows(lake_of: Pipeline, table: str, *without: str) -> list[tuple[Any, ...]]:
    frame = lake_of.lake.scan(table, "s").drop(without).collect()
    return frame.sort(frame.columns).rows()


def ledger(lake_of: Pipeline) -> dict[str, dict[str, Any]]:
    found = lake_of.lake.scan("artifacts", "s").collect().to_dicts()
    return {row["path"]: row for row in found}


def outcomes(lake_of: Pipeline) -> dict[str, str]:
    return {path: row["outcome"] for path, row in ledger(lake_of).items()}


def assert_others_untouched(before: dict[str, Any], after: dict[str, Any], *but: str) -> None:
    others = before.keys() - set(but)
    assert len(others) >= 3
    assert {path: after[path] for path in others} == {path: before[path] for path in others}


def meddle(place: Path) -> None:
    """Change, add and remove files that a replay must not look at."""
    (place / "plain0.py.json").write_bytes(b"{ damaged")
    (place / "plain1.py.json").unlink()
    (place / "unseen.py.json").write_bytes(dumped(parsed("x = 1")))


def test_a_new_schema_loads_exactly_what_the_old_one_rejected(place: Path, tmp_path: Path) -> None:
    source = DirectorySource(place)
    first = older(pipeline(tmp_path), older_schema())
    first.scan("s", source)
    first.resolve("s")
    before = ledger(first)
    assert before[LAMBDA]["outcome"] == "quarantined"
    (finding,) = first.lake.scan("findings", "s").collect().to_dicts()
    assert (finding["code"], finding["path"]) == ("SCHEMA_VIOLATION", LAMBDA)
    meddle(place)

    mended = pipeline(tmp_path)
    report = mended.scan("s", source, only=frozenset({LAMBDA}))
    assert report.counts.files == 1
    after = ledger(mended)
    assert after[LAMBDA]["outcome"] == "loaded"
    assert after[LAMBDA]["engine_version"] == mended.scanner.version != before[LAMBDA]["engine_version"]  # fmt: skip
    assert_others_untouched(before, after, LAMBDA)
    assert after.keys() == before.keys()
    assert rows(mended, "findings") == []
    mended.resolve("s")
    names = dict(mended.lake.scan("symbols", "s").select("symbol_id", "name").collect().iter_rows())
    calls = mended.lake.scan("edges", "s").filter(pl.col("kind") == "CALLS").collect()
    assert "f0" in {names.get(edge) for edge in calls["dst_id"]}


def test_a_new_dialect_loads_exactly_what_was_unknown(place: Path, tmp_path: Path) -> None:
    source = DirectorySource(place)
    first = older(pipeline(tmp_path), no_solc())
    first.scan("s", source)
    before = ledger(first)
    assert before["ledger.sol.json"]["outcome"] == "unsupported"
    meddle(place)
    mended = pipeline(tmp_path)
    report = mended.scan("s", source, only=frozenset({"ledger.sol.json"}))
    assert report.counts.files == 1
    assert outcomes(mended)["ledger.sol.json"] == "loaded"
    assert_others_untouched(before, ledger(mended), "ledger.sol.json")


def test_a_new_engine_loads_exactly_what_the_old_one_refused(place: Path, tmp_path: Path) -> None:
    """The older engine has another version, and less memory than the largest file needs."""
    (place / "large.py.json").write_bytes(dumped(parsed("x = 1")) + b" " * (9 << 20))
    source = DirectorySource(place)
    first = older(pipeline(tmp_path), load_registry().mappings_json(), budget=8 << 20)
    first.scanner.version = "0.0.1+older"
    first.scan("s", source)
    before = ledger(first)
    assert before["large.py.json"]["outcome"] == "quarantined"
    assert {row["engine_version"] for row in before.values()} == {"0.0.1+older"}
    meddle(place)
    mended = pipeline(tmp_path)
    mended.scan("s", source, only=frozenset({"large.py.json"}))
    after = ledger(mended)
    assert after["large.py.json"]["outcome"] == "loaded"
    assert after["large.py.json"]["engine_version"] == mended.scanner.version
    assert_others_untouched(before, after, "large.py.json")


def test_the_next_run_sees_to_what_the_replay_left(place: Path, tmp_path: Path) -> None:
    """After it, the tables are those of a rebuild, and their digest is not that of the replay."""
    source = DirectorySource(place)
    older(pipeline(tmp_path), older_schema()).scan("s", source)
    mended = pipeline(tmp_path)
    replayed = mended.scan("s", source, only=frozenset({LAMBDA})).head
    whole = mended.scan("s", source)
    assert whole.states == {"changed": 4, "unchanged": 1}
    assert whole.head.scan_digest != replayed.scan_digest
    meddle(place)
    assert mended.scan("s", source).states == {"changed": 1, "new": 1, "removed": 1, "unchanged": 3}
    rebuilt = Pipeline(Settings(workspace=tmp_path / "rebuilt"))
    fresh = rebuilt.scan("s", source).head
    assert fresh.scan_digest == mended.lake.head("s").scan_digest
    for table in ("artifacts", "findings", "documents", "nodes", "symbols", "references"):
        assert without_time(mended, table) == without_time(rebuilt, table), table


def without_time(lake_of: Pipeline, table: str) -> list[tuple[Any, ...]]:
    return rows(lake_of, table, *(["scanned_at"] if table == "artifacts" else []))


def test_a_replay_that_fails_again_is_a_line_of_the_history(place: Path, tmp_path: Path) -> None:
    source = DirectorySource(place)
    first = older(pipeline(tmp_path), older_schema())
    first.scan("s", source)
    first.scan("s", source, only=frozenset({LAMBDA}))
    pipeline(tmp_path).scan("s", source, only=frozenset({LAMBDA}))
    shown = CliRunner().invoke(
        main, ["quarantine", "show", LAMBDA, "-w", str(tmp_path / "ws"), "--format", "json"]
    )
    assert shown.exit_code == 0, shown.output
    (item,) = json.loads(shown.stdout)
    told = [(run["outcome"], run["codes"]) for run in item["history"]]
    assert told == [
        ("quarantined", ["SCHEMA_VIOLATION"]), ("quarantined", ["SCHEMA_VIOLATION"]), ("loaded", [])
    ]  # fmt: skip
    versions = [run["engine_version"] for run in item["history"]]
    assert versions[0] == versions[1] != versions[2]
    generations = [run["generation"] for run in item["history"]]
    assert generations == sorted(set(generations))


def test_what_is_gone_or_was_never_scanned_is_told_apart(place: Path, tmp_path: Path) -> None:
    source = DirectorySource(place)
    older(pipeline(tmp_path), older_schema()).scan("s", source)
    (place / LAMBDA).unlink()
    mended = pipeline(tmp_path)
    mended.scan("s", source, only=frozenset({LAMBDA}))
    assert LAMBDA not in ledger(mended)
    assert len(ledger(mended)) == 4


def test_shards_stay_as_they_are(place: Path, tmp_path: Path) -> None:
    """A replay copies the rows of others, however many files there are by now."""
    settings = Settings(workspace=tmp_path / "ws", files_per_shard=2)
    source = DirectorySource(place)
    older(Pipeline(settings), older_schema()).scan("s", source)
    shards = Pipeline(settings).lake.head("s").shards
    for number in range(40):
        (place / f"more{number}.py.json").write_bytes(dumped(parsed("y = 1")))
    mended = Pipeline(settings)
    before = ledger(mended)
    mended.scan("s", source, only=frozenset({LAMBDA}))
    assert mended.lake.head("s").shards == shards
    assert_others_untouched(before, ledger(mended), LAMBDA)
    documents = mended.lake.scan("documents", "s").collect()
    nodes = mended.lake.scan("nodes", "s").group_by("document_id").len().collect()
    assert documents.height == nodes.height == 5

"""Bad input: every hostile artifact gets exactly the outcome and the findings that it must get.

Belongs here: the corpus through scan, its cost, and what stays of the good artifacts beside it.
Does not: the corpus (`hostile.py`), or hostile archives (the contract of sources).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.base import Discovery
from snake_pipe_core.sources.directory import DirectorySource
from tests.contract import hostile

PROJECT = Path(__file__).resolve().parents[2]
GOLDEN = PROJECT / "tests" / "golden"
DIALECTS = list(load_registry().dialects)
_SCAN = """
import json, sys
from pathlib import Path
from benchmarks.subjects import peak_bytes
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource
settings = Settings(workspace=Path(sys.argv[2]), memory_budget_bytes=int(sys.argv[3]))
pipeline = Pipeline(settings)
report = pipeline.scan("hostile", DirectorySource(sys.argv[1]))
findings = pipeline.lake.scan("findings", "hostile").collect()
print(json.dumps({"outcomes": report.outcomes, "codes": sorted(findings["code"]),
                  "nodes": report.counts.nodes, "peak_bytes": peak_bytes()}))
"""
_SCAN_AS_NOBODY = """
import json, os, sys
import polars as pl
from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from snake_pipe_core.sources.directory import DirectorySource
engine = Engine(load_registry().mappings_json())
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
found = DirectorySource(sys.argv[1]).discover()
paths = found.files["path"].to_list()
tables = engine.scan("s", paths, [f"{sys.argv[1]}/{path}" for path in paths])
read = pl.concat(map(pl.DataFrame, tables["findings"]))
print(json.dumps([*found.findings.select("path", "code").rows(), *read.select("path", "code").rows()]))
"""


@dataclass(frozen=True)
class Told:
    """What scan said of one artifact."""

    outcome: str
    codes: frozenset[str]


def scanned(root: Path, workspace: Path, cases: Sequence[hostile.Case]) -> dict[str, Told]:
    """Scan a directory; return what was said, by path, in the order of the cases."""
    pipeline = Pipeline(Settings(workspace=workspace))
    report = pipeline.scan("hostile", DirectorySource(root))
    ledger = pipeline.lake.scan("artifacts", "hostile").collect()
    findings = pipeline.lake.scan("findings", "hostile").collect()
    codes = dict(findings.group_by("path").agg(pl.col("code")).iter_rows())
    told = {
        path: Told(outcome, frozenset(codes.get(path, ())))
        for path, outcome in ledger.select("path", "outcome").iter_rows()
    }
    assert sum(report.outcomes.values()) == len(told)
    assert all(len(hint) > 0 for hint in findings["hint"])
    assert all(len(message) < 2_000 for message in findings["message"])
    return {case.path: told.pop(case.path) for case in cases} | told


def wanted(cases: Sequence[hostile.Case]) -> dict[str, Told]:
    return {case.path: Told(case.outcome, case.codes) for case in cases}


def test_every_artifact_gets_the_expected_outcome_and_findings(tmp_path: Path):
    cases = list(hostile.small())
    for case in cases:
        case.write(tmp_path / "in")
    assert scanned(tmp_path / "in", tmp_path / "w", cases) == wanted(cases)


def test_bad_artifacts_take_nothing_from_the_good_ones_beside_them(tmp_path: Path):
    """The rows of the good are the same as without any of the bad."""
    cases = list(hostile.small())
    (good,) = [case for case in cases if case.path == "good.py.json"]
    tables = []
    for folder, written in (("all", cases), ("good", [good])):
        for case in written:
            case.write(tmp_path / folder)
        pipeline = Pipeline(Settings(workspace=tmp_path / f"{folder}-workspace"))
        pipeline.scan("s", DirectorySource(tmp_path / folder))
        documents = pipeline.lake.scan("documents", "s").filter(pl.col("path") == good.path)
        ids = documents.select("document_id")
        tables.append(
            [
                pipeline.lake.scan(name, "s").join(ids, on="document_id", how="semi").collect()
                for name in ("documents", "nodes", "symbols", "imports", "references")
            ]
        )
    assert all(mixed.equals(alone) for mixed, alone in zip(*tables, strict=True))
    assert all(frame.height for frame in tables[1])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_artifact_cut_anywhere_is_truncated_and_nothing_else(dialect: str):
    """Cut the dialect's smallest golden behind each structural character."""
    goldens = [file.read_bytes() for file in sorted((GOLDEN / dialect).rglob("*.json"))]
    content = min((text.strip() for text in goldens if len(text) > 200), key=len)
    structural = [at + 1 for at, byte in enumerate(content[:-1]) if byte in b'{}[]:,"']
    cuts = structural[:: max(1, len(structural) // 3000)]
    batches = Engine(load_registry().mappings_json()).scan(
        "s", [f"{cut}.json" for cut in cuts], contents=[content[:cut] for cut in cuts]
    )
    ledger = pl.concat(map(pl.DataFrame, batches["artifacts"]))
    findings = pl.concat(map(pl.DataFrame, batches["findings"]))
    assert ledger["outcome"].to_list() == ["quarantined"] * len(cuts)
    assert findings["code"].to_list() == ["JSON_TRUNCATED"] * len(cuts)


class _Meddling(DirectorySource):
    """A directory in which somebody works between discovery and reading."""

    def discover(self, progress: object = None) -> Discovery:
        found = super().discover()
        (self.root / "vanishing.json").unlink(missing_ok=True)
        (self.root / "growing.json").write_bytes(hostile.dumped(hostile.module()) + b" " * 100)
        (self.root / "breaking.json").write_bytes(b'{"_type": "Module", ')
        return found


def test_files_that_vanish_or_change_after_discovery_cost_only_themselves(tmp_path: Path):
    """What was read is what the ledger says, so that the next run sees the change."""
    root = tmp_path / "in"
    root.mkdir()
    names = ("breaking", "growing", "staying", "vanishing")
    for number, name in enumerate(names):
        (root / f"{name}.json").write_bytes(hostile.with_constant(str(number)))
    pipeline = Pipeline(Settings(workspace=tmp_path / "w"))
    pipeline.scan("s", _Meddling(root))
    rows = pipeline.lake.scan("artifacts", "s").sort("path").select("path", "outcome", "size_bytes")
    outcomes = {path: outcome for path, outcome, _ in rows.collect().iter_rows()}
    assert outcomes == {"breaking.json": "quarantined", "growing.json": "loaded",
                        "staying.json": "loaded", "vanishing.json": "quarantined"}  # fmt: skip
    sizes = {path: size for path, _, size in rows.collect().iter_rows()}
    assert sizes["growing.json"] == (root / "growing.json").stat().st_size
    report = pipeline.scan("s", DirectorySource(root))
    assert report.outcomes == {"loaded": 2, "quarantined": 1}
    codes = pipeline.lake.scan("findings", "s").select("path", "code").collect().rows()
    assert codes == [("breaking.json", "JSON_TRUNCATED")]


def test_what_may_not_be_read_is_a_finding():
    """Also for the superuser, who may read everything: the scan runs as nobody."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "closed").mkdir()
        for path in ("open.json", "unreadable.json", "closed/inside.json"):
            (root / path).write_bytes(hostile.dumped(hostile.module()))
        root.chmod(0o755)
        (root / "unreadable.json").chmod(0)
        (root / "closed").chmod(0)
        ended = subprocess.run(
            [sys.executable, "-c", _SCAN_AS_NOBODY, folder],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        (root / "closed").chmod(0o700)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == [
        ["closed", "DIRECTORY_UNREADABLE"],
        ["unreadable.json", "FILE_UNREADABLE"],
    ]


def scanned_apart(root: Path, budget: int) -> dict[str, Any]:
    """Scan a directory in a process of its own; return its outcomes, nodes and peak memory."""
    ended = subprocess.run(
        [sys.executable, "-c", _SCAN, str(root), f"{root}-workspace", str(budget)],
        capture_output=True, text=True, check=False, cwd=PROJECT,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_enormous_artifacts_stay_within_the_declared_memory(tmp_path: Path):
    """A gigabyte of nodes, of blanks and of nothing, ten million siblings, a text of 100 MB."""
    for case in hostile.large():
        root = tmp_path / Path(case.path).stem
        case.write(root)
        told = scanned_apart(root, 1 << 30)
        shutil.rmtree(root)
        assert told["outcomes"] == {case.outcome: 1}, case.path
        assert told["codes"] == sorted(case.codes), case.path
        assert told["peak_bytes"] <= 1.5 * (1 << 30), (case.path, told)


def test_a_larger_budget_lets_ten_million_siblings_in(tmp_path: Path):
    (case,) = [case for case in hostile.large() if case.path == "large/siblings.json"]
    case.write(tmp_path / "in")
    told = scanned_apart(tmp_path / "in", 4 << 30)
    assert told["outcomes"] == {"loaded": 1}
    assert told["nodes"] == 10_000_002
    assert told["peak_bytes"] <= 4 << 30

"""Artifacts that hold several documents, one after the other, through the pipeline.

Belongs here: what becomes of them as a whole. Does not: how each is read (goldens, the oracle).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource
from tests.differential.comparison import differences, native_rows, table_rows
from tests.differential.test_scan_oracle import _engine, _oracle
from tests.oracle.scan import scan

CLANG = Path(__file__).resolve().parents[1] / "golden" / "clang"
QUEUE = (CLANG / "clang-queue" / "source.c.json").read_bytes()
HEADER = (CLANG / "clang-queue-header" / "source.h.json").read_bytes()
PYTHON = b'{"_type": "Module", "body": [], "type_ignores": []}'


def _run(folder: Path, content: bytes) -> Pipeline:
    landing = folder / "landing"
    landing.mkdir(exist_ok=True)
    (landing / "all.json").write_bytes(content)
    pipeline = Pipeline(Settings(workspace=folder / "workspace"))
    pipeline.scan("c", DirectorySource(landing))
    pipeline.resolve("c")
    return pipeline


def test_every_document_of_an_artifact_is_loaded(tmp_path: Path) -> None:
    lake = _run(tmp_path, QUEUE + HEADER + QUEUE).lake
    documents = lake.scan("documents", "c").sort("document_path").collect()
    assert documents["document_path"].to_list() == [
        "all.json/2",
        "all.json/queue.c",
        "all.json/queue.h",
    ]
    assert set(documents["path"]) == {"all.json"}
    [artifact] = lake.scan("artifacts", "c").collect().to_dicts()
    assert artifact["outcome"] == "loaded"
    assert artifact["node_count"] == documents["node_count"].sum()
    kinds = lake.scan("edges", "c").collect()["kind"].unique().to_list()
    assert "INCLUDES" in kinds
    assert "DECLARES" in kinds


def test_what_an_artifact_no_longer_holds_is_gone(tmp_path: Path) -> None:
    _run(tmp_path, QUEUE + HEADER)
    lake = _run(tmp_path, HEADER).lake
    assert lake.scan("documents", "c").collect()["document_path"].to_list() == ["all"]


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (PYTHON, "JSON_TRAILING"),
        (HEADER[:900], "JSON_TRUNCATED"),
        (b"]", "JSON_INVALID"),
        (HEADER.replace(b'"inner":[', b'"inner":7,"was":[', 1), "SCHEMA_VIOLATION"),
        (b'{"kind":"TranslationUnitDecl","inner":[]}' * 10_000, "JSON_TRAILING"),
    ],
    ids=["another format", "cut", "no JSON", "no tree", "too many"],
)
def test_one_bad_document_keeps_all_out(tmp_path: Path, end: bytes, code: str) -> None:
    lake = _run(tmp_path, QUEUE + end).lake
    assert lake.scan("documents", "c").collect().is_empty()
    assert lake.scan("nodes", "c").collect().is_empty()
    assert code in lake.scan("findings", "c").collect()["code"].to_list()


@pytest.mark.parametrize("tail", [b"", b"  \n", PYTHON, HEADER[:900], QUEUE, b"\xff"])
def test_the_oracle_reads_them_alike(tail: bytes) -> None:
    artifact = [("all.json", QUEUE + b"\n" + HEADER + tail)]
    told = differences(
        native_rows(_engine(), artifact), table_rows(scan("differential", artifact, _oracle()))
    )
    assert not told, "\n".join(told)

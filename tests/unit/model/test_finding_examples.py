"""The examples on the findings' pages: each gives the finding that its page says.

Belongs here: running what the pages show. Does not: the hostile corpus (`tests/contract`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from snake_pipe_core.model.findings import FINDING_CODES, Example, FindingCode
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.registry import open_source

WITH_EXAMPLE = [code for code in FINDING_CODES.values() if code.example]
NOBODY = 65534


@contextmanager
def as_a_user(example: Example) -> Iterator[None]:
    """Do without the superuser's rights within the block, if the example is about rights."""
    is_root = os.geteuid() == 0 and any(line.startswith("chmod ") for line in example.make)
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import what nobody else might be allowed to read."""
    folder = tmp_path_factory.mktemp("warm")
    (folder / "asts").mkdir()
    (folder / "asts" / "a.json").write_text('{"_type": "Module", "body": 1, "type_ignores": []}')
    report = Pipeline(Settings(workspace=folder / "ws")).scan(
        "s", open_source(str(folder / "asts"))
    )
    assert report.outcomes == {"quarantined": 1}


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory in which any user may do anything."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o777)
        yield path
        for closed in path.rglob("*"):
            if closed.is_dir() and not closed.is_symlink():
                closed.chmod(0o700)


@pytest.mark.parametrize("code", WITH_EXAMPLE, ids=lambda code: code.code)
@pytest.mark.usefixtures("warm")
def test_the_example_gives_the_finding(code: FindingCode, place: Path) -> None:
    example = code.example
    assert example is not None
    if any(line.startswith("zip ") for line in example.make) and not shutil.which("zip"):
        pytest.skip("zip is not installed here")
    with as_a_user(example):
        script = "\n".join(("set -eu", *example.make))
        subprocess.run(["bash", "-c", script], cwd=place, check=True, stdin=subprocess.DEVNULL)
        pipeline = Pipeline(Settings(workspace=place / "ws"))
        with open_source(str(place / example.location)) as source:
            pipeline.scan("asts", source)
        findings = pipeline.lake.scan("findings", "asts").collect()
        ledger = pipeline.lake.scan("artifacts", "asts").collect()
    found = findings.filter(pl.col("path") == example.path)
    assert found.select("code", "severity", "pointer").rows() == [
        (code.code, code.severity, example.pointer)
    ], found
    assert all(found.select(pl.col("message", "hint").str.len_chars() > 0).row(0))
    outcomes = dict(ledger.select("path", "outcome").iter_rows())
    assert outcomes.get(example.path, "") == code.outcome


def test_only_faults_of_the_engine_have_no_example() -> None:
    assert set(FINDING_CODES) - {code.code for code in WITH_EXAMPLE} == {"ENGINE_PANIC"}


@pytest.mark.parametrize("code", FINDING_CODES.values(), ids=lambda code: code.code)
def test_every_page_is_whole(code: FindingCode) -> None:
    for heading in ("Where it arises", "What becomes of the artifact", "Example", "What to do"):
        _, _, rest = code.page.partition(f"\n## {heading}\n\n")
        assert len(rest.partition("\n\n## ")[0]) > 5, heading

"""What the fuzzer found worth keeping: no crash, and the oracle makes the same rows of it.

Belongs here: the kept corpus through both implementations. Does not: fuzzing (`make fuzz`).
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from tests.differential.comparison import differences, native_rows, table_rows
from tests.oracle.scan import load_mappings, scan

CORPUS = Path(__file__).resolve().parents[2] / "rust" / "fuzz" / "corpus.tar.xz"
PARTS = 8


def inputs() -> list[tuple[str, bytes]]:
    """Return the kept inputs, by the name that libFuzzer gave them."""
    with tarfile.open(CORPUS) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive]
        return sorted((name, file.read()) for name, file in files if file is not None)


@pytest.mark.parametrize("part", range(PARTS))
def test_engine_and_oracle_agree(part: int):
    engine, oracle = Engine(load_registry().mappings_json()), load_mappings()
    kept = inputs()[part::PARTS]
    assert len(kept) > 100
    told = []
    for name, content in kept:
        artifacts = [("folder/artifact.py.json", content)]
        rows = native_rows(engine, artifacts)
        assert "ENGINE_PANIC" not in {row["code"] for row in rows["findings"]}, name
        found = differences(rows, table_rows(scan("differential", artifacts, oracle)))
        told += [f"{name}: {sentence}" for sentence in found]
    assert not told, "\n".join(told)

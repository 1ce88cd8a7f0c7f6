"""The engine accepts exactly what Python's `jsonschema` accepts, on the same schemas.

Belongs here: acceptance compared, over real and damaged artifacts. Does not: which violation is
told, and what rows an accepted artifact makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from tests.differential.artifacts import (
    PROJECT,
    archived_artifacts,
    damaged,
    example_artifacts,
    golden_artifacts,
)
from tests.differential.comparison import native_rows
from tests.oracle.decode import RefusedError, decode

_ARCHIVES = sorted((PROJECT.parent / "shared" / "corpora").glob("*.tar.xz"))
_GOLDEN = golden_artifacts()
# The library takes seconds for a megabyte: damage small ones.
_SMALL = [content for _, content in _GOLDEN if len(content) < 20_000]

# A seed says everything: there is nothing to shrink.
_PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@cache
def _engine() -> Engine:
    return Engine(load_registry().mappings_json())


@cache
def _validator(dialect: str) -> Draft202012Validator:
    return Draft202012Validator(load_registry()[dialect].schema)


def _native_verdict(path: str, content: bytes) -> tuple[str | None, bool]:
    """Dialect that claims the artifact, and whether its schema accepts it."""
    rows = native_rows(_engine(), [(path, content)])
    codes = {row["code"] for row in rows["findings"]}
    return rows["artifacts"][0]["dialect"], "SCHEMA_VIOLATION" not in codes


def _drop_skipped(value: Any, nodes: Mapping[str, Any]) -> None:
    """Drop members that are never entered at nodes of one kind: a schema cannot say that."""
    skipped = {tuple(entry.split(".", 1)) for entry in nodes.get("skip", []) if "." in entry}
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            for key in nodes["discriminator"]:
                for kind, member in skipped:
                    if each.get(key) == kind:
                        each.pop(member, None)
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)


def _agree(path: str, content: bytes) -> None:
    try:
        value: Any = decode(content).value
    except RefusedError:
        return  # what is no JSON meets no schema; test_scan_oracle.py compares the refusals
    dialect, is_accepted = _native_verdict(path, content)
    if dialect is None:
        return
    _drop_skipped(value, load_registry()[dialect].mappings[0].data["nodes"])
    error = next(_validator(dialect).iter_errors(value), None)
    told = None if error is None else f"{list(error.absolute_path)}: {error.message[:200]}"
    assert is_accepted == (error is None), f"{path}: native accepts: {is_accepted}; library: {told}"


@pytest.mark.parametrize("artifact", _GOLDEN, ids=[path for path, _ in _GOLDEN])
def test_golden(artifact: tuple[str, bytes]) -> None:
    _agree(*artifact)


def test_examples() -> None:
    for path, content in example_artifacts():
        _agree(path, content)


@pytest.mark.parametrize("archive", _ARCHIVES, ids=[file.name for file in _ARCHIVES])
def test_corpora_sample(archive: Path) -> None:
    for artifact in archived_artifacts(archive, limit=2, max_bytes=100_000):
        _agree(*artifact)


@pytest.mark.slow
@pytest.mark.parametrize("archive", _ARCHIVES, ids=[file.name for file in _ARCHIVES])
def test_corpora_whole(archive: Path) -> None:
    for artifact in archived_artifacts(archive, limit=60, max_bytes=400_000):
        _agree(*artifact)


@settings(max_examples=80, phases=_PHASES, suppress_health_check=list(HealthCheck))
@given(index=st.integers(0, len(_SMALL) - 1), seed=st.integers(0, 2**32))
def test_damaged(index: int, seed: int) -> None:
    _agree("damaged/a.x.json", damaged(Random(seed), _SMALL[index], rounds=2))

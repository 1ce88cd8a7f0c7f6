"""The engine accepts exactly what Python's `jsonschema` accepts, on the same schemas.

Belongs here: acceptance compared, over real and damaged artifacts. Does not: which violation is
told, and what rows an accepted artifact makes.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
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
from tests.oracle.tree import with_named_elements

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


def _assert_agreement(path: str, content: bytes) -> None:
    try:
        value: Any = decode(content).value
    except RefusedError:
        return  # what is no JSON meets no schema; test_scan_oracle.py compares the refusals
    dialect, is_accepted = _native_verdict(path, content)
    if dialect is None:
        return
    nodes = load_registry()[dialect].mappings[0].content["nodes"]
    if nodes.get("heads"):
        value = with_named_elements(value)
    _drop_skipped(value, nodes)
    told = _with_deep_stack(lambda: _first_error(dialect, value))
    assert is_accepted == (told is None), f"{path}: native accepts: {is_accepted}; library: {told}"


def _first_error(dialect: str, value: Any) -> str | None:
    error = next(_validator(dialect).iter_errors(value), None)
    return None if error is None else f"{list(error.absolute_path)}: {error.message[:200]}"


def _with_deep_stack(task: Callable[[], str | None]) -> str | None:
    """Run what recurses for each level of an artifact."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(task).result()


@pytest.fixture(autouse=True)
def _deep_stack() -> Iterator[None]:
    """Let threads recurse deeply while a test runs."""
    limit, size = sys.getrecursionlimit(), threading.stack_size(512 * 1024 * 1024)
    sys.setrecursionlimit(100_000)
    yield
    sys.setrecursionlimit(limit)
    threading.stack_size(size)


@pytest.mark.parametrize(
    "artifact",
    [
        pytest.param(each, id=each[0], marks=[pytest.mark.slow] if len(each[1]) > 20_000 else [])
        for each in [*_GOLDEN, *example_artifacts()]
    ],
)
def test_artifact(artifact: tuple[str, bytes]) -> None:
    _assert_agreement(*artifact)


@pytest.mark.parametrize("archive", _ARCHIVES, ids=[file.name for file in _ARCHIVES])
def test_corpora_sample(archive: Path) -> None:
    for artifact in archived_artifacts(archive, limit=2, max_bytes=100_000):
        _assert_agreement(*artifact)


@pytest.mark.slow
@pytest.mark.parametrize("archive", _ARCHIVES, ids=[file.name for file in _ARCHIVES])
def test_corpora_whole(archive: Path) -> None:
    for artifact in archived_artifacts(archive, limit=60, max_bytes=400_000):
        _assert_agreement(*artifact)


@settings(max_examples=50, phases=_PHASES, suppress_health_check=list(HealthCheck))
@given(index=st.integers(0, len(_SMALL) - 1), seed=st.integers(0, 2**32))
def test_damaged(index: int, seed: int) -> None:
    _assert_agreement("damaged/a.x.json", damaged(Random(seed), _SMALL[index], rounds=2))

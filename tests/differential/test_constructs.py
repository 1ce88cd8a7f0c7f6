"""The engine and the oracle read the constructs of the mapping language alike.

Belongs here: random trees through mappings that use every construct. Does not: the dialects that
come with the project (`test_scan_oracle.py`), what a construct is for (unit tests of the engine).
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from snake_pipe_core.dialects.registry import mapping_validator
from snake_pipe_core.native import Engine
from tests.differential.comparison import differences, native_rows, table_rows
from tests.differential.constructs import keyed_tree, listed_tree, packaged_tree, units
from tests.oracle.scan import Dialects, load_mappings, scan

_MAKERS = {"keyed": keyed_tree, "listed": listed_tree, "packaged": packaged_tree}


@cache
def _engine() -> Engine:
    return Engine(units())


@cache
def _oracle() -> Dialects:
    return load_mappings(units())


def test_the_mappings_are_valid() -> None:
    (unit,) = json.loads(units())
    for mapping in unit["mappings"]:
        faults = [error.message for error in mapping_validator().iter_errors(mapping)]
        assert not faults


@pytest.mark.parametrize("maker", _MAKERS)
@settings(
    max_examples=150,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
@given(seed=st.integers(0, 2**32))
def test_constructs(maker: str, seed: int) -> None:
    artifact = ("src/pkg/a.x.json", _MAKERS[maker](Random(seed), 60))
    rows = native_rows(_engine(), [artifact])
    assert rows["artifacts"][0]["outcome"] in ("loaded", "loaded_with_warnings")
    told = differences(rows, table_rows(scan("differential", [artifact], _oracle())))
    assert not told, "\n".join(told)


@pytest.mark.parametrize("maker", _MAKERS)
def test_the_trees_reach_every_table(maker: str) -> None:
    counts: Counter[str] = Counter()
    for seed in range(400):
        artifact = ("src/pkg/a.x.json", _MAKERS[maker](Random(seed), 60))
        for table, rows in native_rows(_engine(), [artifact]).items():
            counts[table] += len(rows)
    assert min(counts[name] for name in ("nodes", "symbols", "imports", "references")) > 80

"""The resolver against tools that do not know it, on the bundled Python shop.

Belongs here: comparisons that need neither network nor node. Does not: published packages; those
are measured by `python -m benchmarks.accuracy`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.accuracy import python_oracles
from benchmarks.accuracy.corpora import Corpus, resolve


@pytest.fixture(scope="module")
def shop(project: Path) -> Corpus:
    asts = project / "examples" / "asts" / "shop-python"
    artifacts = {
        path.relative_to(asts).as_posix().removesuffix(".json"): path.read_bytes()
        for path in sorted(asts.rglob("*.json"))
    }
    sources = project / "examples" / "sources" / "shop-python"
    return resolve("shop-python", sources, artifacts, "python-ast")


def test_module_imports_equal_grimps(shop: Corpus) -> None:
    found = python_oracles.compare_modules(shop, "shop", "src")
    assert len(found.theirs) > 20
    assert found.ours == found.theirs


def test_imported_names_and_bases_are_those_of_live_objects(shop: Corpus) -> None:
    names, bases = python_oracles.compare_runtime(shop, "shop", "src", Path(sys.executable))
    assert len(names.theirs) > 10
    assert names.ours == names.theirs
    assert len(bases.theirs) > 3
    assert bases.ours == bases.theirs


def test_calls_never_differ_from_jedis(shop: Corpus) -> None:
    counts, differences = python_oracles.compare_calls(shop, "shop", "src", 10_000)
    assert counts["same"] > 40
    assert differences == []

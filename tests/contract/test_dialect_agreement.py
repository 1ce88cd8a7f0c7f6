"""Dialects of one language agree on what a source file holds.

Belongs here: the common part of `tests/golden/agreement.json` (definitions, imports, inheritance)
held against the engine's tables for each parser's dump of the same source. Does not: what only one
parser can tell.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
AGREEMENT: dict[str, dict[str, Any]] = json.loads(
    (GOLDEN / "agreement.json").read_text(encoding="utf-8")
)
CASES = [
    pytest.param(language, artifact, id=artifact.removesuffix(".json").rpartition("/")[0])
    for language, part in AGREEMENT.items()
    for artifact in part["artifacts"]
]
each_case = pytest.mark.parametrize(("language", "artifact"), CASES)
# Words of the agreement, which tells no more than all parsers can.
KINDS = {"constant": "variable", "field": "variable", "constructor": "method"}


@cache
def engine() -> Engine:
    return Engine(load_registry().mappings_json())


@cache
def tables(artifact: str) -> dict[str, pl.DataFrame]:
    scanned = engine().scan("s", ["source.json"], [str(GOLDEN / artifact)])
    return {
        name: pl.concat([pl.DataFrame(batch) for batch in batches]) if batches else pl.DataFrame()
        for name, batches in scanned.items()
    }


@each_case
def test_definitions(language, artifact):
    expected = {tuple(entry) for entry in AGREEMENT[language]["definitions"]}
    symbols = tables(artifact)["symbols"]
    module = tables(artifact)["documents"]["module"][0]
    found = {
        (KINDS.get(row["kind"], row["kind"]), row["qualified_name"].removeprefix(f"{module}."))
        for row in symbols.iter_rows(named=True)
    }
    assert expected - found == set()


@each_case
def test_imports(language, artifact):
    expected = {
        (entry["module"], entry["name"] or "", entry["alias"] or "", entry.get("level", 0))
        for entry in AGREEMENT[language]["imports"]
    }
    found = set()
    for row in tables(artifact)["imports"].iter_rows(named=True):
        name = row["imported_name"]
        whole = row["kind"] == "module" and bool(row["alias"]) and language != "python"
        if whole or (row["kind"] == "re_export" and not name):
            name = "*"
        own = name or row["module"].split(".")[0]
        alias = "" if row["alias"] == own else row["alias"]
        found.add((row["module"], name, alias, row["level"]))
    assert expected - found == set()


@each_case
def test_inheritance(language, artifact):
    expected = {tuple(entry) for entry in AGREEMENT[language]["inheritance"]}
    frames = tables(artifact)
    names = dict(frames["symbols"].select("symbol_id", "name").iter_rows())
    found = set()
    for row in frames["references"].iter_rows(named=True):
        if row["role"] in ("inherit", "implement", "mixin"):
            base = ".".join(filter(None, (row["qualifier"], row["name"])))
            found.add((names[row["symbol_id"]], base))
    assert found == expected

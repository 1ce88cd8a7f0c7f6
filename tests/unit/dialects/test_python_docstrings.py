"""What counts as a docstring in Python dumps.

Belongs here: first statements that are, and that only look like, docstrings, dumped by ast2json as
the test runs. Does not: how docstrings are cleaned.
"""

from __future__ import annotations

import ast
import json

import polars as pl
import pytest
from ast2json import ast2json

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine


@pytest.fixture(scope="module")
def engine() -> Engine:
    units = json.loads(load_registry().mappings_json())
    kept = [u for u in units if u.get("mappings", [{}])[0].get("name") == "python-ast"]
    return Engine(json.dumps(kept))


# ast2json reads every property of a node, deprecated ones too.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('"""Words."""', "Words."),
        ('name = "no docstring"', None),
        ("...", None),
        ("17", None),
        ('f"formatted"', None),
        ("pass", None),
    ],
)
def test_docstrings_of_module_class_and_function(engine, body, expected):
    source = f"{body}\nclass C:\n    {body}\n    def f(self):\n        {body}\n"
    content = json.dumps(ast2json(ast.parse(source))).encode()
    tables = engine.scan("s", ["m.py.json"], contents=[content])
    symbols = pl.concat([pl.DataFrame(batch) for batch in tables["symbols"]])
    found = {row["name"]: row["docstring"] for row in symbols.iter_rows(named=True)}
    for name in ("m", "C", "f"):
        assert found[name] == expected, name

"""Explanations of rejected artifacts.

Belongs here: what a message says and what it may cost. Does not: the verdict.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.native import Engine
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource


def explained(folder: Path, tree: Any, *, bytes_said: int | None = None) -> list[str]:
    """Return the engine's findings on an artifact, explained; its size can be made up."""
    (folder / "a.json").write_text(json.dumps(tree))
    batches = Engine(load_registry().mappings_json()).scan(
        "s", ["a.json"], [str(folder / "a.json")]
    )
    findings, ledger = (pl.concat(map(pl.DataFrame, batches[t])) for t in ("findings", "artifacts"))
    if bytes_said is not None:
        ledger = ledger.with_columns(size_bytes=pl.lit(bytes_said))
    explainer = Pipeline(Settings(workspace=folder / "w")).explainer
    told = explainer.explain(findings, DirectorySource(folder), ledger)
    assert told.drop("message").equals(findings.drop("message"))
    return told["message"].to_list()


def module(*body: Any) -> dict[str, Any]:
    return {"_type": "Module", "type_ignores": [], "body": list(body)}


def test_it_says_which_member_of_which_kind_is_wrong_and_how(tmp_path: Path):
    (message,) = explained(tmp_path, module({"_type": "Global", "names": 3}))
    assert message == "Global: at names: 3 is not of type 'array'."


def test_a_list_that_is_wrong_at_every_item_costs_no_more_than_a_short_one(tmp_path: Path):
    messages = explained(tmp_path, module({"_type": "Global", "names": list(range(50_000))}))
    assert all(len(message) < 1000 for message in messages)
    assert any(message.endswith(" and more.") for message in messages)


def test_an_artifact_too_large_for_a_tree_in_python_keeps_the_engines_words(tmp_path: Path):
    tree = module({"_type": "Global", "names": 3})
    (short,) = explained(tmp_path, tree, bytes_said=1 << 30)
    assert short != explained(tmp_path, tree)[0]
    assert "`/body/0/names`" in short

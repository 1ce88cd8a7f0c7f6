"""Where the golden artifacts and the bundled examples come from is written down, and still true.

Belongs here: that every case is listed, documented, complete and about its own source.
Does not: what the engine makes of an artifact.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).resolve().parent
GENERATE = GOLDEN / "generate"
EXAMPLES = GOLDEN.parents[1] / "examples"
CASES = json.loads((GENERATE / "cases.json").read_text(encoding="utf-8"))
DIALECTS = sorted({case["dialect"] for case in CASES["golden"]})
PINS = json.loads((GENERATE / "package.json").read_text(encoding="utf-8"))["dependencies"]


def case_id(case: dict[str, str]) -> str:
    return f"{case['dialect']}/{case['case']}"


def tree_sitter_leaves(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += node.get("children", [])
        if "children" not in node:
            yield node


@pytest.mark.parametrize("dialect", DIALECTS)
def test_folders_are_the_listed_cases(dialect):
    listed = {case["case"] for case in CASES["golden"] if case["dialect"] == dialect}
    present = {folder.name for folder in (GOLDEN / dialect).iterdir() if folder.is_dir()}
    assert present == listed


@pytest.mark.parametrize("case", CASES["golden"], ids=case_id)
def test_case_holds_its_source_and_a_whole_artifact(case):
    origin = GENERATE / "sources" / case["source"]
    document = GOLDEN / case["dialect"] / case["case"] / f"source{origin.suffix}"
    assert document.read_bytes() == origin.read_bytes()
    artifact = Path(f"{document}.json")
    assert json.loads(artifact.read_bytes()), f"{artifact} is empty"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_provenance_names_producers_and_versions(dialect):
    page = (GOLDEN / dialect / "PROVENANCE.md").read_text(encoding="utf-8")
    pins = dict(
        line.split("==") for line in (GENERATE / "requirements.txt").read_text().splitlines()
    )
    for name, version in (PINS | pins).items():
        bare = version.rpartition("@")[2]
        stated = re.findall(rf"(?<![\w/-]){re.escape(name)} (\d+\.\d+(?:\.\d+)?)", page)
        assert not stated or bare in stated, f"{name} is pinned to {bare}, the page says {stated}"
    for producer in {case["producer"] for case in CASES["golden"] if case["dialect"] == dialect}:
        prefix = producer.removeprefix("tree-sitter-")
        assert f"`{prefix}-*`" in page, f"{producer} is not in {dialect}/PROVENANCE.md"


@pytest.mark.parametrize(
    "case", [case for case in CASES["golden"] if case["dialect"] == "tree-sitter"], ids=case_id
)
def test_tree_sitter_leaves_are_the_source(case):
    folder = GOLDEN / "tree-sitter" / case["case"]
    [artifact] = folder.glob("source.*.json")
    source = artifact.with_suffix("").read_bytes()
    leaves = list(tree_sitter_leaves(json.loads(artifact.read_bytes())["root"]))
    assert leaves
    for leaf in leaves:
        text = source[leaf["start_byte"] : leaf["end_byte"]].decode("utf-8", "replace")
        assert leaf["text"] == text


@pytest.mark.parametrize("language", ["python", "javascript", "typescript", "php"])
def test_agreement_names_artifacts_of_one_source(language):
    agreement = json.loads((GOLDEN / "agreement.json").read_text(encoding="utf-8"))[language]
    sources = {
        (GOLDEN / artifact).with_suffix("").read_bytes() for artifact in agreement["artifacts"]
    }
    assert len(agreement["artifacts"]) >= 3
    assert len(sources) == 1


def test_agreed_python_definitions_are_those_of_the_source():
    agreement = json.loads((GOLDEN / "agreement.json").read_text(encoding="utf-8"))["python"]
    found = set()

    def visit(node: ast.AST, path: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inner = path
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inner = (*path, child.name)
                found.add(".".join(inner))
            visit(child, inner)

    visit(ast.parse((GENERATE / "sources/agreement.py").read_bytes()), ())
    assert found == {name for kind, name in agreement["definitions"] if kind != "variable"}


@pytest.mark.parametrize("example", CASES["examples"], ids=lambda example: example["source"])
def test_example_artifacts_mirror_their_sources(example):
    sources = EXAMPLES / "sources" / example["source"]
    documents = {
        path.relative_to(sources).as_posix()
        for path in sources.rglob("*")
        if path.suffix in example["suffixes"]
    }
    artifacts = EXAMPLES / "asts" / example["source"]
    found = {
        path.relative_to(artifacts).as_posix().removesuffix(".json")
        for path in artifacts.rglob("*.json")
    }
    assert documents
    assert found == documents


def test_damaged_example_shows_a_duplicate_a_cut_and_a_stranger():
    damaged = EXAMPLES / "asts" / "shop-damaged"
    sound = (damaged / "catalog/money.py.json").read_bytes()
    assert (damaged / "catalog/money_copy.py.json").read_bytes() == sound
    with pytest.raises(json.JSONDecodeError):
        json.loads((damaged / "catalog/truncated.py.json").read_bytes())
    assert "_type" not in json.loads((damaged / "settings.json").read_bytes())

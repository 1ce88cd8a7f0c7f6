"""What every registered dialect must keep, built in or not.

Belongs here: the agreement of a dialect's folder with itself, with the mapping language, with the
engine and with its golden artifacts. Does not: what the rows of a golden are.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from snake_pipe_core.dialects.base import Dialect, Mapping
from snake_pipe_core.dialects.registry import (
    Registry,
    load_dialect,
    load_registry,
    mapping_validator,
)
from snake_pipe_core.model import kinds
from snake_pipe_core.native import Engine, check_mapping
from tests.oracle.tree import with_named_elements

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
REGISTRY: Registry = load_registry()
DIALECTS = list(REGISTRY.dialects.values())
MAPPINGS = list(REGISTRY.mappings)
FRAME = {"root", "node", "child", "is_node", "shape"}
"""Definitions of a schema that are no kinds."""

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
each_mapping = pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda m: m.name)


def goldens(dialect: str) -> list[Path]:
    return sorted((GOLDEN / dialect).rglob("*.json"))


def unit(mapping: Mapping) -> str:
    schema = REGISTRY[mapping.dialect].schema
    return json.dumps({"mappings": [mapping.content], "schema": schema})


@cache
def engine() -> Engine:
    return Engine(REGISTRY.mappings_json())


@each_dialect
def test_the_folder_passes_its_checks(dialect: Dialect):
    """And what was read of a trusted dialect's heads is what whole files say."""
    assert load_dialect(dialect.folder, check=True) == dialect


@each_dialect
def test_the_engine_compiles_it(dialect: Dialect):
    """A trusted dialect would tell of a fault only when its first artifact comes."""
    assert check_mapping(dialect.unit) == []


@each_mapping
def test_rules_and_tables_name_only_mapped_kinds(mapping: Mapping):
    """A typing error in `on` would make a rule that never applies."""
    data = mapping.content
    if data["nodes"].get("children") == "list":
        pytest.skip("languages of tree-sitter share rules; each names the kinds it has")
    named = {kind for rule in data.get("rule", []) for kind in rule["on"]}
    for table, part in [("patterns", "leaf"), ("patterns", "inner"), ("chains", "root"), ("chains", "member"), ("chains", "call"), ("chains", "through")]:  # fmt: skip
        named |= set(data.get(table, {}).get(part, {}))
    assert named <= set(mapping.kinds)
    # Slots may name kinds of a dialect that extends this one.
    slots = set(re.findall(r'"([A-Z]\w+)\.(?:\w+|\*)"', json.dumps(data.get("rule", []))))
    assert slots <= {kind for other in MAPPINGS for kind in other.kinds}


@each_dialect
def test_schema_and_mapping_name_the_same_kinds(dialect: Dialect):
    # A mapping names kinds without what stands before, a schema as they are written.
    nodes = dialect.mappings[0].content["nodes"]
    cut, prefix = nodes.get("strip_to") or "\0", nodes.get("strip_prefix", "")
    defined = {
        kind.rpartition(cut)[2].removeprefix(prefix)
        for kind in set(dialect.schema["$defs"]) - FRAME
    }
    mapped = {kind for mapping in dialect.mappings for kind in mapping.kinds} - {"*"}
    if dialect.mappings[0].content["nodes"].get("children") == "list":
        assert not defined - mapped  # tree-sitter's schema is that of its wrapper
    else:
        assert defined == mapped


@each_dialect
def test_the_readme_says_how_to_make_it(dialect: Dialect):
    assert dialect.readme.startswith(f"# {dialect.name}\n")
    assert re.search(r"```(sh|python|js)\n", dialect.readme), "no command line"
    for title in ("## Make it", "## What is mapped", "## What is skipped", "## Traps"):
        assert title in dialect.readme


@each_dialect
def test_goldens_are_claimed_by_this_dialect_alone(dialect: Dialect):
    files = goldens(dialect.name)
    assert files
    names = [str(file.relative_to(GOLDEN)) for file in files]
    claims: dict[str, list[str]] = {name: [] for name in names}
    for mapping in MAPPINGS:
        alone = Engine(f"[{unit(mapping)}]")
        for found in alone.inspect(names, [str(file) for file in files]):
            if found.dialect is not None:
                claims[found.path].append(mapping.dialect)
    assert claims == {name: [dialect.name] for name in names}


@each_dialect
def test_goldens_are_accepted_and_no_kind_is_unknown(dialect: Dialect):
    files = goldens(dialect.name)
    for found in engine().inspect([str(f) for f in files], [str(f) for f in files]):
        codes = {code for code, _, _ in found.findings}
        assert not codes & {"SCHEMA_VIOLATION", "DIALECT_UNKNOWN", "DIALECT_AMBIGUOUS"}, found
        assert "KIND_UNKNOWN" not in codes, found.findings
        assert found.node_count > 0


def damage(root: Any, key: str, schemas: dict[str, Any], *, wrong: bool) -> bool:
    """Damage the first node below the root that must have a node or a list as a member.

    The member is taken away or, if `wrong`, replaced by a number.
    """
    open_values, roots = [root], 0
    while open_values:
        value = open_values.pop(0)
        if isinstance(value, list):
            open_values += value
        if not isinstance(value, dict):
            continue
        schema = schemas.get(value.get(key, ""), {})
        roots += bool(schema)
        for member in schema.get("required", []):
            if roots > 2 and isinstance(value[member], dict | list):
                if wrong:
                    value[member] = 7
                else:
                    del value[member]
                return True
        open_values += value.values()
    return False


@pytest.mark.parametrize("wrong", [False, True], ids=["missing", "wrong"])
@each_dialect
def test_damaged_goldens_are_rejected_by_engine_and_schema(dialect: Dialect, wrong: bool):
    if dialect.mappings[0].content["nodes"].get("children") == "list":
        pytest.skip("the shape of tree-sitter's nodes is one for all kinds")
    nodes = dialect.mappings[0].content["nodes"]
    if nodes.get("heads") or nodes.get("unions"):
        pytest.skip("nodes without a member that names their kind: the tests below are about them")
    key = nodes["discriminator"][0]
    validator = Draft202012Validator(dict(dialect.schema))
    rejected = 0
    for file in goldens(dialect.name):
        content = json.loads(file.read_text("utf-8"))
        is_small = file.stat().st_size < 30_000
        if not is_small or not damage(content, key, dialect.schema["$defs"], wrong=wrong):
            continue
        (found,) = engine().inspect([file.name], contents=[json.dumps(content).encode()])
        assert "SCHEMA_VIOLATION" in {code for code, _, _ in found.findings}, file
        assert not validator.is_valid(content), file
        rejected += 1
    assert rejected >= 3


@pytest.mark.parametrize(
    ("dialect", "sound", "damaged"),
    [
        ("whitequark", ["send", None, "f", ["int", 1]], ["send", None, 7, ["int", 1]]),
        ("whitequark", ["begin", ["lvar", "a"]], ["begin", ["lvar"]]),
        ("whitequark", ["def", "f", ["args"], None], ["def", "f", 7, None]),
        ("syn-serde", {"items": [{"fn": {"ident": "f"}}]}, {"items": [{"fn": {"ident": 7}}]}),
        ("syn-serde", {"items": [{"mod": {"ident": "m"}}]}, {"items": [{"mod": {}}]}),
        ("syn-serde", {"items": [{"use": {"tree": "*"}}]}, {"items": [{"use": []}]}),
    ],
)
def test_damaged_nodes_without_discriminator_are_rejected(dialect, sound, damaged):
    validator = Draft202012Validator(dict(REGISTRY[dialect].schema))
    for content, is_sound in ((sound, True), (damaged, False)):
        told = engine().inspect(["a.json"], contents=[json.dumps(content).encode()])[0]
        codes = {code for code, _, _ in told.findings}
        assert ("SCHEMA_VIOLATION" in codes) is not is_sound, told
        # The schema is about arrays whose elements are named.
        named = with_named_elements(content) if dialect == "whitequark" else content
        assert validator.is_valid(named) is is_sound


def test_vocabularies_of_the_mapping_language_are_those_of_the_tables():
    schema = mapping_validator().schema
    assert isinstance(schema, dict)
    definitions = schema["$defs"]
    assert definitions["kind"]["enum"] == list(kinds.NODE_KINDS)
    assert definitions["role"]["enum"] == list(kinds.REFERENCE_ROLES)
    assert definitions["import_kind"]["enum"] == list(kinds.IMPORT_KINDS)
    assert definitions["export_kind"]["enum"] == list(kinds.EXPORT_KINDS)


@pytest.mark.parametrize(
    ("refusal", "content"),
    [
        ("typescript-compiler", {"kind": 308, "statements": [], "endOfFileToken": {"kind": 1}}),
        ("java-parser-cst", {"name": "compilationUnit", "children": {}}),
        ("solc-legacy", {"name": "SourceUnit", "attributes": {"absolutePath": "a.sol"}}),
        ("semgrep", {"Pr": []}),
        (
            "tree-sitter-without-language",
            {"dialect": "tree-sitter", "language": "cobol", "root": {"type": "x"}},
        ),
    ],
)
def test_refused_formats_are_answered_with_their_reason(refusal, content):
    reason = next(r for r in REGISTRY.refusals if r.name == refusal)
    (found,) = engine().inspect(["a.json"], contents=[json.dumps(content).encode()])
    ((code, _, message),) = found.findings
    assert (found.dialect, code) == (None, "DIALECT_REFUSED")
    assert reason.message in message

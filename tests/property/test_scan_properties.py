"""What holds for every scan, whatever the artifacts are.

Belongs here: properties of the engine that need no second implementation. Does not: comparison
with the oracle (`tests/differential`).
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.model.kinds import (
    BINDINGS,
    EXPORT_KINDS,
    IMPORT_KINDS,
    NODE_KINDS,
    REFERENCE_ROLES,
    Outcome,
)
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine
from tests.differential.artifacts import (
    Raw,
    damaged,
    example_artifacts,
    golden_artifacts,
    stated_document,
    written,
)
from tests.differential.comparison import Rows, native_rows

_GOLDEN = golden_artifacts()
_SMALL = [artifact for artifact in _GOLDEN if len(artifact[1]) < 100_000]
_PYTHON = [artifact for artifact in _SMALL if "/python-ast/" in artifact[0]]
_POSITIONAL = {
    "lineno", "col_offset", "end_lineno", "end_col_offset", "start", "end", "loc", "range",
    "start_byte", "end_byte", "start_point", "end_point", "startOffset", "offset_start", "offset_end",
    "start_line", "start_column", "end_line", "end_column", "startLine", "endLine", "startFilePos",
    "endFilePos", "startTokenPos", "endTokenPos", "beginLine", "beginColumn", "endColumn", "Line",
    "Column", "Offset", "node_line_no", "node_line_no_end", "node_col_no", "node_col_no_end",
}  # fmt: skip


@cache
def _engine() -> Engine:
    return Engine(load_registry().mappings_json())


def _scan(artifacts: list[tuple[str, bytes]], workers: int = 1) -> Rows:
    return native_rows(_engine(), artifacts, workers=workers)


def _damaged_set(random: Random, count: int = 6) -> list[tuple[str, bytes]]:
    """Damaged artifacts of documents with different paths, whatever they state themselves."""
    chosen = random.sample(_SMALL, 3 * count)
    stated: set[str] = set()
    artifacts: list[tuple[str, bytes]] = []
    for path, content in chosen:
        document = stated_document(path)
        if document not in stated:
            stated.add(document)
            artifacts.append((f"d/{len(artifacts)}.x.json", damaged(random, content)))
    return artifacts[:count]


# A seed says everything: there is nothing to shrink.
_RANDOM = st.integers(0, 2**32).map(Random)
_FEW = settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@_FEW
@given(random=_RANDOM)
def test_counts_add_up(random: Random) -> None:
    artifacts = _damaged_set(random)
    rows = _scan(artifacts)
    assert [row["path"] for row in rows["artifacts"]] == [path for path, _ in artifacts]
    nodes = Counter(row["document_id"] for row in rows["nodes"])
    symbols = Counter(row["document_id"] for row in rows["symbols"])
    findings = Counter(row["path"] for row in rows["findings"])
    unknown = Counter(row["document_id"] for row in rows["nodes"] if row["kind"] == "unknown")
    loaded = {row["path"]: row for row in rows["documents"]}
    for row in rows["artifacts"]:
        outcome = Outcome(row["outcome"])
        assert row["finding_count"] == findings[row["path"]]
        assert outcome.is_valid == (row["path"] in loaded)
        if not outcome.is_valid:
            assert row["node_count"] == 0
            assert findings[row["path"]] > 0
            continue
        document = loaded[row["path"]]
        assert document["node_count"] == row["node_count"] == nodes[document["document_id"]]
        assert document["symbol_count"] == symbols[document["document_id"]]
        # A mapping may say `unknown` itself (tree-sitter's ERROR): listed, so not counted.
        assert row["unknown_count"] <= unknown[document["document_id"]]
    assert set(nodes) == {row["document_id"] for row in loaded.values()}


@_FEW
@given(random=_RANDOM)
def test_rows_keep_the_declared_vocabulary_and_keys(random: Random) -> None:
    rows = _scan(_damaged_set(random))
    allowed = {
        ("nodes", "kind"): NODE_KINDS, ("symbols", "kind"): NODE_KINDS,
        ("imports", "kind"): IMPORT_KINDS, ("exports", "kind"): EXPORT_KINDS,
        ("references", "role"): REFERENCE_ROLES, ("references", "binding"): BINDINGS,
        ("references", "type_via"): (None, "annotation", "constructor"),
        ("symbols", "visibility"): ("public", "protected", "private", "package", "internal"),
    }  # fmt: skip
    for (table, column), values in allowed.items():
        assert {row[column] for row in rows[table]} <= set(values), (table, column)
    for name, each in rows.items():
        keys = Counter(tuple(row[column] for column in TABLES[name].key) for row in each)
        assert not [key for key, count in keys.items() if count > 1], name
        required = [column.name for column in TABLES[name].columns if not column.nullable]
        assert all(row[column] is not None for row in each for column in required), name


@_FEW
@given(random=_RANDOM)
def test_parents_come_first_and_ends_meet(random: Random) -> None:
    rows = _scan(_damaged_set(random))
    by_document: dict[int, list[dict[str, Any]]] = {}
    for row in rows["nodes"]:
        by_document.setdefault(row["document_id"], []).append(row)
    for nodes in by_document.values():
        assert [row["node"] for row in nodes] == list(range(len(nodes)))
        open_nodes: list[int] = []
        for row in nodes:
            if row["parent"] is None:
                assert row["node"] == 0
            else:
                # Pre-order: the parent is the node before or one above it.
                while open_nodes and open_nodes[-1] != row["parent"]:
                    open_nodes.pop()
                assert open_nodes
            open_nodes.append(row["node"])
    counts = {document: len(nodes) for document, nodes in by_document.items()}
    for table, column in (
        ("symbols", "node"), ("imports", "node"), ("imports", "scope_id"), ("exports", "node"),
        ("exports", "import_node"), ("references", "node"), ("references", "scope_id"),
        ("references", "binding_node"),
    ):  # fmt: skip
        for row in rows[table]:
            at = row[column]
            assert at is None or 0 <= at < counts[row["document_id"]], (table, column)
    symbols = {row["symbol_id"] for row in rows["symbols"]}
    for row in rows["references"] + rows["imports"]:
        assert row["symbol_id"] in symbols
    imports = {(row["document_id"], row["node"]) for row in rows["imports"]}
    for row in rows["references"]:
        if row["binding"] == "import":
            assert (row["document_id"], row["binding_node"]) in imports


def _at_pointer(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(part)]
        else:
            value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def _check_lossless(path: str, content: bytes) -> None:
    rows = _scan([(path, content)])
    if not rows["documents"]:
        return
    value = json.loads(content)
    dialect = load_registry()[rows["documents"][0]["dialect"]]
    section = dialect.mappings[0].content["nodes"]
    is_list = section.get("children") == "list"
    stated = section["discriminator"]
    discriminators = [stated] if isinstance(stated, str) else stated
    roots = [path.replace("@", "") for path in dialect.mappings[0].content["frame"]["root"]]
    root = next(f"/{path}" if path else "" for path in roots if not path or path in value)
    made = section.get("root_array") or section.get("root")
    pointers: list[str] = []
    for row in rows["nodes"]:
        if row["parent"] is None:
            pointer = root
        else:
            field = section.get("list_key", "children") if is_list else row["field"]
            pointer = pointers[row["parent"]] + (f"/{field}" if field else "")
            pointer += "" if row["position"] is None else f"/{row['position']}"
        pointers.append(pointer)
        if row["parent"] is None and row["native_kind"] == made:
            continue
        found = _at_pointer(value, pointer)
        if isinstance(found, list):
            told = found[0] if section.get("heads") else None
        else:
            only = [key for key in found if key in section.get("unions", [])]
            told = next((found[key] for key in discriminators if key in found), *only)
        assert row["native_kind"] == told
    # What is put above a root that is a node stands where that node does.
    is_above = len(pointers) > 1 and pointers[0] == pointers[1]
    assert len(set(pointers)) == len(pointers) - is_above
    if is_above:
        assert rows["nodes"][0]["native_kind"] == made


@pytest.mark.parametrize("artifact", _GOLDEN, ids=[path for path, _ in _GOLDEN])
def test_pointers_are_rebuilt(artifact: tuple[str, bytes]) -> None:
    _check_lossless(*artifact)


def test_every_object_with_a_discriminator_is_a_node_or_skipped() -> None:
    for path, content in _GOLDEN:
        if "/python-ast/" not in path:
            continue
        rows = _scan([(path, content)])
        kinds: Counter[str] = Counter()
        stack = [json.loads(content)]
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                kind = value.get("_type", value.get("ast_type"))
                if kind is not None:
                    kinds[str(kind)] += 1
                skipped = "dims" if kind == "Tuple" else ""
                stack.extend(member for key, member in value.items() if key != skipped)
            elif isinstance(value, list):
                stack.extend(value)
        assert Counter(row["native_kind"] for row in rows["nodes"]) == kinds


@_FEW
@given(random=_RANDOM, workers=st.integers(2, 4))
def test_order_and_workers_change_nothing(random: Random, workers: int) -> None:
    artifacts = [*_damaged_set(random, 6), *random.sample(_PYTHON, 3)]
    expected = _scan(artifacts)
    shuffled = random.sample(artifacts, len(artifacts))
    found = _scan(shuffled, workers)
    for name in expected:
        drop = {"scanned_at"}
        left = [{k: v for k, v in row.items() if k not in drop} for row in expected[name]]
        right = [{k: v for k, v in row.items() if k not in drop} for row in found[name]]
        assert sorted(left, key=repr) == sorted(right, key=repr), name


def _moved(value: Any, places: frozenset[str], key: str = "") -> Any:
    """The same tree, as if blank lines and spaces had been put into the source."""
    if isinstance(value, dict):
        return {name: _moved(member, places, name) for name, member in value.items()}
    if isinstance(value, list):
        if key in _POSITIONAL:
            return [number + 1000 if isinstance(number, int) else number for number in value]
        return [_moved(member, places) for member in value]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and (key in _POSITIONAL or key in places):
        return value + 1000
    return value


# Where a comment stands decides whose it is, so a moved tree-sitter tree may change docstrings:
# all numbers move by the same amount here.
@pytest.mark.parametrize("artifact", _SMALL, ids=[path for path, _ in _SMALL])
def test_positions_change_no_identity(artifact: tuple[str, bytes]) -> None:
    path, content = artifact
    # Numbers keep their text: `1e3` and `1000.0` are two values to the hash.
    value = json.loads(content, parse_float=Raw, parse_constant=Raw)
    # `index` is the number of a template's parameter in clang.
    places = frozenset({"line", "column"} | ({"index"} if "/clang/" not in path else set()))
    moved = b"\n  " + written(_moved(value, places), blank="\n\t") + b" \n"
    before, after = _scan([(path, content)]), _scan([(path, moved)])
    spans = {
        "start_line", "start_column", "end_line", "end_column", "start_byte", "end_byte",
        "line_count", "content_hash",
    }  # fmt: skip
    # `extra.parenStart` and the like are values, not positions, to the hash.
    hashes = set() if "/babel/" not in path else {"subtree_hash"}
    for name in ("documents", "nodes", "symbols", "imports", "exports", "references"):
        left = [{k: v for k, v in row.items() if k not in spans | hashes} for row in before[name]]
        right = [{k: v for k, v in row.items() if k not in spans | hashes} for row in after[name]]
        assert left == right, name


def test_edits_elsewhere_change_no_identity() -> None:
    """New statements at the end leave every symbol its id, string and container."""
    for path, content in _GOLDEN:
        if "/python-ast/" not in path or "/ast2json-" not in path:
            continue
        tree = json.loads(content)
        new = {"_type": "Assign", "targets": [{"_type": "Name", "id": "entirely_new",
               "ctx": {"_type": "Store"}}], "value": {"_type": "Constant", "value": 1}}  # fmt: skip
        tree["body"] = [*tree["body"], new]
        before = _scan([(path, content)])["symbols"]
        after = _scan([(path, json.dumps(tree).encode())])["symbols"]
        columns = ("symbol_id", "symbol", "container_id", "kind", "visibility", "signature")
        left = {tuple(row[column] for column in columns) for row in before}
        right = {tuple(row[column] for column in columns) for row in after}
        assert left < right
        assert [
            row["name"] for row in after if row["symbol_id"] not in {r["symbol_id"] for r in before}
        ] == ["entirely_new"]


def test_the_same_bytes_make_the_same_rows() -> None:
    artifacts = example_artifacts()
    first, second = _scan(artifacts), _scan(artifacts)
    for name in first:
        assert [
            {key: value for key, value in row.items() if key != "scanned_at"} for row in first[name]
        ] == [
            {key: value for key, value in row.items() if key != "scanned_at"}
            for row in second[name]
        ]

"""Artifacts in, tables out.

Belongs here: the order of the steps for one artifact, its outcome and findings. Does not: any of
the steps.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.model.ids import content_hash, document_id
from snake_pipe_core.model.tables import SCAN_TABLES, TABLES
from tests.oracle import clang
from tests.oracle.declared import CALLABLES, Symbol
from tests.oracle.decode import Decoded, Object, RefusedError, decode, decode_sequence
from tests.oracle.module_names import DocumentNames, name_document
from tests.oracle.paths import Paths, as_list
from tests.oracle.positions import Spans, decode_spans, positional_members
from tests.oracle.schema import ShallowSchema
from tests.oracle.semantics import Semantics
from tests.oracle.tree import (
    Node,
    Recognition,
    build_tree,
    escape,
    subtree_hashes,
    with_named_elements,
)

ENGINE = "oracle"
_MOST_DOCUMENTS = 10_000
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Dialects:
    """The mappings with their schemas, and the formats that are refused."""

    units: list[tuple[dict[str, Any], ShallowSchema]]
    refusals: list[dict[str, Any]]


def load_mappings(text: str | None = None) -> Dialects:
    """Read what the engine reads (`Registry.mappings_json`)."""
    units: list[tuple[dict[str, Any], ShallowSchema]] = []
    refusals: list[dict[str, Any]] = []
    for unit in json.loads(load_registry().mappings_json() if text is None else text):
        if "refuse" in unit:
            refusals.extend(unit["refuse"])
        else:
            schema = ShallowSchema(unit["schema"])
            units.extend((_whole(mapping), schema) for mapping in unit["mappings"])
    return Dialects(units, refusals)


def _whole(mapping: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping, put together of its layers if it has them."""
    if "layers" not in mapping:
        return mapping
    whole: dict[str, Any] = {}
    for layer in mapping["layers"]:
        whole = _merged(whole, tomllib.loads(layer))
    return whole


def _merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with `extra` laid over it: tables key by key, `rule` lists one after the other."""
    merged = dict(base)
    for key, value in extra.items():
        old = merged.get(key)
        if key == "rule" and isinstance(old, list):
            merged[key] = [*old, *value]
        elif isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merged(old, value)
        else:
            merged[key] = value
    return merged


def scan(
    source: str, artifacts: Iterable[tuple[str, bytes]], dialects: Dialects
) -> dict[str, pa.Table]:
    """Scan artifacts (path, content) in order and return every scan table."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("artifacts", "findings", *SCAN_TABLES)
    }
    for path, content in artifacts:
        _Artifact(source, path, content, dialects, rows).scan()
    return {
        name: pa.Table.from_pylist(
            [{"source": source, **row} for row in each], schema=TABLES[name].schema
        )
        for name, each in rows.items()
    }


class _RejectedError(Exception):
    """The artifact goes no further."""


class _Artifact:
    def __init__(
        self, source: str, path: str, content: bytes, dialects: Dialects,
        rows: dict[str, list[dict[str, Any]]],
    ) -> None:  # fmt: skip
        self.path, self.content, self.dialects, self.rows = path, content, dialects, rows
        self.findings: list[dict[str, Any]] = []
        self.places: clang.Places | None = None
        self.row: dict[str, Any] = {
            "path": path, "document_path": None, "language": None, "dialect": None,
            "dialect_version": None, "producer": None, "size_bytes": len(content), "mtime_ns": 0,
            "content_hash": content_hash(content), "outcome": "quarantined",
            "duplicate_of": None, "node_count": 0, "unknown_count": 0, "finding_count": 0,
            "engine_version": ENGINE, "scanned_at": _NEVER,
        }  # fmt: skip

    def scan(self) -> None:
        try:
            self._scan()
            has_warnings = bool(self.findings)
            self.row["outcome"] = "loaded_with_warnings" if has_warnings else "loaded"
        except _RejectedError:
            pass
        self.row["finding_count"] = len(self.findings)
        self.rows["artifacts"].append(self.row)
        self.rows["findings"].extend(self.findings)

    def find(
        self, code: str, severity: str, pointer: str, message: str, byte: int | None = None
    ) -> None:
        self.findings.append(
            {
                "path": self.path, "code": code, "severity": severity, "pointer": pointer,
                "message": message, "hint": "", "start_byte": byte, "end_byte": byte,
            }
        )  # fmt: skip

    def reject(self, code: str, pointer: str, message: str, byte: int | None = None) -> None:
        self.find(code, "error", pointer, message, byte)
        self.row["outcome"] = "unsupported" if code.startswith("DIALECT_") else "quarantined"
        raise _RejectedError

    def _scan(self) -> None:
        try:
            decoded = decode(self.content)
        except RefusedError as refused:
            if refused.code == "JSON_TRAILING" and self._scan_sequence():
                return
            self.reject(refused.code, "", refused.message, refused.byte)
            raise
        self._document(decoded, *self._detect(decoded.value))

    def _scan_sequence(self) -> bool:
        """Scan several documents, all or none; false if this is no artifact that may hold some."""
        _, first = next(decode_sequence(self.content))
        claims = self._claims(first.value)
        if len(claims) != 1 or not claims[0][0].get("frame", {}).get("sequence"):
            return False
        counts = {name: len(rows) for name, rows in self.rows.items()}
        path = language = None
        paths: set[str] = set()
        try:
            for start, decoded in decode_sequence(self.content):
                is_same = [each[0] for each in self._claims(decoded.value)] == [claims[0][0]]
                if len(paths) >= _MOST_DOCUMENTS or not is_same:
                    self.reject("JSON_TRAILING", "", "another format", start)
                try:
                    self._document(decoded, *self._detect(decoded.value), paths)
                finally:
                    path, language = (
                        path or self.row["document_path"],
                        language or self.row["language"],
                    )
        except RefusedError as refused:
            self._forget(counts)
            self.row |= {"document_path": path, "language": language}
            self.reject(refused.code, "", refused.message, refused.byte)
        except _RejectedError:
            self._forget(counts)
            raise
        finally:
            self.row |= {"document_path": path, "language": language}
        return True

    def _forget(self, counts: dict[str, int]) -> None:
        self.row |= {"node_count": 0, "unknown_count": 0}
        for name, count in counts.items():
            del self.rows[name][count:]

    def _document(
        self, decoded: Decoded, mapping: dict[str, Any], schema: ShallowSchema, sequence: set[str] | None = None
    ) -> None:  # fmt: skip
        recognition = Recognition(mapping.get("nodes", {}))
        paths = Paths(recognition, mapping.get("kinds", {}))
        root, pointer = _root_value(mapping, decoded.value)
        root = with_named_elements(root) if recognition.has_heads else root
        is_clang = mapping.get("positions", {}).get("procedure") == "clang"
        self.places = clang.prepare(root) if is_clang else None
        nodes = build_tree(root, pointer, recognition)
        self.row["document_path"] = self._document_path(mapping, decoded.value, paths)
        if sequence is not None:
            main = None if self.places is None else self.places.main
            stated = None if main is None else _relative(main)
            stated = f"{self.path}/{len(sequence) if stated is None else stated}"
            if stated in sequence:
                stated = f"{self.path}/{len(sequence)}"
            sequence.add(stated)
            self.row["document_path"] = stated
        self.row["language"] = self._language(mapping, decoded.value, paths, nodes)
        whole = root if recognition.has_heads else decoded.value
        violation = schema.first_violation(whole, nodes)
        if violation is not None:
            self.reject("SCHEMA_VIOLATION", *violation)
        if not nodes:
            self.reject("SCHEMA_VIOLATION", pointer, "the root is no node")
        if decoded.lenient:
            self.find(
                "JSON_LENIENT", "warning", decoded.lenient[0], f"{len(decoded.lenient)} forgiven"
            )
        self._write_document(mapping, paths, nodes, recognition)

    # ---- which dialect

    def _claims(self, value: Any) -> list[tuple[dict[str, Any], ShallowSchema, dict[str, Any]]]:
        claims = []
        for mapping, schema in self.dialects.units:
            paths = Paths(Recognition(mapping.get("nodes", {})), {})
            for entry in mapping.get("detect", {}).get("any", []):
                if paths.holds(entry, value):
                    claims.append((mapping, schema, entry))
                    break
        return claims

    def _detect(self, value: Any) -> tuple[dict[str, Any], ShallowSchema]:
        claims = self._claims(value)
        if len(claims) > 1:
            names = ", ".join(claim[0]["name"] for claim in claims)
            self.reject("DIALECT_AMBIGUOUS", "", f"claimed by {names}")
        if not claims:
            paths = Paths(Recognition({}), {})
            for refusal in self.dialects.refusals:
                if any(paths.holds(entry, value) for entry in refusal["detect"]["any"]):
                    self.reject("DIALECT_REFUSED", "", refusal["message"])
            self.reject("DIALECT_UNKNOWN", "", "no dialect claims it")
        mapping, schema, entry = claims[0]
        self.row["dialect"] = mapping["name"]
        self.row["dialect_version"] = mapping["version"]
        self.row["producer"] = entry.get("producer")
        return mapping, schema

    def _document_path(self, mapping: dict[str, Any], value: Any, paths: Paths) -> str:
        for path in as_list(mapping.get("frame", {}).get("path")):
            stated = paths.first_text(path, value)
            if stated is not None:
                usable = _relative(stated)
                if usable is not None:
                    return usable
                break
        return self.path.removesuffix(".json")

    def _language(
        self, mapping: dict[str, Any], value: Any, paths: Paths, nodes: list[Node]
    ) -> str:
        document_path = self.row["document_path"]
        for entry in mapping.get("frame", {}).get("language", []):
            if "path" in entry:
                text = paths.first_text(entry["path"], value)
                if text is not None:
                    return text.lower()
            for extension, language in entry.get("extension", {}).items():
                if document_path.endswith(extension):
                    return str(language)
            for prefix, language in entry.get("kind_prefix", {}).items():
                if any(node.native.startswith(prefix) for node in nodes):
                    return str(language)
            if "default" in entry:
                return str(entry["default"])
        return str(mapping["languages"][0])

    # ---- rows

    def _write_document(
        self, mapping: dict[str, Any], paths: Paths, nodes: list[Node], recognition: Recognition
    ) -> None:  # fmt: skip
        positions = mapping.get("positions", {})
        spans = (
            decode_spans(nodes, positions)
            if self.places is None
            else clang.locate(nodes, self.places)
        )
        paths.lines = lambda node: (
            spans.parts[node.index]["start_line"],
            spans.parts[node.index]["end_line"],
        )
        paths.compute_names(nodes)
        hashes = subtree_hashes(nodes, recognition, positional_members(positions))
        language = self.row["language"]
        modules = mapping.get("modules", {})
        package = None
        if modules.get("package", "directory") != "directory":
            package = paths.first_text(modules["package"], nodes[0]) or ""
        document_path = self.row["document_path"]
        names = name_document(document_path, language, modules, package)
        semantics = Semantics(mapping, paths, nodes, names)
        semantics.run()
        self.row["node_count"] += len(nodes)
        document = document_id(document_path)
        self._write_nodes(document, paths, nodes, spans, hashes)
        self._warn_positions(spans)
        symbols = {symbol.string: symbol for symbol in reversed(semantics.symbols)}
        for symbol in symbols.values():
            self.rows["symbols"].append(
                _symbol_row(symbol, semantics.document, document, spans, hashes)
            )
        for row in semantics.references:
            row["start_line"] = spans.parts[row["node"]]["start_line"]
        for row in semantics.imports:
            row["symbol_id"] = row.pop("symbol").id
        for name in ("imports", "exports", "references"):
            seen = set()
            for row in getattr(semantics, name):
                key = tuple(row[column] for column in TABLES[name].key if column in row)
                if key not in seen:
                    seen.add(key)
                    self.rows[name].append({"document_id": document, **row})
        self._write_documents_row(names, semantics, document, spans, positions, nodes)

    def _write_documents_row(
        self, names: DocumentNames, semantics: Semantics, document: int, spans: Spans,
        positions: dict[str, Any], nodes: list[Node],
    ) -> None:  # fmt: skip
        lines = [
            line for parts in spans.parts.values()
            for line in (parts["start_line"], parts["end_line"]) if line is not None
        ]  # fmt: skip
        self.rows["documents"].append(
            {
                "document_id": document, "path": self.path,
                "document_path": self.row["document_path"], "language": self.row["language"],
                "dialect": self.row["dialect"], "root": names.root, "package": names.package,
                "module": names.module, "module_symbol_id": semantics.document.id,
                "line_count": max(lines, default=None),
                "position_encoding": positions.get("encoding", "utf8"),
                "node_count": len(nodes), "symbol_count": len({symbol.string for symbol in semantics.symbols}),
                "content_hash": self.row["content_hash"],
            }
        )  # fmt: skip

    def _write_nodes(
        self, document: int, paths: Paths, nodes: list[Node], spans: Spans, hashes: dict[int, int]
    ) -> None:
        unknown = []
        for node in nodes:
            entry = paths.entry(node)
            kind = "unknown" if entry is None else entry.get("kind", "unknown")
            for choice in (entry or {}).get("kind_when", []):
                if paths.holds(choice["when"], node, node):
                    kind = choice["kind"]
                    break
            if entry is None:
                unknown.append(node)
            self.rows["nodes"].append(
                {
                    "document_id": document, "node": node.index,
                    "parent": None if node.parent is None else node.parent.index,
                    "kind": kind, "native_kind": node.native, "field": node.field,
                    "position": node.position, "name": _cut(paths.name(node)),
                    **spans.parts[node.index], "subtree_hash": hashes[node.index],
                }
            )  # fmt: skip
        self.row["unknown_count"] += len(unknown)
        if unknown:
            self.find("KIND_UNKNOWN", "warning", unknown[0].pointer, f"{len(unknown)} nodes")
        recognition = paths.recognition
        broken = [
            node
            for node in nodes
            if node.kind in recognition.error_kinds
            or (recognition.is_list and node.value.get(recognition.missing_key) is True)
        ]
        if broken:
            self.find("PARSER_ERROR_NODE", "warning", broken[0].pointer, f"{len(broken)} nodes")

    def _warn_positions(self, spans: Spans) -> None:
        for code, wrong in (
            ("POSITION_INVALID", spans.invalid), ("POSITION_REVERSED", spans.reversed),
        ):  # fmt: skip
            if wrong:
                self.find(code, "warning", wrong[0].pointer, f"{len(wrong)} nodes")


def _root_value(mapping: dict[str, Any], value: Any) -> tuple[Any, str]:
    """The tree's root value and its pointer: the first root path that yields something."""
    for path in as_list(mapping.get("frame", {}).get("root", [""])):
        current, pointer = value, ""
        for part in [each for each in path.split(".") if each]:
            key = part.removeprefix("@")
            current = current.get(key) if isinstance(current, Object) else None
            pointer += "/" + escape(key)
        if current is not None:
            return current, pointer
    return None, ""


def _relative(stated: str) -> str | None:
    """A stated document path if it is usable: relative, without `..`."""
    stated = stated.replace("\\", "/")
    parts = [part for part in stated.split("/") if part not in ("", ".")]
    if stated.startswith("/") or re.match(r"[A-Za-z]:", stated) or ".." in parts or not parts:
        return None
    return "/".join(parts)


def _cut(name: str | None) -> str | None:
    """A name of at most 1,024 bytes."""
    return None if name is None else name.encode()[:1024].decode(errors="ignore")


def _symbol_row(
    symbol: Symbol, document_symbol: Symbol, document: int, spans: Spans, hashes: dict[int, int]
) -> dict[str, Any]:
    parts = spans.parts[symbol.node.index]
    lines = None
    if parts["start_line"] is not None and parts["end_line"] is not None:
        lines = parts["end_line"] - parts["start_line"] + 1
        lines = None if lines < 1 else lines
    counts = symbol.kind in CALLABLES or symbol is document_symbol
    return {
        "symbol_id": symbol.id, "symbol": symbol.string, "document_id": document,
        "node": symbol.node.index, "kind": symbol.kind, "name": symbol.name,
        "qualified_name": symbol.qualified, "container_id": symbol.container.id if symbol.container else None,
        "visibility": symbol.visibility, "flags": " ".join(sorted(symbol.flags)),
        "signature": symbol.signature, "docstring": symbol.docstring,
        "start_line": parts["start_line"], "start_column": parts["start_column"],
        "end_line": parts["end_line"], "end_column": parts["end_column"],
        "cyclomatic_complexity": symbol.cyclomatic if counts else None,
        "cognitive_complexity": symbol.cognitive if counts else None,
        "max_nesting": symbol.nesting if counts else None,
        "parameter_count": symbol.parameter_count, "line_count": lines,
        "subtree_hash": hashes[symbol.node.index], "producer_key": symbol.producer_key,
    }  # fmt: skip

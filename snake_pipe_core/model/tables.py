"""Every table of Snake-Pipe, declared once.

Belongs here: names, types, meanings, keys and row identity of columns. Arrow schemas, PostgreSQL
DDL, Delta schemas, checks and `docs/reference/tables.md` derive from here. Does not: I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl
import pyarrow as pa

_TYPES: dict[str, pa.DataType] = {
    "string": pa.large_string(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "bool": pa.bool_(),
    "float64": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "strings": pa.large_list(pa.large_string()),
}
_POSTGRES: dict[str, str] = {
    "string": "text", "int64": "bigint", "int32": "integer", "bool": "boolean",
    "float64": "double precision", "timestamp": "timestamptz", "strings": "text[]",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: `type` is one of the names of `_TYPES`; `meaning` is its documentation."""

    name: str
    type: str
    meaning: str
    nullable: bool = False

    @property
    def arrow(self) -> pa.Field:
        """The Arrow field."""
        return pa.field(self.name, _TYPES[self.type], self.nullable)

    @property
    def postgres(self) -> str:
        """The column's PostgreSQL definition."""
        return f'"{self.name}" {_POSTGRES[self.type]}' + ("" if self.nullable else " not null")


@dataclass(frozen=True)
class Table:
    """One table. `key` identifies a row within all sources; `level` says how it is stored.

    Levels: `node` (one row per AST node, lake only), `symbol` (sharded by document path and
    loaded in the relational backend), `source` (one slice per source, not sharded).
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    level: str
    columns: tuple[Column, ...]

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema, columns in declared order."""
        return pa.schema([column.arrow for column in self.columns])

    @cached_property
    def polars_schema(self) -> pl.Schema:
        """The schema as Polars sees it."""
        frame = pl.from_arrow(self.schema.empty_table())
        assert isinstance(frame, pl.DataFrame)
        return frame.schema

    @property
    def names(self) -> list[str]:
        """Column names in declared order."""
        return [column.name for column in self.columns]


def _c(name: str, type: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name, type, meaning, null)


_SOURCE = _c("source", "string", "Slug of the source that the row belongs to.")
_DOCUMENT = _c("document_id", "int64", "Document that holds the row; see `documents`.")
_NODE = _c("node", "int32", "Pre-order index of the node in its document.")
_SPAN = (
    _c("start_line", "int32", "First line, 1-based.", null=True),
    _c("start_column", "int32", "First column, 0-based, in the document's encoding.", null=True),
    _c("end_line", "int32", "Last line, 1-based.", null=True),
    _c("end_column", "int32", "Column after the last character, 0-based.", null=True),
)

ARTIFACTS = Table(
    "artifacts",
    "The ledger: one row per input file with its one terminal outcome.",
    ("source", "path"),
    "symbol",
    (
        _SOURCE,
        _c("path", "string", "Path of the artifact within the source, `/`-separated."),
        _c("document_path", "string", "Path of the source file it describes.", null=True),
        _c("language", "string", "Language, lower case.", null=True),
        _c("dialect", "string", "Dialect that claimed it.", null=True),
        _c("dialect_version", "string", "Schema version of the dialect applied.", null=True),
        _c("producer", "string", "Tool that made it, as far as content tells.", null=True),
        _c("size_bytes", "int64", "Size of the artifact."),
        _c(
            "mtime_ns",
            "int64",
            "Modification time, nanoseconds since 1970; negative: a fingerprint of the content in "
            "its place, where the source has no times to go by.",
        ),
        _c("content_hash", "string", "XXH3-128 of the bytes, hex.", null=True),
        _c("outcome", "string", "Terminal outcome; see `Outcome`."),
        _c("duplicate_of", "string", "Path of the first artifact with these bytes.", null=True),
        _c("node_count", "int64", "Rows in `nodes`."),
        _c("unknown_count", "int64", "Nodes whose native kind the mapping does not name."),
        _c("finding_count", "int64", "Rows in `findings`."),
        _c("engine_version", "string", "Engine version and mapping digest that scanned it."),
        _c("scanned_at", "timestamp", "When it was scanned (kept when unchanged)."),
    ),
)
FINDINGS = Table(
    "findings",
    "What is wrong with an artifact: where, what, why and what to do.",
    ("source", "path", "code", "pointer", "message"),
    "symbol",
    (
        _SOURCE,
        _c("path", "string", "Artifact."),
        _c("code", "string", "Stable code with a page in the reference."),
        _c("severity", "string", "`error` (quarantines), `warning` or `info`."),
        _c("pointer", "string", "JSON Pointer into the artifact; empty for the whole."),
        _c("message", "string", "What is wrong and why."),
        _c("hint", "string", "What to do about it."),
        _c("start_byte", "int64", "First byte of the trouble in the artifact.", null=True),
        _c("end_byte", "int64", "Byte after the trouble.", null=True),
    ),
)
DOCUMENTS = Table(
    "documents",
    "One row per source file described by a loaded artifact.",
    ("source", "document_id"),
    "symbol",
    (
        _SOURCE,
        _DOCUMENT,
        _c("path", "string", "Artifact it came from."),
        _c("document_path", "string", "Path of the source file."),
        _c("language", "string", "Language."),
        _c("dialect", "string", "Dialect."),
        _c("root", "string", "Source root in front of the module path (`.`, `src`, …)."),
        _c("package", "string", "Package or namespace that the document belongs to."),
        _c("module", "string", "Module name as an importer writes it."),
        _c("module_symbol_id", "int64", "Symbol that stands for the document's top level."),
        _c("line_count", "int32", "Lines, from the last position seen.", null=True),
        _c("position_encoding", "string", "`utf8`, `utf16` or `utf32`: unit of columns."),
        _c("node_count", "int64", "Nodes."),
        _c("symbol_count", "int64", "Symbols."),
        _c("content_hash", "string", "Hash of the artifact."),
    ),
)
NODES = Table(
    "nodes",
    "The normalized tree, lossless: one row per AST node.",
    ("source", "document_id", "node"),
    "node",
    (
        _SOURCE,
        _DOCUMENT,
        _NODE,
        _c("parent", "int32", "Parent's `node`; null for the root.", null=True),
        _c("kind", "string", "Canonical kind."),
        _c("native_kind", "string", "Kind as the parser wrote it."),
        _c("field", "string", "JSON path from the parent's object, `/`-separated, no index."),
        _c("position", "int32", "Index in the parent's array; null if not in one.", null=True),
        _c("name", "string", "Name or leaf text, where the kind has one.", null=True),
        *_SPAN,
        _c("start_byte", "int64", "First offset, in the unit of `position_encoding`.", null=True),
        _c("end_byte", "int64", "Offset after the node.", null=True),
        _c("subtree_hash", "int64", "Hash of kinds, fields and values below, no positions."),
    ),
)
SYMBOLS = Table(
    "symbols",
    "Everything that has a name others can use, with a stable identity.",
    ("source", "symbol_id"),
    "symbol",
    (
        _SOURCE,
        _c("symbol_id", "int64", "Hash of `symbol`."),
        _c("symbol", "string", "SCIP-style string: language, root, descriptors."),
        _DOCUMENT,
        _NODE,
        _c("kind", "string", "Canonical kind."),
        _c("name", "string", "Simple name."),
        _c("qualified_name", "string", "Dotted name from the module on."),
        _c("container_id", "int64", "Symbol that holds it; null for modules.", null=True),
        _c("visibility", "string", "`public`, `protected`, `private`, `package`, `internal`."),
        _c("flags", "string", "Modifiers, sorted, space-separated."),
        _c("signature", "string", "Parameters as written, for callables.", null=True),
        _c("docstring", "string", "Documentation text.", null=True),
        *_SPAN,
        _c("cyclomatic_complexity", "int32", "For callables and modules.", null=True),
        _c("cognitive_complexity", "int32", "For callables and modules.", null=True),
        _c("max_nesting", "int32", "Deepest nesting of control structures.", null=True),
        _c("parameter_count", "int32", "For callables.", null=True),
        _c("line_count", "int32", "Lines of the span.", null=True),
        _c("subtree_hash", "int64", "That of its node; equal bodies are clones."),
        _c("producer_key", "string", "Producer's own id, if unique in what it compiled together.",
           null=True),
    ),
)  # fmt: skip
IMPORTS = Table(
    "imports",
    "One row per imported name or module, as written.",
    ("source", "document_id", "node", "imported_name", "alias"),
    "symbol",
    (
        _SOURCE,
        _DOCUMENT,
        _NODE,
        _c("scope_id", "int32", "Node of the scope that the import binds in."),
        _c("symbol_id", "int64", "Innermost symbol around the import."),
        _c("module", "string", "Module text, unquoted; empty for `from . import x`."),
        _c("imported_name", "string", "Name taken from the module; empty if the whole."),
        _c("alias", "string", "Local name it binds; empty if none."),
        _c("level", "int32", "Leading dots of a relative import."),
        _c("kind", "string", "See `IMPORT_KINDS`."),
        _c("is_conditional", "bool", "Inside `try`, `if`, a function or type-checking block."),
    ),
)
EXPORTS = Table(
    "exports",
    "One row per name that a module offers explicitly (ES export, CommonJS, `__all__`).",
    ("source", "document_id", "node", "exported_name", "local_name"),
    "symbol",
    (
        _SOURCE,
        _DOCUMENT,
        _NODE,
        _c("kind", "string", "`symbol`, `default`, `wildcard`, `namespace` or `equals`."),
        _c("exported_name", "string", "Name outside; `default`; empty for `export *`."),
        _c("local_name", "string", "Dotted name inside, or in `module` if that is set."),
        _c("module", "string", "Module re-exported from; empty for own names."),
        _c("symbol_id", "int64", "Own symbol exported, if it is one.", null=True),
        _c("import_node", "int32", "Import that binds the local name, if one does.", null=True),
    ),
)
REFERENCES = Table(
    "references",
    "Uses of names, each bound as far as its own file can tell.",
    ("source", "document_id", "node", "role", "name"),
    "symbol",
    (
        _SOURCE,
        _DOCUMENT,
        _NODE,
        _c("scope_id", "int32", "Node of the scope that holds the use."),
        _c("symbol_id", "int64", "Symbol that uses (source of the edge)."),
        _c("role", "string", "See `REFERENCE_ROLES`."),
        _c("name", "string", "Last name of the chain."),
        _c("qualifier", "string", "Chain before it, dotted; calls as `f()`.", null=True),
        _c("binding", "string", "What the chain's first name is bound to; see `BINDINGS`."),
        _c("binding_id", "int64", "Symbol bound to, or class for `self`/`super`.", null=True),
        _c("binding_node", "int32", "Import's node if bound to an import.", null=True),
        _c("binding_name", "string", "Name that the import binds or the root as written."),
        _c("type_path", "string", "Dotted path, after the binding, to the receiver's type.",
           null=True),
        _c("type_via", "string", "`annotation` or `constructor` if `type_path` is set.",
           null=True),
        _c("member_path", "string", "Rest of the chain after the binding (and type), dotted."),
        _c("argument_count", "int32", "Arguments of a call.", null=True),
        _c("target_id", "int64", "Symbol, if the producer itself resolved it.", null=True),
        _c("target_key", "string", "Producer's id of a target in another file; see `producer_key`.",
           null=True),
        _c("start_line", "int32", "Line, 1-based.", null=True),
    ),
)  # fmt: skip
EDGES = Table(
    "edges",
    "The code graph; ids are symbols, documents or packages.",
    ("source", "kind", "src_id", "dst_id"),
    "source",
    (
        _SOURCE,
        _c("kind", "string", "See `EDGE_KINDS`."),
        _c("src_id", "int64", "From."),
        _c("dst_id", "int64", "To."),
        _c("dst_source", "string", "Source that `dst_id` belongs to."),
        _c("resolution", "string", "`exact`, `inferred` or `ambiguous`."),
        _c("confidence", "float64", "0 to 1."),
        _c("rule", "string", "Resolution rule that made it."),
        _c("document_id", "int64", "Document of the first evidence."),
        _c("node", "int32", "Node of the first evidence."),
        _c("occurrence_count", "int32", "How many references it stands for."),
    ),
)
UNRESOLVED = Table(
    "unresolved",
    "References and imports without a target in the source, with the reason.",
    ("source", "document_id", "node", "role", "name"),
    "source",
    (
        _SOURCE,
        _DOCUMENT,
        _NODE,
        _c("symbol_id", "int64", "Symbol that uses."),
        _c("role", "string", "Role of the reference; `import` for imports."),
        _c("name", "string", "Name."),
        _c("qualifier", "string", "Chain before it.", null=True),
        _c("reason", "string", "`external`, `dynamic`, `ambiguous` or `missing`."),
        _c("target", "string", "Best known full name of the target."),
        _c("candidates", "string", "Symbols it may be, space-separated ids, at most 8."),
    ),
)
PUBLICATIONS = Table(
    "publications",
    "What each backend shows of each source, and since when.",
    ("source", "backend", "version"),
    "source",
    (
        _SOURCE,
        _c("backend", "string", "Backend name."),
        _c("version", "string", "Content version: digest of the lake slice published."),
        _c("state", "string", "`published`, `stale`, `failed` or `superseded`."),
        _c("counts", "string", "JSON: rows per collection."),
        _c("digest", "string", "Digest over ids, for parity."),
        _c("location", "string", "Where the version lies (schema, path, collection)."),
        _c("error", "string", "Why it failed.", null=True),
        _c("started_at", "timestamp", "Apply began."),
        _c("published_at", "timestamp", "Became visible.", null=True),
        _c("run_id", "string", "Dagster run, if one made it.", null=True),
    ),
)

PROFILES = Table(
    "profiles",
    "What a version of a source looked like, in figures; one row per figure. Only grows.",
    ("source", "version", "language", "dialect", "measure", "name"),
    "source",
    (
        _SOURCE,
        _c("version", "string", "Digest of what was scanned; one profile is kept of each."),
        _c("profiled_at", "timestamp", "When it was measured."),
        _c("language", "string", "Language; empty for the whole source."),
        _c("dialect", "string", "Dialect; empty for the whole source."),
        _c(
            "measure",
            "string",
            "`size_bytes`, `depth`, `nodes` (each with `…_histogram`), `artifacts`, `findings`, "
            "`kind_share`, `unknown_kind` or `quality`.",
        ),
        _c(
            "name",
            "string",
            "Which figure of it: `min`, `p50`, `p95`, `p99`, `max`, `sum`; `2^n` for artifacts from "
            "2^n to below 2^(n+1); an outcome, code or kind; a share or `score` of quality.",
        ),
        _c("value", "float64", "The figure: bytes, levels, nodes, a count or a share of 1."),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ARTIFACTS, FINDINGS, DOCUMENTS, NODES, SYMBOLS, IMPORTS, EXPORTS, REFERENCES, EDGES,
        UNRESOLVED, PUBLICATIONS,
    )
}  # fmt: skip
"""All tables that make up a source, by name; `profiles` is a record beside them."""

SCAN_TABLES: tuple[str, ...] = (
    "documents", "nodes", "symbols", "imports", "exports", "references",
)  # fmt: skip
"""Tables that scan writes for every accepted document (artifacts and findings come beside)."""

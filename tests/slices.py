"""Slices of invented code bases, for every test that loads a backend.

Belongs here: frames valid against `model.tables`, of any size, the same on every machine, and
hypothesis strategies for text. Does not: golden output of real parsers.

The invented code base is a tree: packages hold documents, a document defines a module symbol, the
module holds classes, classes hold methods, and functions call each other. All ids are real ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from snake_pipe_core.backends.base import Slice
from snake_pipe_core.model.ids import content_hash, document_id, package_id, stable_id
from snake_pipe_core.model.tables import TABLES

DIMENSIONS = 256
SCANNED_AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LANGUAGES = ("python", "javascript", "java")
INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
NASTY_TEXTS = (
    "",
    " ",
    "NUL \0 inside",
    "replaced surrogate \ufffd\ufffd",
    "astral 🐍 \U0001d4b3 \U0010ffff",
    "quotes ' \" ` $$ \\ \\N \\. %s {x} $1 ; -- /*",
    "tab\tnewline\nreturn\r\nvertical\x0b\x01\x7f\x85\u2028",
    "عربى עברית 中文 हिन्दी e\u0301 ﬀ İ ß",
    'NULL null None nan \\x00 {} [] ,"a",',
)
"""Text that has broken loaders: every one must come back as it went, NUL characters aside."""
WORDS = (
    "parse", "read", "write", "token", "node", "tree", "edge", "graph", "user", "account", "http",
    "request", "response", "cache", "index", "query", "render", "config", "file", "path", "merge",
    "split", "event", "queue", "worker", "lock", "store", "table", "column", "schema",
)  # fmt: skip
SPAN = ("start_line", "start_column", "end_line", "end_column")
EMBEDDINGS_SCHEMA = pl.DataFrame(
    {"source": "", "id": 0, "text": "", "kind": "", "name": "", "path": "", "vector": [[0.5]]},
    schema_overrides={"id": pl.Int64, "vector": pl.List(pl.Float32)},
).schema

Columns = dict[str, list[Any]]


def polars_schema(table: str) -> pl.Schema:
    """Return the polars schema of a declared table."""
    frame = pl.from_arrow(TABLES[table].schema.empty_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.schema


def frame_of(table: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame with exactly the declared columns; absent ones are null."""
    return pl.DataFrame(list(rows), schema=polars_schema(table), orient="row")


def make_slice(
    source: str = "alpha",
    *,
    documents: int = 12,
    symbols_per_document: int = 25,
    references_per_symbol: int = 3,
    edges_per_symbol: int = 2,
    seed: int = 0,
    changed: Iterable[int] = (),
    removed: Iterable[int] = (),
    docstring: str | None = None,
    dimensions: int = DIMENSIONS,
) -> Slice:
    """Return an invented source with all tables of a slice, `nodes` aside, and `embeddings`.

    `changed` numbers documents whose docstrings and bodies differ (ids stay); `removed` numbers
    documents that are gone. `docstring` replaces the text of every docstring. `dimensions=0`
    leaves `embeddings` out. About `symbols_per_document` symbols per document, and about
    `edges_per_symbol` CALLS edges per symbol beside the CONTAINS and DEFINES edges of the tree.
    """
    changed_set, removed_set = frozenset(changed), frozenset(removed)
    documents_, symbols = _tree(
        source, documents, symbols_per_document, seed, changed_set, removed_set, docstring
    )
    frames: dict[str, pl.DataFrame] = {"documents": documents_, "symbols": symbols}
    frames |= _beside_documents(source, documents_, symbols, removed_set)
    frames["references"] = _references(source, symbols, references_per_symbol, seed)
    frames["edges"] = _edges(source, documents_, symbols, edges_per_symbol, seed)
    frames["unresolved"] = _unresolved(frames["references"])
    if dimensions:
        frames["embeddings"] = _embeddings(documents_, symbols, dimensions)
    return as_slice(source, frames)


def empty_slice(source: str = "alpha") -> Slice:
    """Return a source without a single row."""
    frames = {
        name: pl.DataFrame(schema=polars_schema(name))
        for name, table in TABLES.items()
        if table.level != "node" and name != "publications"
    }
    frames["embeddings"] = pl.DataFrame(schema=EMBEDDINGS_SCHEMA)
    return as_slice(source, frames)


def nasty_slice(source: str = "alpha", *, long_text: int = 1 << 20) -> Slice:
    """Return a small source full of `NASTY_TEXTS`, extreme ids and one very long docstring.

    Its ids are -2^63, 2^63 - 1, 0, -1 and the like; those of documents lie beside them.
    """
    texts = (*NASTY_TEXTS, "long " * (long_text // 5))
    ids = [INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MIN + 1, INT64_MAX - 1, 1 << 53, -(1 << 53) - 1, 7]
    base = make_slice(source, documents=len(texts), symbols_per_document=1, dimensions=0)
    frames = {name: frame.collect() for name, frame in base.frames.items()}
    old_documents = frames["documents"]["document_id"].to_list()
    old_symbols = frames["symbols"]["symbol_id"].to_list()
    others = [INT64_MIN + 2, INT64_MAX - 2, 2, -2, 3, INT64_MIN + 3, INT64_MAX - 3, 1 << 31, -9, 8]
    assert len({*ids, *others}) == 2 * len(ids)
    documents_of = dict(zip(old_documents, others, strict=True))
    symbols_of = dict(zip(old_symbols, ids, strict=True))
    # A path is a key; two texts may differ in a NUL alone, so every path also has its number.
    paths = [f"{number}/{text[:80]}" for number, text in enumerate(texts)]
    path_of = dict(zip(frames["documents"]["path"].to_list(), paths, strict=True))
    nasty = pl.Series(texts, dtype=pl.String)
    document = pl.col("document_id").replace_strict(documents_of, return_dtype=pl.Int64)
    symbol = pl.col("symbol_id").replace_strict(symbols_of, return_dtype=pl.Int64)
    frames["documents"] = frames["documents"].with_columns(
        document,
        pl.col("path").replace_strict(path_of),
        pl.col("path").replace_strict(path_of).alias("document_path"),
        module=nasty, module_symbol_id=pl.col("module_symbol_id").replace_strict(symbols_of),
    )  # fmt: skip
    frames["symbols"] = frames["symbols"].with_columns(
        document, symbol, docstring=nasty, name=nasty, qualified_name=nasty, signature=nasty,
        symbol=pl.concat_str(pl.col("symbol"), nasty.str.slice(0, 80)),
    )  # fmt: skip
    both = {**documents_of, **symbols_of}
    for name in ("artifacts", "findings"):
        frames[name] = frames[name].with_columns(pl.col("path").replace(path_of))
    for name in ("imports", "exports", "references", "unresolved"):
        frames[name] = frames[name].with_columns(document, symbol)
    frames["references"] = frames["references"].with_columns(
        binding_id=pl.col("binding_id").replace(symbols_of), qualifier=pl.lit(NASTY_TEXTS[5])
    )
    frames["edges"] = frames["edges"].with_columns(
        document,
        pl.col("src_id").replace(both),
        pl.col("dst_id").replace(both),
        rule=pl.lit(NASTY_TEXTS[4]),
    )
    frames["embeddings"] = _embeddings(frames["documents"], frames["symbols"], DIMENSIONS)
    return as_slice(source, frames)


def as_slice(source: str, frames: Mapping[str, pl.DataFrame]) -> Slice:
    """Check frames against the declared schemas and name the slice by a digest of its content."""
    digest = hashlib.sha256(source.encode())
    for name, frame in sorted(frames.items()):
        expected = EMBEDDINGS_SCHEMA if name == "embeddings" else polars_schema(name)
        assert frame.schema == expected, f"{name}: {frame.schema} is not {expected}"
        if name != "embeddings":
            key = list(TABLES[name].key)
            assert not frame.select(key).is_duplicated().any(), f"{name}: {key} is not unique"
            for column in TABLES[name].columns:
                assert column.nullable or not frame[column.name].null_count(), (name, column.name)
        digest.update(name.encode())
        digest.update(frame.hash_rows(seed=1).sort().to_numpy().tobytes())
    return Slice(source, digest.hexdigest()[:32], {n: f.lazy() for n, f in frames.items()})


def nasty_text(*, max_size: int = 60) -> st.SearchStrategy[str]:
    """Any Unicode text that UTF-8 can carry, NUL included, often one of `NASTY_TEXTS`."""
    characters = st.characters(codec="utf-8")
    return st.one_of(st.sampled_from(NASTY_TEXTS), st.text(characters, max_size=max_size))


def identifiers() -> st.SearchStrategy[str]:
    """Identifiers as programmers write them: camelCase, snake_case, acronyms, digits, Unicode."""
    part = st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(
            ("HTTP", "JSON", "V2", "x", "Ünïcode", "\u0447\u0438\u0441\u043b\u043e", "変数", "2nd")
        ),
    )
    return st.builds(
        lambda parts, glue, title: glue.join(p.title() if title else p for p in parts),
        st.lists(part, min_size=1, max_size=5),
        st.sampled_from(("", "_", "__", "-", "$")),
        st.booleans(),
    )


@st.composite
def small_slices(draw: st.DrawFn, source: str = "alpha") -> Slice:
    """Slices of a few documents, with nasty text in names and docstrings and any int64 ids."""
    count = draw(st.integers(0, 4))
    base = make_slice(source, documents=count, symbols_per_document=2, dimensions=0)
    frames = {name: frame.collect() for name, frame in base.frames.items()}
    height = frames["symbols"].height
    texts = draw(st.lists(nasty_text(), min_size=height, max_size=height))
    frames["symbols"] = frames["symbols"].with_columns(
        name=pl.Series(texts, dtype=pl.String), docstring=pl.Series(texts[::-1], dtype=pl.String)
    )
    frames["embeddings"] = _embeddings(frames["documents"], frames["symbols"], DIMENSIONS)
    return as_slice(source, frames)


def _tree(
    source: str,
    documents: int,
    symbols_per_document: int,
    seed: int,
    changed: frozenset[int],
    removed: frozenset[int],
    docstring: str | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows: Columns = {name: [] for name in TABLES["documents"].names}
    symbols: Columns = {name: [] for name in TABLES["symbols"].names}
    for number in range(documents):
        if number in removed:
            continue
        language = LANGUAGES[number % len(LANGUAGES)]
        package = f"pkg{number % 5}.sub{number % 3}"
        module = f"{WORDS[number % len(WORDS)]}_{number}"
        path = f"{package.replace('.', '/')}/{module}.json"
        document = document_id(path)
        revision = f"revision {seed}.{number in changed}"
        first = len(symbols["symbol_id"])
        _symbols_of_document(
            symbols, language, package, module, document, symbols_per_document,
            f"{revision} {path}", docstring,
        )  # fmt: skip
        count = len(symbols["symbol_id"]) - first
        values = (
            source, document, path, path.removesuffix(".json") + ".src", language, "python-ast",
            "src", package, module, symbols["symbol_id"][first], 10 * count + 1, "utf8",
            count * 20, count, content_hash(revision.encode()),
        )  # fmt: skip
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)
    symbols["source"] = [source] * len(symbols["symbol_id"])
    return (
        pl.DataFrame(rows, schema=polars_schema("documents")),
        pl.DataFrame(symbols, schema=polars_schema("symbols")),
    )


def _symbols_of_document(
    symbols: Columns, language: str, package: str, module: str, document: int, count: int,
    revision: str, docstring: str | None,
) -> None:  # fmt: skip
    """Append a module, then classes with up to eight methods each, then a tail of functions."""
    prefix = f"{language} src {package.replace('.', '/')}/{module}/"
    module_id = stable_id(prefix)
    holder, holder_name, holder_id = prefix, f"{package}.{module}", module_id
    for number in range(count):
        word = WORDS[number % len(WORDS)]
        other = WORDS[(number * 7 + 3) % len(WORDS)]
        if number == 0:
            text, kind, name, container = prefix, "module", module, None
            qualified = f"{package}.{module}"
        elif number % 9 == 1:
            name, kind, container = f"{word.title()}{other.title()}{number}", "class", module_id
            text, qualified = f"{prefix}{name}#", f"{package}.{module}.{name}"
        else:
            kind = "method" if holder_id != module_id else "function"
            name, container = f"{word}_{other}_{number}", holder_id
            text, qualified = f"{holder}{name}().", f"{holder_name}.{name}"
        identity = stable_id(text)
        if kind == "class":
            holder, holder_name, holder_id = text, qualified, identity
        is_callable = kind in ("method", "function")
        told = docstring if docstring is not None else f"{word} the {other} of {name}, {revision}"
        values = {
            "symbol_id": identity, "symbol": text, "document_id": document, "node": number * 20,
            "kind": kind, "name": name, "qualified_name": qualified, "container_id": container,
            "visibility": "private" if number % 6 == 5 else "public",
            "flags": "async static" if is_callable and number % 4 == 0 else "",
            "signature": "(self, value)" if is_callable else None,
            "docstring": told if number % 3 == 0 or docstring is not None else None,
            "start_line": number * 10 + 1, "start_column": 0,
            "end_line": number * 10 + 9, "end_column": 4,
            "cyclomatic_complexity": number % 11 + 1 if is_callable else None,
            "cognitive_complexity": number % 7 if is_callable else None,
            "max_nesting": number % 4 if is_callable else None,
            "parameter_count": 2 if is_callable else None,
            "line_count": 9, "subtree_hash": stable_id(f"{text} {revision}"),
            "producer_key": None,
        }  # fmt: skip
        for key, value in values.items():
            symbols[key].append(value)


def _beside_documents(
    source: str, documents: pl.DataFrame, symbols: pl.DataFrame, removed: frozenset[int]
) -> dict[str, pl.DataFrame]:
    ledger = documents.select(
        "source", "path", "document_path", "language", "dialect",
        dialect_version=pl.lit("1"), producer=pl.lit("invented 1.0"),
        size_bytes=pl.col("node_count") * 90,
        mtime_ns=pl.lit(1_700_000_000_000_000_000, dtype=pl.Int64),
        content_hash="content_hash",
        outcome=pl.lit("loaded"), duplicate_of=pl.lit(None, dtype=pl.String),
        node_count="node_count", unknown_count=pl.lit(0, dtype=pl.Int64),
        finding_count=pl.lit(0, dtype=pl.Int64), engine_version=pl.lit("0.0.0+invented"),
        scanned_at=pl.lit(SCANNED_AT, dtype=pl.Datetime("us", "UTC")),
    )  # fmt: skip
    if documents.height:
        rejected = {
            "source": source, "path": "broken/half.json", "size_bytes": 17, "mtime_ns": 1,
            "content_hash": content_hash(b"{"), "outcome": "quarantined", "node_count": 0,
            "unknown_count": 0, "finding_count": 1, "engine_version": "0.0.0+invented",
            "scanned_at": SCANNED_AT,
        }  # fmt: skip
        ledger = ledger.vstack(frame_of("artifacts", [rejected]))
    finding = {
        "source": source, "path": "broken/half.json", "code": "json-truncated",
        "severity": "error", "pointer": "/body/3", "message": "The file ends inside an object.",
        "hint": "Export it again.", "start_byte": 0, "end_byte": 17,
    }  # fmt: skip
    modules = symbols.filter(pl.col("kind") == "module")
    names = modules["name"].to_list()
    imports = modules.select(
        "source", "document_id", node=pl.lit(3, dtype=pl.Int32),
        scope_id=pl.lit(0, dtype=pl.Int32), symbol_id="symbol_id",
        module=pl.Series(names[1:] + names[:1], dtype=pl.String), imported_name=pl.lit("thing"),
        alias=pl.lit(""), level=pl.lit(1, dtype=pl.Int32), kind=pl.lit("symbol"),
        is_conditional=pl.col("name").str.ends_with("7"),
    )  # fmt: skip
    exports = modules.select(
        "source", "document_id", node=pl.lit(5, dtype=pl.Int32), kind=pl.lit("symbol"),
        exported_name="name", local_name="name", module=pl.lit(""), symbol_id="symbol_id",
        import_node=pl.lit(None, dtype=pl.Int32),
    )  # fmt: skip
    return {
        "artifacts": ledger,
        "findings": frame_of("findings", [finding] if documents.height else []),
        "imports": imports,
        "exports": exports,
    }


def _references(source: str, symbols: pl.DataFrame, per_symbol: int, seed: int) -> pl.DataFrame:
    users = symbols.select("document_id", "node", "symbol_id")
    users = pl.concat([users] * per_symbol) if per_symbol else users.clear()
    height = users.height
    number = np.arange(height, dtype=np.int32)
    targets = symbols.gather(_picks(height, symbols.height, seed + 11))
    rows = users.select(
        source=pl.lit(source), document_id="document_id",
        node=pl.Series(number) + 1_000_000, scope_id="node", symbol_id="symbol_id",
        role=pl.Series(np.array(["call", "read", "type", "write"])[number % 4], dtype=pl.String),
        name=targets["name"], qualifier=pl.lit(None, dtype=pl.String),
        binding=pl.lit("symbol"), binding_id=targets["symbol_id"],
        binding_node=pl.lit(None, dtype=pl.Int32), binding_name=targets["name"],
        type_path=pl.lit(None, dtype=pl.String), type_via=pl.lit(None, dtype=pl.String),
        member_path=pl.lit(""), argument_count=pl.Series(number % 5),
        target_id=pl.lit(None, dtype=pl.Int64), target_key=pl.lit(None, dtype=pl.String),
        start_line=pl.Series(number % 1000 + 1),
    )  # fmt: skip
    return rows.cast(polars_schema("references"))


def _edges(
    source: str, documents: pl.DataFrame, symbols: pl.DataFrame, per_symbol: int, seed: int
) -> pl.DataFrame:
    packages = documents.select(
        kind=pl.lit("CONTAINS"),
        src_id=pl.struct("language", "root", "package").map_elements(
            lambda row: package_id(row["language"], row["root"], row["package"]), pl.Int64
        ),
        dst_id="document_id", document_id="document_id", node=pl.lit(0, dtype=pl.Int32),
    )  # fmt: skip
    defines = symbols.select(
        kind=pl.lit("DEFINES"), src_id="document_id", dst_id="symbol_id",
        document_id="document_id", node="node",
    )  # fmt: skip
    contains = symbols.drop_nulls("container_id").select(
        kind=pl.lit("CONTAINS"), src_id="container_id", dst_id="symbol_id",
        document_id="document_id", node="node",
    )  # fmt: skip
    count = symbols.height * per_symbol
    callers = symbols.gather(_picks(count, symbols.height, seed + 23))
    callees = symbols.gather(_picks(count, symbols.height, seed + 37))
    calls = callers.select(
        kind=pl.when(pl.col("symbol_id") % 5 == 0)
        .then(pl.lit("INHERITS"))
        .otherwise(pl.lit("CALLS")),
        src_id="symbol_id", dst_id=callees["symbol_id"], document_id="document_id", node="node",
    )  # fmt: skip
    edges = pl.concat([packages, defines, contains, calls]).unique(
        ["kind", "src_id", "dst_id"], keep="first", maintain_order=True
    )
    resolution = (
        pl.when(pl.col("dst_id") % 10 == 0).then(pl.lit("ambiguous")).otherwise(pl.lit("exact"))
    )
    return edges.select(
        pl.lit(source).alias("source"), "kind", "src_id", "dst_id",
        dst_source=pl.lit(source), resolution=resolution,
        confidence=pl.when(resolution == "exact").then(1.0).otherwise(1 / 3),
        rule=pl.concat_str(pl.lit("invented-"), pl.col("kind").str.to_lowercase()),
        document_id="document_id", node="node",
        occurrence_count=(pl.col("dst_id") % 3).abs().cast(pl.Int32) + 1,
    )  # fmt: skip


def _picks(count: int, population: int, seed: int) -> pl.Series:
    if not population:
        return pl.Series([], dtype=pl.UInt32)
    picks = np.random.default_rng(seed).integers(0, population, count)
    return pl.Series(picks.astype(np.uint32))


def _unresolved(references: pl.DataFrame) -> pl.DataFrame:
    rows = references.filter(pl.col("node") % 5 == 0).select(
        "source", "document_id", "node", "symbol_id", "role", "name", "qualifier",
        reason=pl.lit("external"), target=pl.concat_str(pl.lit("outside."), pl.col("name")),
        candidates=pl.col("binding_id").cast(pl.String),
    )  # fmt: skip
    return rows.cast(polars_schema("unresolved"))


def _embeddings(documents: pl.DataFrame, symbols: pl.DataFrame, dimensions: int) -> pl.DataFrame:
    """Return unit vectors that depend on ids alone, one per document, type and callable."""
    wanted = symbols.filter(pl.col("kind") != "module").join(
        documents.select("document_id", "path"), on="document_id"
    )
    rows = pl.concat(
        [
            documents.select(
                "source", id="document_id", text="module", kind=pl.lit("document"), name="module",
                path="path",
            ),
            wanted.select(
                "source", id="symbol_id", text="qualified_name", kind="kind", name="name",
                path="path",
            ),
        ]
    )  # fmt: skip
    generator = np.random.default_rng(5)
    shared = generator.standard_normal((257, dimensions)).astype(np.float32)
    identity = rows["id"].to_numpy().astype(np.uint64)
    vectors = shared[identity % 257] + shared[(identity >> np.uint64(17)) % 257] / 2
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9)
    series = pl.Series("vector", vectors, dtype=pl.Array(pl.Float32, dimensions))
    return rows.with_columns(series.cast(pl.List(pl.Float32))).cast(EMBEDDINGS_SCHEMA)

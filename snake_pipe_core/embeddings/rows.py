"""What is embedded: one row per callable, type and document, with its features.

Belongs here: from tables to `EmbeddingInput`, and to the `embeddings` frame of a slice. Does not:
turning features into vectors.

A row's words are the subtokens of its name, qualified name, signature and documentation, of the
names of what it holds directly, and of every name that it uses. Its node kinds are the pairs
`parent>child` below its node. What lies inside a nested row counts for that row alone; what lies in
no row counts for the document. So a row depends on its own document only, and unchanged documents
keep their vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from snake_pipe_core.embeddings.base import EmbeddingInput, EmbeddingProvider
from snake_pipe_core.model.kinds import CALLABLE_KINDS, NODE_KINDS, TYPE_KINDS
from snake_pipe_core.model.subtokens import subtokens

EMBEDDED_KINDS: frozenset[str] = CALLABLE_KINDS | TYPE_KINDS
NODES_AT_ONCE = 1 << 17
DOCUMENTATION_CHARACTERS = 2000
NAME_WEIGHT = 3
"""How many times a row's own name counts."""
STOP_WORDS: frozenset[str] = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "must",
        "no",
        "not",
        "of",
        "on",
        "only",
        "or",
        "other",
        "same",
        "should",
        "so",
        "such",
        "than",
        "that",
        "the",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "use",
        "used",
        "was",
        "we",
        "when",
        "which",
        "will",
        "with",
        "would",
        "you",
        "your",
        "self",
        "cls",
    ]
)
"""Words that say nothing about what code does; the list is fixed, so vectors stay comparable."""

_KINDS = pl.Enum(NODE_KINDS)
_COUNTED = pl.Schema({"row": pl.Int64(), "feature": pl.Int64(), "weight": pl.Float64()})


def embedding_frame(
    frames: Mapping[str, pl.LazyFrame], provider: EmbeddingProvider
) -> pl.DataFrame:
    """Return the `embeddings` frame of a slice.

    Columns `source, id, text, kind, name, path, language, vector`: `id` is a symbol or document
    id, `kind` is `document` for documents, `path` is the source file, `vector` a list of 32-bit
    floats. `frames` holds `documents`, `symbols`, `references` and, if node kinds shall count,
    `nodes`.
    """
    rows, batch = embedding_input(frames)
    matrix = provider.embed(batch)
    vectors = pl.Series("vector", matrix, dtype=pl.Array(pl.Float32, provider.dimension))
    return rows.with_columns(vectors.cast(pl.List(pl.Float32)))


def embedding_input(frames: Mapping[str, pl.LazyFrame]) -> tuple[pl.DataFrame, EmbeddingInput]:
    """Return the rows (`embedding_frame` without `vector`) and their features."""
    documents = (
        frames["documents"]
        .select("source", "document_id", "document_path", "language", "module", "module_symbol_id")
        .collect()
    )
    symbols = (
        frames["symbols"]
        .select(
            "source", "symbol_id", "document_id", "node", "kind", "name", "qualified_name",
            "container_id", "signature", "docstring",
        )
        .collect()
    )  # fmt: skip
    is_row = symbols["kind"].is_in(list(EMBEDDED_KINDS))
    rows = _rows(documents, symbols.filter(is_row), symbols)
    owners = _owners(symbols, is_row, documents)
    words, vocabulary = _words(frames["references"], symbols, owners, rows)
    if "nodes" in frames:
        starts = symbols.filter(is_row).select("document_id", "node").with_row_index("row")
        pairs, kinds = _kind_pairs(frames["nodes"], starts, documents, len(starts))
        words = pl.concat([words, pairs.with_columns(pl.col("feature") + len(vocabulary))])
        vocabulary = pl.concat([vocabulary, kinds])
    return rows, EmbeddingInput(rows["text"], words, vocabulary)


def _rows(documents: pl.DataFrame, chosen: pl.DataFrame, symbols: pl.DataFrame) -> pl.DataFrame:
    """Return the rows: the chosen symbols in their order, then the documents."""
    documentation = pl.col("docstring").fill_null("").str.slice(0, DOCUMENTATION_CHARACTERS)
    of_documents = documents.select("document_id", "document_path", "language")
    modules = symbols.select(
        "docstring", module_symbol_id="symbol_id"
    )  # a document's documentation is that of its top level
    return pl.concat(
        [
            chosen.join(
                of_documents, on="document_id", how="left", maintain_order="left"
            ).select(
                "source", id="symbol_id", text=pl.concat_str(
                    "kind", pl.lit(" "), "qualified_name", pl.col("signature").fill_null(""),
                    pl.lit("\n"), documentation,
                ),
                kind="kind", name="name", path="document_path", language="language",
            ),
            documents.join(
                modules, on="module_symbol_id", how="left", maintain_order="left"
            ).select(
                "source", id="document_id", text=pl.concat_str(
                    pl.lit("document "), "module", pl.lit("\n"), documentation
                ),
                kind=pl.lit("document"), name="module", path="document_path", language="language",
            ),
        ]
    )  # fmt: skip


def _owners(symbols: pl.DataFrame, is_row: pl.Series, documents: pl.DataFrame) -> NDArray[np.int64]:
    """Return for each symbol the row that it counts for: its own, or the innermost around it.

    A symbol around which there is none counts for its document.
    """
    count = symbols.height
    position = pl.DataFrame({"container_id": symbols["symbol_id"]}).with_row_index("position")
    parent = (
        symbols.select("container_id")
        .join(position, on="container_id", how="left", maintain_order="left")["position"]
        .cast(pl.Int64)
        .fill_null(-1)
        .to_numpy()
    )
    own = is_row.to_numpy()
    row_of = np.cumsum(own) - 1
    return _innermost(
        own, parent, row_of, _document_rows(symbols, documents, int(own.sum())), count
    )


def _innermost(
    own: NDArray[np.bool_],
    parent: NDArray[np.int64],
    row_of: NDArray[np.int64],
    otherwise: NDArray[np.int64],
    count: int,
) -> NDArray[np.int64]:
    """Follow parents (-1: none) to the nearest element that is a row, doubling the stride."""
    here = np.arange(count)
    jump = np.where(own | (parent < 0), here, parent)
    while True:
        further = jump[jump]
        if np.array_equal(further, jump):
            break
        jump = further
    return np.where(own[jump], row_of[jump], otherwise)


def _document_rows(
    things: pl.DataFrame, documents: pl.DataFrame, symbol_rows: int
) -> NDArray[np.int64]:
    """Return the row of each thing's document; document rows follow those of symbols."""
    rows = documents.select("document_id").with_row_index("row", symbol_rows)
    found = things.select("document_id").join(
        rows, on="document_id", how="left", maintain_order="left"
    )
    return found["row"].cast(pl.Int64).to_numpy()


def _words(
    references: pl.LazyFrame, symbols: pl.DataFrame, owners: NDArray[np.int64], rows: pl.DataFrame
) -> tuple[pl.DataFrame, pl.Series]:
    """Return counted words by row, and the words."""
    owner = symbols.select("symbol_id", row=pl.Series(owners))
    used = (
        references.select("symbol_id", "name")
        .group_by("symbol_id", "name")
        .len("weight")
        .join(owner.lazy(), on="symbol_id")
        .select("row", "name", pl.col("weight").cast(pl.Float64))
        .collect()
    )
    own = rows.select("name", weight=pl.lit(float(NAME_WEIGHT))).with_row_index("row")
    # A symbol that is no row counts for the one around it, one that is a row for that of its
    # container, so that a class knows the names of its methods.
    held = (
        symbols.select("name", symbol_id="container_id")
        .join(owner, on="symbol_id")
        .select("row", "name", weight=pl.lit(1.0))
    )
    names = pl.concat(
        [
            frame.cast({"row": pl.Int64}).select("row", "name", "weight")
            for frame in (used, own, held)
        ]
    )
    # Names repeat a lot: split each once.
    split_names = (
        names.select(pl.col("name").unique())
        .with_columns(word=subtokens(pl.col("name")))
        .explode("word", empty_as_null=False, keep_nulls=False)
    )
    split_texts = (
        rows.select(word=subtokens(pl.col("text")))
        .with_row_index("row")
        .cast({"row": pl.Int64})
        .explode("word", empty_as_null=False, keep_nulls=False)
    )
    vocabulary = pl.concat([split_names["word"], split_texts["word"]]).unique().sort()
    vocabulary = vocabulary.filter(~vocabulary.is_in(list(STOP_WORDS)))
    codes = pl.DataFrame({"word": vocabulary}).with_row_index("feature").cast({"feature": pl.Int64})
    counted = (
        pl.concat(
            [
                names.lazy()
                .join(split_names.lazy().join(codes.lazy(), on="word"), on="name")
                .select(list(_COUNTED)),
                split_texts.lazy()
                .join(codes.lazy(), on="word")
                .select("row", "feature", weight=pl.lit(1.0)),
            ]
        )
        .group_by("row", "feature")
        .agg(pl.col("weight").sum())
        .collect()
    )
    return counted.match_to_schema(_COUNTED), "word:" + vocabulary


def _kind_pairs(
    nodes: pl.LazyFrame, starts: pl.DataFrame, documents: pl.DataFrame, symbol_rows: int
) -> tuple[pl.DataFrame, pl.Series]:
    """Return counted pairs of kinds, parent and child, by row, and the pairs."""
    parts = [pl.DataFrame(schema=_COUNTED)]
    size = len(NODE_KINDS)
    nodes = nodes.select("document_id", "node", "parent", "kind")
    if not _is_in_order(nodes):
        nodes = nodes.sort("document_id", "node")
    for batch in _by_document(nodes):
        row_of = batch.join(starts, on=["document_id", "node"], how="left", maintain_order="left")[
            "row"
        ]
        parent = _parents(batch)
        owners = _innermost(
            row_of.is_not_null().to_numpy(),
            parent,
            row_of.cast(pl.Int64).fill_null(0).to_numpy(),
            _document_rows(batch, documents, symbol_rows),
            batch.height,
        )
        kind = (
            batch["kind"].cast(_KINDS, strict=False).fill_null("unknown").to_physical().to_numpy()
        )
        child = parent >= 0
        above = parent[child]
        pair = kind[above].astype(np.int64) * size + kind[child]
        parts.append(
            pl.DataFrame({"row": owners[above], "feature": pair})
            .group_by("row", "feature")
            .agg(weight=pl.len().cast(pl.Float64))
        )
    counted = pl.concat(parts).group_by("row", "feature").agg(pl.col("weight").sum())
    names = [f"kinds:{above}>{below}" for above in NODE_KINDS for below in NODE_KINDS]
    return counted.match_to_schema(_COUNTED), pl.Series(names)


def _is_in_order(nodes: pl.LazyFrame) -> bool:
    """Return whether the nodes of each document lie together, numbered from 0 without gaps.

    Scan writes them so; a lake compacted by another program may not keep it.
    """
    follows = (pl.col("node") == pl.col("node").shift() + 1) & (
        pl.col("document_id") == pl.col("document_id").shift()
    )
    starts = (pl.col("node") == 0).fill_null(False)
    checks = nodes.select(
        ordered=(follows.fill_null(False) | starts).all(),
        runs=starts.sum(),
        documents=pl.col("document_id").n_unique(),
    ).collect()
    ordered, runs, documents = checks.row(0)
    return bool(ordered) and runs == documents


def _by_document(nodes: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Yield nodes in portions of whole documents, each document's nodes in order."""
    rest: pl.DataFrame | None = None
    for batch in nodes.collect_batches(chunk_size=NODES_AT_ONCE, maintain_order=True):
        joined = batch if rest is None else pl.concat([rest, batch])
        last = joined["document_id"][-1]
        is_last = joined["document_id"] == last
        rest = joined.filter(is_last)
        yield joined.filter(~is_last)
    if rest is not None:
        yield rest


def _parents(nodes: pl.DataFrame) -> NDArray[np.int64]:
    """Return the position of each node's parent in the frame, -1 for roots.

    Nodes of a document lie together, numbered from 0 without gaps, so a position is the document's
    first plus the node's number.
    """
    here = np.arange(nodes.height)
    first = here - nodes["node"].to_numpy()
    parent = nodes["parent"].cast(pl.Int64).fill_null(-1).to_numpy()
    return np.where(parent < 0, -1, first + parent)

"""Chroma: the embedded vector store, one directory per version.

Belongs here: how the `embeddings` frame becomes a Chroma collection, and the role's query.
Does not: embedding, or when to load.

The store is Chroma's own and opens with any client of the pinned version, but it is driven through
`chromadb_rust_bindings`, the native half of the `chromadb` package. The Python half would cost two
seconds of imports, read `.env` from the working directory, keep every opened path in a
process-wide cache, and load a library that reports to its maker; none of it is needed, since
vectors are always given.

A version is written once, into a directory of its own that is thrown away if anything fails, so
the known corruption of stores that are killed while writing cannot be published.

Loading through the interface loads 8,000 vectors a second, most of it statement after statement in
the store's SQLite file. So all records but the last are written to that file's log and metadata
tables in one transaction, and the last is added through the interface, which makes Chroma index the
whole log in parallel and persist the index once: 27,000 vectors a second (256 dimensions, two
cores). It is done only if the file's migrations are exactly those that were tested, else the
interface is used throughout.

Where little differs from the published version, that is copied and changed through the interface:
0.2 s for hundreds of changes among 38,500 vectors.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from snake_pipe_core.backends.base import Capabilities, Health, Slice, Verification
from snake_pipe_core.backends.digests import sample, set_digest
from snake_pipe_core.backends.vector.base import FILTERS, HIT_SCHEMA, VectorBackend, Where
from snake_pipe_core.backends.versions import VersionDirectories, write_atomically
from snake_pipe_core.errors import BackendError, BackendUnavailableError
from snake_pipe_core.model.ids import content_hash

if TYPE_CHECKING:
    import chromadb_rust_bindings

    from snake_pipe_core.settings import Settings

LAYOUT = 2
"""Raise when metadata or index parameters change: versions written before are rebuilt."""
MANIFEST = "manifest.json"
COLLECTION = "code"
TENANT, DATABASE = "default_tenant", "default_database"
BATCH = 5000
"""Records per call; Chroma refuses more than 5,461."""
INDEX: dict[str, Any] = {
    "space": "cosine", "ef_construction": 20, "max_neighbors": 12, "ef_search": 600
}  # fmt: skip
"""Measured on 20,600 real vectors of 256 dimensions: recall@10 0.98 at 1.4 ms a query. A more careful
index and a shorter search (30, 12 and 200) give 0.97 at 1.1 ms for a quarter more processor time to
build, Chroma's own (100, 16 and 100) 0.996 at 1.0 ms for three times as much."""
JSON_ROWS = 100_000
"""Rows whose values go into the store's tables as one text."""
TESTED_MIGRATIONS = "dd1acf0507a0049e43003c5968fe42d9"
"""Digest of the migrations whose tables `_write_tables` knows (chromadb 1.5.9)."""
ROWS = "rows.parquet"
"""File of a version: the digest of each row, to find what a next version changes."""
LEAST_TO_CHANGE = 2000
"""Fewer rows are written from scratch as fast."""
MOST_TO_CHANGE = 0.05
"""Share of rows that may change, or have been removed, before all are written from scratch."""
DISTANCE_OF_ITSELF = 1e-3
LOST_BY_INDEX = 0.1
"""Share of sampled vectors that a search for themselves may miss."""


@dataclass(frozen=True)
class _Store:
    """One opened directory and the collection in it."""

    version: str
    bindings: chromadb_rust_bindings.Bindings
    collection: str
    count: int
    dimension: int


class ChromaBackend(VectorBackend):
    """Vectors in directories below `root`; needs no server and never the network."""

    name = "chroma"
    capabilities = Capabilities(
        role="vector",
        transactional=False,
        concurrent_writers=False,
        embedded=True,
        tables=("embeddings", "symbols", "documents"),
    )

    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        """Take the store's directory; nothing is opened or made yet."""
        self._versions = VersionDirectories(root)
        self._threads = settings.worker_count if settings else os.cpu_count() or 1
        self._stores: dict[str, _Store] = {}
        self._reading = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return the backend whose directory the settings name."""
        return cls(settings.store(cls.name), settings)

    def __enter__(self) -> Self:
        """Load the library; raise `BackendUnavailableError` where it is not installed."""
        # Chroma's errors import its Python half and with it a runtime that reports to its maker.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        os.environ["ANONYMIZED_TELEMETRY"] = "False"
        try:
            import chromadb_rust_bindings  # noqa: F401
        except ImportError as error:
            raise BackendUnavailableError(
                f"The vector library cannot be loaded: {error}.",
                remedy="Install it: pip install chromadb==1.5.9",
                state="Nothing was changed.",
            ) from error
        return self

    def __exit__(self, *exc: object) -> None:
        """Close every store that a query opened, with its files and threads."""
        with self._reading:
            self._stores.clear()

    def health(self) -> Health:
        """Say whether the library opens a store."""
        import importlib.metadata

        version = importlib.metadata.version("chromadb")
        try:
            _open(None).heartbeat()
        except RuntimeError as error:
            return Health(False, f"The vector library fails: {error}", version)
        return Health(True, f"Vector stores in {self._versions.root}", version)

    # ---- loading

    def apply(self, slice_: Slice) -> Mapping[str, int]:
        """Write the version's store, unless a whole one is there already."""
        with self._versions.lock():
            manifest = _manifest(self._versions.path(slice_.source, slice_.version))
            if manifest is None:
                directory = self._versions.begin(slice_.source, slice_.version)
                rows = _rows(slice_)
                vectors = _matrix(rows["vector"])
                digests = _digests(rows, vectors)
                churn = self._write_changes(directory, slice_.source, rows, vectors, digests)
                if churn is None and rows.height:
                    self._write(directory, rows, vectors)
                if rows.height:
                    _shrink(directory)
                digests.write_parquet(directory / ROWS)
                files = {
                    str(path.relative_to(directory)): path.stat().st_size
                    for path in sorted(directory.rglob("*"))
                    if path.is_file()
                }
                manifest = {
                    "layout": LAYOUT,
                    "count": rows.height,
                    "dimension": vectors.shape[1],
                    "churn": churn or 0,
                    "files": files,
                }
                write_atomically(directory / MANIFEST, json.dumps(manifest).encode())
                self._versions.seal(slice_.source, slice_.version)
            return {"embeddings": manifest["count"]}

    def _write_changes(
        self,
        directory: Path,
        source: str,
        rows: pl.DataFrame,
        vectors: NDArray[np.float32],
        digests: pl.DataFrame,
    ) -> int | None:
        """Copy the published version and change what differs, if that is little.

        Return how many vectors were removed since the version was written from scratch: each
        leaves a dead end in the index. Return None, and write nothing, if there is no such version
        or too much has changed.
        """
        version = self.published().get(source)
        if version is None or rows.height < LEAST_TO_CHANGE:
            return None
        before = self._versions.path(source, version)
        manifest = _manifest(before)
        if manifest is None or manifest["dimension"] != vectors.shape[1]:
            return None
        held = pl.read_parquet(before / ROWS, glob=False)
        both = ["id", "digest"]
        removed = held.join(digests, on=both, how="anti")["id"].cast(pl.String).to_list()
        new = digests.with_row_index("row").join(held, on=both, how="anti")["row"].sort()
        churn = int(manifest["churn"]) + len(removed)
        if max(churn, len(new)) > MOST_TO_CHANGE * rows.height:
            return None
        for name in manifest["files"]:
            if name != ROWS:
                (directory / name).parent.mkdir(exist_ok=True)
                shutil.copyfile(before / name, directory / name)
        bindings = _open(directory)
        collection = str(bindings.get_collection(COLLECTION, TENANT, DATABASE).id)
        # Persist at every call, so that the log can go.
        bindings.update_collection(collection, None, None, '{"hnsw": {"sync_threshold": 2}}')
        for start in range(0, len(removed), BATCH):
            end = start + BATCH
            bindings.delete(collection, removed[start:end], None, None, None, TENANT, DATABASE)
        added = rows[new].with_columns(pl.col("id").cast(pl.String))
        _add(bindings, collection, added["id"].to_list(), vectors[new.to_numpy()], added)
        return churn

    def _write(self, directory: Path, rows: pl.DataFrame, vectors: NDArray[np.float32]) -> None:
        ids = rows["id"].cast(pl.String).to_list()
        metadata = rows.select(FILTERS)
        bindings = _open(directory)
        # Persisting is due after so many records: at the very last one.
        index = INDEX | {
            "num_threads": self._threads,
            "batch_size": 2,
            "sync_threshold": max(2, rows.height),
        }
        made = bindings.create_collection(
            COLLECTION, json.dumps({"hnsw": index}), None, None, False, TENANT, DATABASE
        )
        collection, first = str(made.id), 0
        if _is_tested(directory):
            first = rows.height - 1
            _write_tables(directory, collection, ids[:first], vectors[:first], metadata[:first])
        _add(bindings, collection, ids[first:], vectors[first:], metadata[first:])

    def verify(self, slice_: Slice) -> Verification:
        """Count again in the sealed store and search for sampled vectors."""
        directory = self._versions.path(slice_.source, slice_.version)
        if _manifest(directory) is None:
            raise BackendError(
                f"Version {slice_.version} of {slice_.source} is not in the vector store.",
                remedy="Apply it before verifying.",
                state="What was published before stays visible.",
            )
        store = _store(directory, slice_.version)
        if store is None:
            return Verification({"embeddings": 0}, set_digest(pl.Series([], dtype=pl.Int64)))
        frame = slice_.frames["embeddings"]
        wanted = frame.join(sample(frame, "id").lazy(), on="id").select("id", "vector").collect()
        missing, unfound = [], []
        for id_, vector in wanted.iter_rows():
            sent = np.asarray(vector, np.float32)
            if not _is_held(store, id_, sent):
                missing.append(id_)
            elif not _finds(store, sent):
                unfound.append(id_)
        # The index is approximate: some vectors may not be found by it, but not many.
        if len(unfound) > LOST_BY_INDEX * wanted.height:
            missing += unfound
        digest = set_digest(pl.Series(_all_ids(store), dtype=pl.Int64))
        return Verification({"embeddings": store.count}, digest, tuple(sorted(missing)))

    def publish(self, source: str, version: str) -> str:
        """Point readers at a sealed version; return its directory."""
        directory = self._versions.path(source, version)
        if not (directory / MANIFEST).exists():
            raise BackendError(
                f"Version {version} of {source} is not in the vector store, so it cannot be "
                "published.",
                remedy="Apply it first.",
                state="What was published before stays visible.",
            )
        with self._versions.lock():
            self._versions.publish(source, version)
        return str(directory)

    def published(self) -> Mapping[str, str]:
        """Return the visible version of each source."""
        return self._versions.published()

    def drop(self, source: str) -> None:
        """Remove a source and all its versions."""
        with self._reading:
            self._stores.pop(source, None)
        with self._versions.lock():
            self._versions.withdraw(source)

    def collect(self, keep: int = 2) -> None:
        """Remove unpublished remains and old versions."""
        with self._versions.lock():
            self._versions.collect(keep)

    def rows(self, source: str, collection: str) -> Iterator[Mapping[str, Any]]:
        """Yield the published rows of `embeddings`: vector and metadata, without text."""
        if collection != "embeddings":
            raise BackendError(
                f"The vector store has no collection {collection!r}.",
                remedy="Ask for embeddings.",
                state="Nothing was read.",
            )
        store = self._published_store(source) if source in self.published() else None
        if store is None:
            return
        for start in range(0, store.count, BATCH):
            page = store.bindings.get(
                store.collection, None, None, BATCH, start, None, ["embeddings", "metadatas"],
                TENANT, DATABASE,
            )  # fmt: skip
            for id_, vector, metadata in zip(
                page.ids, page.embeddings, page.metadatas, strict=True
            ):
                told = metadata or {}
                yield {
                    "source": source,
                    "id": int(id_),
                    "vector": list(vector),
                    **{name: told.get(name) for name in FILTERS if name != "language"},
                }

    # ---- queries

    def similar(
        self,
        source: str,
        like: int | Sequence[float],
        *,
        k: int = 10,
        where: Where | None = None,
    ) -> pl.DataFrame:
        """Return what is nearest; see `VectorBackend.similar`."""
        condition = _condition(where)
        store = self._published_store(source)
        if store is None or k < 1:
            return pl.DataFrame(schema=HIT_SCHEMA)
        if isinstance(like, int):
            vector = _vector(store, like)
            if vector is None:
                raise BackendError(
                    f"{source} has no vector with id {like}.",
                    remedy="Only callables, types and documents have one; ask for such an id.",
                    state="Nothing was read.",
                )
        else:
            vector = [float(value) for value in like]
        hits = _nearest(store, vector, k + isinstance(like, int), condition)
        if isinstance(like, int):
            hits = hits.filter(pl.col("id") != like)
        return hits.head(k)

    def _published_store(self, source: str) -> _Store | None:
        """Return the published version's store, opened once for all queries; None if empty."""
        with self._reading:
            version = self.published().get(source)
            if version is None:
                raise BackendError(
                    f"The vector store shows no source {source!r}.",
                    remedy="Run the pipeline over it, or choose from "
                    f"{', '.join(sorted(self.published())) or 'none yet'}.",
                    state="Nothing was read.",
                )
            known = self._stores.get(source)
            if known is None or known.version != version:
                self._stores.pop(source, None)
                known = _store(self._versions.path(source, version), version)
                if known is not None:
                    self._stores[source] = known
            return known


def _open(directory: Path | None) -> chromadb_rust_bindings.Bindings:
    """Open Chroma on a directory, or in memory. It closes when the last reference goes."""
    import chromadb_rust_bindings as native

    return native.Bindings(
        allow_reset=False,
        sqlite_db_config=native.SqliteDBConfig(
            hash_type=native.MigrationHash.MD5,
            migration_mode=native.MigrationMode.Apply,
            url=str(directory / "chroma.sqlite3") if directory else None,
        ),
        persist_path=str(directory) if directory else None,
        hnsw_cache_size=16,
    )


def _store(directory: Path, version: str) -> _Store | None:
    """Open a sealed directory; None if it has no vectors."""
    manifest = _manifest(directory)
    if manifest is None:
        raise BackendError(
            f"The vector store in {directory} is not whole.",
            remedy="Apply and publish the source again; vectors are a projection of the lake.",
            state="Nothing was changed.",
        )
    if not manifest["count"]:
        return None
    bindings = _open(directory)
    collection = str(bindings.get_collection(COLLECTION, TENANT, DATABASE).id)
    count = bindings.count(collection, TENANT, DATABASE)
    return _Store(version, bindings, collection, count, manifest["dimension"])


def _manifest(directory: Path) -> dict[str, Any] | None:
    """Return what a sealed version was written with; None if it is absent, old or not whole."""
    try:
        manifest: dict[str, Any] = json.loads((directory / MANIFEST).read_bytes())
        if manifest["layout"] == LAYOUT and all(
            (directory / name).stat().st_size == size for name, size in manifest["files"].items()
        ):
            return manifest
    except (FileNotFoundError, ValueError, KeyError):
        pass
    return None


def _rows(slice_: Slice) -> pl.DataFrame:
    """Return the frame `embeddings` with a language in every row."""
    frame = slice_.frames["embeddings"]
    if "language" not in frame.collect_schema():
        documents = slice_.frames["documents"].select("document_id", "language")
        languages = pl.concat(
            [
                documents.select("language", id="document_id"),
                slice_.frames["symbols"]
                .select("document_id", id="symbol_id")
                .join(documents, on="document_id")
                .select("language", "id"),
            ]
        ).unique("id")
        frame = frame.join(languages, on="id", how="left")
    return frame.select("id", "vector", *FILTERS).collect()


def _matrix(vectors: pl.Series) -> NDArray[np.float32]:
    """Return vectors as a contiguous matrix; raise `BackendError` if their lengths differ."""
    if vectors.is_empty():
        return np.zeros((0, 0), np.float32)
    length = len(vectors[0])
    if vectors.list.len().n_unique() != 1 or not length:
        raise BackendError(
            "The vectors of a source differ in length.",
            remedy="Embed the source again with one provider.",
            state="What was published before stays visible.",
        )
    flat = vectors.explode().to_numpy().astype(np.float32, copy=False)
    return np.ascontiguousarray(flat.reshape(len(vectors), length))


def _digests(rows: pl.DataFrame, vectors: NDArray[np.float32]) -> pl.DataFrame:
    """Return `id` and a `digest` of each row, which changes with its vector or metadata."""
    bits = vectors.view(np.uint32).astype(np.uint64)
    odd = np.random.default_rng(0).integers(1 << 63, size=bits.shape[1], dtype=np.uint64) | 1
    of_vector = pl.Series((bits * odd).sum(axis=1, dtype=np.uint64), dtype=pl.UInt64)
    # Another Polars may hash otherwise: then everything has changed, and is written anew.
    of_metadata = rows.select(pl.struct(FILTERS).hash(seed=0)).to_series()
    return pl.DataFrame({"id": rows["id"], "digest": of_vector ^ of_metadata})


def _add(
    bindings: chromadb_rust_bindings.Bindings,
    collection: str,
    ids: Sequence[str],
    vectors: NDArray[np.float32],
    metadata: pl.DataFrame,
) -> None:
    for start in range(0, len(ids), BATCH):
        here = slice(start, start + BATCH)
        told = metadata.select(FILTERS)[here].iter_rows(named=True)
        bindings.add(
            ids[here], collection, vectors[here].tolist(), [_without_nulls(row) for row in told],
            None, None, TENANT, DATABASE,
        )  # fmt: skip


def _without_nulls(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _migrations(directory: Path) -> str:
    """Return a digest of the migrations that a store's tables come from."""
    with contextlib.closing(sqlite3.connect(directory / "chroma.sqlite3")) as database:
        found = database.execute("SELECT dir, version, hash FROM migrations ORDER BY dir, version")
        return content_hash(json.dumps(found.fetchall()).encode())


def _is_tested(directory: Path) -> bool:
    return _migrations(directory) == TESTED_MIGRATIONS


def _write_tables(
    directory: Path,
    collection: str,
    ids: Sequence[str],
    vectors: NDArray[np.float32],
    metadata: pl.DataFrame,
) -> None:
    """Write records to the log, and to the metadata tables as if the log had been applied there.

    The index's own position stays 0, so Chroma applies the log to it at the next `add`.
    """
    if not ids:
        return
    width = vectors.shape[1] * 4
    floats = memoryview(vectors.astype("<f4", copy=False).tobytes())
    numbers = range(1, len(ids) + 1)
    with contextlib.closing(
        sqlite3.connect(directory / "chroma.sqlite3", isolation_level=None)
    ) as database:
        # Nobody else has the file yet, and after a crash nobody will: no journal on disk.
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -65536")
        (segment,) = database.execute(
            "SELECT id FROM segments WHERE scope = 'METADATA' AND collection = ?", (collection,)
        ).fetchone()
        topic = f"persistent://default/default/{collection}"
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO embeddings_queue (seq_id, operation, topic, id, vector, encoding, "
            "metadata) VALUES (?, 0, ?, ?, ?, 'FLOAT32', '{}')",
            (
                (number, topic, id_, floats[(number - 1) * width : number * width])
                for number, id_ in zip(numbers, ids, strict=True)
            ),
        )
        # Lists go in as JSON: binding each value costs twice as much as storing it.
        for start in range(0, len(ids), JSON_ROWS):
            end = start + JSON_ROWS
            database.execute(
                "INSERT INTO embeddings (id, segment_id, embedding_id, seq_id) "
                "SELECT ? + key, ?, value, ? + key FROM json_each(?)",
                (start + 1, segment, start + 1, json.dumps(ids[start:end])),
            )
            for name in sorted(metadata.columns):
                database.execute(
                    "INSERT INTO embedding_metadata (id, key, string_value) "
                    "SELECT ? + key, ?, value FROM json_each(?) WHERE value IS NOT NULL",
                    (start + 1, name, json.dumps(metadata[name][start:end].to_list())),
                )
        numbered = metadata.with_row_index("number", offset=1)
        for name in metadata.columns:  # JSON of SQLite ends a text at its first NUL
            cut = numbered.filter(pl.col(name).str.contains("\0", literal=True))
            database.executemany(
                "UPDATE embedding_metadata SET string_value = ? WHERE id = ? AND key = ?",
                cut.select(name, "number", key=pl.lit(name)).iter_rows(),
            )
        database.execute("INSERT INTO max_seq_id VALUES (?, ?)", (segment, len(ids)))
        database.execute(
            "UPDATE collections SET dimension = ? WHERE id = ?", (vectors.shape[1], collection)
        )
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode = DELETE")


def _shrink(directory: Path) -> None:
    """Drop what the index holds from the log, and the pages that it took."""
    with contextlib.closing(
        sqlite3.connect(directory / "chroma.sqlite3", isolation_level=None)
    ) as database:
        # Chroma purges its log behind our back: wait until it is done.
        database.execute("PRAGMA busy_timeout = 60000")
        # The last record stays, since Chroma numbers the next one after it. A single vector is
        # below the least threshold, so it lives in the log alone.
        database.execute(
            "DELETE FROM embeddings_queue WHERE seq_id < (SELECT max(seq_id) FROM max_seq_id "
            "JOIN segments ON segments.id = segment_id WHERE scope = 'VECTOR')"
        )
        database.execute("VACUUM")


def _all_ids(store: _Store) -> list[int]:
    found = store.bindings.get(store.collection, None, None, None, 0, None, [], TENANT, DATABASE)
    return [int(id_) for id_ in found.ids]


def _vector(store: _Store, id_: int) -> list[float] | None:
    found = store.bindings.get(
        store.collection, [str(id_)], None, None, 0, None, ["embeddings"], TENANT, DATABASE
    )
    return list(found.embeddings[0]) if found.ids else None


def _is_held(store: _Store, id_: int, vector: NDArray[np.float32]) -> bool:
    """Return whether the store holds the vector under the id, up to its length."""
    held = _vector(store, id_)
    if held is None or len(held) != len(vector):
        return False
    scale = float(np.linalg.norm(held) * np.linalg.norm(vector))
    return scale == 0 or 1 - float(np.dot(held, vector)) / scale < DISTANCE_OF_ITSELF


def _finds(store: _Store, vector: NDArray[np.float32]) -> bool:
    """Return whether the index finds something where a vector of the slice should lie."""
    if not vector.any():
        return True  # a zero vector has no direction to be found by
    nearest = _nearest(store, vector.tolist(), 1, None)
    return bool(nearest.height) and nearest["distance"][0] < DISTANCE_OF_ITSELF


def _nearest(store: _Store, vector: list[float], k: int, condition: str | None) -> pl.DataFrame:
    if len(vector) != store.dimension:
        raise BackendError(
            f"A vector of length {len(vector)} cannot be compared with those of length "
            f"{store.dimension} that are stored.",
            remedy="Embed the question with the provider that embedded the source.",
            state="Nothing was changed.",
        )
    found = store.bindings.query(
        store.collection, None, [vector], min(k, store.count), condition, None,
        ["distances", "metadatas"], TENANT, DATABASE,
    )  # fmt: skip
    told = [metadata or {} for metadata in found.metadatas[0]]
    return pl.DataFrame(
        {
            "id": [int(id_) for id_ in found.ids[0]],
            "distance": found.distances[0],
            **{name: [metadata.get(name) for metadata in told] for name in FILTERS},
        },
        schema=HIT_SCHEMA,
    )


def _condition(where: Where | None) -> str | None:
    """Return a filter in Chroma's words."""
    if not where:
        return None
    unknown = sorted(set(where) - set(FILTERS))
    if unknown:
        raise BackendError(
            f"Vectors cannot be filtered by {', '.join(unknown)}.",
            remedy=f"Choose from {', '.join(FILTERS)}.",
            state="Nothing was read.",
        )
    terms = [
        {name: {"$eq": value} if isinstance(value, str) else {"$in": list(value)}}
        for name, value in where.items()
    ]
    return json.dumps(terms[0] if len(terms) == 1 else {"$and": terms})

"""PostgreSQL: every table of level symbol or source, and the record of publications.

Belongs here: DDL derived from `model.tables`, bulk loads, the pointer that publishes, and the
views that readers use. Does not: starting the embedded server (`embedded`), or when to load.

Rows are never updated. A version of a source is a list of segments, the manifest: a segment is the
rows of one collection whose documents fall into one of 256 buckets, as one load wrote them. What a
version shares with the one before it shares by listing the same segment, so a load writes only the
buckets whose content differs, and a version costs what has changed. Publishing is one row that
names the version; readers follow it through views, so a statement sees one version of a source,
and so does a transaction at REPEATABLE READ (see `reading`).

Each load writes its segments into tables of its own, attached as partitions when they are full: made
and filled in one transaction, they need no write-ahead log on the embedded server, and they are
indexed once instead of row by row. Dropping old rows is dropping a table.
"""

# Statements are put together from declared names only; data goes in as parameters.
# ruff: noqa: S608

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Self, cast

import polars as pl
import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.rows import dict_row

from snake_pipe_core.backends.base import Backend, Capabilities, Health, Slice, Verification
from snake_pipe_core.backends.relational.embedded import EmbeddedPostgres
from snake_pipe_core.errors import BackendError, BackendUnavailableError
from snake_pipe_core.model.tables import PUBLICATIONS, TABLES, Table

if TYPE_CHECKING:
    from snake_pipe_core.settings import Settings

SCHEMA = "snake_pipe"
DATA_SCHEMA = "snake_pipe_data"
COLLECTIONS: tuple[str, ...] = tuple(
    table.name for table in TABLES.values() if table.level != "node" and table is not PUBLICATIONS
)
"""Tables that a slice may bring, each with a view of the same name for readers."""

BUCKETS = 256
"""Parts that a collection is cut into by document, so that a load can skip what has not changed."""
MAX_CHUNKS = 12
"""A version whose segments lie in more loads than this is written anew, to keep reading fast."""
REWRITE_SHARE = 0.5
"""Share of changed rows from which writing everything anew is cheaper than leaving dead rows."""
MINIMUM_SERVER = 150_000
BATCH_ROWS = 65_536
LOADERS = 2
SAMPLED_IDS = 64
_LOCK_SECONDS = 60
_DETACH_SECONDS = 5
_LOCK_CLASS = 0x534E4B50  # advisory locks are server-wide: ours begin with "SNKP"
_LAYOUT = 1

# Words of a closed vocabulary, short enough for a btree; any other text may be of any length,
# which a btree entry may not, and is indexed by its hash.
_SHORT_TEXT = frozenset({"kind", "role"})
_KEY_ORDER = {"edges": ("src_id", "kind", "dst_id")}
_INDEXES: dict[str, tuple[str, ...]] = {
    "documents": ("using hash (document_path)",),
    "symbols": (
        "using hash (name)",
        "using hash (qualified_name)",
        "(document_id)",
        "(container_id)",
    ),
    "edges": ("(dst_id, kind)",),
    "references": ("(symbol_id)",),
}
_ID_COLUMN = {"documents": "document_id", "symbols": "symbol_id", "edges": "dst_id"}


@dataclass(frozen=True)
class _Segment:
    """One row of a manifest."""

    collection: str
    segment: int
    rows: int
    digest: int

    @property
    def bucket(self) -> int:
        return self.segment % BUCKETS

    @property
    def chunk(self) -> int:
        return self.segment // BUCKETS


class PostgresBackend(Backend):
    """The relational backend, on a server given by URL or on one of our own.

    Readers use the views `snake_pipe.<collection>`, which show all published sources, and the
    table `snake_pipe.publications`. All methods may be called from several threads; loads of
    different sources run at once.
    """

    name = "postgres"
    capabilities = Capabilities(
        role="relational",
        transactional=True,
        concurrent_writers=True,
        embedded=True,
        tables=COLLECTIONS,
    )

    def __init__(self, directory: Path, url: str | None = None) -> None:
        """Take a server's connection string, or the directory for a server of our own."""
        self._embedded = EmbeddedPostgres(directory) if url is None else None
        self._given_url = url

    @classmethod
    def from_settings(cls, settings: Settings) -> PostgresBackend:
        """Return the backend that the settings describe."""
        return cls(settings.store(cls.name), settings.postgres_url)

    @property
    def url(self) -> str:
        """The connection string, usable while the backend is entered."""
        return self._embedded.url if self._embedded else cast("str", self._given_url)

    def __enter__(self) -> Self:
        """Start the embedded server if there is no URL, and make what is missing in the database."""
        if self._embedded:
            self._embedded.__enter__()
        try:
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        """Leave the server; the embedded one stops if nobody else uses it."""
        if self._embedded:
            self._embedded.__exit__()

    def health(self) -> Health:
        """Ask the server for its version and the number of published sources."""
        try:
            with self._connect() as connection:
                row = connection.execute(
                    f"select current_setting('server_version'), count(*) from {DATA_SCHEMA}.current"
                ).fetchone()
        except (psycopg.Error, BackendUnavailableError) as error:
            return Health(ok=False, detail=str(error).strip())
        version, sources = row or ("", 0)
        where = f"embedded in {self._embedded.directory}" if self._embedded else "server by URL"
        return Health(ok=True, detail=f"{where}, {sources} sources published", version=version)

    def apply(self, slice_: Slice) -> Mapping[str, int]:
        """Write what the version does not share with the one before; return all its rows."""
        with self._connect() as connection, self._source_lock(connection, slice_.source):
            done = _version_row(connection, slice_.source, slice_.version)
            if done and done.state == "applied":
                return done.counts
            self._forget_versions(connection, slice_.source, unfinished=True)
            before = self._newest_manifest(connection, slice_.source)
            version_id = _scalar(
                connection,
                f"insert into {DATA_SCHEMA}.versions (source, version) values (%s, %s) "
                "returning version_id",
                (slice_.source, slice_.version),
            )
            try:
                manifest = self._load(slice_, version_id, before)
            except BaseException:
                self._forget_versions(connection, slice_.source, unfinished=True)
                raise
            counts = dict.fromkeys(_wanted(slice_), 0) | dict(_rows_per_collection(manifest))
            _write_manifest(connection, version_id, manifest, counts)
            return counts

    def verify(self, slice_: Slice) -> Verification:
        """Count the version's rows in the store, sum its ids, and look sampled ids up."""
        counts: dict[str, int] = {}
        sums: dict[str, int] = {}
        missing: list[int] = []
        with self._connect() as connection:
            version = _version_row(connection, slice_.source, slice_.version)
            if version is None or version.state != "applied":
                raise _not_applied(slice_.source, slice_.version)
            for name in _wanted(slice_):
                identity = _ID_COLUMN.get(name)
                total = f'coalesce(sum(x."{identity}"), 0)' if identity else "0"
                row = connection.execute(
                    f'select count(*), {total} from {DATA_SCHEMA}."{name}" x '
                    f"join {DATA_SCHEMA}.manifest m using (segment) "
                    "where m.version_id = %s and m.collection = %s and x.source = %s",
                    (version.version_id, name, slice_.source),
                ).fetchone()
                count, id_sum = row or (0, 0)
                counts[name], sums[name] = count, int(id_sum) % (1 << 64)
                if identity:
                    missing += _missing(connection, version.version_id, name, identity, slice_)
        digest = hashlib.sha256(json.dumps([counts, sums], sort_keys=True).encode())
        return Verification(counts, digest.hexdigest()[:32], tuple(missing))

    def publish(self, source: str, version: str) -> str:
        """Let the views show the version: one row changes, in one transaction."""
        with self._connect() as connection:
            row = _version_row(connection, source, version)
            if row is None or row.state != "applied":
                raise _not_applied(source, version)
            connection.execute(
                f"insert into {DATA_SCHEMA}.current as c (source, version_id) values (%s, %s) "
                "on conflict (source) do update set version_id = excluded.version_id, "
                "published_at = now() where c.version_id <> excluded.version_id",
                (source, row.version_id),
            )
            connection.execute(f"analyze {DATA_SCHEMA}.current")
        return f"{SCHEMA}/{row.version_id}"

    def published(self) -> Mapping[str, str]:
        """Return the visible version of each source."""
        with self._connect() as connection:
            return dict(
                connection.execute(
                    f"select c.source, v.version from {DATA_SCHEMA}.current c "
                    f"join {DATA_SCHEMA}.versions v using (version_id) order by c.source"
                ).fetchall()
            )

    def drop(self, source: str) -> None:
        """Stop showing the source, in one transaction, and remove its rows."""
        with self._connect() as connection, self._source_lock(connection, source):
            with connection.transaction():
                connection.execute(
                    f"delete from {DATA_SCHEMA}.current where source = %s", (source,)
                )
                connection.execute(
                    f"delete from {DATA_SCHEMA}.versions where source = %s", (source,)
                )
            self._drop_unused_chunks(connection)

    def collect(self, keep: int = 2) -> None:
        """Remove unfinished loads and all but the newest versions; sources being loaded wait."""
        with self._connect() as connection:
            sources = connection.execute(
                f"select distinct source from {DATA_SCHEMA}.versions order by source"
            ).fetchall()
            for (source,) in sources:
                if _scalar(connection, "select pg_try_advisory_lock(%s, hashtext(%s))",
                           (_LOCK_CLASS, source)):  # fmt: skip
                    try:
                        self._forget_versions(connection, source, unfinished=True)
                        self._forget_versions(connection, source, keep=max(1, keep))
                    finally:
                        connection.execute(
                            "select pg_advisory_unlock(%s, hashtext(%s))", (_LOCK_CLASS, source)
                        )
            self._drop_unused_chunks(connection)

    def rows(self, source: str, collection: str) -> Iterator[Mapping[str, Any]]:
        """Yield the published rows of a collection, streaming."""
        if collection not in COLLECTIONS:
            raise BackendError(
                f"The relational backend has no collection {collection!r}.",
                remedy=f"Collections are {', '.join(COLLECTIONS)}.",
            )
        with self.reading() as connection, connection.cursor("rows", row_factory=dict_row) as rows:
            rows.itersize = 10_000
            rows.execute(
                sql.SQL("select * from {} where source = %s").format(
                    sql.Identifier(SCHEMA, collection)
                ),
                (source,),
            )
            yield from rows

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection[Any]]:
        """Give a read-only transaction in which every statement sees the same publications.

        A load never waits for it, nor it for a load; only `collect` leaves for later what it may
        show. Tables are found by their bare names (`symbols`, `edges`, ...).
        """
        with self._connect() as connection:
            connection.execute(f"set search_path to {SCHEMA}")
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.transaction():
                # Before the snapshot: from now on no table of what it will show can be dropped.
                connection.execute(f"lock table {_PARENTS} in access share mode")
                yield connection

    def record(self, publication: Mapping[str, Any]) -> None:
        """Write one row of `publications`, replacing the one with its key; absent is null."""
        names = PUBLICATIONS.names
        unknown = publication.keys() - set(names)
        if unknown:
            raise BackendError(f"A publication has no columns {', '.join(sorted(unknown))}.")
        statement = sql.SQL(
            "insert into {table} ({columns}) values ({values}) on conflict ({key}) do update set "
            "{changes}"
        ).format(
            table=sql.Identifier(SCHEMA, PUBLICATIONS.name),
            columns=_identifiers(names),
            values=sql.SQL(", ").join(sql.Placeholder() * len(names)),
            key=_identifiers(PUBLICATIONS.key),
            changes=sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names
            ),
        )
        values = [_without_nul(publication.get(name)) for name in names]
        with self._connect() as connection:
            connection.execute(statement, values)

    def publications(self) -> pl.DataFrame:
        """Return all rows of `publications`, in order of source, backend and start."""
        return self.fetch(
            "select * from publications order by source, backend, started_at", PUBLICATIONS
        )

    def forget(self, source: str) -> None:
        """Remove the record of a source's publications, all backends."""
        with self._connect() as connection:
            connection.execute(f"delete from {SCHEMA}.publications where source = %s", (source,))

    def fetch(
        self, query: str, table: Table | None = None, parameters: Sequence[Any] = ()
    ) -> pl.DataFrame:
        """Return the result of one query over the views, with `table`'s schema if it is given."""
        with self.reading() as connection:
            cursor = connection.execute(query, parameters)
            names = [column.name for column in cursor.description or ()]
            found = cursor.fetchall()
        schema = table.polars_schema if table else names
        return pl.DataFrame(found, schema=schema, orient="row", infer_schema_length=None)

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            connection = psycopg.connect(self.url, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            raise BackendUnavailableError(
                f"PostgreSQL cannot be reached: {' '.join(str(error).split())}",
                remedy="Start the server or correct SNAKE_PIPE_POSTGRES_URL.",
                state="Nothing was changed.",
            ) from error
        except psycopg.ProgrammingError:
            # Its text repeats parts of the string, the password's among them.
            raise BackendError(
                "SNAKE_PIPE_POSTGRES_URL is no connection string.",
                remedy="Write it as postgresql://user:password@host:port/database, with what is no "
                "letter or digit in user and password percent-encoded.",
                state="Nothing was changed.",
            ) from None
        with closing(connection):
            try:
                yield connection
            except psycopg.Error as error:
                raise _translated(error) from error

    @contextmanager
    def _source_lock(self, connection: psycopg.Connection[Any], source: str) -> Iterator[None]:
        """Let one load of a source run at a time; the server frees the lock with the connection."""
        lock = (_LOCK_CLASS, source)
        try:
            with connection.transaction():
                connection.execute(f"set local lock_timeout = '{_LOCK_SECONDS}s'")
                connection.execute("select pg_advisory_lock(%s, hashtext(%s))", lock)
        except psycopg.errors.LockNotAvailable as error:
            raise BackendUnavailableError(
                f"Another command has been loading {source!r} into PostgreSQL for over "
                f"{_LOCK_SECONDS} s.",
                remedy="Wait for it to end, then run again.",
                state="Nothing was changed.",
            ) from error
        try:
            yield
        finally:
            if not connection.closed:
                connection.execute("select pg_advisory_unlock(%s, hashtext(%s))", lock)

    def _prepare(self) -> None:
        with self._connect() as connection:
            if connection.info.server_version < MINIMUM_SERVER:
                raise BackendUnavailableError(
                    f"The PostgreSQL server is version {connection.info.server_version // 10000}.",
                    remedy="Use version 15 or later.",
                    state="Nothing was changed.",
                )
            digest = _layout_digest()
            if _layout_of(connection) == digest:
                return
            with connection.transaction():
                connection.execute("select pg_advisory_xact_lock(%s, 0)", (_LOCK_CLASS,))
                found = _layout_of(connection)
                if found is None:
                    for statement in _ddl():
                        connection.execute(statement)
                    connection.execute(f"insert into {DATA_SCHEMA}.layout values (%s)", (digest,))
                elif found != digest:
                    where = self._embedded.directory if self._embedded else "the database"
                    raise BackendError(
                        f"Another version of Snake-Pipe made the tables in {where}, with other "
                        "columns.",
                        remedy=(
                            f"Drop the schemas {SCHEMA} and {DATA_SCHEMA}"
                            + (f" (or remove {where})" if self._embedded else "")
                            + " and load every source again; the lake keeps all of them."
                        ),
                        state="Nothing was changed.",
                    )

    def _load(
        self, slice_: Slice, version_id: int, before: Mapping[str, Mapping[int, _Segment]]
    ) -> list[_Segment]:
        """Write the segments that `before` lacks; return the version's whole manifest."""
        plans = _plan(slice_, before) if before else dict.fromkeys(_wanted(slice_))
        manifest: list[_Segment] = []
        tasks: SimpleQueue[tuple[str, frozenset[int] | None]] = SimpleQueue()
        for name in sorted(plans, key=_LOAD_ORDER.index):
            plan = plans[name]
            if plan is None:
                tasks.put((name, None))
                continue
            manifest += plan.kept
            if plan.changed:
                tasks.put((name, plan.changed))
        with ThreadPoolExecutor(LOADERS) as loaders:
            results = [
                loaders.submit(self._load_collections, slice_, version_id, tasks)
                for _ in range(min(LOADERS, tasks.qsize()))
            ]
            for result in results:
                manifest += result.result()
        return manifest

    def _load_collections(
        self,
        slice_: Slice,
        version_id: int,
        tasks: SimpleQueue[tuple[str, frozenset[int] | None]],
    ) -> list[_Segment]:
        """Load collections from the queue until it is empty, over one connection."""
        # https://arrow.apache.org/adbc/current/python/api/adbc_driver_postgresql.html
        import adbc_driver_postgresql.dbapi as adbc

        written: list[_Segment] = []
        try:
            with adbc.connect(self.url) as connection, connection.cursor() as cursor:
                while True:
                    try:
                        name, buckets = tasks.get_nowait()
                    except Empty:
                        return written
                    stream = _SegmentStream(name, slice_, version_id, buckets)
                    first = next(stream.batches, None)
                    if first is None:
                        continue
                    chunk = _chunk_name(name, version_id)
                    for statement in _chunk_ddl(name, version_id, slice_.source):
                        cursor.execute(statement)
                    cursor.adbc_ingest(
                        chunk, stream.reader(first), mode="append", db_schema_name=DATA_SCHEMA
                    )
                    for statement in _chunk_finish(name, version_id):
                        cursor.execute(statement)
                    connection.commit()
                    written += stream.segments()
        except adbc.Error as error:
            raise _translated(error) from error

    def _newest_manifest(
        self, connection: psycopg.Connection[Any], source: str
    ) -> dict[str, dict[int, _Segment]]:
        """Return the segments of the newest applied version, by collection and bucket."""
        found = connection.execute(
            f"select collection, segment, rows, digest from {DATA_SCHEMA}.manifest "
            f"where version_id = (select max(version_id) from {DATA_SCHEMA}.versions "
            "where source = %s and state = 'applied')",
            (source,),
        ).fetchall()
        segments = [_Segment(*row) for row in found]
        if len({segment.chunk for segment in segments}) > MAX_CHUNKS:
            return {}
        manifest: dict[str, dict[int, _Segment]] = {}
        for segment in segments:
            manifest.setdefault(segment.collection, {})[segment.bucket] = segment
        return manifest

    def _forget_versions(
        self,
        connection: psycopg.Connection[Any],
        source: str,
        *,
        unfinished: bool = False,
        keep: int = 0,
    ) -> None:
        """Remove unfinished versions and their tables, or all but the published and newest."""
        if not unfinished:
            connection.execute(
                f"delete from {DATA_SCHEMA}.versions where version_id in ("
                f"select v.version_id from {DATA_SCHEMA}.versions v "
                f"left join {DATA_SCHEMA}.current c using (version_id) where v.source = %s "
                "order by (c.version_id is not null) desc, v.version_id desc offset %s)",
                (source, keep),
            )
            return
        stale = connection.execute(
            f"delete from {DATA_SCHEMA}.versions where source = %s and state = 'loading' "
            "returning version_id",
            (source,),
        ).fetchall()
        if stale:
            self._drop_unused_chunks(connection)

    def _drop_unused_chunks(self, connection: psycopg.Connection[Any]) -> None:
        """Drop the tables that no manifest lists and no running load owns.

        Readers may be using the parent tables, so a partition is detached without locking them
        out. If one of them does not end in time, the table stays for the next time, which has to
        end what was begun before it may begin another: a parent detaches one table at a time.
        """
        unused = connection.execute(
            f"""
            select c.relname, p.relname, coalesce(i.inhdetachpending, false)
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = '{DATA_SCHEMA}'
            cross join lateral regexp_match(c.relname, '^(.*)__([0-9]+)$') part
            left join pg_inherits i on i.inhrelid = c.oid
            left join pg_class p on p.oid = i.inhparent
            where c.relkind = 'r' and part is not null
              and not exists (
                select from {DATA_SCHEMA}.versions v
                where v.version_id = part[2]::bigint and v.state = 'loading')
              and not exists (
                select from {DATA_SCHEMA}.manifest m
                where m.collection = part[1]
                  and m.segment >= part[2]::bigint * {BUCKETS}
                  and m.segment < (part[2]::bigint + 1) * {BUCKETS})
            order by coalesce(i.inhdetachpending, false) desc, c.relname
            """
        ).fetchall()
        if not unused:
            return
        with _timeout(connection, _DETACH_SECONDS):
            for chunk, parent, pending in unused:
                table = sql.Identifier(DATA_SCHEMA, chunk)
                try:
                    if parent is not None:
                        connection.execute(
                            sql.SQL("alter table {} detach partition {} {}").format(
                                sql.Identifier(DATA_SCHEMA, parent),
                                table,
                                sql.SQL("finalize" if pending else "concurrently"),
                            )
                        )
                    connection.execute(sql.SQL("drop table if exists {}").format(table))
                except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
                    return  # a long reader may still use it: next time
                except (
                    psycopg.errors.ObjectNotInPrerequisiteState,
                    psycopg.errors.UndefinedTable,
                ):
                    continue  # another command is dropping it


@dataclass(frozen=True)
class _VersionRow:
    version_id: int
    state: str
    counts: dict[str, int]


@dataclass(frozen=True)
class _Plan:
    """What a collection shares with the version before, and the buckets to write."""

    kept: list[_Segment]
    changed: frozenset[int]


class _SegmentStream:
    """The rows of one collection as Arrow batches with their segment, counted on the way."""

    def __init__(
        self, name: str, slice_: Slice, version_id: int, buckets: frozenset[int] | None
    ) -> None:
        self._name = name
        self._first = version_id * BUCKETS
        self._rows: Counter[int] = Counter()
        self._digests: Counter[int] = Counter()
        frame = _bucketed(name, slice_.frames[name])
        if buckets is not None:
            frame = frame.filter(pl.col(_BUCKET).is_in(sorted(buckets)))
        self.batches = (
            batch
            for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=False)
            if batch.height
        )

    def reader(self, first: pl.DataFrame) -> pa.RecordBatchReader:
        """Return a reader over `first` and all further batches."""
        table = self._arrow(first)

        def batches() -> Iterator[pa.RecordBatch]:
            yield from table.to_batches()
            for batch in self.batches:
                yield from self._arrow(batch).to_batches()

        return pa.RecordBatchReader.from_batches(table.schema, batches())

    def segments(self) -> list[_Segment]:
        """Return what the reader has delivered."""
        return [
            _Segment(self._name, self._first + bucket, rows, _signed(self._digests[bucket]))
            for bucket, rows in sorted(self._rows.items())
        ]

    def _arrow(self, batch: pl.DataFrame) -> pa.Table:
        for bucket, rows, digest in _digests(self._name, batch.lazy()).collect().iter_rows():
            self._rows[bucket] += rows
            self._digests[bucket] += digest
        segment = pl.col(_BUCKET).cast(pl.Int64) + self._first
        return batch.select(
            segment.alias("segment"), *TABLES[self._name].names
        ).to_arrow()  # fmt: skip


_PARENTS = ", ".join(f'only {DATA_SCHEMA}."{name}"' for name in COLLECTIONS)
_BUCKET = "snake_pipe bucket"  # with a blank, so that no declared column has this name
_LOAD_ORDER = sorted(
    COLLECTIONS,
    key=lambda name: ("references", "symbols", "edges", "unresolved", name).index(name),
)


def _wanted(slice_: Slice) -> list[str]:
    return [name for name in COLLECTIONS if name in slice_.frames]


def _bucketed(name: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return exactly the declared columns and types, without NUL characters, and the bucket."""
    table = TABLES[name]
    schema = table.polars_schema
    by = pl.col("document_id") if "document_id" in schema else pl.col("path").hash(0)
    bucket = (by.reinterpret(signed=False) % BUCKETS).cast(pl.Int16)
    return (
        frame.select(table.names)
        .cast(schema)
        # PostgreSQL has no NUL in text.
        .with_columns(pl.col(pl.String).str.replace_all("\0", "", literal=True))
        .with_columns(bucket.alias(_BUCKET))
    )


def _digests(name: str, bucketed: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows and content digest per bucket; the digest does not depend on row order."""
    return bucketed.group_by(_BUCKET).agg(
        pl.len().cast(pl.Int64), pl.struct(TABLES[name].names).hash(0).sum().alias("digest")
    )


def _plan(
    slice_: Slice, before: Mapping[str, Mapping[int, _Segment]]
) -> Mapping[str, _Plan | None]:
    """Compare buckets with the version before; None for all if most rows have changed."""
    names = _wanted(slice_)
    now = pl.collect_all([_digests(name, _bucketed(name, slice_.frames[name])) for name in names])
    plans: dict[str, _Plan | None] = {}
    total = changed_rows = 0
    for name, found in zip(names, now, strict=True):
        old = before.get(name, {})
        kept, changed = [], []
        for bucket, rows, digest in found.iter_rows():
            total += rows
            segment = old.get(bucket)
            if segment and (segment.rows, segment.digest) == (rows, _signed(digest)):
                kept.append(segment)
            else:
                changed.append(bucket)
                changed_rows += rows
        plans[name] = _Plan(kept, frozenset(changed))
    return dict.fromkeys(names) if changed_rows > total * REWRITE_SHARE else plans


def _signed(digest: int) -> int:
    digest %= 1 << 64
    return digest - (1 << 64) if digest >= 1 << 63 else digest


def _rows_per_collection(manifest: Sequence[_Segment]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for segment in manifest:
        counts[segment.collection] += segment.rows
    return counts


def _write_manifest(
    connection: psycopg.Connection[Any],
    version_id: int,
    manifest: Sequence[_Segment],
    counts: Mapping[str, int],
) -> None:
    """Make the version complete, in one transaction."""
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(
            f"copy {DATA_SCHEMA}.manifest (version_id, collection, segment, rows, digest) "
            "from stdin"
        ) as copy:
            for part in manifest:
                copy.write_row((version_id, part.collection, part.segment, part.rows, part.digest))
        cursor.execute(
            f"update {DATA_SCHEMA}.versions set state = 'applied', counts = %s "
            "where version_id = %s",
            (json.dumps(counts), version_id),
        )
    # Without statistics the planner takes the manifest for one row and loops over it.
    connection.execute(f"analyze {DATA_SCHEMA}.manifest, {DATA_SCHEMA}.versions")


def _version_row(
    connection: psycopg.Connection[Any], source: str, version: str
) -> _VersionRow | None:
    row = connection.execute(
        f"select version_id, state, counts from {DATA_SCHEMA}.versions "
        "where source = %s and version = %s",
        (source, version),
    ).fetchone()
    return _VersionRow(*row) if row else None


def _missing(
    connection: psycopg.Connection[Any], version_id: int, name: str, identity: str, slice_: Slice
) -> list[int]:
    ids = slice_.frames[name].select(identity).collect().to_series().unique().sort()
    sample = ids.gather_every(max(1, len(ids) // SAMPLED_IDS)).to_list()
    found = connection.execute(
        "select wanted.id from unnest(%s::bigint[]) wanted (id) where not exists ("
        f'select from {DATA_SCHEMA}."{name}" x join {DATA_SCHEMA}.manifest m using (segment) '
        f'where x."{identity}" = wanted.id and m.version_id = %s and m.collection = %s '
        "and x.source = %s)",
        (sample, version_id, name, slice_.source),
    ).fetchall()
    return [identity for (identity,) in found]


# Connections lost, resources exhausted, the server shutting down, its disk failing
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_TRANSIENT_STATES = ("08", "53", "55", "57", "58")


def _translated(error: Exception) -> BackendError | BackendUnavailableError:
    """Return what a driver's error means for a load."""
    state = getattr(error, "sqlstate", None) or ""
    said = " ".join(str(error).split())
    left = "What was published before stays visible."
    is_lost = not state and isinstance(error, psycopg.OperationalError)
    if is_lost or state.startswith(_TRANSIENT_STATES):
        return BackendUnavailableError(
            f"PostgreSQL could not do it now: {said}",
            remedy="Free the cause it names, then run again.",
            state=left,
        )
    return BackendError(f"PostgreSQL refused: {said}", state=left)


def _not_applied(source: str, version: str) -> BackendError:
    return BackendError(
        f"Version {version} of {source!r} is not in PostgreSQL.",
        remedy="Apply it first.",
        state="What was published before stays visible.",
    )


def _scalar(connection: psycopg.Connection[Any], query: str, parameters: Sequence[Any]) -> Any:
    row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None


@contextmanager
def _timeout(connection: psycopg.Connection[Any], seconds: int) -> Iterator[None]:
    connection.execute(f"set statement_timeout = '{seconds}s'")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("reset statement_timeout")


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value


def _identifiers(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _layout_of(connection: psycopg.Connection[Any]) -> str | None:
    # A query of the catalog, since `to_regclass` may answer from before a lock that was waited for.
    known = _scalar(
        connection,
        "select true from pg_tables where schemaname = %s and tablename = 'layout'",
        (DATA_SCHEMA,),
    )
    if known is None:
        return None
    return cast("str | None", _scalar(connection, f"select digest from {DATA_SCHEMA}.layout", ()))


@cache
def _layout_digest() -> str:
    return hashlib.sha256(json.dumps([_LAYOUT, *_ddl()]).encode()).hexdigest()[:32]


@cache
def _ddl() -> tuple[str, ...]:
    """Return the statements that make both schemas."""
    publications = ", ".join(column.postgres for column in PUBLICATIONS.columns)
    statements = [
        f"create schema {DATA_SCHEMA}",
        f"create schema {SCHEMA}",
        f"create table {DATA_SCHEMA}.layout (digest text not null)",
        (
            f"create table {DATA_SCHEMA}.versions ("
            "version_id bigint generated always as identity primary key, source text not null, "
            "version text not null, state text not null default 'loading', counts jsonb, "
            "made_at timestamptz not null default now(), unique (source, version))"
        ),
        (
            f"create table {DATA_SCHEMA}.current (source text primary key, "
            f"version_id bigint not null unique references {DATA_SCHEMA}.versions, "
            "published_at timestamptz not null default now())"
        ),
        (
            f"create table {DATA_SCHEMA}.manifest ("
            f"version_id bigint not null references {DATA_SCHEMA}.versions on delete cascade, "
            "collection text not null, segment bigint not null, rows bigint not null, "
            "digest bigint not null, primary key (version_id, collection, segment))"
        ),
        f"create index on {DATA_SCHEMA}.manifest (collection, segment)",
        (
            f"create table {SCHEMA}.publications ({publications}, "
            f"primary key ({', '.join(PUBLICATIONS.key)}))"
        ),
        f"comment on table {SCHEMA}.publications is {_quoted(PUBLICATIONS.meaning)}",
    ]
    for name in COLLECTIONS:
        table = TABLES[name]
        columns = ", ".join(column.postgres for column in table.columns)
        shown = ", ".join(f'x."{column}"' for column in table.names)
        statements += [
            (
                f'create table {DATA_SCHEMA}."{name}" (segment bigint not null, {columns}) '
                "partition by range (segment)"
            ),
            (
                f'create view {SCHEMA}."{name}" as select {shown} from {DATA_SCHEMA}."{name}" x '
                f"join {DATA_SCHEMA}.manifest m on m.collection = '{name}' and m.segment = x.segment "
                f"join {DATA_SCHEMA}.current c on c.version_id = m.version_id and c.source = x.source"
            ),
            f'comment on view {SCHEMA}."{name}" is {_quoted(table.meaning)}',
        ]
        statements += [
            f'comment on column {SCHEMA}."{name}"."{column.name}" is {_quoted(column.meaning)}'
            for column in table.columns
        ]
    return tuple(statements)


def _chunk_name(name: str, version_id: int) -> str:
    return f"{name}__{version_id}"


def _chunk_ddl(name: str, version_id: int, source: str) -> list[str]:
    """Make the table that one load fills.

    The checks spare the scan when it is attached, and let the planner skip it for queries about
    another source.
    """
    chunk = f'{DATA_SCHEMA}."{_chunk_name(name, version_id)}"'
    first, after = version_id * BUCKETS, (version_id + 1) * BUCKETS
    return [
        (
            f'create table {chunk} (like {DATA_SCHEMA}."{name}", '
            f"check (segment >= {first} and segment < {after}), check (source = {_quoted(source)}))"
        )
    ]


def _chunk_finish(name: str, version_id: int) -> list[str]:
    """Index a filled table, let the planner know it, and make it part of the whole."""
    chunk = f'{DATA_SCHEMA}."{_chunk_name(name, version_id)}"'
    first, after = version_id * BUCKETS, (version_id + 1) * BUCKETS
    return [
        _key_ddl(name, chunk),
        *(f"create index on {chunk} {index}" for index in _INDEXES.get(name, ())),
        "set local default_statistics_target = 25",
        f"analyze {chunk}",
        (
            f'alter table {DATA_SCHEMA}."{name}" attach partition {chunk} '
            f"for values from ({first}) to ({after})"
        ),
    ]


def _key_ddl(name: str, chunk: str) -> str:
    """Make the primary key, without `source`, which is one per chunk.

    With long texts in the key it is a unique index over their hashes.
    """
    table = TABLES[name]
    types = {column.name: column.type for column in table.columns}
    key = _KEY_ORDER.get(name) or [column for column in table.key if column != "source"]
    long_texts = {c for c in key if types[c] == "string" and c not in _SHORT_TEXT}
    if not long_texts:
        return f"alter table {chunk} add primary key ({', '.join(_double(c) for c in key)})"
    parts = (f"hashtextextended({_double(c)}, 0)" if c in long_texts else _double(c) for c in key)
    return f"create unique index on {chunk} ({', '.join(parts)})"


def _double(identifier: str) -> str:
    return f'"{identifier}"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""Delta tables: write one source's slice, read it back, as of any generation.

Belongs here: Parquet files, Delta transactions, the per-source lock. Does not: which rows to keep.

Files are written by Polars and committed with one Delta transaction per table that replaces exactly
the touched partitions (`source`, and `shard` for the tables of level symbol and node). Partition
columns are in the log, not in the files, as the Delta protocol has it. Readers go by heads, so
nothing that fails before the head is replaced is seen. What such a run wrote or committed is undone
when it ends, or, if it was killed, by the next one: a journal file beside the head names its parts.
"""

from __future__ import annotations

import datetime
import itertools
import json
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, Literal
from urllib.parse import quote

import polars as pl
import pyarrow as pa
import xxhash
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction, create_table_with_add_actions

from snake_pipe_core.backends.locks import held
from snake_pipe_core.errors import BackendUnavailableError, LakeError, SourceNotFoundError
from snake_pipe_core.lake.heads import Head, Heads
from snake_pipe_core.lake.profiles import ProfileHistory
from snake_pipe_core.model.ids import check_source_name
from snake_pipe_core.model.tables import SCAN_TABLES, TABLES, Table

_LOCK_SECONDS = 60
_COMMIT_TRIES = 10
_COMMITS_AT_ONCE = 8
_COMPRESSION: Literal["lz4"] = "lz4"
_LISTINGS_KEPT = 64


def shard_count(files: int, present: int = 1, *, per_shard: int) -> int:
    """Return how many shards a source of `files` artifacts has: a power of two.

    A new source gets `per_shard` to twice as many files a shard. The `present` number stays while
    shards hold half to four times of `per_shard`, so that a source that grows and shrinks a little
    is not written anew each time.
    """
    low, high = present * per_shard // 2, present * per_shard * 4
    if present > 1 and low <= files <= high:
        return present
    shards = 1
    while shards * per_shard * 2 < files:
        shards *= 2
    return shards


def shard_of(path: str, shards: int) -> int:
    """Return the shard of an artifact path; the same on every machine."""
    return xxhash.xxh3_64_intdigest(path.encode("utf-8", "surrogatepass")) % shards


def shards_of(paths: pl.Series, shards: int) -> pl.Series:
    """Return the shard of each path."""
    if shards == 1:
        return pl.zeros(len(paths), dtype=pl.Int64, eager=True)
    return pl.Series([shard_of(path, shards) for path in paths.to_list()], dtype=pl.Int64)


def _delta_schema(table: Table) -> Schema:
    fields = [pa.field("source", pa.large_string(), nullable=False)]
    if table.level != "source":
        fields.append(pa.field("shard", pa.int32(), nullable=False))
    fields += [field for field in table.schema if field.name != "source"]
    return Schema.from_arrow(pa.schema(fields))


class Lake:
    """All Delta tables under one directory."""

    def __init__(self, root: Path) -> None:
        """Take the lake's directory; it is made on the first write."""
        self.root = root
        self.heads = Heads(root / "_heads")
        self.profiles = ProfileHistory(root)
        self._listings: OrderedDict[tuple[str, int], pl.DataFrame] = OrderedDict()
        self._listing_lock = Lock()

    # -- reading ----------------------------------------------------------------------------

    def head(self, source: str, generation: int | None = None) -> Head:
        """Return the source's head, or raise `SourceNotFoundError` naming those that exist."""
        head = self.heads.read(source, generation)
        if head is None:
            known = ", ".join(self.heads.sources()) or "none"
            which = "" if generation is None else f" at generation {generation}"
            raise SourceNotFoundError(
                f"The lake {self.root} holds no source {source!r}{which}; known: {known}.",
                remedy="Run the source first, or correct its name.",
                state="Nothing was changed.",
            )
        return head

    def files(
        self,
        table: str,
        source: str,
        *,
        head: Head | None = None,
        shards: Iterable[int] | None = None,
    ) -> list[str]:
        """Return the Parquet files of one source's slice of a table, as of its head."""
        listing = self._slice(table, source, head)
        if shards is not None and "shard" in listing.columns:
            listing = listing.filter(pl.col("shard").is_in(list(shards)))
        return [f"{self.root / table}/{path}" for path in sorted(listing["path"])]

    def row_count(self, table: str, source: str, *, head: Head | None = None) -> int:
        """Return how many rows the slice has, from the log alone."""
        return int(self._slice(table, source, head)["num_records"].sum())

    def _slice(self, table: str, source: str, head: Head | None) -> pl.DataFrame:
        """Return `path, size_bytes, num_records` and `shard`, if any, of the slice's files."""
        head = head or self.heads.read(source)
        if head is None or table not in head.tables:
            return pl.DataFrame(schema=_LISTING)
        return self._listing(table, head.tables[table]).filter(pl.col("source") == source)

    def _listing(self, table: str, version: int) -> pl.DataFrame:
        """Return all files of one version of a table; versions never change, so they are kept."""
        key = (table, version)
        with self._listing_lock:
            if key not in self._listings:
                self._keep(key, _files_of(DeltaTable(str(self.root / table), version=version)))
            return self._listings[key]

    def remember(self, table: str, version: int, listing: pl.DataFrame) -> None:
        """Take the files of a version that was just committed, as `_files_of` would read them."""
        with self._listing_lock:
            self._keep((table, version), listing)

    def _keep(self, key: tuple[str, int], listing: pl.DataFrame) -> None:
        self._listings[key] = listing
        if len(self._listings) > _LISTINGS_KEPT:
            self._listings.popitem(last=False)

    def scan(
        self,
        table: str,
        source: str,
        *,
        head: Head | None = None,
        shards: Iterable[int] | None = None,
    ) -> pl.LazyFrame:
        """Return one source's rows of a table, columns as declared, as of its head.

        An absent table or source gives no rows. `shards` limits what is read.
        """
        declared = TABLES[table]
        schema = declared.polars_schema
        files = self.files(table, source, head=head, shards=shards)
        if not files:
            return pl.LazyFrame(schema=schema)
        frame = pl.scan_parquet(files, glob=False, hive_partitioning=False)
        return frame.select(
            pl.lit(source, dtype=pl.String).alias("source"),
            *[column for column in declared.names if column != "source"],
        )

    # -- writing ----------------------------------------------------------------------------

    @contextmanager
    def writing(self, source: str) -> Iterator[SourceWriter]:
        """Hold the source's lock and yield its writer. Nothing is visible until `publish`.

        What was written and not published is undone at the end, however the block ends. Raises
        `BackendUnavailableError` if somebody else holds the lock for long.
        """
        check_source_name(source)
        with self._locked(source):
            journal = self.heads.root / f"{source}.writing"
            if journal.exists():
                self._undo(source, journal.read_text())
            writer = SourceWriter(self, source)
            journal.write_text(writer.run)
            try:
                yield writer
            finally:
                if writer.is_dirty:
                    self._undo(source, writer.run)
                journal.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, source: str) -> Iterator[None]:
        self.heads.root.mkdir(parents=True, exist_ok=True)
        lock = self.heads.root / f"{source}.lock"
        with held(lock, seconds=_LOCK_SECONDS, what=f"writing the source {source!r}"):
            yield

    def _undo(self, source: str, run: str) -> None:
        """Bring every table back to the source's head and delete the parts of a broken run."""
        head = self.heads.read(source)
        self.heads.forget_after(source, head.generation if head else 0)
        for name, table in TABLES.items():
            root = self.root / name
            kept = self._slice(name, source, head)
            if DeltaTable.is_deltatable(str(root)):
                latest = _files_of(DeltaTable(str(root))).filter(pl.col("source") == source)
                if set(latest["path"]) != set(kept["path"]):
                    _commit(root, table, source, None, _add_actions(table, source, kept))
            paths = set(kept["path"])
            for path in (root / f"source={quote(source)}").rglob(f"part-{run}-*.parquet"):
                if path.relative_to(root).as_posix() not in paths:
                    path.unlink()

    def drop(self, source: str) -> None:
        """Remove a source: its head first, then its partitions. Files go with the next vacuum."""
        with self._locked(source):
            head = self.heads.read(source)
            self.heads.remove(source)
            self.profiles.forget(source)
            for name in head.tables if head else ():
                path = self.root / name
                if DeltaTable.is_deltatable(str(path)):
                    _commit(path, TABLES[name], source, None, [])

    def vacuum(self, *, keep_days: float = 7.0) -> int:
        """Delete files that no head and no version younger than `keep_days` needs.

        Returns how many were deleted. Run it while nothing writes if `keep_days` is 0.
        """
        removed = 0
        heads = [head for name in self.heads.sources() if (head := self.heads.read(name))]
        for name in TABLES:
            path = self.root / name
            if DeltaTable.is_deltatable(str(path)):
                needed = sorted({head.tables[name] for head in heads if name in head.tables})
                removed += len(
                    DeltaTable(str(path)).vacuum(
                        int(keep_days * 24),
                        dry_run=False,
                        enforce_retention_duration=False,
                        full=True,
                        keep_versions=needed or None,
                    )
                )
        return removed


_LISTING = pl.Schema(
    {"path": pl.String, "size_bytes": pl.Int64, "num_records": pl.Int64, "source": pl.String,
     "shard": pl.Int32}
)  # fmt: skip


def _files_of(delta: DeltaTable) -> pl.DataFrame:
    """Return the files of a table's version: `path, size_bytes, num_records, source[, shard]`."""
    actions = pl.DataFrame(delta.get_add_actions(flatten=True))
    named = {f"partition.{name}": name for name in ("source", "shard")}
    actions = actions.rename(named, strict=False)
    if "source" not in actions.columns:
        actions = actions.with_columns(source=pl.lit(None, dtype=pl.String))  # not our table
    return actions.select([name for name in _LISTING if name in actions.columns])


def _files_added(table: Table, actions: list[AddAction]) -> pl.DataFrame:
    """Return what `_files_of` tells of a table that holds these files alone."""
    names = [name for name in _LISTING if name != "shard" or table.level != "source"]
    rows = [
        (
            action.path, action.size, json.loads(action.stats)["numRecords"],
            *action.partition_values.values(),
        )
        for action in actions
    ]  # fmt: skip
    texts = {name: pl.String if name == "shard" else _LISTING[name] for name in names}
    return pl.DataFrame(rows, schema=texts, orient="row").cast({n: _LISTING[n] for n in names})


def _add_actions(table: Table, source: str, listing: pl.DataFrame) -> list[AddAction]:
    return [
        _add_action(
            row["path"], row["size_bytes"], row["num_records"],
            _partition(table, source, row.get("shard")),
        )
        for row in listing.iter_rows(named=True)
    ]  # fmt: skip


def _add_action(path: str, size: int, rows: int, partition: dict[str, str | None]) -> AddAction:
    return AddAction(
        path=path,
        size=size,
        partition_values=partition,
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )


def _partition(table: Table, source: str, shard: int | None) -> dict[str, str | None]:
    values: dict[str, str | None] = {"source": source}
    if table.level != "source":
        values["shard"] = str(shard)
    return values


class SourceWriter:
    """Writes one source, table by table; `publish` makes all of it the new head."""

    def __init__(self, lake: Lake, source: str) -> None:
        """Start from the source's present head, if there is one."""
        self.lake, self.source = lake, source
        self.head = lake.heads.read(source) or Head(source, 0, 1)
        self.run = uuid.uuid4().hex
        self.is_dirty = False
        """Whether something was written that no head names."""
        self._parts: dict[str, list[AddAction]] = {}
        self._numbers = itertools.count()

    def add(self, table: str, frame: pl.DataFrame, shard: int | None = None) -> None:
        """Write `frame` (declared columns) as one more file of the table's slice or shard."""
        declared = TABLES[table]
        self._parts.setdefault(table, [])
        if frame.is_empty():
            return
        path = self.part(table, shard)
        columns = [column for column in declared.names if column != "source"]
        # Rows of a scan lie in the order of artifacts: no range of a column leaves anything out.
        frame.select(columns).write_parquet(
            path, compression=_COMPRESSION, statistics=table not in SCAN_TABLES
        )
        self.take(table, path, frame.height, shard)

    def part(self, table: str, shard: int | None = None) -> Path:
        """Return where to write one more file of the table's slice or shard; then `take` it."""
        self.is_dirty = True
        partition = _partition(TABLES[table], self.source, shard)
        folder = "/".join(f"{key}={quote(str(value))}" for key, value in partition.items())
        name = f"part-{self.run}-{next(self._numbers):06d}.parquet"
        path = self.lake.root / table / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def take(self, table: str, path: Path, rows: int, shard: int | None = None) -> None:
        """Let a file that was written where `part` said be committed with the table."""
        name = path.relative_to(self.lake.root / table).as_posix()
        partition = _partition(TABLES[table], self.source, shard)
        action = _add_action(name, path.stat().st_size, rows, partition)
        self._parts.setdefault(table, []).append(action)

    def discard(self, table: str, shards: Iterable[int]) -> None:
        """Forget uncommitted files of these shards; they are written anew."""
        dropped = {str(shard) for shard in shards}
        kept = []
        for action in self._parts.get(table, []):
            if action.partition_values.get("shard") in dropped:
                (self.lake.root / table / action.path).unlink(missing_ok=True)
            else:
                kept.append(action)
        self._parts[table] = kept

    def commit(self, tables: Mapping[str, Iterable[int] | None]) -> dict[str, int]:
        """Commit what was added: replace the touched shards of each table, nothing else.

        `tables` gives the shards of each; None replaces the whole slice of the source. Returns the
        tables' new versions.
        """
        self.is_dirty = True

        def commit(name: str) -> int:
            actions = self._parts.pop(name, [])
            table, touched = TABLES[name], tables[name]
            keys = None if table.level == "source" or touched is None else sorted(touched)
            path = self.lake.root / name
            version, listing = _commit(path, table, self.source, keys, actions)
            self.lake.remember(name, version, listing)
            return version

        # A transaction waits for the file system more than it computes.
        with ThreadPoolExecutor(_COMMITS_AT_ONCE, thread_name_prefix="commit") as pool:
            return dict(zip(tables, pool.map(commit, tables), strict=True))

    def publish(self, versions: Mapping[str, int], **changes: Any) -> Head:
        """Make a new head of the present one with these table versions and changed fields."""
        self.head = replace(
            self.head,
            generation=self.head.generation + 1,
            tables={**self.head.tables, **versions},
            written_at=datetime.datetime.now(datetime.UTC).isoformat(),
            **changes,
        )
        self.lake.heads.write(self.head)
        self.is_dirty = any(self._parts.values())
        return self.head


def _commit(
    path: Path, table: Table, source: str, shards: Sequence[int] | None, actions: list[AddAction]
) -> tuple[int, pl.DataFrame]:
    """Replace the source's slice (or those shards) of a Delta table.

    Returns the new version and its files, as `_files_of` does.
    """
    schema = _delta_schema(table)
    partition_by = ["source"] if table.level == "source" else ["source", "shard"]
    filters: list[tuple[str, str, str | list[str]]] = [("source", "=", source)]
    if shards is not None:
        filters.append(("shard", "in", [str(shard) for shard in shards]))
    for attempt in range(_COMMIT_TRIES):
        try:
            delta = DeltaTable(str(path))
        except TableNotFoundError:
            path.mkdir(parents=True, exist_ok=True)
            try:
                create_table_with_add_actions(
                    str(path), schema, actions, mode="error", partition_by=partition_by
                )
            except (CommitFailedError, OSError):
                continue  # another source made the table first
            return 0, _files_added(table, actions)
        _check_schema(delta, schema, path)
        try:
            delta.create_write_transaction(
                list(actions),
                "overwrite",
                schema,
                partition_by=partition_by,
                partition_filters=filters,
                commit_properties=CommitProperties(custom_metadata={"source": source}),
            )
        except CommitFailedError:
            time.sleep(0.02 * 2**attempt)
            continue
        delta.update_incremental()
        return delta.version(), _files_of(delta)
    raise BackendUnavailableError(
        f"The table {path} was committed to by others {_COMMIT_TRIES} times in a row.",
        remedy="Run again.",
        state="The source's published head is unchanged.",
    )


def _check_schema(delta: DeltaTable, schema: Schema, path: Path) -> None:
    if delta.schema() != schema:
        raise LakeError(
            f"The table {path} was written with other columns than this version declares.",
            remedy="Move the lake away and run the sources again; the artifacts hold everything.",
            state="Nothing was changed.",
        )

"""Delta tables: write one source's slice, read it back, as of any generation.

Belongs here: Parquet files, Delta transactions, the per-source lock. Does not: which rows to keep.

Files are written by Polars and committed with one Delta transaction per table that replaces exactly
the touched partitions (`source`, and `shard` for the tables of level symbol and node). Partition
columns are in the log, not in the files, as the Delta protocol has it. A failure before the head is
replaced changes nothing that a reader of heads sees; what was written then is overwritten by the
next run, since every commit replaces whole partitions.
"""

from __future__ import annotations

import datetime
import json
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import polars as pl
import pyarrow as pa
import xxhash
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction, create_table_with_add_actions
from filelock import FileLock, Timeout

from snake_pipe_core.errors import BackendUnavailableError, LakeError, SourceNotFoundError
from snake_pipe_core.lake.heads import Head, Heads
from snake_pipe_core.model.ids import check_source_name
from snake_pipe_core.model.tables import TABLES, Table

FILES_PER_SHARD = 512
_COMMIT_TRIES = 10
_COMPRESSION: Literal["lz4"] = "lz4"


def shard_count(files: int) -> int:
    """Return how many shards a source of `files` artifacts has: a power of two, from its size."""
    shards = 1
    while shards * FILES_PER_SHARD * 2 < files:
        shards *= 2
    return shards


def shard_of(path: str, shards: int) -> int:
    """Return the shard of an artifact path; the same on every machine."""
    return xxhash.xxh3_64_intdigest(path.encode("utf-8", "surrogatepass")) % shards


def polars_schema(table: Table) -> pl.Schema:
    """Return the table's schema as Polars sees it."""
    frame = pl.from_arrow(table.schema.empty_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.schema


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
        head = head or self.heads.read(source)
        if head is None or table not in head.tables:
            return []
        filters: list[tuple[str, str, str | list[str]]] = [("source", "=", source)]
        if shards is not None:
            filters.append(("shard", "in", [str(shard) for shard in shards]))
        delta = DeltaTable(str(self.root / table), version=head.tables[table])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return sorted(delta.file_uris(filters))

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
        schema = polars_schema(declared)
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
        """Hold the source's lock and yield its writer. Nothing is visible until `publish`."""
        check_source_name(source)
        locks = self.root / "_locks"
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{source}.lock")
        try:
            lock.acquire(timeout=60)
        except Timeout as error:
            raise BackendUnavailableError(
                f"Another run has been writing the source {source!r} for over 60 s.",
                remedy="Wait for it to end, then run again.",
                state="Nothing was changed.",
            ) from error
        try:
            yield SourceWriter(self, source)
        finally:
            lock.release()
            (locks / f"{source}.lock").unlink(missing_ok=True)

    def drop(self, source: str) -> None:
        """Remove a source: its head first, then its partitions. Files go with the next vacuum."""
        head = self.heads.read(source)
        self.heads.remove(source)
        for name in head.tables if head else ():
            path = self.root / name
            if DeltaTable.is_deltatable(str(path)):
                _commit(path, TABLES[name], source, None, [])

    def vacuum(self, *, keep_days: float = 7.0) -> int:
        """Delete files that no version younger than `keep_days` needs; return how many."""
        removed = 0
        for name in TABLES:
            path = self.root / name
            if DeltaTable.is_deltatable(str(path)):
                delta = DeltaTable(str(path))
                hours = int(keep_days * 24)
                removed += len(delta.vacuum(hours, dry_run=False, enforce_retention_duration=False))
        return removed


class SourceWriter:
    """Writes one source, table by table; `publish` makes all of it the new head."""

    def __init__(self, lake: Lake, source: str) -> None:
        """Start from the source's present head, if there is one."""
        self.lake, self.source = lake, source
        self.head = lake.heads.read(source) or Head(source, 0, 1)
        self._parts: dict[str, list[AddAction]] = {}

    def add(self, table: str, frame: pl.DataFrame, shard: int | None = None) -> None:
        """Write `frame` (declared columns) as one more file of the table's slice or shard."""
        declared = TABLES[table]
        actions = self._parts.setdefault(table, [])
        if frame.is_empty():
            return
        columns = [column for column in declared.names if column != "source"]
        partition: dict[str, str | None] = {"source": self.source}
        if declared.level != "source":
            partition["shard"] = str(shard)
        folder = "/".join(f"{key}={quote(str(value))}" for key, value in partition.items())
        path = self.lake.root / table / folder / f"part-{uuid.uuid4().hex}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.select(columns).write_parquet(
            path, compression=_COMPRESSION, statistics=declared.level != "node"
        )
        actions.append(
            AddAction(
                path=f"{folder}/{path.name}",
                size=path.stat().st_size,
                partition_values=partition,
                modification_time=int(time.time() * 1000),
                data_change=True,
                stats=json.dumps({"numRecords": frame.height}),
            )
        )

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

    def commit(self, tables: Sequence[str], shards: Iterable[int] | None = None) -> dict[str, int]:
        """Commit what was added: replace the touched partitions of each table, nothing else.

        `shards` None replaces the whole slice of the source. Returns the tables' new versions.
        """
        touched = None if shards is None else sorted(shards)
        versions = {}
        for name in tables:
            actions = self._parts.pop(name, [])
            table = TABLES[name]
            keys = None if table.level == "source" else touched
            versions[name] = _commit(self.lake.root / name, table, self.source, keys, actions)
        return versions

    def publish(self, versions: Mapping[str, int], **changes: str | int) -> Head:
        """Make a new head of the present one with these table versions and changed fields."""
        self.head = replace(
            self.head,
            generation=self.head.generation + 1,
            tables={**self.head.tables, **versions},
            written_at=datetime.datetime.now(datetime.UTC).isoformat(),
            **changes,  # type: ignore[arg-type]
        )
        self.lake.heads.write(self.head)
        return self.head


def _commit(
    path: Path, table: Table, source: str, shards: Sequence[int] | None, actions: list[AddAction]
) -> int:
    """Replace the source's slice (or those shards) of a Delta table; return the new version."""
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
            return DeltaTable(str(path)).version()
        _check_schema(delta, schema, path)
        try:
            delta.create_write_transaction(
                actions,
                "overwrite",
                schema,
                partition_by=partition_by,
                partition_filters=filters,  # type: ignore[arg-type]
                commit_properties=CommitProperties(custom_metadata={"source": source}),
            )
        except CommitFailedError:
            time.sleep(0.02 * 2**attempt)
            continue
        delta.update_incremental()
        return delta.version()
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

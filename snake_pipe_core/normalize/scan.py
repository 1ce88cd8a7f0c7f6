"""The scan of a source, shard by shard.

Belongs here: cutting a shard's files into chunks that fit the memory budget, calling the engine,
and writing one shard's tables while another is scanned. Does not: any rule about content.

Memory: at most two chunks are alive, each being scanned or written. A chunk costs about
`TABLE_BYTES_PER_INPUT_BYTE` times its input; a single larger file is a chunk of its own.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl
import xxhash

from snake_pipe_core.lake.store import SourceWriter
from snake_pipe_core.model.kinds import Outcome
from snake_pipe_core.model.tables import SCAN_TABLES, TABLES
from snake_pipe_core.native import Engine, engine_version
from snake_pipe_core.sources.base import Source, UnreadableArtifactError

TABLE_BYTES_PER_INPUT_BYTE = 2
"""Resident memory of a chunk while it is scanned, nodes written to a file: measured 1.2 to 2.2 for
chunks of 16 to 48 MiB of python-ast, tree-sitter, Babel and ESTree, beside some 20 MiB of buffers
that threads keep."""
_SHARE_OF_BUDGET = 8
_SMALLEST_CHUNK = 8 << 20
_LARGEST_CHUNK = 48 << 20
_LANES = 2
"""Shards under way at once; each holds a chunk, so more would cost memory."""

Explain = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
"""Turns findings of a chunk, given its ledger rows, into fuller ones."""
Frames = dict[str, pl.DataFrame]


@dataclass
class ScanCounts:
    """What a scan did: files and bytes read, nodes written, seconds spent."""

    files: int = 0
    size_bytes: int = 0
    nodes: int = 0
    seconds: float = 0.0
    shards: list[int] = field(default_factory=list)


class Scanner:
    """The engine with all registered dialects, compiled once."""

    version: str
    """The engine's version and the digest of all mappings: equal means equal output."""

    def __init__(self, mappings_json: str, *, workers: int, memory_budget_bytes: int) -> None:
        """Begin to compile the mappings; what needs the engine waits for it."""
        digest = xxhash.xxh3_128_hexdigest(mappings_json.encode())
        self.version = f"{engine_version()}+{digest[:16]}"
        self.workers = workers
        compiler = ThreadPoolExecutor(1, thread_name_prefix="compile")
        self._compiled = compiler.submit(Engine, mappings_json)
        compiler.shutdown(wait=False)
        budget = memory_budget_bytes // _SHARE_OF_BUDGET // TABLE_BYTES_PER_INPUT_BYTE
        self.chunk_bytes = min(_LARGEST_CHUNK, max(_SMALLEST_CHUNK, budget))
        self.max_file_bytes = max(memory_budget_bytes, _SMALLEST_CHUNK)

    @property
    def engine(self) -> Engine:
        """The engine; raises `MappingError` if a mapping cannot be compiled."""
        return self._compiled.result()

    def scan(
        self,
        source_name: str,
        source: Source,
        files: pl.DataFrame,
        *,
        node_file: Path | None = None,
        nodes: bool = True,
    ) -> Frames:
        """Scan `files` (`path, size_bytes, mtime_ns`); return the ledger, findings and tables.

        With `node_file` the engine writes the nodes there itself, and there is no frame of them;
        no nodes, no file. Without `nodes` none are made.
        """
        paths = files["path"].to_list()
        local = [source.local_path(path) for path in paths]
        arguments: dict[str, Any] = {"nodes": nodes}
        if node_file is not None:
            arguments["node_file"] = str(node_file)
        lost: dict[str, UnreadableArtifactError] = {}
        if all(path is not None for path in local):
            arguments["files"] = local
        else:
            contents = source.read_many(paths)
            lost = {
                path: content
                for path, content in zip(paths, contents, strict=True)
                if isinstance(content, UnreadableArtifactError)
            }
            paths = [path for path in paths if path not in lost]
            arguments["contents"] = [each for each in contents if isinstance(each, bytes)]
        before = datetime.datetime.now(datetime.UTC)
        batches = self.engine.scan(
            source_name, paths, workers=self.workers, max_bytes=self.max_file_bytes, **arguments
        )
        frames = {
            name: _frame(name, batches.get(name, ()))
            for name in ("artifacts", "findings", *SCAN_TABLES)
            if name != "nodes" or (nodes and node_file is None)
        }
        if lost:
            _account_for(lost, source_name, files, frames)
        frames["artifacts"] = (
            frames["artifacts"]
            .drop("mtime_ns", "scanned_at", "engine_version")
            .join(files.select("path", "mtime_ns"), on="path", how="left")
            .with_columns(
                scanned_at=pl.lit(before, dtype=pl.Datetime("us", "UTC")),
                engine_version=pl.lit(self.version),
            )
            .select(TABLES["artifacts"].names)
        )
        return frames


def _frame(table: str, batches: Sequence[Any]) -> pl.DataFrame:
    schema = TABLES[table].polars_schema
    frames = [pl.DataFrame(batch) for batch in batches]
    if not frames:
        return pl.DataFrame(schema=schema)
    frame = pl.concat(frames) if len(frames) > 1 else frames[0]
    return frame.cast(schema) if frame.schema != schema else frame


def _account_for(
    lost: Mapping[str, UnreadableArtifactError],
    source_name: str,
    files: pl.DataFrame,
    frames: Frames,
) -> None:
    """Add the rows that the engine would have made of artifacts, had it had them to read."""
    sizes = dict(files.select("path", "size_bytes").iter_rows())
    given = {
        "artifacts": [
            {
                "source": source_name, "path": path, "size_bytes": sizes[path], "mtime_ns": 0,
                "outcome": Outcome.QUARANTINED.value, "node_count": 0, "unknown_count": 0,
                "finding_count": 1,
            }
            for path in lost
        ],
        "findings": [
            {
                "source": source_name, "path": path, "code": error.code, "severity": "error",
                "pointer": "", "message": error.message, "hint": error.hint,
            }
            for path, error in lost.items()
        ],
    }  # fmt: skip
    for name, rows in given.items():
        frame = pl.DataFrame(rows, schema=TABLES[name].polars_schema)
        frames[name] = pl.concat([frames[name], frame.select(frames[name].columns)])
        frames[name] = frames[name].sort("path", maintain_order=True)


def chunks(files: pl.DataFrame, chunk_bytes: int) -> Iterator[pl.DataFrame]:
    """Cut files into runs whose sizes add up to at most `chunk_bytes`, or that hold one file."""
    start = total = 0
    for index, size in enumerate(files["size_bytes"].to_list()):
        if index > start and total + size > chunk_bytes:
            yield files.slice(start, index - start)
            start, total = index, 0
        total += size
    if start < files.height:
        yield files.slice(start)


def scan_shards(
    scanner: Scanner,
    writer: SourceWriter,
    source: Source,
    shards: Mapping[int, pl.DataFrame],
    *,
    kept: Callable[[int], Frames],
    explain: Explain,
    advance: Callable[[int], None],
) -> tuple[pl.DataFrame, pl.DataFrame, ScanCounts]:
    """Scan each shard's files (`path, size_bytes, mtime_ns`) and write the shard's tables anew.

    `kept(shard)` gives the rows of documents that need no scan; they are written along. `advance`
    is told how many files a chunk had. Returns the ledger rows and findings of the scanned files,
    in the order of shards, and the counts. The engine writes the nodes chunk by chunk; the smaller
    tables go out once per shard. Two shards are under way, so that one is written while the other
    is scanned; where one fails, no further one is begun. `kept`, `explain` and `advance` are
    called by one thread at a time.
    """
    started = time.monotonic()
    lanes = min(_LANES, scanner.workers, len(shards)) or 1
    work = _Shards(scanner, writer, source, kept, explain, advance)
    with ThreadPoolExecutor(lanes, thread_name_prefix="scan") as pool:
        futures = [pool.submit(work.do, shard, shards[shard]) for shard in sorted(shards)]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            pool.shutdown(cancel_futures=True)
    failed = [future for future in futures if not future.cancelled() and future.exception()]
    done = [future.result() for future in failed or futures]
    counts = ScanCounts(
        files=sum(part.files for part in done),
        size_bytes=sum(part.size_bytes for part in done),
        nodes=sum(part.nodes for part in done),
        seconds=time.monotonic() - started,
        shards=sorted(shards),
    )
    ledgers = [pl.DataFrame(schema=TABLES["artifacts"].polars_schema)]
    findings = [pl.DataFrame(schema=TABLES["findings"].polars_schema)]
    for part in done:
        ledgers += part.ledgers
        findings += part.findings
    return pl.concat(ledgers), pl.concat(findings), counts


@dataclass
class _Scanned:
    """What came of one shard."""

    files: int = 0
    size_bytes: int = 0
    nodes: int = 0
    ledgers: list[pl.DataFrame] = field(default_factory=list)
    findings: list[pl.DataFrame] = field(default_factory=list)


class _Shards:
    """Scans and writes shards, each in a thread of its own."""

    def __init__(
        self,
        scanner: Scanner,
        writer: SourceWriter,
        source: Source,
        kept: Callable[[int], Frames],
        explain: Explain,
        advance: Callable[[int], None],
    ) -> None:
        self.scanner, self.writer, self.source = scanner, writer, source
        self._kept, self._explain, self._advance = kept, explain, advance
        self._lock = Lock()

    def do(self, shard: int, files: pl.DataFrame) -> _Scanned:
        done = _Scanned()
        parts: dict[str, list[pl.DataFrame]] = {name: [] for name in SCAN_TABLES}
        with self._lock:
            for name, frame in self._kept(shard).items():
                parts[name].append(frame)
        for chunk in chunks(files, self.scanner.chunk_bytes):
            node_file = self.writer.part("nodes", shard)
            frames = self.scanner.scan(self.writer.source, self.source, chunk, node_file=node_file)
            nodes = int(frames["documents"]["node_count"].sum())
            if nodes:
                self.writer.take("nodes", node_file, nodes, shard)
            with self._lock:
                done.findings.append(self._explain(frames["findings"], frames["artifacts"]))
                self._advance(chunk.height)
            done.ledgers.append(frames["artifacts"])
            done.files += chunk.height
            done.size_bytes += int(chunk["size_bytes"].sum())
            done.nodes += nodes
            for name in SCAN_TABLES:
                if name != "nodes":
                    parts[name].append(frames[name])
        for name, tables in parts.items():
            if tables:
                self.writer.add(name, pl.concat(tables), shard)
        return done

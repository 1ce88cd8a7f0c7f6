"""The five stages in order: extract, validate, normalize, resolve, load.

Belongs here: composing stages for one source, and what each run reports. Does not: any rule of a
stage, printing, Dagster. The command line, the Dagster assets and the tests all call this.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import polars as pl
import xxhash

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.errors import QualityGateError
from snake_pipe_core.extract import Plan, plan
from snake_pipe_core.lake import Head, Lake, SourceWriter
from snake_pipe_core.lake.store import polars_schema, shard_count, shard_of
from snake_pipe_core.load import LoadReport, load_slice
from snake_pipe_core.model.kinds import Outcome
from snake_pipe_core.model.tables import SCAN_TABLES, TABLES
from snake_pipe_core.normalize import ScanCounts, Scanner, chunks, scan_shards
from snake_pipe_core.resolve import ResolveReport, resolve_source, resolver_version
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.base import Discovery, Source
from snake_pipe_core.validate import Explainer, QualityGate, quality_gate, settle

_LEDGER_TABLES = ("artifacts", "findings")
_ROWS_EXIST = [Outcome.LOADED.value, Outcome.LOADED_WITH_WARNINGS.value]


class Progress(Protocol):
    """Hears how far a stage is; `total` is None while it is not known."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take a report: `stage` is one of extract, scan, resolve or `load <backend>`."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class ScanReport:
    """What extract, validate and normalize did with one source."""

    source: str
    states: Mapping[str, int]
    """Files new, changed, unchanged, removed, skipped."""
    outcomes: Mapping[str, int]
    gate: QualityGate
    counts: ScanCounts
    head: Head
    seconds: float
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows of each table in the whole source."""
    changed: bool = True


@dataclass(frozen=True)
class RunReport:
    """What a whole run did."""

    scan: ScanReport
    resolve: ResolveReport | None
    loads: Sequence[LoadReport]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the gate passed and every backend published."""
        return self.scan.gate.passed and all(load.ok for load in self.loads)


class Pipeline:
    """The stages over one workspace."""

    def __init__(self, settings: Settings, progress: Progress = silent) -> None:
        """Take settings; nothing is opened before it is needed."""
        self.settings, self.progress = settings, progress
        self.lake = Lake(settings.lake)

    @cached_property
    def scanner(self) -> Scanner:
        """The engine with all registered dialects."""
        return Scanner(
            load_registry().mappings_json(),
            workers=self.settings.worker_count,
            memory_budget_bytes=self.settings.memory_budget_bytes,
        )

    @cached_property
    def explainer(self) -> Explainer:
        """The reference validator over all registered dialects."""
        dialects = load_registry().dialects
        return Explainer(
            {name: dialect.schema for name, dialect in dialects.items()},
            {
                name: list(dialect.mappings[0].data["nodes"]["discriminator"])
                for name, dialect in dialects.items()
            },
        )

    # -- inspect ----------------------------------------------------------------------------

    def inspect(self, source: Source) -> dict[str, Any]:
        """Scan a source without keeping anything; return what it holds and what is wrong.

        Keys: `files`, `size_bytes`, `skipped`, `outcomes`, `dialects` (one entry per dialect,
        version, producer and language with counts), `trouble` (one entry per finding code).
        """
        discovery = source.discover(lambda seen: self.progress("extract", seen, None))
        taken = discovery.files.filter(~pl.col("is_skipped"))
        ledgers = [pl.DataFrame(schema=polars_schema(TABLES["artifacts"]))]
        findings = [pl.DataFrame(schema=polars_schema(TABLES["findings"]))]
        done = 0
        for chunk in chunks(taken, self.scanner.chunk_bytes):
            frames = self.scanner.scan("inspect", source, chunk)
            ledgers.append(frames["artifacts"])
            findings.append(frames["findings"])
            done += chunk.height
            self.progress("inspect", done, taken.height)
        return _inspection(discovery, taken, pl.concat(ledgers), pl.concat(findings))

    # -- scan -------------------------------------------------------------------------------

    def scan(self, name: str, source: Source, *, again: frozenset[str] = frozenset()) -> ScanReport:
        """Bring the lake up to date with `source`: only new and changed files are read.

        `again` names artifacts to scan although they have not changed (replay). The result equals
        that of a scan from nothing, row for row but for `scanned_at`.
        """
        started = time.monotonic()
        with self.lake.writing(name) as writer:
            discovery = source.discover(lambda seen: self.progress("extract", seen, None))
            self.progress("extract", discovery.files.height, discovery.files.height)
            run = _SourceScan(self, writer, source, discovery, again)
            states, counts, changed = run.execute()
            head = writer.head
            ledger = self.lake.scan("artifacts", name, head=head)
            outcomes = dict(ledger.group_by("outcome").len().sort("outcome").collect().iter_rows())
        return ScanReport(
            name, states, outcomes, quality_gate(outcomes), counts, head,
            time.monotonic() - started, self._row_counts(name, head), changed,
        )  # fmt: skip

    def _row_counts(self, name: str, head: Head) -> dict[str, int]:
        tables = (*_LEDGER_TABLES, *SCAN_TABLES)
        frames = [self.lake.scan(table, name, head=head).select(pl.len()) for table in tables]
        return {
            table: frame.item() for table, frame in zip(tables, pl.collect_all(frames), strict=True)
        }

    # -- resolve ----------------------------------------------------------------------------

    def resolve(self, name: str) -> ResolveReport:
        """Link the source's symbols across files, unless its edges are already those."""
        head = self.lake.head(name)
        digest = graph_digest(head)
        if head.graph_digest == digest:
            return ResolveReport.unchanged(self.lake, head)
        with self.lake.writing(name) as writer:
            self.progress("resolve", 0, None)
            report = resolve_source(self.lake, writer)
            versions = writer.commit(["edges", "unresolved"])
            writer.publish(versions, graph_digest=digest)
            self.progress("resolve", 1, 1)
        return report

    # -- load -------------------------------------------------------------------------------

    def load(
        self, name: str, *, backends: Sequence[str] | None = None, run_id: str | None = None
    ) -> list[LoadReport]:
        """Publish the source in every backend; one that fails leaves the others and its past be.

        Raises `QualityGateError` below the gate: nothing then reaches any backend.
        """
        head = self.lake.head(name)
        outcomes = dict(
            self.lake.scan("artifacts", name).group_by("outcome").len().collect().iter_rows()
        )
        gate = quality_gate(outcomes)
        if not gate.passed:
            raise QualityGateError(
                f"Source {name!r} stays out of the backends. {gate}",
                remedy=f"See `snake-pipe quarantine list --source {name}`, mend or exclude the "
                "files, and run again.",
                state="The lake holds the scan; the backends still show what they showed before.",
            )
        return load_slice(
            self.settings, self.lake, head, backends=backends, run_id=run_id, progress=self.progress
        )

    def run(self, name: str, source: Source, *, backends: Sequence[str] | None = None) -> RunReport:
        """Scan, resolve and load one source. Below the gate it ends after the scan."""
        started = time.monotonic()
        scan = self.scan(name, source)
        if not scan.gate.passed:
            return RunReport(scan, None, (), time.monotonic() - started)
        resolved = self.resolve(name)
        loads = self.load(name, backends=backends)
        return RunReport(scan, resolved, loads, time.monotonic() - started)

    @contextmanager
    def reporting(self, progress: Progress) -> Iterator[None]:
        """Report to `progress` within the block."""
        before, self.progress = self.progress, progress
        try:
            yield
        finally:
            self.progress = before


def graph_digest(head: Head) -> str:
    """Return what identifies the edges of a head: scanned content and resolver."""
    return f"{head.scan_digest}-{resolver_version()}"


def _inspection(
    discovery: Discovery, taken: pl.DataFrame, ledger: pl.DataFrame, findings: pl.DataFrame
) -> dict[str, Any]:
    valid = [outcome.value for outcome in Outcome if outcome.is_valid]
    dialects = (
        ledger.filter(pl.col("dialect").is_not_null())
        .group_by("dialect", "dialect_version", "producer", "language")
        .agg(
            files=pl.len(),
            size_bytes=pl.col("size_bytes").sum(),
            node_count=pl.col("node_count").sum(),
            unknown_count=pl.col("unknown_count").sum(),
            valid=pl.col("outcome").is_in(valid).sum(),
        )
        .sort("dialect", "language", "producer", "dialect_version")
    )
    found = pl.concat([findings.select(discovery.findings.columns), discovery.findings])
    trouble = (
        found.filter(pl.col("severity") != "info")
        .sort("path")
        .group_by("code", "severity")
        .agg(
            count=pl.col("path").n_unique(),
            path=pl.col("path").first(),
            pointer=pl.col("pointer").first(),
            message=pl.col("message").first(),
            hint=pl.col("hint").first(),
        )
        .sort("severity", "code")
    )
    return {
        "files": taken.height,
        "size_bytes": int(taken["size_bytes"].sum() or 0),
        "skipped": discovery.files.height - taken.height,
        "outcomes": dict(ledger.group_by("outcome").len().sort("outcome").iter_rows()),
        "dialects": dialects.to_dicts(),
        "trouble": trouble.to_dicts(),
    }


class _SourceScan:
    """One run of scan over one source."""

    def __init__(
        self,
        pipeline: Pipeline,
        writer: SourceWriter,
        source: Source,
        discovery: Discovery,
        again: frozenset[str],
    ) -> None:
        self.pipeline, self.writer, self.source, self.discovery = (
            pipeline,
            writer,
            source,
            discovery,
        )
        self.scanner = pipeline.scanner
        self.lake, self.name, self.old = writer.lake, writer.source, writer.head
        self.shards = shard_count(discovery.files.height)
        self.again = again
        self.done_files = 0

    def execute(self) -> tuple[dict[str, int], ScanCounts, bool]:
        """Scan what must be, commit and publish; return states, counts and whether rows changed."""
        old_ledger = self.lake.scan("artifacts", self.name, head=self.old).collect()
        old_findings = self.lake.scan("findings", self.name, head=self.old).collect()
        whole = self.old.shards != self.shards
        todo = plan(
            self.discovery.files,
            old_ledger.head(0) if whole else old_ledger,
            engine_version=self.scanner.version,
            shards=self._shard_column(),
            again=self.again,
        )
        states = plan(
            self.discovery.files, old_ledger, engine_version=self.scanner.version,
            shards=self._shard_column(), again=self.again,
        ).counts() if whole else todo.counts()  # fmt: skip
        touched = self._touched(todo, old_ledger, old_findings)
        if whole:
            touched = set(range(self.shards))
        if not touched and self.old.generation:
            return states, ScanCounts(), False
        counts, ledger, findings = self._passes(todo, old_ledger, old_findings, touched)
        self._store(ledger, findings, touched)
        shards = None if whole or len(touched) == self.shards else touched
        versions = self.writer.commit((*_LEDGER_TABLES, *SCAN_TABLES), shards)
        self.writer.publish(
            versions,
            shards=self.shards,
            scan_digest=_scan_digest(ledger, self.scanner.version),
            engine_version=self.scanner.version,
            location=self.source.location,
        )
        counts.shards = sorted(touched)
        return states, counts, True

    def _shard_column(self) -> pl.Expr:
        if self.shards == 1:
            return pl.lit(0, dtype=pl.Int64)
        return pl.col("path").map_elements(
            lambda path: shard_of(path, self.shards), return_dtype=pl.Int64
        )

    def _touched(self, todo: Plan, ledger: pl.DataFrame, findings: pl.DataFrame) -> set[int]:
        """Return the shards in which anything differs from the last run."""
        changed = todo.files.filter(pl.col("state") != "unchanged")["shard"].unique().to_list()
        strays = self._strays(self.discovery.findings)
        before = findings.join(ledger, on="path", how="anti")
        if set(strays["path"]) != set(before["path"]):
            paths = [*strays["path"], *before["path"]]
            changed += [shard_of(path, self.shards) for path in paths]
        return {int(shard) for shard in changed}

    def _strays(self, findings: pl.DataFrame) -> pl.DataFrame:
        """Return findings on what is no file of the ledger, such as unreadable directories."""
        return findings.join(self.discovery.files, on="path", how="anti")

    def _passes(
        self, todo: Plan, old_ledger: pl.DataFrame, old_findings: pl.DataFrame, touched: set[int]
    ) -> tuple[ScanCounts, pl.DataFrame, pl.DataFrame]:
        """Scan until no claim on a document is contested by what was written; twice at most.

        The first pass takes new and changed files. If they (or removals) change who owns a
        document, the shards of all concerned are scanned once more, without the losers.
        """
        unchanged = todo.files.filter(pl.col("state") == "unchanged").select("path")
        kept_ledger = old_ledger.join(unchanged, on="path", how="semi")
        kept_findings = old_findings.join(unchanged, on="path", how="semi")
        scanned = todo.files.filter(pl.col("state").is_in(["new", "changed"]))
        self.total = scanned.height
        rewritten = todo.files.filter(pl.col("shard").is_in(list(touched)))
        counts, new_ledger, new_findings = self._scan(scanned, rewritten, kept_ledger, touched)
        ledger = pl.concat([kept_ledger, new_ledger, self._skipped_rows(todo)])
        findings = pl.concat([kept_findings, new_findings, self._discovered(todo)])
        settled, settled_findings = settle(ledger, findings)
        contested = self._contested(ledger, settled, old_ledger)
        if contested:
            again = {shard_of(path, self.shards) for path in contested}
            touched |= again
            for name in SCAN_TABLES:
                self.writer.discard(name, again)
            winners = settled.filter(
                pl.col("outcome").is_in([*_ROWS_EXIST, Outcome.QUARANTINED.value,
                                         Outcome.UNSUPPORTED.value])
            ).select("path")  # fmt: skip
            files = todo.files.filter(pl.col("shard").is_in(list(again))).join(
                winners, on="path", how="semi"
            )
            self.total += files.height
            more, rows, row_findings = self._scan(files, files, ledger.head(0), again)
            ledger = pl.concat([ledger.join(rows, on="path", how="anti"), rows])
            findings = pl.concat([findings.join(rows, on="path", how="anti"), row_findings])
            settled, settled_findings = settle(ledger, findings)
            counts.files, counts.size_bytes = (
                counts.files + more.files,
                counts.size_bytes + more.size_bytes,
            )
            counts.seconds += more.seconds
        return counts, settled, settled_findings

    def _contested(
        self, ledger: pl.DataFrame, settled: pl.DataFrame, old: pl.DataFrame
    ) -> list[str]:
        """Return paths whose claim turned out otherwise than what was written or kept for them."""
        columns = ["path", "outcome", "duplicate_of"]
        before = ledger.select(columns).sort("path")
        after = settled.select(columns).sort("path")
        differs = before.filter(
            (before["outcome"] != after["outcome"])
            | before["duplicate_of"].ne_missing(after["duplicate_of"])
        )["path"].to_list()
        losers = after.filter(pl.col("duplicate_of").is_not_null())
        gone = old.filter(pl.col("duplicate_of").is_not_null()).join(losers, on="path", how="anti")
        return [*differs, *gone.join(after, on="path", how="semi")["path"].to_list()]

    def _scan(
        self,
        files: pl.DataFrame,
        rewritten: pl.DataFrame,
        kept_ledger: pl.DataFrame,
        touched: set[int],
    ) -> tuple[ScanCounts, pl.DataFrame, pl.DataFrame]:
        kept_paths = kept_ledger.filter(pl.col("outcome").is_in(_ROWS_EXIST)).select("path")
        needed = files.select("path", "size_bytes", "mtime_ns", "shard")
        idle = sorted(touched - set(needed["shard"].unique()))
        if idle:
            blank = pl.DataFrame({"path": [""] * len(idle), "shard": idle}).select(
                "path",
                pl.lit(None, dtype=pl.Int64).alias("size_bytes"),
                pl.lit(None, dtype=pl.Int64).alias("mtime_ns"),
                pl.col("shard").cast(needed.schema["shard"]),
            )
            needed = pl.concat([needed, blank])

        def kept(shard: int) -> dict[str, pl.DataFrame] | None:
            if kept_paths.is_empty():
                return None
            read = {
                name: self.lake.scan(name, self.name, head=self.old, shards=[shard])
                for name in SCAN_TABLES
            }
            documents = read["documents"].collect().join(kept_paths, on="path", how="semi")
            if documents.is_empty():
                return None
            ids = documents.select("document_id").lazy()
            others = [name for name in SCAN_TABLES if name != "documents"]
            frames = pl.collect_all(
                [read[name].join(ids, on="document_id", how="semi") for name in others]
            )
            return {"documents": documents, **dict(zip(others, frames, strict=True))}

        def advance(files: int, size: int) -> None:
            self.done_files += files
            self.pipeline.progress("scan", self.done_files, self.total)

        ledger, findings, counts = scan_shards(
            self.scanner, self.writer, self.source, needed,
            kept=kept, explain=self._explain, advance=advance,
        )  # fmt: skip
        return counts, ledger, findings

    def _explain(self, findings: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
        if findings.filter(pl.col("code") == "SCHEMA_VIOLATION").is_empty():
            return findings
        dialects = dict(ledger.select("path", "dialect").drop_nulls().iter_rows())
        return self.pipeline.explainer.explain(findings, self.source, dialects)

    def _skipped_rows(self, todo: Plan) -> pl.DataFrame:
        """Return ledger rows for files left out by policy."""
        schema = polars_schema(TABLES["artifacts"])
        skipped = todo.files.filter(pl.col("state") == "skipped")
        given = {
            "source": pl.lit(self.name),
            "outcome": pl.lit(Outcome.SKIPPED.value),
            "node_count": pl.lit(0),
            "unknown_count": pl.lit(0),
            "finding_count": pl.lit(0),
            "engine_version": pl.lit(self.scanner.version),
            "scanned_at": pl.lit(_now()),
        }
        columns = [
            (
                pl.col(name)
                if name in ("path", "size_bytes", "mtime_ns")
                else given.get(name, pl.lit(None))
            )
            .cast(kind)
            .alias(name)
            for name, kind in schema.items()
        ]
        return skipped.select(columns)

    def _discovered(self, todo: Plan) -> pl.DataFrame:
        """Return discovery's findings that no kept ledger row carries already."""
        fresh = todo.files.filter(pl.col("state") != "unchanged").select("path")
        found = self.discovery.findings
        rows = pl.concat([found.join(fresh, on="path", how="semi"), self._strays(found)])
        return rows.select(
            source=pl.lit(self.name),
            path="path", code="code", severity="severity", pointer="pointer", message="message",
            hint="hint",
            start_byte=pl.lit(None, dtype=pl.Int64),
            end_byte=pl.lit(None, dtype=pl.Int64),
        )  # fmt: skip

    def _store(self, ledger: pl.DataFrame, findings: pl.DataFrame, touched: set[int]) -> None:
        """Write the ledger and findings of the touched shards."""
        for name, frame in (("artifacts", ledger), ("findings", findings)):
            if self.shards == 1:
                self.writer.add(name, frame, 0)
                continue
            cut = frame.with_columns(_shard=self._shard_column())
            for (shard,), rows in cut.group_by("_shard"):
                number = int(str(shard))
                if number in touched:
                    self.writer.add(name, rows.drop("_shard"), number)


def _scan_digest(ledger: pl.DataFrame, engine_version: str) -> str:
    """Return the digest of the scanned content: what every later stage depends on."""
    digest = xxhash.xxh3_128(engine_version.encode())
    rows = ledger.select("path", "content_hash", "outcome").sort("path")
    for path, content, outcome in rows.iter_rows():
        digest.update(f"{path}\0{content}\0{outcome}\n".encode())
    return digest.hexdigest()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

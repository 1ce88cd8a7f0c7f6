"""The five stages in order: extract, validate, normalize, resolve, load.

Belongs here: composing stages for one source, and what each run reports. Does not: any rule of a
stage, printing, Dagster. The command line, the Dagster assets and the tests all call this.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.errors import BrokenTablesError, QualityGateError, SourceMovedError
from snake_pipe_core.incremental import LEDGER_TABLES, Progress, SourceUpdate, scan_digest
from snake_pipe_core.incremental import graph_digest as digest_of_graph
from snake_pipe_core.lake import Head, Lake
from snake_pipe_core.load import LoadReport, load_slice
from snake_pipe_core.model.kinds import Outcome
from snake_pipe_core.model.tables import SCAN_TABLES, TABLES
from snake_pipe_core.normalize import ScanCounts, Scanner, chunks
from snake_pipe_core.profile import Profile, Profiler
from snake_pipe_core.profile.measure import NODE_COLUMNS
from snake_pipe_core.resolve import ResolveReport, resolve_source, resolver_version
from snake_pipe_core.sample import Pseudonyms, SampleError, SampleReport, choose, write_sample
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.base import Discovery, Source
from snake_pipe_core.validate import Explainer, QualityGate, broken_rules, quality_gate


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
        return Explainer(load_registry().dialects)

    # -- inspect ----------------------------------------------------------------------------

    def inspect(self, source: Source, *, profile: str | None = None) -> dict[str, Any]:
        """Scan a source without keeping anything; return what it holds and what is wrong.

        Keys: `files`, `size_bytes`, `skipped`, `outcomes`, `dialects` (one entry per dialect,
        version, producer and language with counts), `trouble` (one entry per finding code). With
        `profile`, the name of a source, also `profile`: a `Profile` under that name. Only then are
        nodes made, which takes about twice as long.
        """
        discovery = source.discover(lambda seen: self.progress("extract", seen, None))
        self.progress("extract", discovery.files.height, discovery.files.height)
        taken = discovery.files.filter(~pl.col("is_skipped"))
        ledgers = [pl.DataFrame(schema=TABLES["artifacts"].polars_schema)]
        findings = [pl.DataFrame(schema=TABLES["findings"].polars_schema)]
        done = 0
        profiler = Profiler() if profile else None
        for chunk in chunks(taken, self.scanner.chunk_bytes):
            frames = self.scanner.scan("inspect", source, chunk, nodes=profiler is not None)
            if profiler:
                profiler.add(frames.pop("nodes").select(NODE_COLUMNS), frames["documents"])
            ledgers.append(frames["artifacts"])
            findings.append(frames["findings"])
            done += chunk.height
            self.progress("inspect", done, taken.height)
        ledger, found = pl.concat(ledgers), pl.concat(findings)
        report = _inspection(discovery, taken, ledger, found)
        if profiler:
            digest = scan_digest(ledger, found, self.scanner.version)
            report["profile"] = profiler.profile(profile or "", digest, ledger, found)
        return report

    # -- profile ----------------------------------------------------------------------------

    def profile(self, name: str) -> Profile:
        """Return the profile of what the lake holds of a source, and keep it if it is a new one.

        Memory holds the nodes of one file of the table at a time.
        """
        head = self.lake.head(name)
        ledger, findings = (
            self.lake.scan(table, name, head=head).collect() for table in LEDGER_TABLES
        )
        columns = ("document_id", "path", "language", "dialect")
        documents = self.lake.scan("documents", name, head=head).select(columns).collect()
        files = self.lake.files("nodes", name, head=head)
        profiler = Profiler()
        for done, file in enumerate(files):
            self.progress("profile", done, len(files))
            nodes = pl.read_parquet(file, columns=list(NODE_COLUMNS), hive_partitioning=False)
            profiler.add(nodes, documents)
        self.progress("profile", len(files), len(files))
        profile = profiler.profile(name, head.scan_digest, ledger, findings)
        self.lake.profiles.keep(profile.rows)
        return profile

    # -- sample -----------------------------------------------------------------------------

    def sample(
        self, source: Source, out: Path, *, count: int, seed: int, key: bytes | None = None
    ) -> SampleReport:
        """Write at most `count` artifacts that stand for a source to the directory `out`.

        With `key`, names, literals, comments and paths are replaced by pseudonyms that depend on
        it. Each such artifact is scanned again, and left out unless its tree has the same shape
        and kinds as the original's. `out` must not exist, or be empty; it appears whole or not at
        all. Raises `SampleError` otherwise, and if no artifact is valid.
        """
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise SampleError(
                f"{out} is there already, and a sample must not mix with what it holds.",
                remedy="Name a directory that does not exist.",
                state="Nothing was written.",
            )
        discovery = source.discover(lambda seen: self.progress("extract", seen, None))
        self.progress("extract", discovery.files.height, discovery.files.height)
        taken = discovery.files.filter(~pl.col("is_skipped"))
        ledgers = [pl.DataFrame(schema=TABLES["artifacts"].polars_schema)]
        done = 0
        for chunk in chunks(taken, self.scanner.chunk_bytes):
            ledgers.append(self.scanner.scan("sample", source, chunk, nodes=False)["artifacts"])
            done += chunk.height
            self.progress("inspect", done, taken.height)
        chosen = choose(pl.concat(ledgers), count=count, seed=seed)
        if chosen.is_empty():
            raise SampleError(
                f"{source.location} holds no valid artifact to sample.",
                remedy="`snake-pipe inspect` on the same place says what is wrong with them.",
                state="Nothing was written.",
            )
        names = Pseudonyms(key) if key is not None else None
        return write_sample(chosen, source, out, self.scanner.engine, names, self.progress)

    # -- scan -------------------------------------------------------------------------------

    def scan(
        self,
        name: str,
        source: Source,
        *,
        again: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
        moved: bool = True,
    ) -> ScanReport:
        """Bring the lake up to date with `source`: only new and changed files are read.

        `again` names artifacts to scan although they have not changed. The result equals that of a
        scan from nothing, row for row but for `scanned_at`. With `only`, exactly these artifacts
        are scanned (replay) and all others stay as they are in the lake, even if they changed or
        the engine is newer than the one that scanned them; the next scan without `only` sees to
        them. With `moved` false, raises `SourceMovedError` if the source was last read from
        elsewhere.
        """
        started = time.monotonic()
        with self.lake.writing(name) as writer:
            if not moved:
                _check_location(writer.head, source)
            discovery = source.discover(lambda seen: self.progress("extract", seen, None))
            self.progress("extract", discovery.files.height, discovery.files.height)
            update = SourceUpdate(
                writer, source, discovery, self.scanner, self.explainer,
                files_per_shard=self.settings.files_per_shard, progress=self.progress, again=again,
                only=only,
            ).execute()  # fmt: skip
            head = writer.head
        outcomes = self._outcomes(head)
        rows = {
            table: self.lake.row_count(table, name, head=head)
            for table in (*LEDGER_TABLES, *SCAN_TABLES)
        }
        return ScanReport(
            name, update.states, outcomes, quality_gate(outcomes), update.counts, head,
            time.monotonic() - started, rows, update.changed,
        )  # fmt: skip

    def _outcomes(self, head: Head) -> dict[str, int]:
        ledger = self.lake.scan("artifacts", head.source, head=head)
        return dict(ledger.group_by("outcome").len().sort("outcome").collect().iter_rows())

    # -- resolve ----------------------------------------------------------------------------

    def resolve(self, name: str) -> ResolveReport:
        """Link the source's symbols across files, unless its edges are already those."""
        head = self.lake.head(name)
        if head.graph_digest == graph_digest(head):
            self.progress("resolve", 1, 1)
            return ResolveReport.unchanged(self.lake, head)
        with self.lake.writing(name) as writer:
            self.progress("resolve", 0, None)
            report = resolve_source(self.lake, writer)
            versions = writer.commit(dict.fromkeys(("edges", "unresolved")))
            writer.publish(versions, graph_digest=graph_digest(writer.head))
            self.progress("resolve", 1, 1)
        return report

    # -- load -------------------------------------------------------------------------------

    def load(
        self, name: str, *, backends: Sequence[str] | None = None, run_id: str | None = None
    ) -> list[LoadReport]:
        """Publish the source in every backend; one that fails leaves the others and its past be.

        Raises `QualityGateError` below the gate and `BrokenTablesError` if the lake's tables break
        a rule of `validate.checks`: nothing then reaches any backend.
        """
        head = self.lake.head(name)
        gate = quality_gate(self._outcomes(head))
        if not gate.passed:
            raise QualityGateError(
                f"Source {name!r} stays out of the backends. {gate}",
                remedy=f"See `snake-pipe quarantine list --source {name}`, mend or exclude the "
                "files, and run again.",
                state="The lake holds the scan; the backends still show what they showed before.",
            )
        self._check_tables(name)
        return load_slice(
            self.settings, self.lake, head, backends=backends, run_id=run_id, progress=self.progress
        )

    def _check_tables(self, name: str) -> None:
        if problems := broken_rules(self.lake, name):
            raise BrokenTablesError(
                f"The tables of {name!r} contradict themselves: {' '.join(problems)}",
                remedy="This is a fault of a dialect's mapping or of Snake-Pipe; report it with "
                "the artifacts, or exclude those that are named.",
                state="The lake holds the scan; the backends still show what they showed before.",
            )

    def run(
        self,
        name: str,
        source: Source,
        *,
        backends: Sequence[str] | None = None,
        again: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
        moved: bool = True,
    ) -> RunReport:
        """Scan, resolve and load one source. Below the gate it ends after the scan.

        Backends start while edges are still being resolved, and load when they are. Options are
        those of `scan` and `load`.
        """
        started = time.monotonic()
        scan = self.scan(name, source, again=again, only=only, moved=moved)
        if not scan.gate.passed:
            return RunReport(scan, None, (), time.monotonic() - started)
        resolving: Future[Head] = Future()
        promised = replace(scan.head, graph_digest=graph_digest(scan.head))
        with ThreadPoolExecutor(1, thread_name_prefix="load") as pool:
            loading = pool.submit(
                load_slice, self.settings, self.lake, promised, backends=backends,
                progress=self.progress, resolved=resolving,
            )  # fmt: skip
            try:
                resolved = self.resolve(name)
                self._check_tables(name)
                resolving.set_result(self.lake.head(name))
            except BaseException as error:
                resolving.set_exception(error)
                raise
            loads = loading.result()
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
    return digest_of_graph(head, resolver_version())


def _check_location(head: Head, source: Source) -> None:
    if head.location and head.location != source.location:
        raise SourceMovedError(
            f"The source {head.source!r} was loaded from {head.location}, not from "
            f"{source.location}; going on would replace it.",
            remedy="Give this directory a name of its own with --source NAME, or say --moved if "
            "it is the same source in a new place.",
            state="Nothing was changed.",
        )


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

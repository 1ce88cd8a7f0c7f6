"""One source brought up to date in the lake, reading only what changed.

Belongs here: which shards are written anew and from what, so that the result equals that of a scan
from nothing. Does not: the rules of a stage; those are in `extract`, `validate` and `normalize`.

A shard is written as a whole: the rows of documents that need no scan are copied from the last
generation, the rest is scanned. Two artifacts may claim one document; who owns it shows only once
both are scanned. So shards are written, claims settled, and shards that hold rows of a loser, or
lack rows of a new winner, written once more.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import polars as pl
import xxhash

from snake_pipe_core.errors import SourceChangingError
from snake_pipe_core.extract import Plan, plan
from snake_pipe_core.lake import Head, SourceWriter
from snake_pipe_core.lake.store import shard_count, shards_of
from snake_pipe_core.model.kinds import Outcome
from snake_pipe_core.model.tables import SCAN_TABLES, TABLES
from snake_pipe_core.normalize import ScanCounts, Scanner, scan_shards
from snake_pipe_core.normalize.scan import Frames
from snake_pipe_core.sources.base import Discovery, Source
from snake_pipe_core.validate import Explainer, settle

LEDGER_TABLES = ("artifacts", "findings")
_WITH_ROWS = [Outcome.LOADED.value, Outcome.LOADED_WITH_WARNINGS.value]
_MOST_PASSES = 5
_PATHS = pl.Schema({"path": pl.String})


class Progress(Protocol):
    """Hears how far a stage is; `total` is None while it is not known."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take a report: `stage` is one of extract, scan, resolve or `load <backend>`."""


@dataclass(frozen=True)
class Update:
    """What an update found and did: files per state, work done, whether a head was published."""

    states: Mapping[str, int]
    counts: ScanCounts
    changed: bool


class SourceUpdate:
    """One update of one source, under its writer's lock."""

    def __init__(
        self,
        writer: SourceWriter,
        source: Source,
        discovery: Discovery,
        scanner: Scanner,
        explainer: Explainer,
        *,
        files_per_shard: int,
        progress: Progress,
        again: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
    ) -> None:
        """Take what was discovered; `again` names artifacts to scan although unchanged.

        With `only`, no other artifact than those is looked at: the rest stays as the last
        generation has it, to be seen to by the next update.
        """
        self.writer, self.source, self.discovery = writer, source, discovery
        self.scanner, self.explainer, self.progress = scanner, explainer, progress
        self.lake, self.name, self.old = writer.lake, writer.source, writer.head
        self.only = only if self.old.generation else None
        self.shards = self.old.shards if self.only is not None else shard_count(
            discovery.files.height, self.old.shards, per_shard=files_per_shard
        )  # fmt: skip
        self.is_whole = not self.old.generation or self.old.shards != self.shards
        self.again = again
        self.old_ledger = self.lake.scan("artifacts", self.name, head=self.old).collect()
        self.old_findings = self.lake.scan("findings", self.name, head=self.old).collect()
        self.counts = ScanCounts()
        self.total = 0

    def execute(self) -> Update:
        """Scan what must be, commit and publish."""
        todo = self._plan(self.old_ledger)
        states = todo.counts()
        if self.is_whole:
            todo = self._plan(self.old_ledger.clear())
            touched = set(range(self.shards))
        else:
            touched = self._touched(todo)
        if not touched:
            return Update(states, self.counts, changed=self._follow_origin())
        ledger, findings = self._scan_until_settled(todo, touched)
        if self._is_as_before(ledger, findings):
            return Update(states, self.counts, changed=self._follow_origin())
        judged = touched | self._judged_anew(ledger)
        self._write_ledger(ledger, findings, judged)
        versions = self.writer.commit(
            dict.fromkeys(LEDGER_TABLES, self._all_or(judged))
            | dict.fromkeys(SCAN_TABLES, self._all_or(touched))
        )
        self.writer.publish(
            versions,
            shards=self.shards,
            scan_digest=scan_digest(ledger, findings, self.scanner.version),
            engine_version=self.scanner.version,
            location=self.source.location,
            origin=self.source.origin,
        )
        self.counts.shards = sorted(touched)
        return Update(states, self.counts, changed=True)

    def _all_or(self, shards: set[int]) -> set[int] | None:
        return None if len(shards) == self.shards else shards

    # -- what to do -------------------------------------------------------------------------

    def _plan(self, ledger: pl.DataFrame) -> Plan:
        shards = pl.col("path").map_batches(
            lambda paths: shards_of(paths, self.shards), return_dtype=pl.Int64
        )
        return plan(
            self.discovery.files,
            ledger,
            engine_version=self.scanner.version,
            shards=shards,
            again=self.again
            | (self._skipped_otherwise(ledger) if self.only is None else self.only),
            only=self.only,
        )

    def _skipped_otherwise(self, ledger: pl.DataFrame) -> frozenset[str]:
        """Return skipped files that discovery now finds another reason to skip."""
        on = ["path", "code", "message"]
        now = self.discovery.findings.join(
            self.discovery.files.filter("is_skipped"), on="path", how="semi"
        )
        then = self.old_findings.join(
            ledger.filter((pl.col("outcome") == "skipped") & pl.col("content_hash").is_null()),
            on="path", how="semi",
        )  # fmt: skip
        return frozenset(
            [*now.join(then, on=on, how="anti")["path"], *then.join(now, on=on, how="anti")["path"]]
        )

    def _touched(self, todo: Plan) -> set[int]:
        """Return the shards in which anything differs from the last run."""
        changed = todo.files.filter(pl.col("state") != "unchanged")["shard"].unique().to_list()
        strays = self._strays()
        before = self.old_findings.join(self.old_ledger, on="path", how="anti")
        on = ["path", "code", "message"]
        for some, others in ((strays, before), (before, strays)):
            moved = some.join(others, on=on, how="anti")["path"]
            changed += shards_of(moved, self.shards).to_list()
        return {int(shard) for shard in changed}

    def _strays(self) -> pl.DataFrame:
        """Return findings on what is no file of the ledger, such as unreadable directories."""
        return self.discovery.findings.join(self.discovery.files, on="path", how="anti")

    # -- doing it ---------------------------------------------------------------------------

    def _scan_until_settled(
        self, todo: Plan, touched: set[int]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Write shards until their rows are those of the documents' owners; return the ledger.

        `touched` grows by the shards that claims reached. The findings are returned, too.
        """
        files = todo.files.filter(pl.col("state").is_in(["new", "changed", "unchanged"]))
        unchanged = todo.files.filter(pl.col("state") == "unchanged").select("path")
        to_scan = files.filter(pl.col("state") != "unchanged")
        ledger = pl.concat(
            [self.old_ledger.join(unchanged, on="path", how="semi"), self._skipped_rows(todo)]
        )
        findings = pl.concat(
            [self.old_findings.join(unchanged, on="path", how="semi"), self._discovered(todo)]
        )
        copies = ledger.filter(pl.col("outcome").is_in(_WITH_ROWS)).select("path")
        written = copies
        shards = touched
        for _ in range(_MOST_PASSES):
            here = files.filter(pl.col("shard").is_in(sorted(shards)))
            copied = here.join(copies, on="path", how="semi")
            scanned = here.join(to_scan, on="path", how="semi")
            for name in SCAN_TABLES:
                self.writer.discard(name, shards)
            rows, row_findings = self._scan(shards, scanned, copied)
            ledger = pl.concat([ledger.join(rows, on="path", how="anti"), rows])
            findings = pl.concat([findings.join(rows, on="path", how="anti"), row_findings])
            written = pl.concat(
                [
                    written.join(here, on="path", how="anti"),
                    copied.select("path"),
                    rows.filter(pl.col("outcome").is_in(_WITH_ROWS)).select("path"),
                ]
            )
            settled, settled_findings = settle(ledger, findings)
            owners = _owners(ledger, settled)
            wrong = pl.concat(
                [
                    written.join(owners, on="path", how="anti"),
                    owners.join(written, on="path", how="anti"),
                ]
            ).join(files, on="path")
            if wrong.is_empty():
                return settled, settled_findings
            shards = set(wrong["shard"].unique().to_list())
            touched |= shards
            copies = copies.join(owners, on="path", how="semi")
            to_scan = owners.join(copies, on="path", how="anti")
        raise SourceChangingError(
            f"Files of the source {self.name!r} kept changing while they were scanned.",
            remedy="Run again when the producer has finished.",
            state="The source's published head is unchanged.",
        )

    def _scan(
        self, shards: Iterable[int], scanned: pl.DataFrame, copied: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        self.total += scanned.height
        columns = ["path", "size_bytes", "mtime_ns"]
        by_shard = _by_shard(scanned, columns)
        copied_by_shard = _by_shard(copied, ["path"])
        nothing = scanned.select(columns).clear()

        def kept(shard: int) -> Frames:
            return self._old_rows(shard, copied_by_shard.get(shard))

        done = self.counts.files

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self.progress("scan", done, self.total)

        ledger, findings, counts = scan_shards(
            self.scanner, self.writer, self.source,
            {shard: by_shard.get(shard, nothing) for shard in shards},
            kept=kept, explain=self._explain, advance=advance,
        )  # fmt: skip
        self.counts.files += counts.files
        self.counts.size_bytes += counts.size_bytes
        self.counts.nodes += counts.nodes
        self.counts.seconds += counts.seconds
        return ledger, findings

    def _old_rows(self, shard: int, paths: pl.DataFrame | None) -> Frames:
        """Return the last generation's rows of the documents that these artifacts own."""
        if paths is None or paths.is_empty():
            return {}
        old = {
            name: self.lake.scan(name, self.name, head=self.old, shards=[shard])
            for name in SCAN_TABLES
        }
        documents = old["documents"].collect().join(paths, on="path", how="semi")
        ids = documents.select("document_id").lazy()
        others = [name for name in SCAN_TABLES if name != "documents"]
        frames = pl.collect_all(
            [
                old[name].join(ids, on="document_id", how="semi", maintain_order="left")
                for name in others
            ]
        )
        return {"documents": documents, **dict(zip(others, frames, strict=True))}

    def _explain(self, findings: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
        return self.explainer.explain(findings, self.source, ledger)

    # -- the ledger -------------------------------------------------------------------------

    def _skipped_rows(self, todo: Plan) -> pl.DataFrame:
        """Return ledger rows for files left out by policy."""
        skipped = todo.files.filter(pl.col("state") == "skipped")
        given = {
            "source": pl.lit(self.name),
            "outcome": pl.lit(Outcome.SKIPPED.value),
            "node_count": pl.lit(0),
            "unknown_count": pl.lit(0),
            "finding_count": pl.lit(0),
            "engine_version": pl.lit(self.scanner.version),
            "scanned_at": pl.lit(datetime.datetime.now(datetime.UTC)),
            **{name: pl.col(name) for name in ("path", "size_bytes", "mtime_ns")},
        }
        return skipped.select(
            given.get(name, pl.lit(None)).cast(kind).alias(name)
            for name, kind in TABLES["artifacts"].polars_schema.items()
        )

    def _discovered(self, todo: Plan) -> pl.DataFrame:
        """Return discovery's findings that no kept ledger row carries already."""
        fresh = todo.files.filter(pl.col("state") != "unchanged").select("path")
        found = self.discovery.findings
        rows = pl.concat([found.join(fresh, on="path", how="semi"), self._strays()])
        return rows.select(
            pl.col(name) if name in rows.columns
            else pl.lit(self.name if name == "source" else None, dtype=kind).alias(name)
            for name, kind in TABLES["findings"].polars_schema.items()
        )  # fmt: skip

    def _is_as_before(self, ledger: pl.DataFrame, findings: pl.DataFrame) -> bool:
        """Whether every file was scanned again for nothing, as unreadable ones always are."""
        if self.is_whole or ledger.height != self.old_ledger.height:
            return False
        scanned = ledger.filter(pl.col("content_hash").is_not_null()).select("path", "scanned_at")
        if scanned.join(self.old_ledger, on=["path", "scanned_at"], how="anti").height:
            return False  # the time is kept, so that the file counts as unchanged from now on
        pairs = ((ledger.drop("scanned_at"), self.old_ledger.drop("scanned_at")),
                 (findings, self.old_findings))  # fmt: skip
        return all(new.sort(new.columns).equals(old.sort(old.columns)) for new, old in pairs)

    def _judged_anew(self, ledger: pl.DataFrame) -> set[int]:
        """Return the shards of artifacts whose claim came out otherwise without a scan."""
        on = ["path", "outcome", "duplicate_of", "finding_count"]
        moved = ledger.join(self.old_ledger, on=on, how="anti", nulls_equal=True)["path"]
        return set(shards_of(moved, self.shards).to_list())

    def _write_ledger(self, ledger: pl.DataFrame, findings: pl.DataFrame, shards: set[int]) -> None:
        for name, frame in (("artifacts", ledger), ("findings", findings)):
            cut = frame.with_columns(shard=shards_of(frame["path"], self.shards))
            for shard, rows in _by_shard(cut, TABLES[name].names).items():
                if shard in shards:
                    self.writer.add(name, rows, shard)

    def _follow_origin(self) -> bool:
        """Publish where the source lies now, if that is all that changed."""
        if self.old.location == self.source.location and self.old.origin == self.source.origin:
            return False
        self.writer.publish({}, location=self.source.location, origin=self.source.origin)
        return True


def _owners(ledger: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """Return paths whose rows must be stored: accepted ones, and losers whose winner is gone."""
    lost = ledger.filter(
        pl.col("duplicate_of").is_not_null() & ~pl.col("outcome").is_in(_WITH_ROWS)
    ).select("path")
    freed = settled.filter(pl.col("duplicate_of").is_null()).join(lost, on="path", how="semi")
    accepted = settled.filter(pl.col("outcome").is_in(_WITH_ROWS))
    return pl.concat([accepted.select("path"), freed.select("path")])


def _by_shard(frame: pl.DataFrame, columns: list[str]) -> dict[int, pl.DataFrame]:
    parts = frame.select(*columns, "shard").partition_by(
        "shard", as_dict=True, include_key=False, maintain_order=True
    )
    return {int(str(shard)): rows for (shard,), rows in parts.items()}


def scan_digest(ledger: pl.DataFrame, findings: pl.DataFrame, engine_version: str) -> str:
    """Return the digest of what was scanned: what every later stage depends on.

    Modification times are no part of it: touching a file changes its ledger row in the lake and
    nothing else.
    """
    digest = xxhash.xxh3_128(engine_version.encode())
    identity: tuple[str, ...] = ("path", "content_hash", "size_bytes", "outcome", "duplicate_of")
    read = ledger.filter(pl.col("content_hash").is_not_null())
    if (read["engine_version"] != engine_version).any():
        # After a replay by a newer engine, it matters which artifacts the older one scanned.
        identity = (*identity, "engine_version")
    for frame, columns in (
        (ledger, identity),
        (findings, ("path", "code", "pointer", "message")),
    ):
        lines = frame.select(
            line=pl.concat_str(
                [pl.col(name).cast(pl.String).fill_null("") for name in columns], separator="\0"
            )
        )["line"]
        digest.update("\n".join(lines.sort().to_list()).encode("utf-8", "surrogatepass"))
        digest.update(b"\1")
    return digest.hexdigest()


def graph_digest(head: Head, resolver: str) -> str:
    """Return what identifies the edges of a head: scanned content and resolver."""
    return f"{head.scan_digest}-{resolver}"

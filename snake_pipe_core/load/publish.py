"""Publish one source in several backends at once.

Belongs here: one thread per backend, the same four steps in each, and the record of what became of
it. Does not: any driver.

The version is a digest of content, so publishing the same content again finds it published and does
nothing. A backend that fails keeps showing its last good version, which is recorded as stale; the
others go on. The record lies in the relational backend; if that one is down, the run says so and
the record is made good by the next run, since every run records what it finds.
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

import polars as pl
import xxhash

from snake_pipe_core.backends.base import Backend, Slice
from snake_pipe_core.backends.registry import BackendSpec, open_backend
from snake_pipe_core.backends.registry import backends as registered
from snake_pipe_core.embeddings.registry import open_provider
from snake_pipe_core.embeddings.rows import embedding_frame
from snake_pipe_core.errors import (
    LakeError,
    SnakePipeError,
    SourceChangingError,
    TransientError,
    VerificationError,
)
from snake_pipe_core.lake import Head, Lake
from snake_pipe_core.settings import Settings

_LAYOUT = "1"
_EMBEDDED_FROM = ("documents", "symbols", "references", "nodes")


class _Record(Protocol):
    def record(self, publication: Mapping[str, Any]) -> None: ...
    def publications(self) -> pl.DataFrame: ...
    def forget(self, source: str) -> None: ...


@dataclass(frozen=True)
class LoadReport:
    """What became of one source in one backend.

    `state` is `published`, `unchanged` (this content was published already) or `failed`; `counts`
    are rows per collection, `seconds` the time from opening to publishing.
    """

    source: str
    backend: str
    role: str
    state: str
    version: str
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    location: str = ""
    digest: str = ""
    error: str | None = None
    is_transient: bool = False
    started_at: datetime.datetime | None = None
    published_at: datetime.datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether readers now see this content."""
        return self.state != "failed"


def content_version(head: Head) -> str:
    """Return the version under which a resolved head is published: 32 hex digits."""
    provider = open_provider()
    parts = (head.graph_digest, _LAYOUT, provider.identity)
    return xxhash.xxh3_128_hexdigest("\0".join(parts).encode())


def load_slice(
    settings: Settings,
    lake: Lake,
    head: Head,
    *,
    backends: Sequence[str] | None = None,
    run_id: str | None = None,
    progress: Callable[[str, int, int | None], None],
    resolved: Future[Head] | None = None,
) -> list[LoadReport]:
    """Publish a resolved head in the named backends (all registered ones if None).

    If its edges are still being made, `head` says which they will be (`graph_digest`) and
    `resolved` gives the head that has them. Backends start meanwhile and apply when it is there:
    resolving is what most of them wait for, so nothing should compete with it.

    Raises `LakeError` if the head is not resolved. What goes wrong in a backend is in its report.
    """
    if not head.is_resolved:
        raise LakeError(
            f"The edges of {head.source!r} belong to older content than its symbols.",
            remedy="Resolve the source, then load it.",
            state="The backends still show what they showed before.",
        )
    specs = registered()
    names = list(specs) if backends is None else list(backends)
    if resolved is None:
        resolved = Future()
        resolved.set_result(head)
    job = _Job(settings, lake, head, content_version(head), progress, resolved)
    keeper = next((spec.name for spec in specs.values() if spec.role == "relational"), None)
    with ExitStack() as stack, ThreadPoolExecutor(max(1, len(names))) as pool:
        futures = {
            name: pool.submit(job.load, name) for name in names if name != keeper or keeper is None
        }
        record: _Record | None = None
        reports: dict[str, LoadReport] = {}
        if keeper is not None:
            relational, failure = _entered(stack, keeper, settings)
            record = cast("_Record", relational) if relational is not None else None
            if keeper in names:
                reports[keeper] = (
                    job.load_opened(keeper, relational)
                    if relational is not None
                    else job.failed(keeper, cast("Exception", failure))
                )
        reports |= {name: future.result() for name, future in futures.items()}
        ordered = [reports[name] for name in names]
        if record is not None:
            ordered = [_with_counts(record, report) for report in ordered]
            for report in ordered:
                _write_record(record, report, run_id)
    return ordered


def drop_source(settings: Settings, lake: Lake, source: str) -> None:
    """Remove a source from every backend, from the record and, last, from the lake."""
    for name, spec in registered().items():
        with open_backend(name, settings) as backend:
            backend.drop(source)
            if spec.role == "relational":
                cast("_Record", backend).forget(source)
    lake.drop(source)


def _entered(
    stack: ExitStack, name: str, settings: Settings
) -> tuple[Backend | None, Exception | None]:
    try:
        return stack.enter_context(open_backend(name, settings)), None
    except Exception as error:  # noqa: BLE001 - one backend's trouble is not the others'
        return None, error


class _Job:
    """One head on its way into backends."""

    def __init__(
        self,
        settings: Settings,
        lake: Lake,
        head: Head,
        version: str,
        progress: Callable[[str, int, int | None], None],
        resolved: Future[Head],
    ) -> None:
        self.settings, self.lake, self.head, self.version = settings, lake, head, version
        self.progress, self.resolved = progress, resolved
        self.specs: Mapping[str, BackendSpec] = registered()

    def load(self, name: str) -> LoadReport:
        """Open a backend and load it; whatever Snake-Pipe raises becomes the report."""
        try:
            with open_backend(name, self.settings) as backend:
                return self.load_opened(name, backend)
        except Exception as error:  # noqa: BLE001 - one backend's trouble is not the others'
            return self.failed(name, error)

    def load_opened(self, name: str, backend: Backend) -> LoadReport:
        """Apply, verify, publish and collect in an open backend."""
        started_at, started = _now(), time.monotonic()
        stage, source = f"load {name}", self.head.source
        self.progress(stage, 0, 3)
        try:
            is_published = backend.published().get(source) == self.version
            if is_published:
                _collect(backend)
                self.progress(stage, 3, 3)
                return LoadReport(
                    source, name, backend.capabilities.role, "unchanged", self.version,
                    seconds=time.monotonic() - started, started_at=started_at,
                )  # fmt: skip
            head = self._resolved_head()
            slice_ = Slice(source, self.version, slice_frames(self.lake, head, backend))
            sent = backend.apply(slice_)
            self.progress(stage, 1, 3)
            held = backend.verify(slice_)
            if dict(held.counts) != dict(sent) or not held.ok:
                raise VerificationError(
                    f"{name} holds {dict(held.counts)} of {source!r} where {dict(sent)} was sent"
                    + (f", and lacks ids such as {held.missing_ids[0]}." if not held.ok else "."),
                    remedy="Run again; if it happens again, check the store's disk and log.",
                    state="The version was not published; readers see the one before.",
                )
            self.progress(stage, 2, 3)
            location = backend.publish(source, self.version)
            published_at = _now()
            _collect(backend)
        except Exception as error:  # noqa: BLE001 - one backend's trouble is not the others'
            return self.failed(name, error, started_at, time.monotonic() - started)
        self.progress(stage, 3, 3)
        return LoadReport(
            source, name, backend.capabilities.role, "published", self.version, sent,
            time.monotonic() - started, location, held.digest,
            started_at=started_at, published_at=published_at,
        )  # fmt: skip

    def _resolved_head(self) -> Head:
        """Wait for the edges; raise if they came out as those of other content."""
        head = self.resolved.result()
        if head.graph_digest != self.head.graph_digest:
            raise SourceChangingError(
                f"The source {head.source!r} was changed by another run meanwhile.",
                remedy="Run again.",
                state="The version was not published; readers see the one before.",
            )
        return head

    def failed(
        self,
        name: str,
        error: Exception,
        started_at: datetime.datetime | None = None,
        seconds: float = 0.0,
    ) -> LoadReport:
        """Return the report of a failure; what was published before stays visible."""
        told = (
            str(error) if isinstance(error, SnakePipeError) else f"{type(error).__name__}: {error}"
        )
        return LoadReport(
            self.head.source, name, self.specs[name].role if name in self.specs else "", "failed",
            self.version, seconds=seconds, error=told,
            is_transient=isinstance(error, TransientError), started_at=started_at or _now(),
        )  # fmt: skip


def _collect(backend: Backend) -> None:
    """Remove what nobody sees; what cannot be removed now is left to the next run."""
    with suppress(SnakePipeError):
        backend.collect()


def slice_frames(lake: Lake, head: Head, backend: Backend) -> dict[str, pl.LazyFrame]:
    """Return the tables that a backend wants, and the embeddings if it wants those."""
    wanted = backend.capabilities.tables
    frames = {
        table: lake.scan(table, head.source, head=head) for table in wanted if table != "embeddings"
    }
    if "embeddings" in wanted:
        inputs = {table: lake.scan(table, head.source, head=head) for table in _EMBEDDED_FROM}
        frames["embeddings"] = embedding_frame(inputs, open_provider()).lazy()
    return frames


def _with_counts(record: _Record, report: LoadReport) -> LoadReport:
    """Add to a report on unchanged content the counts that were recorded with it."""
    if report.state != "unchanged":
        return report
    known = record.publications().filter(
        (pl.col("source") == report.source)
        & (pl.col("backend") == report.backend)
        & (pl.col("version") == report.version)
    )
    return replace(report, counts=json.loads(known["counts"][0])) if known.height else report


def _write_record(record: _Record, report: LoadReport, run_id: str | None) -> None:
    """Write what became of a load, and mark the version before it."""
    known = record.publications().filter(
        (pl.col("source") == report.source) & (pl.col("backend") == report.backend)
    )
    for row in known.iter_rows(named=True):
        if row["version"] == report.version:
            continue
        before = {"published": "superseded", "stale": "superseded"}
        if not report.ok:
            before = {"published": "stale"}
        if row["state"] in before:
            record.record({**row, "state": before[row["state"]]})
    same = known.filter(pl.col("version") == report.version).to_dicts()
    if report.state == "unchanged" and same and same[0]["state"] == "published":
        return
    record.record(
        {
            "source": report.source,
            "backend": report.backend,
            "version": report.version,
            "state": "failed" if report.state == "failed" else "published",
            "counts": json.dumps(dict(report.counts), sort_keys=True),
            "digest": report.digest,
            "location": report.location,
            "error": report.error,
            "started_at": report.started_at,
            "published_at": report.published_at or (report.started_at if report.ok else None),
            "run_id": run_id,
        }
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

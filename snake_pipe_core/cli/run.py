"""`snake-pipe run` and `snake-pipe demo`.

Belongs here: running the pipeline and printing its summary. Does not: the pipeline.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import click

from snake_pipe_core.backends.registry import backends as registered_backends
from snake_pipe_core.cli.options import format_option, settings_of, workspace_options
from snake_pipe_core.cli.output import (
    EXIT_BACKEND,
    EXIT_GATE,
    emit_json,
    out,
    progress_bars,
    size_of,
    table_of,
    told_errors,
)
from snake_pipe_core.model.kinds import RESOLUTIONS


def _summary(report: Any) -> dict[str, Any]:
    """Return a run report as plain values."""
    scan, resolved = report.scan, report.resolve
    seconds = scan.counts.seconds or scan.seconds
    return {
        "source": scan.source,
        "ok": report.ok,
        "files": dict(scan.states),
        "outcomes": dict(scan.outcomes),
        "gate": {
            "passed": scan.gate.passed, "valid": scan.gate.valid, "expected": scan.gate.expected,
        },
        "rows": dict(scan.rows),
        "edges": {kind: dict(counts) for kind, counts in resolved.edges.items()}
        if resolved
        else {},
        "unresolved": dict(resolved.unresolved) if resolved else {},
        "backends": [
            {
                "backend": load.backend, "role": load.role, "state": load.state,
                "version": load.version, "rows": dict(load.counts),
                "seconds": round(load.seconds, 3), "location": load.location, "error": load.error,
            }
            for load in report.loads
        ],
        "throughput": {
            "files_scanned": scan.counts.files,
            "bytes_scanned": scan.counts.size_bytes,
            "nodes_scanned": scan.counts.nodes,
            "scan_seconds": round(seconds, 3),
            "files_per_minute": round(scan.counts.files / seconds * 60) if seconds else 0,
            "nodes_per_second": round(scan.counts.nodes / seconds) if seconds else 0,
        },
        "seconds": round(report.seconds, 3),
        "generation": scan.head.generation,
    }  # fmt: skip


def _print_summary(summary: dict[str, Any]) -> None:
    console = out()
    total = sum(summary["outcomes"].values())
    console.print(f"\n[bold]{summary['source']}[/bold]: {total:,} files in {summary['seconds']} s")
    changes = ", ".join(f"{count:,} {state}" for state, count in summary["files"].items())
    console.print(f"  since the last run: {changes or 'nothing'}")
    gate = summary["gate"]
    verdict = "[green]passed[/green]" if gate["passed"] else "[red]failed[/red]"
    console.print(f"  quality gate {verdict}: {gate['valid']:,} of {gate['expected']:,} valid\n")
    _pairs("Files by outcome", summary["outcomes"], "outcome", "files")
    _pairs("Rows in the lake", summary["rows"], "table", "rows")
    if summary["edges"]:
        rows = [
            {
                "kind": kind,
                "all": sum(counts.values()),
                **{resolution: counts.get(resolution, 0) for resolution in RESOLUTIONS},
            }
            for kind, counts in summary["edges"].items()
        ]
        columns = {
            "kind": "edge", "all": "all", "exact": "exact", "inferred": "inferred",
            "ambiguous": "ambiguous",
        }  # fmt: skip
        console.print(table_of(rows, columns, "Edges by kind and resolution"))
        console.print()
        _pairs(
            "References without a target here, by reason", summary["unresolved"], "reason", "rows"
        )
    if summary["backends"]:
        rows = [
            {
                **load,
                "rows": ", ".join(f"{v:,} {k}" for k, v in load["rows"].items())
                or ("as before" if load["state"] == "unchanged" else ""),
            }
            for load in summary["backends"]
        ]
        columns = {
            "backend": "backend", "role": "role", "state": "state", "rows": "rows",
            "seconds": "seconds",
        }  # fmt: skip
        console.print(table_of(rows, columns, "Backends"))
        for load in summary["backends"]:
            if load["error"]:
                console.print(f"  [red]{load['backend']}[/red]: {load['error']}")
        console.print()
    speed = summary["throughput"]
    if speed["files_scanned"]:
        console.print(
            f"Scanned {speed['files_scanned']:,} files ({size_of(speed['bytes_scanned'])}) in "
            f"{speed['scan_seconds']} s: {speed['files_per_minute']:,} files a minute, "
            f"{speed['nodes_per_second']:,} nodes a second."
        )


def _pairs(title: str, values: dict[str, int], key: str, value: str) -> None:
    if values:
        rows = [{key: name, value: count} for name, count in values.items()]
        out().print(table_of(rows, {key: key, value: value}, title))
        out().print()


def _exit_code(summaries: Sequence[dict[str, Any]]) -> int:
    if any(not summary["gate"]["passed"] for summary in summaries):
        return EXIT_GATE
    failed = any(load["state"] == "failed" for s in summaries for load in s["backends"])
    return EXIT_BACKEND if failed else 0


def _source_name(directory: Path) -> str:
    """Return a slug made of a directory's name."""
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", directory.resolve().name).strip("-._")
    return slug[:200] or "source"


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--source", "-s", default=None, help="Name of the source.  [default: the directory's]"
)
@click.option(
    "--include", multiple=True, help="Pattern of artifacts; repeatable.  [default: *.json]"
)
@click.option("--exclude", multiple=True, help="Pattern of files to leave out; repeatable.")
@click.option(
    "--backend", "backends", multiple=True, type=click.Choice(list(registered_backends())),
    help="Only this backend; repeatable.  [default: all]",
)  # fmt: skip
@click.option("--scan-only", is_flag=True, help="Stop after the lake: no edges, no backends.")
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Threads.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@workspace_options
@format_option
def run(
    directory: Path, source: str | None, include: tuple[str, ...], exclude: tuple[str, ...],
    backends: tuple[str, ...], *, scan_only: bool, workers: int | None, quiet: bool,
    workspace: Path | None, config: Path | None, form: str,
) -> None:  # fmt: skip
    """Bring DIRECTORY into the lake and the four databases.

    Only files that changed since the last run are read. Running twice changes nothing.
    """
    with told_errors(form):
        from snake_pipe_core.pipeline import Pipeline, RunReport
        from snake_pipe_core.sources.directory import DEFAULT_INCLUDE, DirectorySource

        settings = settings_of(workspace, config, workers=workers)
        place = DirectorySource(directory, include=include or DEFAULT_INCLUDE, exclude=exclude)
        name = source or _source_name(directory)
        with progress_bars(quiet=quiet or form == "json") as progress:
            pipeline = Pipeline(settings, progress)
            if scan_only:
                scanned = pipeline.scan(name, place)
                report = RunReport(scanned, None, (), scanned.seconds)
            else:
                report = pipeline.run(name, place, backends=backends or None)
        summary = _summary(report)
        if form == "json":
            emit_json(summary)
        else:
            _print_summary(summary)
            _print_next(settings.workspace, summary)
    sys.exit(_exit_code([summary]))


def _print_next(workspace: Path, summary: dict[str, Any]) -> None:
    option = "" if workspace == Path(".snake-pipe") else f" -w {workspace}"
    console = out()
    console.print(f"\nEverything lies in {workspace}/: the lake in lake/, the stores in backends/.")
    if not summary["gate"]["passed"]:
        console.print(
            "The source stays out of the backends. Next:\n"
            f"  snake-pipe quarantine list{option} --source {summary['source']}"
        )
        return
    console.print(
        "Try next:\n"
        f"  snake-pipe search{option} 'kind:class order'\n"
        f"  snake-pipe impact{option} NAME\n"
        f"  snake-pipe cycles{option}\n"
        f"  snake-pipe status{option}"
    )


def _examples() -> Path:
    """Return the directory of bundled AST JSON: in a checkout, or in the installed package."""
    checkout = Path(__file__).resolve().parents[2] / "examples" / "asts"
    return (
        checkout
        if checkout.is_dir()
        else Path(str(resources.files("snake_pipe_core"))) / "examples"
    )


@click.command()
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@workspace_options
@format_option
def demo(*, quiet: bool, workspace: Path | None, config: Path | None, form: str) -> None:
    """Run the whole pipeline over the bundled real AST JSON and show what came out.

    The bundle is a small shop in Python, JavaScript, TypeScript, Java and Go, and one source with
    damaged files that the quality gate holds back, as it should.
    """
    with told_errors(form):
        from snake_pipe_core.errors import SourceNotFoundError
        from snake_pipe_core.pipeline import Pipeline
        from snake_pipe_core.sources.directory import DirectorySource

        root = _examples()
        if not root.is_dir():
            raise SourceNotFoundError(
                f"The bundled examples are not at {root}.",
                remedy="Run the demo from a checkout of the project.",
                state="Nothing was read or written.",
            )
        settings = settings_of(workspace or Path(".snake-pipe-demo"), config)
        summaries = []
        for directory in sorted(path for path in root.iterdir() if path.is_dir()):
            with progress_bars(quiet=quiet or form == "json") as progress:
                pipeline = Pipeline(settings, progress)
                report = pipeline.run(directory.name, DirectorySource(directory))
            summaries.append(_summary(report))
            if form != "json":
                _print_summary(summaries[-1])
        if form == "json":
            emit_json(summaries)
        else:
            _print_totals(settings.workspace, summaries)
    failed = [s for s in summaries if not s["gate"]["passed"] and s["source"] != "shop-damaged"]
    sys.exit(_exit_code([s for s in summaries if s["source"] != "shop-damaged"]) if failed else 0)


def _print_totals(workspace: Path, summaries: Sequence[dict[str, Any]]) -> None:
    rows = [
        {
            "source": s["source"],
            "files": sum(s["outcomes"].values()),
            "loaded": s["gate"]["valid"],
            "nodes": s["rows"].get("nodes", 0),
            "symbols": s["rows"].get("symbols", 0),
            "edges": sum(sum(counts.values()) for counts in s["edges"].values()),
            "gate": "passed" if s["gate"]["passed"] else "failed",
            "seconds": s["seconds"],
        }
        for s in summaries
    ]
    console = out()
    console.print()
    console.print(table_of(rows, {key: key for key in rows[0]}, "All sources"))
    console.print(
        f"\nEverything lies in {workspace}/: the lake in lake/, the stores in backends/.\n"
        "shop-damaged fails the gate on purpose: see what is wrong with it first.\n"
        "Try next:\n"
        f"  snake-pipe quarantine list -w {workspace}\n"
        f"  snake-pipe search -w {workspace} 'kind:class order'\n"
        f"  snake-pipe similar -w {workspace} --source shop-python Order\n"
        f"  snake-pipe impact -w {workspace} --source shop-python Order\n"
        f"  snake-pipe cycles -w {workspace}\n"
        f"  snake-pipe status -w {workspace}\n"
        "  make dev    (the same in the Dagster UI)"
    )

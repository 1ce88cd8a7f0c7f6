"""`snake-pipe run` and `snake-pipe demo`.

Belongs here: running the pipeline and printing its summary. Does not: the pipeline.
"""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from snake_pipe_core.cli.options import (
    BackendName,
    format_option,
    patterns_options,
    place_of,
    place_options,
    settings_of,
    workspace_options,
)
from snake_pipe_core.cli.output import (
    EXIT_BACKEND,
    EXIT_GATE,
    emit_json,
    heading,
    print_table,
    progress_bars,
    size_of,
    told_errors,
)
from snake_pipe_core.cli.parse import print_parse

if TYPE_CHECKING:
    from snake_pipe_core.incremental import Progress
    from snake_pipe_core.parse.mirror import ParseReport
    from snake_pipe_core.pipeline import Pipeline
    from snake_pipe_core.settings import Settings
    from snake_pipe_core.sources.base import Source

_SHOWN_PATTERNS = 10
_HELD_BACK = "shop-damaged"
"""The bundled source that is there to fail the gate."""


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


def _print_summary(summary: Mapping[str, Any]) -> None:
    """Print a run, or several added up: each part that has anything to show."""
    from snake_pipe_core.model.kinds import RESOLUTIONS

    _print_counts("Files by outcome", summary["outcomes"], "outcome", "files")
    _print_counts("Rows in the lake", summary["rows"], "table", "rows")
    if summary["edges"]:
        rows = [
            {
                "kind": kind,
                "all": sum(counts.values()),
                **{resolution: counts.get(resolution, 0) for resolution in RESOLUTIONS},
            }
            for kind, counts in summary["edges"].items()
        ]
        columns = {"kind": "edge", "all": "all", **{name: name for name in RESOLUTIONS}}
        print_table(rows, columns, "Edges by kind and resolution")
        click.echo()
    _print_counts(
        "References without a target in the source", summary["unresolved"], "reason", "references"
    )
    _print_backends(summary["backends"])
    speed = summary["throughput"]
    if speed["files_scanned"]:
        click.echo(
            f"Scanned {speed['files_scanned']:,} files ({size_of(speed['bytes_scanned'])}) in "
            f"{speed['scan_seconds']} s: {speed['files_per_minute']:,} files and "
            f"{speed['nodes_per_second'] * 60:,} nodes a minute."
        )


def _print_backends(loads: Sequence[Mapping[str, Any]]) -> None:
    if not loads:
        return
    rows = [
        {
            "backend": f"{load['backend']} ({load['role']})" if first else "",
            "state": load["state"] if first else "",
            "seconds": f"{load['seconds']:.1f}" if first else "",
            "collection": collection,
            "rows": count,
        }
        for load in loads
        for first, collection, count in _flagged(load["rows"])
    ]
    print_table(rows, {key: key for key in rows[0]}, "Rows in the backends")
    for load in loads:
        if load["error"]:
            click.secho(f"{load['backend']} failed: {load['error']}", fg="red")
    click.echo()


def _flagged(counts: Mapping[str, int]) -> list[tuple[bool, str, int | None]]:
    """Return collections and counts, the first one marked; one empty entry if there are none."""
    pairs: list[tuple[str, int | None]] = list(counts.items()) or [("", None)]
    return [(index == 0, name, count) for index, (name, count) in enumerate(pairs)]


def _print_counts(title: str, values: Mapping[str, int], key: str, value: str) -> None:
    if values:
        rows = [{key: name, value: count} for name, count in values.items()]
        print_table(rows, {key: key, value: value}, title)
        click.echo()


def _print_head(summary: Mapping[str, Any]) -> None:
    total = sum(summary["outcomes"].values())
    click.echo()
    heading(f"{summary['source']}: {total:,} files in {summary['seconds']} s")
    changes = ", ".join(f"{count:,} {state}" for state, count in summary["files"].items())
    gate = summary["gate"]
    click.echo(f"Since the last run: {changes or 'no files, then as now'}.")
    click.echo(
        click.style(
            f"The quality gate {'passed' if gate['passed'] else 'failed'}",
            fg="green" if gate["passed"] else "red",
        )
        + f": {gate['valid']:,} of {gate['expected']:,} artifacts are valid.\n"
    )


def _added(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several summaries added up, in the form of one."""
    edges: dict[str, Counter[str]] = {}
    loads: dict[str, dict[str, Any]] = {}
    for summary in summaries:
        for kind, counts in summary["edges"].items():
            edges.setdefault(kind, Counter()).update(counts)
        for load in summary["backends"]:
            whole = loads.setdefault(
                load["backend"],
                {**load, "rows": Counter(), "seconds": 0.0, "state": "published", "error": None},
            )
            whole["rows"].update(load["rows"])
            whole["seconds"] += load["seconds"]
            if load["error"]:
                whole["state"], whole["error"] = "failed", load["error"]
    speed: Counter[str] = Counter()
    for summary in summaries:
        speed.update(summary["throughput"])
    seconds = speed["scan_seconds"] or 1
    return {
        **{key: dict(sum((Counter(s[key]) for s in summaries), Counter()))
           for key in ("outcomes", "rows", "unresolved")},
        "edges": dict(sorted(edges.items())),
        "backends": list(loads.values()),
        "throughput": {
            **speed,
            "scan_seconds": round(speed["scan_seconds"], 3),
            "files_per_minute": round(speed["files_scanned"] / seconds * 60),
            "nodes_per_second": round(speed["nodes_scanned"] / seconds),
        },
    }  # fmt: skip


def _exit_code(summaries: Sequence[dict[str, Any]]) -> int:
    if any(not summary["gate"]["passed"] for summary in summaries):
        return EXIT_GATE
    failed = any(load["state"] == "failed" for s in summaries for load in s["backends"])
    return EXIT_BACKEND if failed else 0


@click.command()
@click.argument("location", required=False)
@click.option(
    "--source",
    "-s",
    default=None,
    help="Name of the source; without LOCATION, one of the settings.  [default: the location's]",
)
@place_options
@click.option("--moved", is_flag=True, help="The source lies elsewhere than at its last run.")
@patterns_options
@click.option(
    "--backend", "backends", multiple=True, type=BackendName(),
    help="Only this backend, such as postgres; repeatable.  [default: all]",
)  # fmt: skip
@click.option("--scan-only", is_flag=True, help="Stop after the lake: no edges, no backends.")
@click.option(
    "--parse/--no-parse", "wants_parse", default=None,
    help="LOCATION is source code: make AST JSON of it first, in the workspace.  [default: ask]",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Threads.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@workspace_options
@format_option
def run(
    location: str | None, source: str | None, kind: str | None, assignments: tuple[str, ...], include: tuple[str, ...], exclude: tuple[str, ...],
    backends: tuple[str, ...], *, moved: bool, scan_only: bool, wants_parse: bool | None,
    workers: int | None, quiet: bool, workspace: Path | None, config: Path | None, form: str,
) -> None:  # fmt: skip
    """Bring the AST JSON at LOCATION into the lake and the four databases.

    LOCATION is a directory, an archive (zip, tar), a bundle (NDJSON, Parquet), or the URL of an
    object store, a database or a JSON API; see docs/reference/sources.md. Without it, --source
    names a source of snake-pipe.toml. Of a directory of source code, --parse makes AST JSON first,
    as `snake-pipe parse` does; --include and --exclude are patterns of source files then.

    Only files that changed since the last run are read. Running twice changes nothing. Exit codes:
    3 if the source is below the quality gate, 4 if a backend failed while others went on.
    """
    with told_errors(form):
        from snake_pipe_core.pipeline import Pipeline, RunReport
        from snake_pipe_core.sources.directory import DirectorySource
        from snake_pipe_core.sources.registry import name_for

        settings = settings_of(workspace, config, workers=workers)
        place = place_of(settings, location, source, kind, assignments, include, exclude)
        name = source or name_for(location or "")
        pipeline = Pipeline(settings)
        parsed = None
        if wants_parse or (wants_parse is None and _should_parse(place, pipeline, form)):
            with progress_bars(quiet=quiet or form == "json") as progress:
                parsed = _parse_first(place, settings, name, progress, moved=moved)
            place = DirectorySource(parsed.target)
        if parsed and not parsed.passed:
            _end_after_parse(parsed, form)
        with (
            place,
            progress_bars(quiet=quiet or form == "json") as progress,
            pipeline.reporting(progress),
        ):
            if scan_only:
                scanned = pipeline.scan(name, place, moved=moved)
                report = RunReport(scanned, None, (), scanned.seconds)
            else:
                report = pipeline.run(name, place, backends=backends or None, moved=moved)
        summary = _summary(report)
    if parsed:
        summary["parse"] = parsed.summary()
    if form == "json":
        emit_json(summary)
    else:
        if parsed:
            click.echo()
            print_parse(summary["parse"])
        _print_head(summary)
        _print_summary(summary)
        _print_next(settings.workspace, summary, scan_only=scan_only)
    sys.exit(_exit_code([summary]))


def _should_parse(place: Source, pipeline: Pipeline, form: str) -> bool:
    """Whether `place` is source code that the user wants parsed; an error says how, if unasked.

    Raises:
        SourceNotFoundError: it is source code, and nobody can be asked.
    """
    from snake_pipe_core.errors import SourceNotFoundError
    from snake_pipe_core.parse.offer import unparsed_languages
    from snake_pipe_core.sources.directory import DirectorySource

    if not isinstance(place, DirectorySource):
        return False
    found = unparsed_languages(place.root, pipeline.scanner.engine)
    if not found:
        return False
    files = ", ".join(f"{count:,} {language}" for language, count in sorted(found.items()))
    says = f"{place.location} holds source code ({files} files) and no AST JSON"
    if form != "json" and sys.stdin.isatty() and sys.stderr.isatty():
        return click.confirm(f"{says}. Parse it first?", default=True, abort=True, err=True)
    shown = shlex.quote(place.location)
    raise SourceNotFoundError(
        f"{says}.",
        remedy=f"Run `snake-pipe run {shown} --parse`, which makes AST JSON in the workspace first; "
        f"or `snake-pipe parse {shown} --out asts`, then `snake-pipe run asts`; or say --no-parse.",
        state="Nothing was read or written.",
    )


def _parse_first(
    place: Source, settings: Settings, name: str, progress: Progress, *, moved: bool
) -> ParseReport:
    """Parse the source code at `place` into the workspace."""
    from snake_pipe_core.parse.mirror import ParseOptions, parse_tree
    from snake_pipe_core.sources.base import DEFAULT_INCLUDE, SourceOptionError
    from snake_pipe_core.sources.directory import DirectorySource

    if not isinstance(place, DirectorySource):
        raise SourceOptionError(
            f"{place.location} is no directory, and only a directory of source code can be parsed.",
            remedy="Unpack it and name the directory.",
            state="Nothing was read or written.",
        )
    include = place.patterns.include
    options = ParseOptions(
        include=() if include == DEFAULT_INCLUDE else include, exclude=place.patterns.exclude,
        jobs=settings.worker_count, moved=moved,
    )  # fmt: skip
    return parse_tree(place.root, settings.asts(name), options, progress)


def _end_after_parse(parsed: ParseReport, form: str) -> NoReturn:
    """Tell that too many sources gave no tree, and end as below the quality gate."""
    if form == "json":
        emit_json({"parse": parsed.summary()})
    else:
        print_parse(parsed.summary())
        click.echo(
            f"\nThe quality gate failed: {parsed.with_tree:,} of {len(parsed.outcomes):,} source files "
            "gave a tree, fewer than 999 of 1,000.\n"
            "The source stays out of the lake and the backends. Mend those files and run again, or add:\n"
            f"  {_excluding(parsed)}"
        )
    sys.exit(EXIT_GATE)


def _excluding(parsed: ParseReport) -> str:
    """Return the options that leave out what gave no tree."""
    paths = [outcome.path for outcome in parsed.outcomes if not outcome.has_tree]
    shown = [
        f"--exclude {shlex.quote(f'{path}*' if path.endswith('/') else path)}" for path in paths
    ]
    return " ".join(shown[:_SHOWN_PATTERNS]) + (" ..." if len(shown) > _SHOWN_PATTERNS else "")


def _print_next(workspace: Path, summary: Mapping[str, Any], *, scan_only: bool) -> None:
    option = "" if workspace == Path(".snake-pipe") else f" -w {workspace}"
    source = f" --source {summary['source']}"
    click.echo(f"\nEverything lies in {workspace}/: the lake in lake/, the stores in backends/.")
    if not summary["gate"]["expected"]:
        click.echo(
            "No file is AST JSON of a known dialect. See what is there:\n"
            "  snake-pipe inspect LOCATION"
        )
    elif not summary["gate"]["passed"]:
        click.echo(
            "The source stays out of the backends; what they showed before, they still show.\n"
            "See what is wrong, mend it, and run again:\n"
            f"  snake-pipe quarantine list{option}{source}"
        )
    elif scan_only:
        click.echo("The backends were left alone. Run without --scan-only to load them.")
    else:
        click.echo(
            "Try next:\n"
            f"  snake-pipe search{option} 'kind:class order'\n"
            f"  snake-pipe impact{option}{source} NAME\n"
            f"  snake-pipe cycles{option}{source}\n"
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
            if form != "json" and not quiet:
                click.secho(directory.name, bold=True, err=True)
            with progress_bars(quiet=quiet or form == "json") as progress:
                pipeline = Pipeline(settings, progress)
                report = pipeline.run(directory.name, DirectorySource(directory))
            summaries.append(_summary(report))
    if form == "json":
        emit_json(summaries)
    else:
        _print_demo(settings.workspace, summaries)
    sys.exit(_exit_code([s for s in summaries if s["source"] != _HELD_BACK]))


def _print_demo(workspace: Path, summaries: Sequence[dict[str, Any]]) -> None:
    rows = [
        {
            "source": s["source"],
            "files": sum(s["outcomes"].values()),
            "valid": s["gate"]["valid"],
            "nodes": s["rows"].get("nodes", 0),
            "symbols": s["rows"].get("symbols", 0),
            "edges": sum(sum(counts.values()) for counts in s["edges"].values()),
            "gate": "passed" if s["gate"]["passed"] else "failed",
            "seconds": s["seconds"],
        }
        for s in summaries
    ]
    click.echo()
    print_table(rows, {key: key for key in rows[0]}, "Sources")
    click.echo()
    _print_summary(_added(summaries))
    click.echo(
        f"\nEverything lies in {workspace}/: the lake in lake/, the stores in backends/.\n"
        f"{_HELD_BACK} fails the gate on purpose: its good files are in the lake, none of it is in\n"
        "the backends. Try next:\n"
        f"  snake-pipe quarantine list -w {workspace}\n"
        f"  snake-pipe search -w {workspace} 'kind:class order'\n"
        f"  snake-pipe similar -w {workspace} --source shop-python Order\n"
        f"  snake-pipe impact -w {workspace} --source shop-python Order\n"
        f"  snake-pipe cycles -w {workspace}\n"
        f"  snake-pipe status -w {workspace}\n"
        "  make dev    (the same in the Dagster UI)"
    )

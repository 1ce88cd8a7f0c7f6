"""`snake-pipe quarantine list`, `show` and `replay`.

Belongs here: reading what was kept out and sending it through again. Does not: judging it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from snake_pipe_core.cli.options import format_option, settings_of, source_option, workspace_options
from snake_pipe_core.cli.output import (
    EXIT_BACKEND,
    EXIT_GATE,
    emit_json,
    emit_rows,
    heading,
    print_table,
    progress_bars,
    size_of,
    told_errors,
)

if TYPE_CHECKING:
    from snake_pipe_core.errors import SourceNotFoundError
    from snake_pipe_core.lake import Head, Lake

KEPT_OUT = ("quarantined", "unsupported")


@click.group()
def quarantine() -> None:
    """See artifacts that were kept out, and send them through again."""


@quarantine.command("list")
@source_option
@workspace_options
@format_option
def list_(source: str | None, workspace: Path | None, config: Path | None, form: str) -> None:
    """List quarantined and unsupported artifacts with what is wrong with them."""
    with told_errors(form):
        from snake_pipe_core.lake import Lake

        lake = Lake(settings_of(workspace, config).lake)
        names = [lake.head(source).source] if source else lake.heads.sources()
        rows = [row for name in names for row in _kept_out(lake, name)]
    if form == "json":
        emit_json(rows)
        return
    if not rows:
        click.echo("Nothing is in quarantine.")
        return
    artifact = None
    for row in rows:
        if artifact != (row["source"], row["path"]):
            artifact = (row["source"], row["path"])
            click.echo(
                f"{click.style(row['path'], bold=True)} ({row['source']}, "
                f"{size_of(row['size_bytes'])}): {row['outcome']}"
            )
        _print_finding(row)
    click.echo(
        "\n`snake-pipe explain CODE` says more of a finding. Mend the artifacts, then `snake-pipe "
        "quarantine replay --source NAME`."
    )


def _print_finding(row: dict[str, Any]) -> None:
    if row["code"] is None:
        return
    place = f" at {row['pointer']}" if row["pointer"] else ""
    click.echo(f"  {row['code']} ({row['severity']}){place}: {row['message']}")
    if row["hint"]:
        click.echo(f"    {row['hint']}")


def _kept_out(lake: Lake, source: str) -> list[dict[str, Any]]:
    import polars as pl

    ledger = lake.scan("artifacts", source).filter(pl.col("outcome").is_in(KEPT_OUT))
    findings = lake.scan("findings", source)
    rows: list[dict[str, Any]] = (
        ledger.select("source", "path", "outcome", "size_bytes", "dialect", "scanned_at")
        .join(findings.drop("source"), on="path", how="left")
        .sort("path", "severity", "code", "pointer")
        .collect()
        .to_dicts()
    )
    return rows


@quarantine.command()
@click.argument("path")
@source_option
@workspace_options
@format_option
def show(
    path: str, source: str | None, workspace: Path | None, config: Path | None, form: str
) -> None:
    """Show one artifact of the ledger, PATH, with every finding and its outcome in each run."""
    with told_errors(form):
        import polars as pl

        from snake_pipe_core.lake import Lake

        lake = Lake(settings_of(workspace, config).lake)
        names = [lake.head(source).source] if source else lake.heads.sources()
        found: list[dict[str, Any]] = [
            {
                "artifact": row,
                "findings": _findings(lake, name, path),
                "history": _history(lake, name, path),
            }
            for name in names
            for row in lake.scan("artifacts", name)
            .filter(pl.col("path") == path)
            .collect()
            .to_dicts()
        ]
        if not found:
            raise _no_artifact(path)
    if form == "json":
        emit_json(found)
        return
    for item in found:
        row = item["artifact"]
        heading(f"{row['path']} ({row['source']}): {row['outcome']}")
        click.echo(
            f"  {size_of(row['size_bytes'])}, dialect {row['dialect'] or 'unknown'}, "
            f"engine {row['engine_version']}"
        )
        for finding in item["findings"]:
            _print_finding(finding)
        if not item["findings"]:
            click.echo("  It has no findings.")
        click.echo()
        print_table(
            item["history"],
            {"generation": "generation", "scanned_at": "scanned", "outcome": "outcome",
             "codes": "findings", "engine_version": "engine"},
            "Runs that scanned it",
        )  # fmt: skip


def _no_artifact(path: str) -> SourceNotFoundError:
    from snake_pipe_core.errors import SourceNotFoundError

    return SourceNotFoundError(
        f"No ledger has an artifact {path!r}.",
        remedy="Paths count from the source's directory; see `snake-pipe quarantine list`.",
        state="Nothing was changed.",
    )


def _findings(lake: Lake, source: str, path: str) -> list[dict[str, Any]]:
    import polars as pl

    rows: list[dict[str, Any]] = (
        lake.scan("findings", source).filter(pl.col("path") == path).sort("severity", "code")
        .collect().to_dicts()
    )  # fmt: skip
    return rows


def _history(lake: Lake, source: str, path: str) -> list[dict[str, Any]]:
    """Return the artifact's outcome in each generation that changed it, oldest first."""
    import polars as pl

    rows: list[dict[str, Any]] = []
    for head in lake.heads.history(source):
        try:
            found = (
                lake.scan("artifacts", source, head=head)
                .filter(pl.col("path") == path)
                .select("outcome", "scanned_at", "finding_count", "engine_version")
                .collect()
                .to_dicts()
            )
            codes = _codes(lake, head, path)
        except (OSError, pl.exceptions.ComputeError):
            continue  # a vacuum removed that generation's files
        if found and (not rows or rows[-1]["scanned_at"] != found[0]["scanned_at"]):
            rows.append({"generation": head.generation, **found[0], "codes": codes})
    return rows


def _codes(lake: Lake, head: Head, path: str) -> list[str]:
    """Return the codes of an artifact's findings as of a generation."""
    import polars as pl

    findings = lake.scan("findings", head.source, head=head).filter(pl.col("path") == path)
    codes: list[str] = findings.select(pl.col("code").unique().sort()).collect()["code"].to_list()
    return codes


@quarantine.command()
@click.argument("paths", nargs=-1)
@click.option("--directory", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=None, help="Where the artifacts lie now.  [default: where they were]")  # fmt: skip
@click.option("--source", "-s", required=True, help="The source to replay.")
@workspace_options
@format_option
def replay(
    paths: tuple[str, ...], directory: Path | None, source: str, workspace: Path | None,
    config: Path | None, form: str,
) -> None:  # fmt: skip
    """Scan artifacts again that were kept out: PATHS, or all of the source's.

    What now passes is loaded into every backend. No other file is looked at, not even after an
    upgrade or if it changed; `snake-pipe run` sees to those. `quarantine show` keeps the history.
    """
    with told_errors(form):
        from snake_pipe_core.pipeline import Pipeline
        from snake_pipe_core.sources.registry import open_origin

        with progress_bars(quiet=form == "json") as progress:
            pipeline = Pipeline(settings_of(workspace, config), progress)
            head = pipeline.lake.head(source)
            before = _outcomes(pipeline.lake, source)
            for path in paths:
                if path not in before:
                    raise _no_artifact(path)
            kept_out = [path for path, outcome in before.items() if outcome in KEPT_OUT]
            chosen = frozenset(paths or kept_out)
            place = open_origin(head.origin, directory)
            with place:
                report = pipeline.run(source, place, only=chosen)
        after = _outcomes(pipeline.lake, source)
        rows = [
            {"path": path, "before": before[path], "outcome": after.get(path, "removed")}
            for path in sorted(chosen)
        ]
    gate = report.scan.gate
    if form == "json":
        states = {load.backend: load.state for load in report.loads}
        emit_json({"artifacts": rows, "gate": gate.passed, "backends": states})
    else:
        columns = {"path": "artifact", "before": "before", "outcome": "now"}
        emit_rows(rows, form=form, columns=columns, empty="Nothing was in quarantine.")
        click.echo(f"\n{gate}")
        for load in report.loads:
            click.echo(f"{load.backend}: {load.state}{f': {load.error}' if load.error else ''}")
    if not report.ok:
        sys.exit(EXIT_BACKEND if gate.passed else EXIT_GATE)


def _outcomes(lake: Lake, source: str) -> dict[str, str]:
    ledger = lake.scan("artifacts", source).select("path", "outcome").sort("path").collect()
    return dict(ledger.iter_rows())

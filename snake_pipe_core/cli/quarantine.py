"""`snake-pipe quarantine list`, `show` and `replay`.

Belongs here: reading what was kept out and sending it through again. Does not: judging it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import polars as pl

from snake_pipe_core.cli.options import format_option, settings_of, source_option, workspace_options
from snake_pipe_core.cli.output import (
    EXIT_GATE,
    emit_json,
    emit_rows,
    out,
    progress_bars,
    size_of,
    told_errors,
)

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
    columns = {
        "source": "source", "path": "artifact", "outcome": "outcome", "code": "code",
        "pointer": "at", "message": "what is wrong", "hint": "what to do",
    }  # fmt: skip
    emit_rows(rows, form=form, columns=columns, empty="Nothing is in quarantine.")


def _kept_out(lake: Any, source: str) -> list[dict[str, Any]]:
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
        from snake_pipe_core.errors import SourceNotFoundError
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
            raise SourceNotFoundError(
                f"No ledger has an artifact {path!r}.",
                remedy="Paths count from the source's directory; see `snake-pipe quarantine list`.",
                state="Nothing was changed.",
            )
    if form == "json":
        emit_json(found)
        return
    for item in found:
        row = item["artifact"]
        out().print(f"[bold]{row['path']}[/bold] ({row['source']}): {row['outcome']}")
        out().print(
            f"  {size_of(row['size_bytes'])}, dialect {row['dialect'] or 'unknown'}, "
            f"engine {row['engine_version']}\n"
        )
        columns = {
            "severity": "severity", "code": "code", "pointer": "at", "message": "what is wrong",
            "hint": "what to do",
        }  # fmt: skip
        emit_rows(item["findings"], form=form, columns=columns, empty="It has no findings.")
        click.echo()
        emit_rows(
            item["history"], form=form, title="Runs",
            columns={"generation": "generation", "scanned_at": "scanned", "outcome": "outcome",
                     "finding_count": "findings"},
        )  # fmt: skip


def _findings(lake: Any, source: str, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        lake.scan("findings", source).filter(pl.col("path") == path).sort("severity", "code")
        .collect().to_dicts()
    )  # fmt: skip
    return rows


def _history(lake: Any, source: str, path: str) -> list[dict[str, Any]]:
    """Return the artifact's outcome in each generation that changed it, oldest first."""
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
        except (OSError, pl.exceptions.ComputeError):
            continue  # a vacuum removed that generation's files
        if found and (not rows or rows[-1]["scanned_at"] != found[0]["scanned_at"]):
            rows.append({"generation": head.generation, **found[0]})
    return rows


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

    What now passes is loaded into every backend. The ledger's earlier generations stay readable.
    """
    with told_errors(form):
        from snake_pipe_core.pipeline import Pipeline
        from snake_pipe_core.sources.directory import DirectorySource

        with progress_bars(quiet=form == "json") as progress:
            pipeline = Pipeline(settings_of(workspace, config), progress)
            head = pipeline.lake.head(source)
            before = {row["path"]: row["outcome"] for row in _kept_out(pipeline.lake, source)}
            chosen = frozenset(paths) if paths else frozenset(before)
            place = DirectorySource(directory or head.location)
            scan = pipeline.scan(source, place, again=chosen)
            loads = []
            if scan.gate.passed:
                pipeline.resolve(source)
                loads = pipeline.load(source)
        ledger = pipeline.lake.scan("artifacts", source).select("path", "outcome", "finding_count")
        after = ledger.filter(pl.col("path").is_in(list(chosen))).sort("path").collect().to_dicts()
        rows = [{**row, "before": before.get(row["path"], "")} for row in after]
    if form == "json":
        emit_json(
            {"artifacts": rows, "gate": scan.gate.passed, "backends": [x.state for x in loads]}
        )
    else:
        columns = {
            "path": "artifact", "before": "before", "outcome": "now", "finding_count": "findings",
        }  # fmt: skip
        emit_rows(rows, form=form, columns=columns, empty="Nothing was in quarantine.")
        click.echo(f"\n{scan.gate}")
    if not scan.gate.passed:
        sys.exit(EXIT_GATE)

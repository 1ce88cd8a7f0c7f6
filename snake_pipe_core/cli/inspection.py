"""`snake-pipe inspect` and `explain`.

Belongs here: printing what a source holds, without loading, and what findings mean. Does not:
looking into it, or the meanings.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from snake_pipe_core.cli.options import (
    format_option,
    patterns_options,
    place_of,
    place_options,
    settings_of,
    workspace_options,
)
from snake_pipe_core.cli.output import (
    emit_json,
    emit_rows,
    print_table,
    progress_bars,
    size_of,
    told_errors,
)

if TYPE_CHECKING:
    from snake_pipe_core.errors import SnakePipeError
    from snake_pipe_core.pipeline import Pipeline
    from snake_pipe_core.profile import Profile
    from snake_pipe_core.sources.base import Source


@click.command()
@click.argument("location", required=False)
@click.option("--source", "-s", default=None, help="Instead of LOCATION: a source of the settings.")
@place_options
@patterns_options
@click.option("--profile", is_flag=True,
              help="Also distributions, kinds, the quality score, and what is unusual.")  # fmt: skip
@click.option("--keep", is_flag=True,
              help="With --profile: keep it in the lake, to compare later ones with.")  # fmt: skip
@workspace_options
@format_option
def inspect(
    location: str | None, source: str | None, kind: str | None, assignments: tuple[str, ...], include: tuple[str, ...], exclude: tuple[str, ...], *, profile: bool, keep: bool,
    workspace: Path | None, config: Path | None, form: str,
) -> None:  # fmt: skip
    """Say what LOCATION holds, without loading it: dialects, languages, sizes and trouble."""
    if keep and not profile:
        raise click.UsageError("--keep keeps a profile: say --profile, too.")
    with told_errors(form):
        from snake_pipe_core.pipeline import Pipeline
        from snake_pipe_core.sources.registry import name_for

        settings = settings_of(workspace, config)
        place = place_of(settings, location, source, kind, assignments, include, exclude)
        with place, progress_bars(quiet=form == "json") as progress:
            pipeline = Pipeline(settings, progress)
            name = (source or name_for(location or "")) if profile else None
            report = pipeline.inspect(place, profile=name)
        unparsed = {} if report["dialects"] else _unparsed(place, pipeline)
        if profile:
            report["profile"] = _judged(pipeline, report["profile"], keep=keep)
    if form == "json":
        emit_json(report)
        return
    click.echo(
        f"{location or place.location}: {report['files']:,} artifacts, {size_of(report['size_bytes'])}, "
        f"{report['skipped']:,} other files.\n"
    )
    rows = [
        {
            **row,
            "size": size_of(row["size_bytes"]),
            "mapped": f"{100 * (1 - row['unknown_count'] / row['node_count']):.2f} %"
            if row["node_count"] else "",
        }
        for row in report["dialects"]
    ]  # fmt: skip
    columns = {
        "dialect": "dialect", "dialect_version": "version", "producer": "producer",
        "language": "language", "files": "files", "size": "size", "node_count": "nodes",
        "mapped": "nodes mapped", "valid": "valid",
    }  # fmt: skip
    emit_rows(rows, form=form, columns=columns, empty="No dialect claims any file.")
    if unparsed:
        shown = shlex.quote(location or place.location)
        files = ", ".join(f"{count:,} {language}" for language, count in sorted(unparsed.items()))
        click.echo(
            f"But there is source code ({files} files). Make AST JSON of it:\n"
            f"  snake-pipe parse {shown} --out asts"
        )
    click.echo()
    if report["trouble"]:
        columns = {
            "code": "code", "severity": "severity", "count": "artifacts", "path": "for example",
            "pointer": "at", "message": "what is wrong", "hint": "what to do",
        }  # fmt: skip
        print_table(report["trouble"], columns, "Trouble")
        click.echo("\n`snake-pipe explain CODE` says more.")
    else:
        click.echo("No trouble found.")
    if profile:
        click.echo()
        _print_profile(report["profile"])


def _judged(pipeline: Pipeline, profile: Profile, *, keep: bool) -> dict[str, Any]:
    """Return a profile as plain values, with what is unusual, and keep it if told so."""
    from snake_pipe_core.profile import anomalies

    history = pipeline.lake.profiles
    kept = history.last(profile.source)
    compared = set(kept["version"]) - {profile.version}
    found = anomalies(profile, kept).to_dicts()
    is_kept = keep and history.keep(profile.rows)
    return {
        **profile.to_dict(), "compared_with": len(compared), "anomalies": found, "kept": is_kept,
    }  # fmt: skip


def _print_profile(profile: dict[str, Any]) -> None:
    whole, groups = profile["whole"], profile["groups"]
    quality = whole.get("quality", {})
    if "score" in quality:
        click.echo(
            f"Quality score {quality['score']:.1f} of 100: {_percent(quality, 'valid_share')} of "
            f"the artifacts valid, {_percent(quality, 'mapped_share')} of the nodes mapped,\n"
            f"{_percent(quality, 'position_share')} of the nodes with positions, "
            f"{_percent(quality, 'clean_share')} of what is loaded without findings.\n"
        )
    rows = []
    for group in groups:
        for measure, title in _DISTRIBUTIONS.items():
            figures = group.get(measure)
            if figures:
                shown = size_of if measure == "size_bytes" else "{:,.0f}".format
                rows.append(
                    {
                        "language": group["language"], "dialect": group["dialect"],
                        "of": title, **{name: shown(figures[name]) for name in _STATISTICS},
                        "histogram": _bars(figures["histogram"]),
                    }
                )  # fmt: skip
    columns = {
        "language": "language", "dialect": "dialect", "of": "one artifact's",
        **{name: name for name in _STATISTICS}, "histogram": "by powers of two",
    }  # fmt: skip
    if not rows:
        click.echo("Nothing is here that a dialect reads, so there is nothing to measure.")
        return
    print_table(rows, columns, "Distributions")
    click.echo()
    kinds = [
        {
            "language": group["language"], "dialect": group["dialect"],
            "score": group.get("quality", {}).get("score"),
            "kinds": _shares(group["kind_share"]),
            "unknown": ", ".join(f"{k} ({n:,.0f})" for k, n in group["unknown_kind"].items()),
        }
        for group in groups
    ]  # fmt: skip
    columns = {
        "language": "language", "dialect": "dialect", "score": "score", "kinds": "share of nodes",
        "unknown": "unknown kinds",
    }  # fmt: skip
    print_table(kinds, columns, "Kinds")
    click.echo()
    if not profile["compared_with"]:
        click.echo(f"No earlier profile of {profile['source']} is kept to compare with (--keep).")
    elif profile["anomalies"]:
        columns = {"what": "what", "deviation": "deviation", "message": "in words"}
        title = f"Unusual, beside the last {profile['compared_with']} profiles"
        print_table(profile["anomalies"], columns, title)
    else:
        click.echo(f"Nothing unusual beside the last {profile['compared_with']} profiles.")


_DISTRIBUTIONS = {"size_bytes": "size", "depth": "depth", "nodes": "nodes"}
_STATISTICS = ("min", "p50", "p95", "p99", "max")
_MOST_KINDS = 6


def _percent(quality: dict[str, float], name: str) -> str:
    return f"{100 * quality.get(name, 0):.4g} %"


def _shares(shares: dict[str, float]) -> str:
    most = [f"{kind} {100 * share:.1f} %" for kind, share in list(shares.items())[:_MOST_KINDS]]
    rest = len(shares) - _MOST_KINDS
    return ", ".join(most) + (f", {rest} more" if rest > 0 else "")


def _bars(histogram: list[dict[str, int]]) -> str:
    """Return a histogram as a row of blocks, from the first power of two to the last."""
    counts = {bin_["from"]: bin_["artifacts"] for bin_ in histogram}
    first, last = min(counts), max(counts)
    powers = [1 << power for power in range(first.bit_length() - 1, last.bit_length())]
    most = max(counts.values())
    blocks = " ▁▂▃▄▅▆▇█"
    bars = "".join(blocks[-(-8 * counts.get(power, 0) // most)] for power in powers)
    return f"{first:,} {bars} {2 * last:,}"


def _unparsed(place: Source, pipeline: Pipeline) -> Mapping[str, int]:
    """Return source files by language, if the source is a directory of them."""
    from snake_pipe_core.parse.offer import unparsed_languages
    from snake_pipe_core.sources.directory import DirectorySource

    if not isinstance(place, DirectorySource):
        return {}
    return unparsed_languages(place.root, pipeline.scanner.engine)


@click.command()
@click.argument("code", required=False)
@format_option
def explain(code: str | None, form: str) -> None:
    """Say what the finding CODE means, where it arises and what to do; without CODE, list them.

    Codes of `snake-pipe parse` are explained, too; some are in both, of source code there and of
    artifacts here.
    """
    from snake_pipe_core.model.findings import FINDING_CODES
    from snake_pipe_core.parse.outcome import CODES

    if code is None:
        rows: list[dict[str, Any]] = [
            {"code": f.code, "severity": f.severity, "meaning": f.meaning, "remedy": f.remedy,
             "command": "run"}
            for f in FINDING_CODES.values()
        ]  # fmt: skip
        rows += [
            {"code": name, "severity": None, "meaning": of.meaning, "remedy": of.remedy,
             "command": "parse"}
            for name, of in CODES.items()
        ]  # fmt: skip
        columns = {key: key for key in ("command", "code", "severity", "meaning")}
        emit_rows(rows, form=form, columns=columns)
        return
    with told_errors(form):
        name = code.upper().replace("-", "_")
        finding, parsed = FINDING_CODES.get(name), CODES.get(name)
        if finding is None and parsed is None:
            raise _no_code(code, [*FINDING_CODES, *CODES])
    if form == "json":
        told: dict[str, Any] = {"code": name}
        if finding is not None:
            told |= {
                "severity": finding.severity, "meaning": finding.meaning,
                "arises": finding.arises, "cause": finding.cause, "outcome": finding.outcome,
                "remedy": finding.remedy, "page": finding.page,
            }  # fmt: skip
        if parsed is not None:
            told["parse"] = {"meaning": parsed.meaning, "remedy": parsed.remedy}
        emit_json(told)
        return
    if finding is not None:
        click.echo(finding.page.rstrip())
    if parsed is not None:
        title = "\n## From `snake-pipe parse`" if finding else f"# {name}"
        click.echo(f"{title}\n\nOf a source file. {parsed.meaning}\n\n{parsed.remedy}")


def _no_code(code: str, known: Iterable[str]) -> SnakePipeError:
    from difflib import get_close_matches

    from snake_pipe_core.errors import TerminalError

    near = get_close_matches(code.upper(), known, n=2, cutoff=0.5)
    return TerminalError(
        f"No finding has the code {code!r}.",
        remedy=f"Did you mean {' or '.join(near)}?" if near else "`snake-pipe explain` lists all.",
        state="Nothing was changed.",
    )

"""`snake-pipe search`, `similar`, `impact` and `cycles`.

Belongs here: printing answers. Does not: finding them.
"""

from __future__ import annotations

from pathlib import Path

import click

from snake_pipe_core.cli.options import format_option, settings_of, source_option, workspace_options
from snake_pipe_core.cli.output import emit_json, emit_rows, print_table, told_errors

_REACHED = {
    "distance": "steps", "kind": "kind", "descriptor": "symbol", "path": "file",
}  # fmt: skip

_NEGATIVE_IDS = {"ignore_unknown_options": True}
"""Ids are signed, and -17 is no option."""


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", "-n", default=20, show_default=True, type=click.IntRange(1, 1000),
              help="Hits to show.")  # fmt: skip
@click.option("--offset", default=0, type=click.IntRange(min=0), help="Hits to leave out.")
@workspace_options
@format_option
def search(
    text: tuple[str, ...], limit: int, offset: int, workspace: Path | None, config: Path | None,
    form: str,
) -> None:  # fmt: skip
    """Find symbols and files by TEXT.

    Words are split as identifiers are (getURL finds get_url). kind:class, language:python,
    source:NAME and path:src/* filter; "two words" is a phrase, pars* a prefix, prase~ a word with
    a letter wrong, -word leaves out, OR between words.
    """
    with told_errors(form):
        from snake_pipe_core.query import Answers

        answer = Answers(settings_of(workspace, config)).search(
            " ".join(text), limit=limit, offset=offset
        )
    if form == "json":
        emit_json(answer)
        return
    rows = [{**hit, "place": _place(hit["path"], hit["start_line"])} for hit in answer["hits"]]
    columns = {"kind": "kind", "qualified_name": "name", "place": "file"}
    if len({hit["source"] for hit in answer["hits"]}) > 1:
        columns["source"] = "source"
    emit_rows(rows, form=form, columns=columns, empty="Nothing found.")
    if rows:
        shown = f"{offset + 1}-{offset + len(rows)} of {answer['total']:,}"
        kinds = ", ".join(
            f"{count} {kind}" for kind, count in answer["facets"].get("kind", {}).items()
        )
        click.echo(f"\n{shown}. By kind: {kinds}.")


@click.command(context_settings=_NEGATIVE_IDS)
@click.argument("symbol")
@click.option("--count", "-n", default=10, show_default=True, type=click.IntRange(1, 200),
              help="Neighbours to show.")  # fmt: skip
@click.option("--kind", default=None, help="Kind of SYMBOL, if its name is not unique.")
@source_option
@workspace_options
@format_option
def similar(
    symbol: str, count: int, kind: str | None, source: str | None, workspace: Path | None,
    config: Path | None, form: str,
) -> None:  # fmt: skip
    """List what resembles SYMBOL (a name, qualified name, symbol string or id) in meaning."""
    with told_errors(form):
        from snake_pipe_core.query import Answers

        answers = Answers(settings_of(workspace, config))
        start = answers.find(symbol, source, kind)
        rows = answers.similar(start, count=count).to_dicts()
    columns = {"distance": "distance", "kind": "kind", "name": "name", "path": "file"}
    if form != "json" and rows:
        click.echo(f"Nearest to {start.qualified_name} ({start.kind}, {start.path}):\n")
    emit_rows(rows, form=form, columns=columns, empty="Nothing else is published.")


@click.command(context_settings=_NEGATIVE_IDS)
@click.argument("symbol")
@click.option("--depth", "-d", default=5, show_default=True, type=click.IntRange(1, 30),
              help="Steps to follow.")  # fmt: skip
@click.option("--kind", default=None, help="Kind of SYMBOL, if its name is not unique.")
@click.option("--members/--no-members", default=True, show_default=True,
              help="Whether what SYMBOL holds changes with it.")  # fmt: skip
@source_option
@workspace_options
@format_option
def impact(
    symbol: str, depth: int, kind: str | None, *, members: bool, source: str | None,
    workspace: Path | None, config: Path | None, form: str,
) -> None:  # fmt: skip
    """List what a change of SYMBOL may affect, transitively, nearest first."""
    with told_errors(form):
        from snake_pipe_core.query import Answers

        answers = Answers(settings_of(workspace, config))
        start = answers.find(symbol, source, kind)
        rows = answers.impact(start, depth=depth, members=members).to_dicts()
    if form != "json" and rows:
        click.echo(
            f"A change of {start.qualified_name} ({start.kind}, {start.path}) may affect "
            f"{len(rows):,} within {depth} steps:\n"
        )
    empty = (
        f"Nothing in {start.source} is known to depend on {start.qualified_name} ({start.kind}, "
        f"{start.path}). Calls that could not be resolved do not count."
    )
    shown = [{**row, "descriptor": row["symbol"].split(" ", 2)[-1]} for row in rows]
    emit_rows(rows if form == "json" else shown, form=form, columns=_REACHED, empty=empty)


@click.command()
@click.option("--level", type=click.Choice(["symbol", "module", "package"]), default="module",
              show_default=True, help="What goes around: symbols, files or packages.")  # fmt: skip
@source_option
@workspace_options
@format_option
def cycles(
    level: str, source: str | None, workspace: Path | None, config: Path | None, form: str
) -> None:
    """List dependency cycles, largest first, with the edges that close them."""
    with told_errors(form):
        from snake_pipe_core.query import Answers

        found = Answers(settings_of(workspace, config)).cycles(source, level=level)  # type: ignore[arg-type]
    if form == "json":
        emit_json(found.to_dicts())
        return
    if found.is_empty():
        click.echo(f"There are no cycles between {level}s.")
        return
    for (name, number), edges in found.group_by("source", "cycle", maintain_order=True):
        columns = {"src": "from", "kind": "edge", "dst": "to", "occurrence_count": "times"}
        title = f"{name}: cycle {number} of {edges['size'][0]} {level}s"
        print_table(edges.to_dicts(), columns, title)
        click.echo()


def _place(path: str, line: int | None) -> str:
    return f"{path}:{line}" if line else path

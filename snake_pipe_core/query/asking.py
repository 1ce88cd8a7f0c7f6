"""Answers from the published stores, whichever stores they are.

Belongs here: picking the backend of a role, turning what a user typed into a symbol, and following
it through the graph. Does not: drivers. Every answer is read from published versions alone.
"""

# Conditions are picked from a fixed list; what a user typed goes in as parameters.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Literal, cast

import polars as pl

from snake_pipe_core.backends.base import Backend, Health
from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.errors import (
    BackendError,
    BackendUnavailableError,
    SnakePipeError,
    SourceNotFoundError,
    TerminalError,
    TransientError,
)
from snake_pipe_core.lake import Lake
from snake_pipe_core.load import content_version
from snake_pipe_core.model.tables import PUBLICATIONS
from snake_pipe_core.settings import Settings
from snake_pipe_core.validate import quality_gate

_MOST_MEMBERS = 500
_COLUMNS = "source, symbol_id, symbol, kind, name, qualified_name, document_path, start_line"


class SymbolNotFoundError(TerminalError):
    """A name that no published symbol has."""


class SymbolAmbiguousError(TerminalError):
    """A name that several published symbols have."""


@dataclass(frozen=True)
class SymbolRow:
    """A published symbol, as far as a reader must know it to choose."""

    source: str
    symbol_id: int
    symbol: str
    kind: str
    name: str
    qualified_name: str
    path: str
    start_line: int | None


@dataclass(frozen=True)
class Status:
    """The sources of a workspace, and which stores could not be asked about them."""

    sources: list[dict[str, Any]]
    """One item for each source: its ledger, gate, head and publications."""
    unasked: Mapping[str, SnakePipeError]
    """Why, by backend."""


class Answers:
    """Queries over one workspace."""

    def __init__(self, settings: Settings) -> None:
        """Take settings; each question opens what it needs and closes it again."""
        self.settings = settings
        self.lake = Lake(settings.lake)

    @contextmanager
    def _role(self, role: str) -> Iterator[Any]:
        name = next(spec.name for spec in backends().values() if spec.role == role)
        with open_backend(name, self.settings) as backend:
            yield backend

    def _published_sources(self, source: str | None, role: str) -> list[str]:
        with self._role(role) as backend:
            published = sorted(cast("Backend", backend).published())
        if source is None:
            if not published:
                raise SourceNotFoundError(
                    "Nothing is published yet.",
                    remedy="Run `snake-pipe run DIRECTORY` first.",
                    state="Nothing was read.",
                )
            return published
        if source not in published:
            raise SourceNotFoundError(
                f"Source {source!r} is not published; published: {', '.join(published) or 'none'}.",
                remedy="Run it first, or correct its name.",
                state="Nothing was read.",
            )
        return [source]

    # -- find -------------------------------------------------------------------------------

    def find(self, text: str, source: str | None = None, kind: str | None = None) -> SymbolRow:
        """Return the one symbol that `text` names.

        `text` is an id, a SCIP-style symbol, a qualified name, a simple name or the end of a
        qualified name (`Order.total`); the first reading that names anything counts. Raises `SymbolAmbiguousError` listing candidates, or
        `SymbolNotFoundError` with similar names.
        """
        rows = self.candidates(text, source, kind)
        if len(rows) == 1:
            return rows[0]
        if rows:
            listed = "; ".join(
                f"{row.qualified_name} ({row.kind}, {row.source}, {row.path}:{row.start_line})"
                for row in rows[:8]
            )
            raise SymbolAmbiguousError(
                f"{text!r} names {len(rows)} symbols: {listed}"
                + ("; …" if len(rows) > 8 else "")
                + ".",
                remedy="Name it in full, or narrow it with --source or --kind.",
                state="Nothing was changed.",
            )
        near = self._similar_names(text, source)
        raise SymbolNotFoundError(
            f"No published symbol is called {text!r}.",
            remedy=f"Did you mean {', '.join(near)}?" if near
            else "Look for it with `snake-pipe search`.",
            state="Nothing was changed.",
        )  # fmt: skip

    def candidates(
        self, text: str, source: str | None = None, kind: str | None = None
    ) -> list[SymbolRow]:
        """Return every symbol that the first successful reading of `text` names, in order.

        Parameters are named in full, or by `kind`.
        """
        named = "s.kind <> 'parameter'" if kind is None else "true"
        ending = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        readings = [
            ("s.symbol = %s", text),
            ("s.qualified_name = %s", text),
            (f"s.name = %s and {named}", text),
            (f"s.qualified_name like %s and {named}", f"%.{ending}"),
        ]
        if text.removeprefix("-").isdigit():
            readings.insert(0, ("s.symbol_id = %s::numeric", text))
        with self._role("relational") as relational:
            for condition, value in readings:
                rows = relational.fetch(
                    "select s.source, s.symbol_id, s.symbol, s.kind, s.name, s.qualified_name, "
                    "d.document_path as path, s.start_line from symbols s join documents d "
                    f"using (source, document_id) where {condition} "
                    "and (%s::text is null or s.source = %s) and (%s::text is null or s.kind = %s) "
                    "order by s.source, s.qualified_name, s.symbol_id",
                    None,
                    (value, source, source, kind, kind),
                )
                if rows.height:
                    return [SymbolRow(**row) for row in rows.iter_rows(named=True)]
        return []

    def _similar_names(self, text: str, source: str | None) -> list[str]:
        last = text.rsplit(".", 1)[-1]
        with self._role("relational") as relational:
            rows = relational.fetch(
                "select distinct name from symbols where (%s::text is null or source = %s) "
                "and length(name) between %s and %s and kind <> 'parameter'",
                None,
                (source, source, max(1, len(last) - 3), len(last) + 3),
            )
        return get_close_matches(last, rows["name"].to_list() if rows.height else [], 3, 0.6)

    # -- questions --------------------------------------------------------------------------

    def search(self, text: str, *, limit: int = 20, offset: int = 0) -> dict[str, Any]:
        """Return `hits`, `total` and `facets` of a full-text query."""
        self._published_sources(None, "search")
        with self._role("search") as engine:
            result = engine.search(text, limit, offset)
        return {
            "hits": [asdict(hit) for hit in result.hits],
            "total": result.total,
            "facets": {name: dict(counts) for name, counts in result.facets.items()},
        }

    def similar(self, symbol: SymbolRow, *, count: int = 10) -> pl.DataFrame:
        """Return the rows nearest in meaning to a symbol, nearest first, itself left out."""
        with self._role("vector") as vectors:
            try:
                frame = vectors.similar(symbol.source, symbol.symbol_id, k=count)
            except BackendError as error:
                raise SymbolNotFoundError(
                    f"{symbol.qualified_name} is a {symbol.kind}, and no embedding of it is "
                    "published.",
                    remedy="Callables, types and files have one; ask for one of these.",
                    state="Nothing was changed.",
                ) from error
        return cast("pl.DataFrame", frame)

    def impact(self, symbol: SymbolRow, *, depth: int = 5, members: bool = True) -> pl.DataFrame:
        """Return what a change of the symbol may affect, transitively, nearest first.

        Columns of `backends.graph.base.REACHED_SCHEMA` less `via`. With `members`, what a type or
        module holds changes with it, so whoever uses a method is affected by its class.
        """
        starts = [symbol.symbol_id]
        if members:
            starts += self._members(symbol)
        with self._role("graph") as graph:
            frames = [graph.impact(symbol.source, start, depth=depth) for start in starts]
        reached: pl.DataFrame = pl.concat([frame.drop("via") for frame in frames])
        return (
            reached.filter(~pl.col("id").is_in(starts))
            .sort("distance", "id")
            .unique("id", keep="first", maintain_order=True)
        )

    def _members(self, symbol: SymbolRow) -> list[int]:
        with self._role("relational") as relational:
            rows = relational.fetch(
                "with recursive held as (select symbol_id from symbols where source = %s and "
                "container_id = %s union select s.symbol_id from symbols s join held h on "
                "s.container_id = h.symbol_id where s.source = %s) select symbol_id from held "
                "limit %s",
                None,
                (symbol.source, symbol.symbol_id, symbol.source, _MOST_MEMBERS),
            )
        return rows["symbol_id"].to_list() if rows.height else []

    def cycles(
        self, source: str | None, *, level: Literal["symbol", "module", "package"] = "module"
    ) -> pl.DataFrame:
        """Return the dependency cycles of the published sources, with `source` in front."""
        frames: list[pl.DataFrame] = []
        for name in self._published_sources(source, "graph"):
            with self._role("graph") as graph:
                found = graph.cycles(name, level=level)
            frames.append(found.select(pl.lit(name).alias("source"), pl.all()))
        return pl.concat(frames)

    # -- state ------------------------------------------------------------------------------

    def status(self, source: str | None = None) -> Status:
        """Return each source's ledger, gate, head and publications.

        A publication `is_current` if it shows what the lake holds now. If the store with the record
        of publications cannot be asked, the other stores say what they show. Of a store that cannot
        be asked, each source has a publication whose `state` is `unknown`.
        """
        names = [self.lake.head(source).source] if source else self.lake.heads.sources()
        if not names:
            return Status([], {})
        publications, unasked = self._publications(names)
        answer: list[dict[str, Any]] = []
        for name in names:
            head = self.lake.head(name)
            outcomes = (
                self.lake.scan("artifacts", name, head=head)
                .group_by("outcome")
                .len()
                .sort("outcome")
                .collect()
            )
            counts = dict(outcomes.iter_rows())
            shown = content_version(head) if head.is_resolved else None
            answer.append(
                {
                    "source": name,
                    "location": head.location,
                    "generation": head.generation,
                    "written_at": head.written_at,
                    "is_resolved": head.is_resolved,
                    "outcomes": counts,
                    "gate": "passed" if quality_gate(counts).passed else "failed",
                    "publications": [
                        {
                            **row,
                            "is_current": None
                            if row["state"] == "unknown"
                            else row["state"] == "published" and row["version"] == shown,
                        }
                        for row in publications
                        if row["source"] == name
                    ],
                }
            )
        return Status(answer, unasked)

    def _publications(
        self, sources: Sequence[str]
    ) -> tuple[list[dict[str, Any]], dict[str, SnakePipeError]]:
        """Return the record of publications; without it, what each store says that it shows."""
        specs = backends()
        keeper = next(spec.name for spec in specs.values() if spec.role == "relational")
        rows: list[dict[str, Any]] = []
        unasked: dict[str, SnakePipeError] = {}
        for name in (keeper, *(name for name in specs if name != keeper)):
            try:
                with open_backend(name, self.settings) as backend:
                    if name == keeper:
                        return cast("Any", backend).publications().to_dicts(), {}
                    shown = backend.published()
            except Exception as error:  # noqa: BLE001 - a broken store must not hide the others
                unasked[name] = _unasked(name, error)
                told = {"state": "unknown", "error": str(unasked[name])}
                rows += [_publication(source, name, **told) for source in sources]
            else:
                rows += [
                    _publication(source, name, state="published", version=shown[source])
                    for source in sources
                    if source in shown
                ]
        return rows, unasked

    def health(self) -> Mapping[str, tuple[str, Health]]:
        """Return role and health of every registered backend; a failure is a health, too."""
        found: dict[str, tuple[str, Health]] = {}
        for name, spec in backends().items():
            try:
                with open_backend(name, self.settings) as backend:
                    found[name] = (spec.role, backend.health())
            except SnakePipeError as error:
                found[name] = (spec.role, Health(ok=False, detail=str(error)))
            except Exception as error:  # noqa: BLE001 - a broken store must not hide the others
                detail = f"{type(error).__name__}: {error}"
                found[name] = (spec.role, Health(ok=False, detail=detail))
        return found


def _publication(source: str, backend: str, **known: Any) -> dict[str, Any]:
    """Return a row of `publications` in which what is not known is null."""
    return {**dict.fromkeys(PUBLICATIONS.names), "source": source, "backend": backend, **known}


def _unasked(backend: str, error: Exception) -> SnakePipeError:
    """Return what to tell of a store that could not be asked."""
    kind = BackendUnavailableError if isinstance(error, TransientError) else BackendError
    if isinstance(error, SnakePipeError):
        message, remedy = error.message, error.remedy
    else:
        message, remedy = f"{type(error).__name__}: {error}", ""
    return kind(
        f"{backend} could not be asked: {message}",
        remedy=remedy or "Run `snake-pipe doctor`, which tries every store.",
        state="What the lake and the other stores say is shown; nothing was changed.",
    )

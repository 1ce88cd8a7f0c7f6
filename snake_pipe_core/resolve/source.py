"""One source, from its tables to edges and unresolved rows.

Belongs here: the order in which references are resolved, reading and writing the lake. Does not:
any rule.

Bases come first, since members are inherited; then declared types, then values made by calls,
since chains go through them; then everything else. Each stage sees what the earlier ones found.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from snake_pipe_core.lake import Head, Lake, SourceWriter
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.resolve.edges import Outcomes, assemble
from snake_pipe_core.resolve.exports import Namespaces, build_namespaces
from snake_pipe_core.resolve.extensions import (
    in_extensions,
    receivers_of,
    with_additions,
    with_extensions,
)
from snake_pipe_core.resolve.hierarchy import BASE_ROLES, VALUES, bases_of, past_aliases, values_of
from snake_pipe_core.resolve.languages import LANGUAGES
from snake_pipe_core.resolve.modules import packages_of
from snake_pipe_core.resolve.names import (
    Places,
    additions_of,
    chains_of,
    enclosing_of,
    follow,
    linked_of,
    members_of,
    overloads_of,
    sorts_of,
)
from snake_pipe_core.resolve.packages import full_names_of
from snake_pipe_core.resolve.reopened import groups_of, of_each, tops_of, type_of
from snake_pipe_core.resolve.rules import RULES
from snake_pipe_core.resolve.tables import Tables

VERSION = 2
"""Raised when the same tables give other edges."""
BATCH_REFERENCES = 250_000
"""References that are followed at a time; the result does not depend on it."""
_TARGETS = ["row", "target_id", "external", "rank", "reason"]
RESOLVED_TABLES = ("documents", "symbols", "imports", "exports", "references")


def resolver_version() -> str:
    """Return what identifies the resolver: equal means equal edges from equal tables."""
    facts = [f"{rule}" for rule in RULES]
    for language in LANGUAGES.values():
        facts.append(
            repr(
                {
                    key: sorted(value) if isinstance(value, frozenset) else value
                    for key, value in vars(language).items()
                }
            )
        )
    return f"{VERSION}.{hashlib.sha256('|'.join(facts).encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class ResolveReport:
    """What resolve did with one source."""

    source: str
    edges: Mapping[str, Mapping[str, int]]
    """Edges by kind, then by resolution."""
    unresolved: Mapping[str, int]
    """Unresolved references and imports by reason."""
    rows: Mapping[str, int]
    seconds: float = 0.0
    changed: bool = True

    @classmethod
    def of(
        cls, source: str, edges: pl.LazyFrame, unresolved: pl.LazyFrame, seconds: float
    ) -> ResolveReport:
        """Count rows of the two tables."""
        counted, reasons = pl.collect_all(
            [
                edges.group_by("kind", "resolution").len().sort("kind", "resolution"),
                unresolved.group_by("reason").len().sort("reason"),
            ]
        )
        by_kind: dict[str, dict[str, int]] = {}
        for kind, resolution, count in counted.iter_rows():
            by_kind.setdefault(kind, {})[resolution] = count
        by_reason = dict(reasons.iter_rows())
        rows = {"edges": int(counted["len"].sum()), "unresolved": sum(by_reason.values())}
        return cls(source, by_kind, by_reason, rows, seconds)

    @classmethod
    def unchanged(cls, lake: Lake, head: Head) -> ResolveReport:
        """Report on edges that the lake already holds."""
        edges = lake.scan("edges", head.source, head=head)
        unresolved = lake.scan("unresolved", head.source, head=head)
        return replace(cls.of(head.source, edges, unresolved, 0.0), changed=False)


@dataclass(frozen=True)
class Resolved:
    """Edges and unresolved rows of one source, and the outcome of each single reference."""

    edges: pl.DataFrame
    unresolved: pl.DataFrame
    outcomes: Outcomes = field(repr=False)


def resolve_source(lake: Lake, writer: SourceWriter) -> ResolveReport:
    """Resolve one source of the lake and hand the two tables to its writer, uncommitted."""
    started = time.monotonic()
    frames = {name: lake.scan(name, writer.source, head=writer.head) for name in RESOLVED_TABLES}
    edges, unresolved = resolve_tables(frames, writer.source)
    writer.add("edges", edges)
    writer.add("unresolved", unresolved)
    seconds = time.monotonic() - started
    return ResolveReport.of(writer.source, edges.lazy(), unresolved.lazy(), seconds)


def resolve_tables(
    frames: Mapping[str, pl.LazyFrame], source: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `edges` and `unresolved`, as declared and sorted by key, of a source's tables."""
    edges, unresolved, _ = _resolve_all(Tables.read(frames), source, keep=False)
    return edges, unresolved


def explain_tables(frames: Mapping[str, pl.LazyFrame], source: str) -> Resolved:
    """Resolve as `resolve_tables` does, and tell besides what became of each reference."""
    return Resolved(*_resolve_all(Tables.read(frames), source, keep=True))


def _resolve_all(
    tables: Tables, source: str, *, keep: bool
) -> tuple[pl.DataFrame, pl.DataFrame, Outcomes]:
    packages = packages_of(tables.documents, tables.languages)
    namespaces = build_namespaces(tables, packages)
    tables, places, types = _resolve_types(tables, namespaces)
    edges, unresolved, outcomes = assemble(
        tables, packages, namespaces, places, _batches(tables, places, types), keep=keep
    )
    return _declared("edges", edges, source), _declared("unresolved", unresolved, source), outcomes


def _declared(table: str, frame: pl.DataFrame, source: str) -> pl.DataFrame:
    declared = TABLES[table]
    return (
        frame.with_columns(source=pl.lit(source), **_dst_source(table, source))
        .select(declared.names)
        .cast(declared.polars_schema)
        .sort(declared.key, nulls_last=True)
    )


def _dst_source(table: str, source: str) -> dict[str, pl.Expr]:
    """Edges end in their own source: other sources are not linked yet."""
    return {"dst_source": pl.lit(source)} if table == "edges" else {}


def _resolve_types(tables: Tables, namespaces: Namespaces) -> tuple[Tables, Places, pl.DataFrame]:
    """Resolve bases and types; return what is known by then, and the targets of those."""
    groups = groups_of(tables)
    empty_order = {"class_id": pl.Int64, "ancestor_id": pl.Int64, "distance": pl.Int32}
    places = Places(
        namespaces,
        members_of(tables, namespaces),
        sorts_of(tables.symbols),
        pl.DataFrame(schema=empty_order),
        pl.DataFrame(schema={"class_id": pl.Int64, "outside": pl.String}),
        pl.DataFrame(schema=VALUES),
        pl.DataFrame(schema=VALUES),
        namespaces.spaces,
        enclosing_of(tables.symbols),
        overloads_of(tables),
        linked_of(tables),
        groups,
        full_names_of(tables, namespaces.spaces),
        tops_of(tables, groups),
    )
    role, via = pl.col("role"), pl.col("type_via")
    is_base = role.is_in(BASE_ROLES)
    is_type = role.is_in(["type", "returns"])
    is_made = is_type & (via == "constructor").fill_null(False)
    references = tables.references

    bases = _resolve(references.filter(is_base), places)
    added = additions_of(tables, places.linked)
    of_types = pl.concat([bases.select(added.columns), added])
    of_types = type_of(type_of(of_types, "symbol_id", groups), "target_id", groups)
    order, outside_bases = bases_of(of_types)
    outside_bases = of_each(outside_bases, "class_id", groups)
    outside_bases = with_additions(outside_bases, tables)
    places = replace(places, order=order, outside_bases=outside_bases)

    types = _resolve(references.filter(is_type & ~is_made), places)
    returned = values_of(types.filter(role == "returns"), tables, places.results)
    properties = tables.symbols.join(
        places.kinds.filter(pl.col("sort") == "property"), on="symbol_id", how="semi"
    ).select("symbol_id")
    # Casts and the like name types too, from the function or class around: not what those hold.
    holders = places.kinds.filter(pl.col("sort") == "value").select("symbol_id")
    aliases = tables.symbols.filter(
        (pl.col("kind") == "type_alias")
        & pl.col("language").is_in(tables.languages_where(aliases=True))
    ).select("symbol_id")
    holders = pl.concat([holders, aliases])
    values = pl.concat(
        [
            values_of(types.filter(role == "type"), tables, places.results).join(
                holders, on="symbol_id", how="semi"
            ),
            returned.join(properties, on="symbol_id", how="semi"),
        ]
    ).unique("symbol_id", keep="first", maintain_order=True)
    second = values.join(aliases, on="symbol_id", how="semi")
    values, returned = past_aliases(values, second), past_aliases(returned, second)
    extended = receivers_of(types, tables)
    places = replace(
        places, values=values, results=returned,
        members=with_extensions(places.members, extended, tables),
    )  # fmt: skip
    tables = replace(tables, references=in_extensions(references, extended))
    references = tables.references

    made = _resolve(references.filter(is_made), places)
    more = (
        values_of(made, tables, returned)
        .join(holders, on="symbol_id", how="semi")
        .join(values, on="symbol_id", how="anti")
    )
    places = replace(places, values=pl.concat([values, more]))

    return tables, places, pl.concat([frame.select(_TARGETS) for frame in (bases, types, made)])


def _batches(tables: Tables, places: Places, types: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the targets of all references, so many at a time that memory stays bounded."""
    yield types
    rest = tables.references.filter(~pl.col("role").is_in([*BASE_ROLES, "type", "returns"]))
    for batch in rest.iter_slices(BATCH_REFERENCES):
        yield _targets(batch, places).select(_TARGETS)


def _resolve(references: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Return references with `target_id`, `external`, `rank`, `reason` and the target's `sort`."""
    sorts = places.kinds.rename({"symbol_id": "target_id"})
    return references.join(_targets(references, places), on="row").join(
        sorts, on="target_id", how="left", maintain_order="left"
    )


def _targets(references: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Return `row`, `target_id`, `external`, `rank` and `reason` of references."""
    rows, chains = chains_of(references)
    return rows.join(follow(chains, places), on="chain")

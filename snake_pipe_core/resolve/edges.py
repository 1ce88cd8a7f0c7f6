"""The two tables: edges and unresolved rows.

Belongs here: which edge a resolved reference or import makes, structure, exports, overrides,
duplicates, roll-ups, aggregation. Does not: finding targets.

| reference | target | edge |
|---|---|---|
| call | class | INSTANTIATES, and CALLS to the constructor it gets |
| call | callable | CALLS |
| call | anything else | READS (what the variable holds is not known) |
| read | variable, field, parameter, property | READS, else REFERENCES |
| write | anything | WRITES |
| inherit, implement, mixin | anything but a value | INHERITS, IMPLEMENTS, MIXES_IN, else READS |
| inherit, in a list of a class's bases of all kinds | interface | IMPLEMENTS |
| type, returns, throws, decorate | anything | HAS_TYPE, RETURNS, THROWS, ANNOTATED_BY |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from snake_pipe_core.errors import SnakePipeError
from snake_pipe_core.model.kinds import CALLABLE_KINDS, TYPE_KINDS
from snake_pipe_core.resolve.exports import Namespaces
from snake_pipe_core.resolve.names import CONSTRUCTOR, Places
from snake_pipe_core.resolve.reopened import type_of
from snake_pipe_core.resolve.rules import MAXIMAL_CANDIDATES, RANK, RULES
from snake_pipe_core.resolve.tables import Tables

DUPLICATE_LINES = 5
"""Callables shorter than this are not reported as duplicates."""
_ROLLED_UP = (
    "IMPORTS", "INCLUDES", "CALLS", "INSTANTIATES", "REFERENCES", "READS", "WRITES", "INHERITS", "IMPLEMENTS",
    "MIXES_IN", "HAS_TYPE", "RETURNS", "THROWS", "ANNOTATED_BY", "ALIAS_OF",
)  # fmt: skip
_PART = {
    "kind": pl.String, "src_id": pl.Int64, "dst_id": pl.Int64, "rank": pl.UInt8,
    "candidates": pl.Int64, "document_id": pl.Int64, "node": pl.Int32,
}  # fmt: skip
_BY_ROLE = {
    "write": "WRITES", "type": "HAS_TYPE", "returns": "RETURNS", "throws": "THROWS",
    "decorate": "ANNOTATED_BY",
}  # fmt: skip
_BASES = {"inherit": "INHERITS", "implement": "IMPLEMENTS", "mixin": "MIXES_IN"}
_UNRESOLVED = (
    "document_id", "node", "symbol_id", "role", "name", "qualifier", "reason", "target",
    "candidates",
)  # fmt: skip


@dataclass(frozen=True)
class Outcomes:
    """What became of each single reference and import, before edges are added up.

    `references` and `imports` have `row`, the key of the row, and per candidate `kind`, `src_id`,
    `dst_id`, `rank`, `candidates` (how many there are); or `reason` and `target`.
    """

    references: pl.DataFrame
    imports: pl.DataFrame


def assemble(
    tables: Tables,
    packages: pl.DataFrame,
    namespaces: Namespaces,
    places: Places,
    batches: Iterable[pl.DataFrame],
    *,
    keep: bool,
) -> tuple[pl.DataFrame, pl.DataFrame, Outcomes]:
    """Return edges and unresolved rows (unsorted, without `source`) and single outcomes.

    `batches` are targets of references (`row`, `target_id`, `external`, `rank`, `reason`). Single
    outcomes of references are kept only if `keep`.
    """
    # A package that no document states is no vertex: chains pass through it, none ends there.
    nowhere = packages.filter(~pl.col("is_stated")).select(target_id="package_id")
    namespaces = replace(
        namespaces,
        modules=_not_at(namespaces.modules, nowhere),
        bindings=_not_at(namespaces.bindings, nowhere),
    )
    imports, statements = _import_outcomes(tables, namespaces)
    declared = _declares(tables)
    parts = [
        imports.filter(pl.col("reason").is_null()),
        statements,
        *_structure(tables, packages),
        *_exports(tables, namespaces),
        _overrides(tables, places, declared),
        declared,
        _duplicates(tables),
    ]
    sums = [_add_up(pl.concat([part.select(*_PART) for part in parts]))]
    unresolved = [_unresolved_imports(tables, imports)]
    kept = []
    accounted = 0
    for batch in batches:
        references = _reference_outcomes(tables, _not_at(batch, nowhere))
        made = references.filter(pl.col("reason").is_null())
        calls = _constructor_calls(made, tables, places)
        sums.append(_add_up(pl.concat([made.select(*_PART), calls.select(*_PART)])))
        unresolved.append(_unresolved_references(tables, references))
        accounted += references["row"].n_unique()
        if keep:
            kept.append(references)
    _check_counts(tables, accounted, imports["row"].n_unique())
    edges = _as_edges(_best(pl.concat(sums)))
    edges = pl.concat([edges, _roll_up(edges, tables).select(edges.columns)])
    key = ["document_id", "node", "role", "name"]
    rows = pl.concat(unresolved).unique(key, keep="first", maintain_order=True)
    return edges, rows, Outcomes(pl.concat(kept) if kept else pl.DataFrame(), imports)


def _check_counts(tables: Tables, references: int, imports: int) -> None:
    """Raise unless so many rows have an outcome as there are."""
    if (references, imports) != (tables.references.height, tables.imports.height):
        raise SnakePipeError(
            f"Of {tables.references.height} references {references} have an outcome, of "
            f"{tables.imports.height} imports {imports}.",
            remedy="This is a fault of the resolver; please report it with the source.",
            state="Nothing was written.",
        )


def _not_at(rows: pl.DataFrame, nowhere: pl.DataFrame) -> pl.DataFrame:
    """Take away targets that lie in `nowhere`: these rows have none."""
    if nowhere.is_empty():
        return rows
    is_gone = pl.col("target_id").is_in(nowhere["target_id"].implode()).fill_null(False)
    return (
        rows.with_columns(
            reason=pl.when(is_gone).then(pl.lit("missing")).otherwise("reason"),
            target_id=pl.when(~is_gone).then("target_id"),
        )
        .sort("row", "target_id", nulls_last=True)
        .filter(pl.col("target_id").is_not_null() | pl.col("target_id").is_null().all().over("row"))
    )


def check_references_accounted(tables: Tables, outcomes: Outcomes) -> None:
    """Raise if any reference or import has no outcome, or an edge and a reason at once."""
    for name, rows, ends in (
        ("references", tables.references, outcomes.references),
        ("imports", tables.imports, outcomes.imports),
    ):
        lost = rows.join(ends, on="row", how="anti").height
        mixed = (
            ends.group_by("row")
            .agg(reasons=pl.col("reason").is_not_null().sum(), ends=pl.len())
            .filter((pl.col("reasons") > 0) & (pl.col("ends") > 1))
            .height
        )
        if lost or mixed:
            raise SnakePipeError(
                f"Of {rows.height} rows of {name}, {lost} have no outcome and {mixed} two kinds.",
                remedy="This is a fault of the resolver; please report it with the source.",
                state="Nothing was written.",
            )


# -- references ------------------------------------------------------------------------------------


def _reference_outcomes(tables: Tables, resolved: pl.DataFrame) -> pl.DataFrame:
    kinds = tables.symbols.select(
        "parameter_count", target_id="symbol_id", target_kind="kind", target_flags="flags"
    )
    rows = tables.references.select(
        "row", "document_id", "node", "role", "name", "language", "argument_count",
        "own_target", src_id="symbol_id",
    )  # fmt: skip
    rows = rows.join(resolved, on="row", maintain_order="left")
    produced = pl.col("own_target").is_not_null()
    embedded = (pl.col("role") == "inherit") & pl.col("language").is_in(
        tables.languages_where(modules="directories")
    )
    rows = rows.with_columns(
        target_id=pl.when(produced).then("own_target").otherwise("target_id"),
        reason=pl.when(~produced).then("reason"),
        rank=pl.when(produced)
        .then(pl.lit(RANK["producer"], pl.UInt8))
        .when(embedded)
        .then(pl.max_horizontal("rank", pl.lit(RANK["embed"], pl.UInt8)))
        .otherwise("rank"),
    ).unique(["row", "target_id"], keep="first", maintain_order=True)
    rows = rows.join(kinds, on="target_id", how="left", maintain_order="left")
    rows = _by_arguments(_by_role(rows, tables), tables).join(
        tables.symbols.select(src_id="symbol_id", src_kind="kind"), on="src_id", how="left",
        maintain_order="left",
    )  # fmt: skip
    role, kind = pl.col("role"), pl.col("target_kind")
    is_type = kind.is_in(list(TYPE_KINDS))
    is_property = pl.concat_str(pl.lit(" "), "target_flags", pl.lit(" ")).str.contains(
        " property ", literal=True
    )
    is_callable = kind.is_in(list(CALLABLE_KINDS)) & ~is_property
    is_space = kind.is_null() | kind.is_in(["module", "namespace", "package", "file"])
    is_value = ~(is_type | is_callable | is_space)
    named = pl.col("language").is_in(tables.languages_where(naming_calls=True))
    is_base = role.is_in(list(_BASES))
    # `class C : Base, IShape`: that the second is an interface, its own definition says.
    implements = (
        (role == "inherit")
        & (kind == "interface")
        & (pl.col("src_kind") != "interface")
        & pl.col("language").is_in(tables.languages_where(mixed_bases=True))
    ).fill_null(False)
    edge = (
        pl.when(role.is_in(list(_BY_ROLE))).then(
            role.replace_strict(_BY_ROLE, default=None, return_dtype=pl.String)
        )
        .when(implements).then(pl.lit("IMPLEMENTS"))
        .when(is_base & ~is_value).then(
            role.replace_strict(_BASES, default=None, return_dtype=pl.String)
        )
        .when(role.is_in(["call", "instantiate"]) & is_type).then(pl.lit("INSTANTIATES"))
        .when((role == "instantiate") & is_callable).then(pl.lit("INSTANTIATES"))
        .when((role == "call") & is_callable).then(pl.lit("CALLS"))
        .when((role == "read") & is_callable & named).then(pl.lit("CALLS"))
        .when(is_value).then(pl.lit("READS"))
        .otherwise(pl.lit("REFERENCES"))
    )  # fmt: skip
    there = pl.col("target_id").is_not_null()
    return rows.select(
        "row", "document_id", "node", "role", "name",
        kind=pl.when(there).then(edge), src_id="src_id", dst_id="target_id",
        rank=pl.col("rank").fill_null(0), candidates=pl.len().over("row").cast(pl.Int64),
        reason=pl.when(~there).then(pl.col("reason").fill_null("dynamic")), target="external",
    )  # fmt: skip


def _by_role(rows: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Of a field and methods of one name, keep what the use can mean: Java keeps them apart."""
    languages = tables.languages_where(repeated="all")
    if not languages:
        return rows
    overloaded = pl.col("language").is_in(languages)
    is_callable = pl.col("target_kind").is_in(list(CALLABLE_KINDS))
    fits = (
        pl.when(pl.col("role").is_in(["call", "decorate"]))
        .then(is_callable)
        .when(pl.col("role").is_in(["read", "write"]))
        .then(~is_callable)
        .otherwise(True)
    ).fill_null(False)
    return rows.filter(~(overloaded & (pl.len().over("row") > 1)) | fits | ~fits.any().over("row"))


def _by_arguments(rows: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Of overloads, keep those that take as many arguments, if any does."""
    languages = tables.languages_where(repeated="all", by_count=True)
    if not languages:
        return rows
    overloaded = pl.col("language").is_in(languages)
    several = (pl.len().over("row") > 1) & overloaded
    fits = pl.col("parameter_count") == pl.col("argument_count")
    any_fits = fits.fill_null(False).any().over("row")
    return rows.with_columns(narrowed=several & any_fits).filter(
        ~pl.col("narrowed") | fits.fill_null(False)
    ).with_columns(
        rank=pl.when("narrowed")
        .then(pl.max_horizontal("rank", pl.lit(RANK["arguments"], pl.UInt8)))
        .otherwise("rank")
    )  # fmt: skip


def _constructor_calls(made: pl.DataFrame, tables: Tables, places: Places) -> pl.DataFrame:
    """Return CALLS to the constructor that a class gets, own or inherited."""
    rows = made.filter(pl.col("kind") == "INSTANTIATES")
    wanted = rows.select(owner="dst_id", name=pl.lit(CONSTRUCTOR)).unique()
    own = wanted.join(places.members, on=["owner", "name"])
    rest = wanted.join(own, on=["owner", "name"], how="anti")
    inherited = places.find(rest)
    found = pl.concat(
        [
            own.select("owner", "target_id", found_rank=pl.lit(RANK["member"], pl.UInt8)),
            inherited.select("owner", "target_id", found_rank=pl.lit(RANK["inherited"], pl.UInt8)),
        ]
    ).join(
        tables.symbols.select("parameter_count", target_id="symbol_id"), on="target_id", how="left"
    )
    single = pl.len().over("owner") == 1
    found = found.with_columns(single=single)
    calls = rows.join(
        tables.references.select("row", "argument_count"), on="row", how="left"
    ).join(found, left_on="dst_id", right_on="owner")  # fmt: skip
    fits = pl.col("parameter_count") == pl.col("argument_count")
    return (
        calls.filter(pl.col("single") | fits.fill_null(False))
        # Overloads that take as many arguments: which one is not known, so none is claimed.
        .unique(["row", "dst_id"], keep="none")
        .with_columns(
            kind=pl.lit("CALLS"),
            dst_id="target_id",
            rank=pl.max_horizontal(
                "rank",
                "found_rank",
                pl.when(~pl.col("single")).then(pl.lit(RANK["arguments"], pl.UInt8)),
            ),
        )
    )


def _unresolved_references(tables: Tables, outcomes: pl.DataFrame) -> pl.DataFrame:
    facts = tables.references.select("row", "symbol_id", "qualifier", "binding")
    ends = outcomes.filter(pl.col("reason").is_not_null() | (pl.col("candidates") > 1))
    return _as_unresolved(ends.join(facts, on="row", maintain_order="left"))


def _as_unresolved(ends: pl.DataFrame) -> pl.DataFrame:
    key = ["row", "document_id", "node", "symbol_id", "role", "name", "qualifier"]
    whole = pl.when(pl.col("qualifier").fill_null("") == "").then("name").otherwise(
        pl.concat_str("qualifier", pl.lit("."), "name")
    )  # fmt: skip
    single = ends.filter(pl.col("reason").is_not_null()).select(
        *key, "reason", target=pl.coalesce("target", whole), candidates=pl.lit("")
    )
    several = (
        ends.filter(pl.col("reason").is_null())
        .sort("row", "dst_id")
        .group_by(key, maintain_order=True)
        .agg(candidates=pl.col("dst_id").cast(pl.String).head(MAXIMAL_CANDIDATES))
        .select(*key, reason=pl.lit("ambiguous"), target=whole,
                candidates=pl.col("candidates").list.join(" "))
    )  # fmt: skip
    return pl.concat([single, several]).sort("row").select(_UNRESOLVED)


# -- imports ---------------------------------------------------------------------------------------


def _import_outcomes(tables: Tables, namespaces: Namespaces) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return import rows with the edge or reason of each, and the modules that they also name.

    A row that takes a name from a module of the source makes two edges: one to the module and one
    to what the name stands for; if that is a module itself, only the latter.
    """
    facts = tables.imports.select(
        "row",
        "document_id",
        "node",
        "module",
        "imported_name",
        "alias",
        "language",
        src_id="module_symbol_id",
        import_kind="kind",
    )
    edge = (
        pl.when(pl.col("import_kind") == "include")
        .then(pl.lit("INCLUDES"))
        .otherwise(pl.lit("IMPORTS"))
    )
    to_module = facts.join(namespaces.modules.rename({"rank": "module_rank"}), on="row")
    whole = pl.col("imported_name").is_in(["", "*"])
    name = pl.when(whole).then("module").otherwise("imported_name")
    candidates = pl.len().over("row").cast(pl.Int64)
    entire = to_module.filter(whole).select(
        "row", "document_id", "node", role=pl.lit("import"), name=name,
        kind=pl.when(pl.col("target_id").is_not_null()).then(edge),
        src_id="src_id", dst_id="target_id", rank="module_rank", candidates=candidates,
        reason="reason", target="external",
    )  # fmt: skip
    named = (
        facts.filter(~whole).join(namespaces.bindings, on="row")
        .select(
            "row", "document_id", "node", role=pl.lit("import"), name=name,
            kind=pl.when(pl.col("target_id").is_not_null()).then(pl.lit("IMPORTS")),
            src_id="src_id", dst_id="target_id", rank="rank", candidates=candidates,
            reason="reason", target="external",
        )
    )  # fmt: skip
    spaces = pl.concat([
        tables.documents.select(dst_id="module_symbol_id"),
        namespaces.modules.select(dst_id="target_id").drop_nulls(),
    ]).unique()  # fmt: skip
    submodules = named.join(spaces, on="dst_id", how="semi").select("row").unique()
    # A Java import names a type of a package: the module is the document that defines the type.
    packaged = pl.col("language").is_in(tables.languages_where(modules="packages"))
    homes = (
        tables.symbols.select("document_id", target_id="symbol_id")
        .join(tables.documents.select("document_id", home="module_symbol_id"), on="document_id")
        .select("target_id", "home")
    )
    by_home = (
        named.filter(pl.col("dst_id").is_not_null())
        .join(facts.filter(packaged).select("row"), on="row", how="semi")
        .join(homes, left_on="dst_id", right_on="target_id")
        .with_columns(dst_id="home")
        .unique(["row", "dst_id"], keep="first", maintain_order=True)
        .select("row", "document_id", "node", "kind", "src_id", "dst_id", "rank", "candidates")
    )
    statements = (
        to_module.filter(~whole & ~packaged & pl.col("target_id").is_not_null())
        .join(submodules, on="row", how="anti")
        .select(
            "row", "document_id", "node", kind=pl.lit("IMPORTS"), src_id="src_id",
            dst_id="target_id", rank="module_rank", candidates=candidates,
        )
    )  # fmt: skip
    outcomes = pl.concat([entire, named]).sort("row", "dst_id", nulls_last=True)
    return outcomes, pl.concat([statements, by_home.select(statements.columns)])


def _unresolved_imports(tables: Tables, outcomes: pl.DataFrame) -> pl.DataFrame:
    facts = tables.imports.select(
        "row", "symbol_id", "level",
        qualifier=pl.when(~pl.col("imported_name").is_in(["", "*"])).then(
            pl.concat_str(pl.lit(".").repeat_by("level").list.join(""), "module")
        ),
    )  # fmt: skip
    ends = outcomes.filter(pl.col("reason").is_not_null() | (pl.col("candidates") > 1))
    return _as_unresolved(ends.join(facts, on="row", maintain_order="left"))


# -- structure -------------------------------------------------------------------------------------


def _plain(rows: pl.DataFrame, kind: str, rule: str = "structure") -> pl.DataFrame:
    return rows.with_columns(
        kind=pl.lit(kind), rank=pl.lit(RANK[rule], pl.UInt8), candidates=pl.lit(1, pl.Int64)
    ).select(*_PART)


def _structure(tables: Tables, packages: pl.DataFrame) -> list[pl.DataFrame]:
    """CONTAINS, DEFINES and HAS_PARAMETER; evidence is the place of the definition."""
    documents = tables.documents.join(packages, on=["language", "root", "package"])
    contained = documents.select(
        "document_id", src_id="package_id", dst_id="document_id", node=pl.lit(0, pl.Int32)
    )
    first = documents.group_by("package_id").agg(pl.col("document_id").min())
    inner = packages.filter("is_stated", pl.col("parent_id").is_not_null()).join(
        first, on="package_id", how="left"
    )
    nested = inner.select(
        src_id="parent_id", dst_id="package_id",
        document_id=pl.coalesce("document_id", pl.lit(0, pl.Int64)), node=pl.lit(0, pl.Int32),
    )  # fmt: skip
    modules = tables.documents.select(
        "document_id", src_id="document_id", dst_id="module_symbol_id", node=pl.lit(0, pl.Int32)
    )
    inside = tables.symbols.filter(pl.col("container_id").is_not_null()).select(
        "document_id", "node", "kind", src_id="container_id", dst_id="symbol_id"
    )
    is_parameter = pl.col("kind").is_in(["parameter"])
    parts = tables.parts.select("document_id", "node", src_id="container_id", dst_id="symbol_id")
    wholes = tables.parts.select("document_id", "node", src_id="symbol_id", dst_id="whole_id")
    return [
        _plain(parts.filter(pl.col("src_id").is_not_null()), "DEFINES"),
        _plain(wholes, "ALIAS_OF"),
        _plain(contained, "CONTAINS"),
        _plain(nested, "CONTAINS"),
        _plain(modules, "DEFINES"),
        _plain(inside.filter(~is_parameter), "DEFINES"),
        _plain(inside.filter(is_parameter), "HAS_PARAMETER"),
    ]


def _exports(tables: Tables, namespaces: Namespaces) -> list[pl.DataFrame]:
    """EXPORTS to a module's own symbols, ALIAS_OF to those that it passes on."""
    own = tables.exports.filter(pl.col("symbol_id").is_not_null()).select(
        "document_id", "node", src_id="module_symbol_id", dst_id="symbol_id"
    )
    passed = (
        tables.exports.filter(pl.col("symbol_id").is_null())
        .with_columns(
            exported_name=pl.when(pl.col("kind") == "equals").then(pl.lit("="))
            .otherwise("exported_name")
        )
        .join(
            namespaces.names.filter(pl.col("target_id").is_not_null()),
            left_on=["module_symbol_id", "exported_name"], right_on=["owner", "name"],
        )
        .filter(pl.col("module_symbol_id") != pl.col("target_id"))
        .select(
            "document_id", "node", "rank", kind=pl.lit("ALIAS_OF"), src_id="module_symbol_id",
            dst_id="target_id",
            candidates=pl.len().over("module_symbol_id", "exported_name", "node").cast(pl.Int64),
        )
    )  # fmt: skip
    return [_plain(own, "EXPORTS"), passed.select(*_PART)]


def _overrides(tables: Tables, places: Places, declared: pl.DataFrame) -> pl.DataFrame:
    """OVERRIDES: a method and the nearest base's method of that name, which does not declare it."""
    methods = tables.symbols.filter(
        pl.col("kind").is_in(["method", "function"])
        & ~pl.concat_str(pl.lit(" "), "flags", pl.lit(" ")).str.contains(" static ", literal=True)
        & (pl.col("visibility") != "private")
    ).select(
        "document_id", "node", "name", "language", "parameter_count", class_id="container_id",
        symbol_id="symbol_id",
    )  # fmt: skip
    methods = type_of(methods, "class_id", places.groups)
    above = methods.select(
        "name", ancestor_id="class_id", base_id="symbol_id", base_count="parameter_count"
    )
    found = methods.join(places.order, on="class_id").join(above, on=["ancestor_id", "name"])
    overloads = pl.col("language").is_in(tables.languages_where(repeated="all", by_count=True))
    found = found.filter(~overloads | (pl.col("parameter_count") == pl.col("base_count")))
    same = declared.select(base_id="src_id", symbol_id="dst_id")
    found = found.join(same, on=["base_id", "symbol_id"], how="anti")
    found = found.filter(pl.col("distance") == pl.col("distance").min().over("symbol_id"))
    return _plain(
        found.sort("symbol_id", "base_id").unique("symbol_id", keep="last", maintain_order=True)
        .select("document_id", "node", src_id="symbol_id", dst_id="base_id"),
        "OVERRIDES", "override",
    )  # fmt: skip


def _declares(tables: Tables) -> pl.DataFrame:
    """DECLARES: a prototype (in a header, say) and the function of another file that it declares.

    They have the name, the number of parameters and the name of the class around in common.
    """
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    is_declaration = flags.str.contains(" declaration ", literal=True)
    holders = tables.symbols.select(
        container_id="symbol_id",
        holder=pl.when(pl.col("kind").is_in(list(TYPE_KINDS))).then("name").otherwise(pl.lit("")),
        is_held=~pl.col("kind").is_in(list(CALLABLE_KINDS)),
    )
    callables = tables.symbols.filter(
        pl.col("language").is_in(tables.languages_where(linkage=True))
        & pl.col("kind").is_in(list(CALLABLE_KINDS))
    ).join(holders.filter("is_held"), on="container_id")
    key = ["name", "holder", "parameter_count"]
    declared = callables.filter(is_declaration).select(
        *key, "document_id", "node", src_id="symbol_id"
    )
    defined = callables.filter(~is_declaration & (pl.col("visibility") != "private")
                               | ~is_declaration & (pl.col("holder") != "")).select(
        *key, dst_id="symbol_id"
    )  # fmt: skip
    return (
        declared.join(defined, on=key, nulls_equal=True)
        .with_columns(candidates=pl.len().over("src_id").cast(pl.Int64))
        .filter(pl.col("candidates") <= MAXIMAL_CANDIDATES)
        .select(
            "document_id", "node", "src_id", "dst_id", "candidates", kind=pl.lit("DECLARES"),
            rank=pl.lit(RANK["linkage"], pl.UInt8),
        )
        .select(*_PART)
    )  # fmt: skip


def _duplicates(tables: Tables) -> pl.DataFrame:
    """DUPLICATE_OF: a callable and the first one whose tree is the same."""
    bodies = tables.symbols.filter(
        pl.col("kind").is_in(list(CALLABLE_KINDS))
        & (pl.col("line_count").fill_null(0) >= DUPLICATE_LINES)
    )
    first = bodies.unique("subtree_hash", keep="first", maintain_order=True).select(
        "subtree_hash", first_id="symbol_id"
    )
    return _plain(
        bodies.join(first, on="subtree_hash")
        .filter(pl.col("symbol_id") != pl.col("first_id"))
        .select("document_id", "node", src_id="symbol_id", dst_id="first_id"),
        "DUPLICATE_OF", "duplicate",
    )  # fmt: skip


# -- aggregation -----------------------------------------------------------------------------------


_KEY = ["kind", "src_id", "dst_id"]


def _add_up(parts: pl.DataFrame) -> pl.DataFrame:
    """Return one row per kind, source and target of single outcomes."""
    confidence = pl.col("rank").replace_strict(
        list(range(len(RULES))), [rule.confidence for rule in RULES], return_dtype=pl.Float64
    )
    return _best(
        parts.with_columns(
            confidence=confidence / pl.col("candidates"),
            occurrence_count=pl.lit(1, pl.Int32),
        )
    )


def _best(rows: pl.DataFrame) -> pl.DataFrame:
    """Of rows of one key, keep the most trusted, then earliest evidence; add up occurrences.

    It may be applied to parts and then to the parts' results.
    """
    return (
        rows.sort("confidence", "document_id", "node", "rank", descending=[True, *[False] * 3])
        .group_by(_KEY, maintain_order=True)
        .agg(
            pl.col("rank", "confidence", "candidates", "document_id", "node").first(),
            pl.col("occurrence_count").sum().cast(pl.Int32),
        )
    )


def _as_edges(best: pl.DataFrame) -> pl.DataFrame:
    ranks = list(range(len(RULES)))
    several = pl.col("candidates") > 1
    return best.select(
        *_KEY,
        resolution=pl.when(several).then(pl.lit("ambiguous")).otherwise(
            pl.col("rank").replace_strict(
                ranks, [rule.resolution for rule in RULES], return_dtype=pl.String
            )
        ),
        confidence=pl.col("confidence").round(4),
        rule=pl.col("rank").replace_strict(
            ranks, [rule.name for rule in RULES], return_dtype=pl.String
        ),
        document_id="document_id", node="node", occurrence_count="occurrence_count",
    )  # fmt: skip


def _roll_up(edges: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """DEPENDS_ON between modules: what crosses from one document to another, added up."""
    owners = tables.symbols.select("document_id", id="symbol_id").join(
        tables.documents.select("document_id", module="module_symbol_id"), on="document_id"
    ).select("id", "module")  # fmt: skip
    crossing = (
        edges.filter(pl.col("kind").is_in(_ROLLED_UP))
        .join(owners.rename({"id": "src_id", "module": "src_module"}), on="src_id")
        .join(owners.rename({"id": "dst_id", "module": "dst_module"}), on="dst_id")
        .filter(pl.col("src_module") != pl.col("dst_module"))
    )
    best = crossing.sort(
        "confidence", "document_id", "node", "rule", descending=[True, False, False, False]
    )
    return best.group_by("src_module", "dst_module", maintain_order=True).agg(
        pl.col("resolution", "confidence", "document_id", "node").first(),
        pl.col("occurrence_count").sum().cast(pl.Int32),
    ).select(
        "resolution", "confidence", "document_id", "node", "occurrence_count",
        kind=pl.lit("DEPENDS_ON"), src_id="src_module", dst_id="dst_module",
        rule=pl.lit("rollup"),
    )  # fmt: skip

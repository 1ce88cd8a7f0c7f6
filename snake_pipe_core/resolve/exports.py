"""The names that modules offer, through re-exports, aliases and wildcards.

Belongs here: one table of (owner, name) → target, closed over chains of re-exports; what each
import row binds. Does not: members of classes, uses of names.

An owner is a module's symbol or a package. *Terminals* are names with a target of their own,
*pointers* say "the same as that name of that other owner". The closure follows pointers from
terminals outward, round by round, until nothing is new; a cycle adds nothing and so ends.
Where several targets remain, the strongest sort wins: a definition, then an import, a variable
(`x = None` in an `except`), something external, a submodule; equals are candidates. A name that is
offered without anything known about it has neither target nor external name.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from snake_pipe_core.model.kinds import CALLABLE_KINDS, TYPE_KINDS
from snake_pipe_core.resolve.exports_schema import POINTER, TERMINAL
from snake_pipe_core.resolve.modules import (
    TARGET_SCHEMA,
    PythonPlaces,
    resolve_crates,
    resolve_files,
    resolve_paths,
    resolve_stated,
)
from snake_pipe_core.resolve.packages import (
    around,
    names_at_top,
    names_of_spaces,
    names_of_types,
    packages_below,
    resolve_directories,
    resolve_packages,
    spaces_of,
)
from snake_pipe_core.resolve.rules import RANK
from snake_pipe_core.resolve.tables import Tables

_DEFINITION, _IMPORTED, _VARIABLE, _EXTERNAL, _SUBMODULE, _OPAQUE = range(6)
NO_MEMBERS = ("parameter", "type_parameter")
"""Kinds that are contained in a symbol but are no names that it offers."""


@dataclass(frozen=True)
class Namespaces:
    """What modules offer and imports bind."""

    modules: pl.DataFrame
    """Per import row and candidate: the module that it names; see `resolve.modules`."""
    names: pl.DataFrame
    """`owner`, `name`, `target_id`, `external`, `rank`: all names of modules and packages."""
    bindings: pl.DataFrame
    """Per import row and candidate: `row`, `target_id`, `external`, `rank`, `reason`: what the
    bound name stands for."""
    open_modules: pl.DataFrame
    """`owner`, `outside`: modules that take all names of an external one."""
    import_keys: pl.DataFrame
    """`row`, `document_id`, `binding_node`, `binding_name`: how references name an import row."""
    spaces: pl.DataFrame
    """`module_symbol_id`, `package_id`, `depth`: documents that see all names of their package
    (depth 0) and of those around it."""


def build_namespaces(tables: Tables, packages: pl.DataFrame) -> Namespaces:
    """Resolve imports to modules and names to symbols, for all languages of the source."""
    first = _build(tables, packages, None)
    # `import os.path`, where `os` has no such submodule but imports something under this name.
    named = _modules_by_name(tables, first)
    return first if named.is_empty() else _build(tables, packages, named)


def _modules_by_name(tables: Tables, found: Namespaces) -> pl.DataFrame:
    """Return targets of import rows whose module is a name that another module offers.

    Only for modules that are not there, below one that is, and if the name stands for modules.
    """
    modules = tables.documents.select(target_id="module_symbol_id")
    missing = found.modules.filter(
        (pl.col("reason") == "missing") & pl.col("head_id").is_not_null()
    ).join(tables.imports.select("row", "module"), on="row")
    tail = pl.col("module").str.replace(r"^[^.]*\.", "")
    missing = missing.filter(pl.col("module").str.count_matches(".", literal=True) == 1)
    return (
        missing.select("row", "head_id", owner="head_id", name=tail)
        .join(found.names.select("owner", "name", "target_id"), on=["owner", "name"])
        .join(modules, on="target_id", how="semi")
        .select(
            "row", "target_id", "head_id", rank=pl.lit(RANK["name"], pl.UInt8),
            external=pl.lit(None, pl.String), reason=pl.lit(None, pl.String),
        )
    )  # fmt: skip


def _build(tables: Tables, packages: pl.DataFrame, named: pl.DataFrame | None) -> Namespaces:
    parts: list[pl.DataFrame] = []
    spaces = spaces_of(tables, packages)
    below = packages_below(tables, packages, spaces)
    terminals: list[pl.DataFrame] = [
        _own_names(tables),
        names_of_spaces(tables, spaces),
        names_at_top(tables, spaces),
        below.select(
            "owner", "name", "target_id", external=pl.lit(None, pl.String),
            strength=pl.lit(_SUBMODULE, pl.Int64), rank=pl.lit(RANK["name"], pl.UInt8),
        ),
    ]  # fmt: skip
    pointers: list[pl.DataFrame] = []
    wildcards: list[pl.DataFrame] = []
    for language in tables.languages.values():
        rows = tables.imports.filter(pl.col("language") == language.name)
        if language.modules == "roots":
            places = PythonPlaces(tables, packages)
            parts.append(places.resolve(rows, language))
            terminals.append(
                places.submodules().select(
                    "owner", "name", "target_id", external=pl.lit(None, pl.String),
                    strength=pl.lit(_SUBMODULE, pl.Int64), rank=pl.lit(RANK["member"], pl.UInt8),
                )
            )  # fmt: skip
        elif language.modules == "paths":
            parts.append(resolve_paths(rows, tables))
        elif language.modules == "files":
            parts.append(resolve_files(rows, tables))
        elif language.modules == "crates":
            parts.append(resolve_crates(rows, tables))
        elif language.modules == "packages":
            parts.append(resolve_packages(rows, tables, spaces, below))
        elif language.modules == "directories":
            parts.append(resolve_directories(rows, tables, spaces))
        else:
            parts.append(resolve_stated(rows, tables))
    modules = pl.concat(
        [pl.DataFrame(schema=TARGET_SCHEMA), *(part.select(*TARGET_SCHEMA) for part in parts)]
    )
    if named is not None:
        modules = pl.concat([modules.join(named, on="row", how="anti"), named])
    modules = modules.sort("row", "target_id", nulls_last=True)
    terminals.append(names_of_types(tables, modules))

    bound = tables.imports.join(modules, on="row", maintain_order="left")
    is_wildcard = (pl.col("imported_name") == "*") & (pl.col("alias") == "")
    is_whole = pl.col("imported_name").is_in(["", "*"])
    at_top = (pl.col("scope_id") == 0) & (pl.col("alias") != "")
    all_names = pl.col("language").is_in(tables.languages_where(offers="all"))
    top = bound.filter(at_top & all_names)
    terminals += [
        _terminals(top.filter(is_whole), _whole_target(), _IMPORTED),
        _externals(top),
    ]
    pointers.append(
        top.filter(~is_whole & pl.col("target_id").is_not_null()).select(
            owner="module_symbol_id", name="alias", to_owner="target_id",
            to_name="imported_name", rank=pl.lit(RANK["name"], pl.UInt8),
        )
    )  # fmt: skip
    wild = _for_all_files(bound.filter(is_wildcard & all_names), tables)
    wildcards.append(wild.select(owner="module_symbol_id", to_owner="target_id"))
    opened = wild.filter(pl.col("external").is_not_null())

    offered = _Exports(tables, bound)
    terminals.append(offered.terminals)
    pointers.append(offered.pointers)
    wildcards.append(offered.wildcards)

    terminal = pl.concat([pl.DataFrame(schema=TERMINAL), *(t.select(*TERMINAL) for t in terminals)])
    pointer = pl.concat([pl.DataFrame(schema=POINTER), *(p.select(*POINTER) for p in pointers)])
    pointer = pl.concat([pointer, _open_wildcards(tables, terminal, pointer, pl.concat(wildcards))])
    names = _close(terminal.unique(), pointer.unique())
    names = pl.concat([names, _default_of_equals(names)])
    open_modules = pl.concat(
        [
            opened.select(owner="module_symbol_id", outside="external"),
            offered.open_modules,
        ]
    ).unique().sort(pl.all())  # fmt: skip
    keys = tables.imports.select(
        "row", "document_id", binding_node="node", binding_name="alias"
    ).filter(pl.col("binding_name") != "")
    return Namespaces(
        modules,
        names,
        _bindings(bound, names, open_modules),
        open_modules,
        keys,
        around(spaces, tables),
    )


def _for_all_files(wild: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return imports on demand, those of all files once for each file."""
    languages = tables.languages_where(global_imports=True)
    everywhere = wild.filter(pl.col("language").is_in(languages) & (pl.col("level") == 1))
    if everywhere.is_empty():
        return wild
    owners = tables.documents.select("language", owner="module_symbol_id").unique()
    spread = everywhere.join(owners, on="language").with_columns(module_symbol_id="owner")
    return pl.concat([wild, spread.select(wild.columns)]).unique(
        ["module_symbol_id", "row", "target_id"], maintain_order=True
    )


def strength_of(kind: pl.Expr) -> pl.Expr:
    """Return how strongly a definition of that kind claims its name."""
    strong = [*TYPE_KINDS, *CALLABLE_KINDS, "namespace", "module"]
    return pl.when(kind.is_in(strong)).then(_DEFINITION).otherwise(_VARIABLE).cast(pl.Int64)


def latest(symbols: pl.DataFrame, repeated_all: list[str]) -> pl.DataFrame:
    """Return the definition that counts of those that share owner and name.

    Where a language has overloads all count. Else the last one, but never a typing `overload`
    before the implementation, nor a property's setter before its getter.
    """
    # `typedef struct s { … } s;`: the type, not its second name.
    is_type = pl.col("kind").is_in(list(TYPE_KINDS - {"type_alias"}))
    symbols = symbols.filter(
        (pl.col("kind") != "type_alias") | ~is_type.any().over("container_id", "name")
    )
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    order = (
        pl.when(flags.str.contains(" overload ", literal=True)).then(-1)
        .when(flags.str.contains(" property ", literal=True)).then(-pl.col("node") + 2**31)
        .otherwise(pl.col("node").cast(pl.Int64))
    )  # fmt: skip
    overloads = symbols.filter(pl.col("language").is_in(repeated_all))
    single = (
        symbols.filter(~pl.col("language").is_in(repeated_all))
        .with_columns(order=order)
        .sort("container_id", "name", "order", "symbol_id")
        .unique(["container_id", "name"], keep="last", maintain_order=True)
        .drop("order")
    )
    return pl.concat([overloads, single])


def _own_names(tables: Tables) -> pl.DataFrame:
    """Return terminals for what modules define, where all top-level names are offered."""
    owners = tables.documents.filter(
        pl.col("language").is_in(tables.languages_where(offers="all"))
    ).select(container_id="module_symbol_id")
    own = tables.symbols.filter(~pl.col("kind").is_in(NO_MEMBERS)).join(
        owners.unique(), on="container_id", how="semi"
    )
    own = latest(own, tables.languages_where(repeated="all"))
    return own.select(
        owner="container_id", name="name", target_id="symbol_id",
        external=pl.lit(None, pl.String), strength=strength_of(pl.col("kind")),
        rank=pl.lit(RANK["name"], pl.UInt8),
    )  # fmt: skip


def _whole_target() -> pl.Expr:
    """What importing a whole module binds: of `import a.b` the topmost package."""
    is_head = (pl.col("imported_name") == "") & (
        pl.col("module").str.starts_with(pl.concat_str("alias", pl.lit(".")))
    )
    return (
        pl.when(is_head & (pl.col("language") == "python")).then("head_id").otherwise("target_id")
    )


def _whole_external() -> pl.Expr:
    """The dotted name outside that an import row binds."""
    is_head = (pl.col("imported_name") == "") & (
        pl.col("module").str.starts_with(pl.concat_str("alias", pl.lit(".")))
    )
    is_whole = pl.col("imported_name").is_in(["", "*"])
    return (
        pl.when(is_head).then("alias")
        .when(is_whole).then("external")
        .when(pl.col("external") == "").then("imported_name")
        .otherwise(pl.concat_str("external", pl.lit("."), "imported_name"))
    )  # fmt: skip


def _terminals(rows: pl.DataFrame, target: pl.Expr, strength: int) -> pl.DataFrame:
    return (
        rows.select(
            owner="module_symbol_id", name="alias", target_id=target,
            external=pl.lit(None, pl.String), strength=pl.lit(strength, pl.Int64), rank="rank",
        )
        .filter(pl.col("target_id").is_not_null())
        .select(*TERMINAL)
    )  # fmt: skip


def _externals(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("external").is_not_null()).select(
        owner="module_symbol_id", name="alias", target_id=pl.lit(None, pl.Int64),
        external=_whole_external(), strength=pl.lit(_EXTERNAL, pl.Int64),
        rank=pl.lit(RANK["name"], pl.UInt8),
    )  # fmt: skip


class _Exports:
    """Explicit exports of languages whose modules offer only those (and Python's `__all__`)."""

    def __init__(self, tables: Tables, bound: pl.DataFrame) -> None:
        languages = tables.languages_where(offers="exports")
        rows = tables.exports.filter(pl.col("language").is_in(languages))
        rows = rows.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
        kind = pl.col("kind")
        own = rows.filter((pl.col("module") == "") & pl.col("symbol_id").is_not_null())
        exported = pl.when(kind == "equals").then(pl.lit("=")).when(
            (kind == "default") & (pl.col("exported_name") == "")
        ).then(pl.lit("default")).otherwise("exported_name")  # fmt: skip
        kinds = tables.symbols.select("symbol_id", symbol_kind="kind")
        own_terminals = own.join(kinds, on="symbol_id", how="left").select(
            owner="module_symbol_id", name=exported, target_id="symbol_id",
            external=pl.lit(None, pl.String), strength=pl.lit(_DEFINITION, pl.Int64),
            rank=pl.lit(RANK["name"], pl.UInt8),
        )  # fmt: skip
        passed = rows.filter(
            (pl.col("module") == "") & pl.col("symbol_id").is_null()
            & pl.col("import_node").is_not_null()
        ).with_columns(first=pl.col("local_name").str.replace(r"\..*$", ""))  # fmt: skip
        imports = bound.select(
            "document_id", "imported_name", "module", "language", "external", "target_id",
            "head_id", import_node="node", first="alias", import_rank="rank",
        )  # fmt: skip
        passed = passed.drop("module", "language").join(
            imports, on=["document_id", "import_node", "first"]
        )
        # `exports.x = lib.y`: the name that `lib` offers as y.
        dotted = pl.col("local_name").str.contains(".", literal=True)
        one_step = pl.col("local_name").str.count_matches(".", literal=True) == 1
        through = passed.filter(
            one_step
            & pl.col("imported_name").is_in(["", "*"])
            & pl.col("target_id").is_not_null()
        ).select(
            owner="module_symbol_id", name=exported, to_owner="target_id",
            to_name=pl.col("local_name").str.replace(r"^.*\.", ""),
            rank=pl.lit(RANK["name"], pl.UInt8),
        )  # fmt: skip
        passed = passed.filter(~dotted)
        whole = pl.col("imported_name").is_in(["", "*"])
        there = pl.col("target_id").is_not_null()
        passed_terminals = [
            passed.filter(whole & there).select(
                owner="module_symbol_id", name=exported, target_id="target_id",
                external=pl.lit(None, pl.String), strength=pl.lit(_IMPORTED, pl.Int64),
                rank=pl.lit(RANK["name"], pl.UInt8),
            ),
            passed.filter(pl.col("external").is_not_null()).select(
                owner="module_symbol_id", name=exported, target_id=pl.lit(None, pl.Int64),
                external=pl.when(whole).then("external").otherwise(
                    pl.concat_str("external", pl.lit("."), "imported_name")),
                strength=pl.lit(_EXTERNAL, pl.Int64), rank=pl.lit(RANK["name"], pl.UInt8),
            ),
        ]  # fmt: skip
        passed_pointers = passed.filter(~whole & there).select(
            owner="module_symbol_id", name=exported, to_owner="target_id",
            to_name="imported_name", rank=pl.lit(RANK["name"], pl.UInt8),
        )  # fmt: skip
        elsewhere = rows.filter(pl.col("module") != "")
        targets = (
            resolve_paths(elsewhere, tables)
            if not elsewhere.is_empty()
            else pl.DataFrame(schema=TARGET_SCHEMA)
        )
        elsewhere = elsewhere.join(targets.drop("rank", "reason"), on="row")
        named = ~kind.is_in(["wildcard", "namespace"])
        everything = (kind == "equals") & (pl.col("local_name") == "")
        # Offered, but what it is only the running program knows: neither target nor name outside.
        opaque = rows.filter((pl.col("module") == "") & pl.col("symbol_id").is_null()).select(
            owner="module_symbol_id", name=exported, target_id=pl.lit(None, pl.Int64),
            external=pl.lit(None, pl.String), strength=pl.lit(_OPAQUE, pl.Int64),
            rank=pl.lit(RANK["name"], pl.UInt8),
        )  # fmt: skip
        self.terminals = pl.concat([
            pl.DataFrame(schema=TERMINAL), own_terminals.select(*TERMINAL), opaque.select(*TERMINAL),
            *(frame.select(*TERMINAL) for frame in passed_terminals),
            elsewhere.filter(((kind == "namespace") | everything) & there).select(
                owner="module_symbol_id", name=exported, target_id="target_id",
                external=pl.lit(None, pl.String), strength=pl.lit(_IMPORTED, pl.Int64),
                rank=pl.lit(RANK["name"], pl.UInt8),
            ).select(*TERMINAL),
            elsewhere.filter((kind != "wildcard") & pl.col("external").is_not_null()).select(
                owner="module_symbol_id", name=exported, target_id=pl.lit(None, pl.Int64),
                external=pl.when((kind == "namespace") | (pl.col("local_name") == ""))
                .then("external")
                .otherwise(pl.concat_str("external", pl.lit("."), "local_name")),
                strength=pl.lit(_EXTERNAL, pl.Int64), rank=pl.lit(RANK["name"], pl.UInt8),
            ).select(*TERMINAL),
        ])  # fmt: skip
        self.pointers = pl.concat([
            passed_pointers.select(*POINTER),
            through.select(*POINTER),
            elsewhere.filter(named & ~everything & there).select(
                owner="module_symbol_id", name=exported, to_owner="target_id",
                to_name="local_name", rank=pl.lit(RANK["name"], pl.UInt8),
            ).select(*POINTER),
        ])  # fmt: skip
        opened = elsewhere.filter((kind == "wildcard") | everything)
        self.wildcards = opened.select(owner="module_symbol_id", to_owner="target_id")
        self.open_modules = opened.filter(pl.col("external").is_not_null()).select(
            owner="module_symbol_id", outside="external"
        )


def _open_wildcards(
    tables: Tables, terminals: pl.DataFrame, pointers: pl.DataFrame, wildcards: pl.DataFrame
) -> pl.DataFrame:
    """Return a pointer for each name that a wildcard brings and its module does not define."""
    wildcards = wildcards.filter(
        pl.col("to_owner").is_not_null() & (pl.col("owner") != pl.col("to_owner"))
    ).unique()
    result = pl.DataFrame(schema=POINTER)
    if wildcards.is_empty():
        return result
    stated = tables.exports.filter(
        pl.col("language").is_in(tables.languages_where(offers="all"))
        & (pl.col("exported_name") != "")
    ).select(owner="module_symbol_id", name="exported_name").unique()  # fmt: skip
    explicit = pl.concat([
        terminals.filter(pl.col("strength") < _SUBMODULE).select("owner", "name"),
        pointers.select("owner", "name"),
    ]).unique()  # fmt: skip
    # Only Python hides names that begin with an underscore.
    roots = tables.languages_where(modules="roots")
    hiding = tables.documents.filter(pl.col("language").is_in(roots))["module_symbol_id"]
    unhidden = wildcards.filter(~pl.col("to_owner").is_in(hiding.implode()))["to_owner"].implode()
    listing = stated.select("owner").unique().with_columns(has_list=pl.lit(True))
    known, frontier = explicit, explicit
    while not frontier.is_empty():
        offered = (
            frontier.join(listing, on="owner", how="left")
            .join(stated.with_columns(listed=pl.lit(True)), on=["owner", "name"], how="left")
            .filter(
                pl.when("has_list").then(pl.col("listed").fill_null(False))
                .otherwise(pl.col("owner").is_in(unhidden) | ~pl.col("name").str.starts_with("_"))
                & ~pl.col("name").is_in(["default", "="])
            )
            .select(to_owner="owner", name="name")
        )  # fmt: skip
        brought = wildcards.join(offered, on="to_owner").join(
            explicit, on=["owner", "name"], how="anti"
        )
        new = brought.select(
            "owner", "name", "to_owner", to_name="name", rank=pl.lit(RANK["wildcard"], pl.UInt8)
        ).join(result, on=["owner", "name", "to_owner"], how="anti")
        result = pl.concat([result, new.select(*POINTER)])
        frontier = (
            new.select("owner", "name").unique().join(known, on=["owner", "name"], how="anti")
        )
        known = pl.concat([known, frontier])
    return result


def _close(terminals: pl.DataFrame, pointers: pl.DataFrame) -> pl.DataFrame:
    """Return the closure: every name with its strongest targets."""
    key = ["owner", "name", "target_id", "external"]
    reached = terminals.sort("rank", "strength").unique(key, keep="first", maintain_order=True)
    frontier = reached
    while not frontier.is_empty() and not pointers.is_empty():
        new = (
            pointers.join(
                frontier.rename({"owner": "to_owner", "name": "to_name", "rank": "its_rank"}),
                on=["to_owner", "to_name"],
            )
            .select(
                "owner", "name", "target_id", "external",
                # What another module merely has as a submodule is an import here.
                strength=pl.when(pl.col("strength") == _SUBMODULE).then(_IMPORTED)
                .otherwise("strength").cast(pl.Int64),
                rank=pl.max_horizontal("rank", "its_rank"),
            )
            .sort("rank", "strength")
            .unique(key, keep="first", maintain_order=True)
            .join(reached, on=key, how="anti", nulls_equal=True)
        )  # fmt: skip
        reached = pl.concat([reached, new])
        frontier = new
    best = pl.col("strength").min().over("owner", "name")
    return (
        reached.filter(pl.col("strength") == best)
        .select("owner", "name", "target_id", "external", "rank")
        .sort("owner", "name", "target_id", "external", nulls_last=True)
    )


def _default_of_equals(names: pl.DataFrame) -> pl.DataFrame:
    """Return `default` for modules that set `module.exports` and have no default of their own."""
    equals = names.filter(pl.col("name") == "=").with_columns(name=pl.lit("default"))
    return equals.join(names, on=["owner", "name"], how="anti")


def _bindings(bound: pl.DataFrame, names: pl.DataFrame, open_modules: pl.DataFrame) -> pl.DataFrame:
    """Return what the name that an import row binds stands for."""
    whole = pl.col("imported_name").is_in(["", "*"])
    there = pl.col("target_id").is_not_null()
    nothing = bound.filter(~there).select(
        "row", target_id=pl.lit(None, pl.Int64),
        external=pl.when(pl.col("external").is_not_null()).then(_whole_external()), rank="rank",
        reason="reason",
    )  # fmt: skip
    entire = (
        bound.filter(there & whole)
        .with_columns(target_id=_whole_target())
        .join(
            names.filter(pl.col("name") == "=").select(
                target_id="owner", equals="target_id", outside="external"
            ),
            on="target_id", how="left", maintain_order="left",
        )
        .with_columns(
            # `require` gives what the module sets as its exports; `import * as` the module.
            set=(pl.col("imported_name") == "")
            & (pl.col("equals").is_not_null() | pl.col("outside").is_not_null())
        )
        .select(
            "row", target_id=pl.when("set").then("equals").otherwise("target_id"),
            external=pl.when("set").then("outside"), rank="rank",
            reason=pl.when("set").then(pl.when(pl.col("equals").is_null()).then(pl.lit("external"))),
        )
    )  # fmt: skip
    named = bound.filter(there & ~whole).select(
        "row", "language", owner="target_id", name="imported_name", module_rank="rank"
    )
    found = named.join(names, on=["owner", "name"], how="left", maintain_order="left")
    found = found.join(
        open_modules.unique("owner", keep="first", maintain_order=True), on="owner", how="left",
        maintain_order="left",
    )  # fmt: skip
    nowhere = pl.col("target_id").is_null() & pl.col("external").is_null()
    symbol = found.select(
        "row", "target_id",
        external=pl.when(nowhere & pl.col("outside").is_not_null())
        .then(pl.concat_str("outside", pl.lit("."), "name")).otherwise("external"),
        rank=pl.max_horizontal("module_rank", pl.col("rank").fill_null(0)),
        reason=pl.when(pl.col("target_id").is_not_null()).then(None)
        .when(pl.col("external").is_not_null() | pl.col("outside").is_not_null())
        .then(pl.lit("external")).when(pl.col("rank").is_not_null()).then(pl.lit("dynamic"))
        .otherwise(pl.lit("missing")),
    )  # fmt: skip
    schema = {key: value for key, value in TARGET_SCHEMA.items() if key != "head_id"}
    everything = pl.concat([frame.select(*schema) for frame in (nothing, entire, symbol)])
    # Of candidates of one import, those in the source count; of names outside, one is told.
    inside = pl.col("target_id").is_not_null()
    everything = everything.unique().sort("row", "target_id", "external", nulls_last=True)
    found = everything.filter(inside).unique(
        ["row", "target_id"], keep="first", maintain_order=True
    )
    return pl.concat(
        [
            found,
            everything.join(found, on="row", how="anti").unique(
                "row", keep="first", maintain_order=True
            ),
        ]
    ).sort("row", "target_id", nulls_last=True)

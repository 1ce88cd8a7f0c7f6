"""References → symbols: bind the first name, then follow the chain, member after member.

Belongs here: where a chain starts, what one step along it gives, when it ends. Does not: what
modules offer (`exports`), class order (`classes`), what edge comes of it (`edges`).

References that say the same are followed once: a *chain* is one distinct start and path. A path
is names joined by `.`, in which `()` is a call of what is before it. A chain is at a symbol; a
name is looked up in it if it is a module, package or class, and in its type if it is a field,
variable or property. So an instance and its class are one place to look in.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from snake_pipe_core.model.kinds import CALLABLE_KINDS, TYPE_KINDS
from snake_pipe_core.resolve.exports import NO_MEMBERS, Namespaces, latest
from snake_pipe_core.resolve.languages import LANGUAGES
from snake_pipe_core.resolve.packages import top_id
from snake_pipe_core.resolve.reopened import as_one, find_above, type_of
from snake_pipe_core.resolve.rules import MAXIMAL_CANDIDATES, RANK
from snake_pipe_core.resolve.tables import Tables

CONSTRUCTOR = "constructor"
"""Name under which a class's constructor is found besides its own."""
MAXIMAL_STEPS = 24
"""Longer chains end as `dynamic`."""
CHAIN_KEYS = (
    "language", "document_id", "module_symbol_id", "binding", "binding_id", "binding_node",
    "binding_name", "path", "type_via",
)  # fmt: skip
RESULT = {
    "chain": pl.Int64, "target_id": pl.Int64, "external": pl.String, "rank": pl.UInt8,
    "reason": pl.String,
}  # fmt: skip
_PREFIXES = {name: language.builtin_prefix for name, language in LANGUAGES.items()}
_MAKERS = {name: language.maker for name, language in LANGUAGES.items() if language.maker}
_GLOBALS = [name for name, language in LANGUAGES.items() if language.global_names]
_IMPLICIT = [name for name, language in LANGUAGES.items() if language.implicit_self]
_INBORN = r"^__\w+__$"
"""Every Python object has names like `__class__` that no file defines."""
_SCRIPTS = [name for name, language in LANGUAGES.items() if language.modules == "paths"]
_PACKAGED = {name: top_id(name) for name, language in LANGUAGES.items() if language.inner_packages}
_TOPLESS = [name for name, language in LANGUAGES.items() if language.modules == "files"]
_LINKED = [name for name, language in LANGUAGES.items() if language.linkage]
_MAXIMAL_NESTING = 16
_ROOTS = pl.DataFrame(
    [
        (language.name, name, language.root)
        for language in LANGUAGES.values()
        for name in sorted(language.root_members)
    ],
    schema={"language": pl.String, "name": pl.String, "root": pl.String},
    orient="row",
)
"""What every object of a language has, and the type that it is from."""
_AT = {"chain": pl.Int64, "at": pl.Int64, "path": pl.String, "rank": pl.UInt8}


@dataclass(frozen=True)
class Places:
    """What a step needs: the source's names, as far as they are known by now."""

    namespaces: Namespaces
    members: pl.DataFrame
    """`owner`, `name`, `target_id`: own members of classes and other containers."""
    kinds: pl.DataFrame
    """`symbol_id`, `sort` (`type`, `callable`, `property`, `value` or `space`), `language`."""
    order: pl.DataFrame
    """Ancestors; see `classes.linearize`."""
    outside_bases: pl.DataFrame
    """`class_id`, `outside`: classes with ancestors that are external or unknown."""
    values: pl.DataFrame
    """`symbol_id`, `value_id`, `value_external`, `value_rank`: type of variables and fields."""
    results: pl.DataFrame
    """`symbol_id`, `value_id`, `value_external`: what callables return."""
    packages: pl.DataFrame
    """`module_symbol_id`, `package_id`, `depth`: where names of the same package, and of those
    around it, are found."""
    enclosing: pl.DataFrame
    """`class_id`, `owner`, `depth`: a class, and those around it."""
    overloads: pl.DataFrame
    """`symbol_id`, `overload_id`: callables of one name in one place, each with all of them."""
    linked: pl.DataFrame
    """`binding_name`, `target_id`: what files define for the whole program."""
    groups: pl.DataFrame
    """`symbol_id`, `type_id`: types that several places define; see `reopened.groups_of`."""
    full_names: pl.DataFrame
    """`language`, `full_name`, `target_id`: types and packages by their whole names."""
    tops: pl.DataFrame
    """`language`, `name`, `target_id`: types that are seen from everywhere."""

    def find(self, wanted: pl.DataFrame, *, here: bool = True) -> pl.DataFrame:
        """Look names up in what else defines a class (if `here`), and in its ancestors."""
        return find_above(wanted, self.order, self.members, self.groups, here=here)


def chains_of(references: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `row`, `chain` for each reference, and one row of `CHAIN_KEYS` for each chain."""
    languages = set(references["language"].unique())
    call = pl.when(pl.col("type_via") == "constructor").then(pl.lit("()")).otherwise(pl.lit(""))
    rest = pl.col("member_path").str.replace_all("()", ".()", literal=True)
    # What a function's prototype has its instances have, and these are looked up in the function.
    if languages & set(_SCRIPTS):
        rest = (
            pl.when(pl.col("language").is_in(_SCRIPTS))
            .then(rest.str.replace_all(r"(^|\.)prototype(\.|$)", "."))
            .otherwise(rest)
        )
    implicit = (
        pl.col("language").is_in(_IMPLICIT)
        & (pl.col("binding") == "self")
        & pl.col("qualifier").is_null()
        & (pl.col("binding_name") == pl.col("name"))
        & (pl.col("binding_name") != "Self")
        & (pl.col("member_path") == "")
    )
    typed = pl.col("type_path").is_not_null()
    path = pl.concat_str(
        pl.when(typed).then("type_path").otherwise(pl.lit("")),
        pl.when(typed).then(call).otherwise(pl.lit("")),
        # `this(…)` calls another constructor of the same class.
        pl.when(implicit & (pl.col("binding_name") == "this") & (pl.col("role") == "call"))
        .then(pl.lit(CONSTRUCTOR)).when(implicit).then("binding_name").otherwise(rest),
        separator=".",
    ).str.replace_all(r"\.{2,}", ".").str.strip_chars(".")  # fmt: skip
    for name in sorted(languages & _MAKERS.keys()):
        made = path.str.replace_all(rf"(^|\.){_MAKERS[name]}\.\(\)", "$1()")
        path = pl.when(pl.col("language") == name).then(made).otherwise(path)
    keyed = references.with_columns(
        path=path, type_via=pl.when(typed).then("type_via"),
        binding_node=pl.when(pl.col("binding") == "import").then("binding_node"),
        document_id=pl.when(pl.col("binding").is_in(["import", "wildcard", "unbound", "global"]))
        .then("document_id"),
    ).select("row", *CHAIN_KEYS)  # fmt: skip
    chains = (
        keyed.select(CHAIN_KEYS).unique().sort(CHAIN_KEYS, nulls_last=True)
        .with_row_index("chain").with_columns(pl.col("chain").cast(pl.Int64))
    )  # fmt: skip
    rows = keyed.join(chains, on=CHAIN_KEYS, nulls_equal=True).select("row", "chain")
    return rows, chains


def members_of(tables: Tables, namespaces: Namespaces) -> pl.DataFrame:
    """Return own members of every symbol that holds others: `owner`, `name`, `target_id`.

    What a module sets as its exports (`module.exports = f`) has the names that it exports besides.
    """
    modules = tables.documents.select(container_id="module_symbol_id").unique()
    inner = tables.symbols.filter(
        pl.col("container_id").is_not_null() & ~pl.col("kind").is_in(NO_MEMBERS)
    ).join(modules, on="container_id", how="anti")
    holders = tables.symbols.select(container_id="symbol_id", holder="kind")
    inner = inner.join(holders, on="container_id").filter(
        # Names within a function are its locals, except what JavaScript assigns to it.
        ~pl.col("holder").is_in(["function", "method", "constructor", "lambda"])
        | pl.col("language").is_in(tables.languages_where(modules="paths"))
    )
    members = latest(inner.drop("holder"), tables.languages_where(repeated="all")).select(
        "kind", owner="container_id", name="name", target_id="symbol_id"
    )
    constructors = members.filter(pl.col("kind") == "constructor").with_columns(
        name=pl.lit(CONSTRUCTOR)
    )
    members = pl.concat([members, constructors]).drop("kind")
    offered = namespaces.names.filter(pl.col("target_id").is_not_null())
    whole = offered.filter(pl.col("name") == "=").select("owner", holder="target_id")
    besides = (
        whole.join(offered.filter(~pl.col("name").is_in(["=", "default"])), on="owner")
        .select("name", "target_id", owner="holder")
        .select("owner", "name", "target_id")
        .join(members, on=["owner", "name"], how="anti")
    )
    companions = _companions(tables, members)
    return pl.concat([members, besides, companions]).unique().sort("owner", "name", "target_id")


def _companions(tables: Tables, members: pl.DataFrame) -> pl.DataFrame:
    """Return what classes have by Kotlin's companion objects, whose names need not be written."""
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    objects = tables.symbols.filter(flags.str.contains(" companion ", literal=True)).select(
        owner="symbol_id", holder="container_id"
    )
    return (
        members.join(objects, on="owner")
        .select("name", "target_id", owner="holder")
        .select("owner", "name", "target_id")
        .join(members, on=["owner", "name"], how="anti")
    )


def sorts_of(symbols: pl.DataFrame) -> pl.DataFrame:
    """Return what each symbol is to a chain: `symbol_id`, `sort`, `language`."""
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    kind = pl.col("kind")
    return symbols.select(
        "symbol_id",
        sort=pl.when(kind.is_in(list(TYPE_KINDS))).then(pl.lit("type"))
        .when(kind.is_in(list(CALLABLE_KINDS)) & flags.str.contains(" property ", literal=True))
        .then(pl.lit("property"))
        .when(kind.is_in(list(CALLABLE_KINDS))).then(pl.lit("callable"))
        .when(kind.is_in(["module", "namespace", "package", "file"])).then(pl.lit("space"))
        .otherwise(pl.lit("value")),
        language="language",
    )  # fmt: skip


def enclosing_of(symbols: pl.DataFrame) -> pl.DataFrame:
    """Return each type of a language with implicit `this`, and the types that it stands in."""
    types = symbols.filter(
        pl.col("kind").is_in(list(TYPE_KINDS)) & pl.col("language").is_in(_IMPLICIT)
    ).select("container_id", owner="symbol_id")
    level = types.select(class_id="owner", owner="owner", at="container_id")
    holders = symbols.select("kind", above="container_id", at="symbol_id")
    levels = []
    for depth in range(_MAXIMAL_NESTING):
        levels.append(level.select("class_id", "owner", depth=pl.lit(depth, pl.Int32)))
        level = level.join(holders, on="at").select(
            "class_id",
            owner=pl.when(pl.col("kind").is_in(list(TYPE_KINDS))).then("at").otherwise(None),
            at="above",
        )
        if level.is_empty():
            break
    return pl.concat(levels).drop_nulls("owner").sort("class_id", "depth")


def overloads_of(tables: Tables) -> pl.DataFrame:
    """Return `symbol_id`, `overload_id` for callables that share their name and container."""
    callables = tables.symbols.filter(
        pl.col("kind").is_in(list(CALLABLE_KINDS))
        & pl.col("language").is_in(tables.languages_where(repeated="all"))
    ).select("symbol_id", "container_id", "name", "kind")
    key = ["container_id", "name", "kind"]
    several = callables.filter(pl.len().over(key) > 1)
    others = several.rename({"symbol_id": "overload_id"})
    return several.join(others, on=key).select("symbol_id", "overload_id").sort(pl.all())


def linked_of(tables: Tables) -> pl.DataFrame:
    """Return `binding_name`, `target_id` of what is the whole program's: C's and C++'s globals.

    Functions and variables that the linker would find, and types, since a program defines a type
    once; at the top of a file or in namespaces.
    """
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    spaces = tables.symbols.filter(pl.col("kind").is_in(["file", "module", "namespace"]))
    return (
        tables.symbols.filter(
            pl.col("language").is_in(tables.languages_where(linkage=True))
            & pl.col("kind").is_in(["function", "variable", "constant", *TYPE_KINDS])
            & (pl.col("visibility") != "private")
            & ~flags.str.contains(" (declaration|extern|extension) ")
        )
        .join(spaces.select(container_id="symbol_id"), on="container_id", how="semi")
        .select(binding_name="name", target_id="symbol_id")
        .sort(pl.all())
    )


def additions_of(tables: Tables, linked: pl.DataFrame) -> pl.DataFrame:
    """Return as bases the types that other files declare and that are added to here.

    `void A::f() {}` stands in the source file, `class A` in its header: what is asked of `A` in the
    one is looked for in the other. Columns as `bases_of` wants them.
    """
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    types = tables.symbols.filter(pl.col("kind").is_in(list(TYPE_KINDS)))
    only = linked.join(
        types.select(target_id="symbol_id", sort=pl.lit("type")), on="target_id"
    ).filter(pl.len().over("binding_name") == 1)
    return types.filter(
        pl.col("language").is_in(tables.languages_where(linkage=True))
        & flags.str.contains(" extension ", literal=True)
    ).join(only, left_on="name", right_on="binding_name").select(
        "symbol_id", "target_id", "node", "sort", "language", role=pl.lit("inherit"),
        external=pl.lit(None, pl.String),
    )  # fmt: skip


def follow(chains: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Return the ends of chains: `chain`, `target_id` or `external`, `rank`, `reason`.

    A chain has one row, or one per candidate (at most `MAXIMAL_CANDIDATES`).
    """
    started, done = _start(chains, places)
    rounds = [done]
    for _ in range(MAXIMAL_STEPS):
        ended = started.filter(pl.col("path") == "")
        rounds.append(_at_target(ended))
        started = started.filter(pl.col("path") != "")
        if started.is_empty():
            break
        started, stopped = _step(started, places)
        rounds.append(stopped)
    rounds.append(_stop(started, "dynamic"))
    ends = pl.concat([frame.select(*RESULT) for frame in rounds])
    return _candidates(as_one(ends, ["chain"], "target_id", places.groups))


def _at_target(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "chain", target_id="at", external=pl.lit(None, pl.String), rank="rank",
        reason=pl.lit(None, pl.String),
    )  # fmt: skip


def _stop(rows: pl.DataFrame, reason: str, external: pl.Expr | None = None) -> pl.DataFrame:
    return rows.select(
        "chain", target_id=pl.lit(None, pl.Int64),
        external=pl.lit(None, pl.String) if external is None else external, rank="rank",
        reason=pl.lit(reason),
    )  # fmt: skip


def _dotted(head: pl.Expr, rest: pl.Expr) -> pl.Expr:
    """A full name outside: `()` is written behind its name."""
    whole = pl.when(rest == "").then(head).otherwise(pl.concat_str(head, pl.lit("."), rest))
    return whole.str.replace_all(".()", "()", literal=True)


def _candidates(ends: pl.DataFrame) -> pl.DataFrame:
    """Keep the targets of a chain if it has any, else its best reason."""
    inside = pl.col("target_id").is_not_null()
    ends = ends.filter(~inside.any().over("chain") | inside)
    order = pl.col("reason").replace_strict(
        {"external": 0, "missing": 1, "dynamic": 2}, default=0, return_dtype=pl.Int8
    )
    ends = ends.sort("chain", order, "rank", "target_id", "external", nulls_last=True)
    found = ends.filter(inside).unique(["chain", "target_id"], keep="first", maintain_order=True)
    return pl.concat(
        [
            found.filter(pl.int_range(pl.len()).over("chain") < MAXIMAL_CANDIDATES),
            ends.filter(~inside).unique("chain", keep="first", maintain_order=True),
        ]
    )


def _start(chains: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bind the first name of each chain; return what can be followed, and what cannot."""
    binding = pl.col("binding")
    via = (
        pl.when(pl.col("type_via") == "constructor").then(pl.lit(RANK["constructor"], pl.UInt8))
        .when(pl.col("type_via").is_not_null()).then(pl.lit(RANK["annotation"], pl.UInt8))
    )  # fmt: skip
    bound = chains.filter(binding.is_in(["symbol", "self", "super"]))
    known = bound.filter(pl.col("binding_id").is_not_null())
    bare = (
        (binding == "self")
        & pl.col("language").is_in(_IMPLICIT)
        & (pl.col("binding_name") == pl.col("path"))
    )
    implied, known = known.filter(bare), known.filter(~bare)
    started = [
        known.filter(binding == "symbol")
        .join(places.overloads, left_on="binding_id", right_on="symbol_id", how="left")
        .select(
            "chain", at=pl.coalesce("overload_id", "binding_id"), path="path",
            rank=pl.coalesce(via, pl.lit(RANK["local"], pl.UInt8)),
        ),
        known.filter(binding == "self").select(
            "chain", at="binding_id", path="path", rank=pl.lit(RANK["self"], pl.UInt8)
        ),
    ]  # fmt: skip
    done = [_stop(bound.filter(pl.col("binding_id").is_null()).with_columns(
        rank=pl.lit(0, pl.UInt8)), "dynamic")]  # fmt: skip
    members, nowhere = _start_member(implied, places)
    started.append(members)
    nowhere = nowhere.join(
        _ROOTS.rename({"name": "path"}), on=["language", "path"], how="left", maintain_order="left"
    ).with_columns(outside=pl.coalesce("outside", "root"))
    done.append(_stop(nowhere.filter(pl.col("outside").is_null()), "missing"))
    done.append(
        _stop(
            nowhere.filter(pl.col("outside").is_not_null()),
            "external",
            _dotted(pl.col("outside"), pl.col("path")),
        )
    )
    above, above_done = _start_super(known.filter(binding == "super"), places)
    started.append(above)
    done.append(above_done)

    imported = chains.filter(binding == "import").join(
        places.namespaces.bindings.rename({"rank": "import_rank"}).join(
            places.namespaces.import_keys, on="row"
        ),
        on=["document_id", "binding_node", "binding_name"],
        how="left",
        maintain_order="left",
    )
    imported = imported.with_columns(
        rank=pl.max_horizontal(via, pl.col("import_rank").fill_null(0))
    )
    started.append(
        imported.filter(pl.col("target_id").is_not_null())
        .select("chain", at="target_id", path="path", rank="rank")
    )  # fmt: skip
    nowhere = imported.filter(pl.col("target_id").is_null())
    done.append(
        nowhere.select(
            "chain", target_id="target_id", external=_dotted(pl.col("external"), pl.col("path")),
            rank="rank", reason=pl.col("reason").fill_null("missing"),
        )
    )  # fmt: skip

    # What is said to be at the top is there where files have no packages: no own one comes before.
    at_top = (binding == "global") & pl.col("language").is_in(_TOPLESS)
    packaged = (binding == "global") & pl.col("language").is_in(_PACKAGED)
    top_started, top_done = _start_top(chains.filter(packaged), places, via)
    started.append(top_started)
    done.append(top_done)
    free = chains.filter(binding.is_in(["unbound", "wildcard"]) | at_top)
    free_started, free_done = _start_free(free, places)
    started.append(free_started)
    done.append(free_done)

    builtin = chains.filter(binding == "builtin").with_columns(rank=pl.lit(0, pl.UInt8))
    # CommonJS: `exports.x` and `module.exports.x` are the module's own names.
    own = pl.col("language").is_in(_SCRIPTS) & (
        ((pl.col("binding_name") == "exports") & (pl.col("path") != ""))
        | ((pl.col("binding_name") == "module") & pl.col("path").str.starts_with("exports."))
    )
    started.append(
        builtin.filter(own).select(
            "chain",
            at="module_symbol_id",
            path=pl.when(pl.col("binding_name") == "module")
            .then(pl.col("path").str.replace(r"^exports\.", ""))
            .otherwise("path"),
            rank="rank",
        )
    )
    builtin = builtin.filter(~own)
    prefix = pl.col("language").replace_strict(_PREFIXES, default="", return_dtype=pl.String)
    # `Swift.max`: the library itself, by its name.
    is_library = prefix == pl.concat_str("binding_name", pl.lit("."))
    head = pl.when(is_library).then("binding_name").otherwise(pl.concat_str(prefix, "binding_name"))
    done.append(_stop(builtin, "external", _dotted(head, pl.col("path"))))
    rest = chains.filter(
        ~binding.is_in(["symbol", "self", "super", "import", "unbound", "wildcard", "builtin"])
        & ~at_top
        & ~packaged
    ).with_columns(rank=pl.lit(0, pl.UInt8))
    done.append(_stop(rest, "dynamic"))
    return (
        pl.concat([frame.select(*_AT) for frame in started]),
        pl.concat([frame.select(*RESULT) for frame in done]),
    )


def _start_member(chains: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bare names that are members of the class around, of what it inherits, or further out.

    Return what starts, and the rest with `outside`: the external base that may have the name.
    """
    first = pl.col("path").str.replace(r"\..*$", "")
    chains = chains.with_columns(
        name=first, rank=pl.lit(RANK["self"], pl.UInt8), class_id="binding_id"
    )
    wanted = chains.select("class_id", "name").unique().join(places.enclosing, on="class_id")
    pairs = wanted.select("owner", "name").unique()
    own = pairs.join(places.members, on=["owner", "name"])
    rest = pairs.join(own, on=["owner", "name"], how="anti")
    found = pl.concat([own.select("owner", "name", "target_id"), places.find(rest)])
    nearest = (
        wanted.join(found, on=["owner", "name"])
        .filter(pl.col("depth") == pl.col("depth").min().over("class_id", "name"))
        .select("class_id", "name", "target_id")
    )
    started = chains.join(nearest, on=["class_id", "name"]).select(
        "chain", at="target_id", path=pl.col("path").str.replace(r"^[^.]*\.?", ""), rank="rank"
    )
    left = chains.join(nearest, on=["class_id", "name"], how="anti")
    outside = (
        wanted.join(
            places.outside_bases.filter(pl.col("outside") != ""),
            left_on="owner", right_on="class_id",
        )
        .sort("class_id", "name", "depth")
        .unique(["class_id", "name"], keep="first", maintain_order=True)
        .select("class_id", "name", "outside")
    )  # fmt: skip
    return started, left.join(
        outside, on=["class_id", "name"], how="left", maintain_order="left"
    ).drop("name", "class_id")


def _start_super(chains: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`super().m`: the first ancestor that has it; a bare `super()` calls its constructor."""
    chains = chains.with_columns(path=pl.col("path").str.replace(r"^\(\)\.?", ""))
    first = pl.col("path").str.replace(r"\..*$", "")
    chains = chains.with_columns(
        owner="binding_id",
        name=pl.when(pl.col("path") == "").then(pl.lit(CONSTRUCTOR)).otherwise(first),
        path=pl.col("path").str.replace(r"^[^.]*\.?", ""),
        rank=pl.lit(RANK["super"], pl.UInt8),
        first=first,
    )
    wanted = chains.select("owner", "name").unique()
    found = places.find(wanted, here=False)
    rows = chains.join(found, on=["owner", "name"], how="left", maintain_order="left")
    there = pl.col("target_id").is_not_null()
    missed = rows.filter(~there).join(
        places.outside_bases, left_on="owner", right_on="class_id", how="left",
        maintain_order="left",
    )  # fmt: skip
    missed = missed.with_columns(
        outside=pl.when(pl.col("outside").is_not_null())
        .then("outside")
        .when(pl.col("name").str.contains(_INBORN))
        .then(pl.lit("builtins.object"))
    )
    external = missed.filter(pl.col("outside").is_not_null())
    whole = pl.concat_str("name", pl.lit("."), "path").str.strip_chars(".")
    return (
        rows.filter(there).select("chain", at="target_id", path="path", rank="rank"),
        pl.concat([
            _stop(external, "external", _dotted(pl.col("outside"), whole)),
            _stop(missed.filter(pl.col("outside").is_null()), "missing"),
        ]),
    )  # fmt: skip


def _start_top(
    chains: pl.DataFrame, places: Places, via: pl.Expr
) -> tuple[pl.DataFrame, pl.DataFrame]:
    r"""Names that are said to be at the top (`\A\f()`), where packages lie within each other."""
    rows = chains.with_columns(
        owner=pl.col("language").replace_strict(_PACKAGED, default=0, return_dtype=pl.Int64),
        rank=via.fill_null(0),
    ).join(
        places.namespaces.names.select(
            "owner", "target_id", binding_name="name", found_rank="rank"
        ),
        on=["owner", "binding_name"], how="left", maintain_order="left",
    )  # fmt: skip
    there = pl.col("target_id").is_not_null()
    return (
        rows.filter(there).select(
            "chain", at="target_id", path="path", rank=pl.max_horizontal("rank", "found_rank")
        ).select(*_AT),
        _stop(rows.filter(~there), "external", _dotted(pl.col("binding_name"), pl.col("path"))),
    )  # fmt: skip


def _start_free(chains: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Names that the file does not bind: of a wildcard import, or of the same package."""
    chains = chains.with_columns(rank=pl.lit(0, pl.UInt8))
    names = places.namespaces.names.select(
        "owner", "target_id", "external", binding_name="name", found_rank="rank"
    )
    # Java: a member of the class around, then the package, then what imports on demand bring.
    in_class = chains.filter(pl.col("binding_id").is_not_null())
    own_path = pl.concat_str("binding_name", pl.lit("."), "path").str.strip_chars(".")
    members, strangers = _start_member(in_class.with_columns(path=own_path), places)
    rest = chains.join(members.select("chain").unique(), on="chain", how="anti")
    by_package = (
        rest.join(places.packages, on="module_symbol_id")
        .join(names.rename({"owner": "package_id"}), on=["package_id", "binding_name"])
        .filter(pl.col("depth") == pl.col("depth").min().over("chain"))
        .with_columns(found_rank=pl.lit(RANK["package"], pl.UInt8))
    )
    rest = rest.join(by_package.select("chain").unique(), on="chain", how="anti")
    by_module = rest.filter(~pl.col("language").is_in(_SCRIPTS)).join(
        names.rename({"owner": "module_symbol_id"}), on=["module_symbol_id", "binding_name"]
    )
    rest = rest.join(by_module.select("chain").unique(), on="chain", how="anti")
    by_linker = (
        rest.filter(pl.col("language").is_in(_LINKED))
        .join(places.linked, on="binding_name")
        .with_columns(
            external=pl.lit(None, pl.String), found_rank=pl.lit(RANK["linkage"], pl.UInt8)
        )
    )
    rest = rest.join(by_linker.select("chain").unique(), on="chain", how="anti")
    # PHP: functions and constants, but no classes, are those at the top if the own namespace has none.
    fallback = rest.filter(pl.col("language").is_in(_PACKAGED)).with_columns(
        owner=pl.col("language").replace_strict(_PACKAGED, default=0, return_dtype=pl.Int64)
    )
    at_top = places.kinds.filter(pl.col("sort").is_in(["callable", "value"]))
    by_top = fallback.join(names, on=["owner", "binding_name"]).join(
        at_top.select(target_id="symbol_id"), on="target_id", how="semi"
    )
    rest = rest.join(by_top.select("chain").unique(), on="chain", how="anti")
    columns = ["chain", "target_id", "external", "path", "found_rank"]
    found = pl.concat([each.select(columns) for each in (by_module, by_package, by_linker, by_top)])
    found = type_of(found, "target_id", places.groups)
    rest, tops = _start_at_top(rest, places)
    rest, in_full = _start_in_full(rest, places)
    inside = found.filter(pl.col("target_id").is_not_null())
    outside = found.filter(
        pl.col("target_id").is_null() & pl.col("external").is_not_null()
    ).with_columns(rank="found_rank")
    opened = rest.join(
        places.namespaces.open_modules.rename({"owner": "module_symbol_id"}),
        on="module_symbol_id",
    )
    rest = rest.join(opened.select("chain").unique(), on="chain", how="anti")
    inherited = rest.join(
        strangers.filter(pl.col("outside").is_not_null()).select("chain", "outside"), on="chain"
    )
    rest = rest.join(inherited.select("chain"), on="chain", how="anti")
    is_global = pl.col("language").is_in(_GLOBALS)
    named = pl.concat_str("outside", pl.lit("."), "binding_name")
    started = inside.select("chain", at="target_id", path="path", rank="found_rank")
    return (
        pl.concat([each.select(*_AT) for each in (members, started, tops, in_full)]),
        pl.concat([
            _stop(outside, "external", _dotted(pl.col("external"), pl.col("path"))),
            _stop(opened, "external", _dotted(named, pl.col("path"))),
                _stop(inherited, "external", _dotted(named, pl.col("path"))),
            _stop(rest.filter(is_global), "external",
                  _dotted(pl.col("binding_name"), pl.col("path"))),
            _stop(rest.filter(~is_global), "missing"),
        ]),
    )  # fmt: skip


def _start_at_top(chains: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Types that are seen from everywhere; return the chains that begin elsewhere, and what starts."""
    tops = places.tops.rename({"name": "binding_name"})
    found = chains.join(tops, on=["language", "binding_name"]).select(
        "chain", "path", at="target_id", rank=pl.lit(RANK["package"], pl.UInt8)
    )
    return chains.join(found, on="chain", how="anti"), found


def _start_in_full(chains: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Names with their packages (`Shop.Orders.Order.Make`): of several readings the longest."""
    full = places.full_names
    heads = full.select(binding_name=pl.col("full_name").str.replace(r"\..*$", "")).unique()
    named = chains.filter(pl.col("path") != "").join(heads, on="binding_name", how="semi")
    if named.is_empty():
        return chains, chains.clear().select("chain", "path", "rank", at="binding_id")
    parts = pl.concat_str("binding_name", pl.lit("."), "path").str.split(".")
    readings = pl.concat(
        [
            named.filter(parts.list.len() >= length).select(
                "chain",
                "language",
                full_name=parts.list.head(length).list.join("."),
                path=parts.list.slice(length).list.join("."),
                length=pl.lit(length, pl.Int32),
            )
            for length in range(1, _MAXIMAL_NESTING)
        ]
    )
    found = (
        readings.join(full, on=["language", "full_name"])
        .sort("chain", "length")
        .unique("chain", keep="last", maintain_order=True)
        .select("chain", "path", at="target_id", rank=pl.lit(RANK["name"], pl.UInt8))
    )
    return chains.join(found, on="chain", how="anti"), found


def _step(rows: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Follow one name or call of each path; return where that leads, and what ended."""
    rows = rows.with_columns(
        name=pl.col("path").str.replace(r"\..*$", ""),
        path=pl.when(pl.col("path").str.contains(".", literal=True))
        .then(pl.col("path").str.replace(r"^[^.]*\.", "")).otherwise(pl.lit("")),
    ).join(places.kinds, left_on="at", right_on="symbol_id", how="left", maintain_order="left")  # fmt: skip
    called = rows.filter(pl.col("name") == "()")
    by_call = _step_call(called, places)
    by_name = _step_name(rows.filter(pl.col("name") != "()"), places)
    return pl.concat([by_call[0], by_name[0]]), pl.concat([by_call[1], by_name[1]])


def _step_call(rows: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    # Calling what a call gave is calling an object: only the running program knows what that does.
    twice = pl.col("path").str.starts_with("()")
    objects, rows = rows.filter(twice), rows.filter(~twice)
    is_type = (pl.col("sort") == "type").fill_null(False)
    made = rows.filter(is_type)
    rest = (
        rows.filter(~is_type)
        .join(places.results, left_on="at", right_on="symbol_id", how="left", maintain_order="left")
        .with_columns(rank=pl.max_horizontal("rank", pl.lit(RANK["returns"], pl.UInt8)))
    )
    there = pl.col("value_id").is_not_null()
    outside = pl.col("value_external").is_not_null()
    ended = rest.filter(~there & ~outside)
    # A function with members of its own is a class of the old kind: `new` makes one of it.
    holders = places.members.select(at="owner").unique()
    prototypes = ended.join(holders, on="at", how="semi")
    constructed = pl.concat(
        [made.select("chain", "at", "path", "rank"),
         prototypes.select("chain", "at", "path", "rank")]
    ).with_columns(rank=pl.max_horizontal("rank", pl.lit(RANK["constructor"], pl.UInt8)))  # fmt: skip
    return (
        pl.concat(
            [
                constructed.select(*_AT),
                rest.filter(there)
                .select("chain", at="value_id", path="path", rank="rank")
                .select(*_AT),
            ]
        ),
        pl.concat(
            [
                _stop(
                    rest.filter(~there & outside),
                    "external",
                    _dotted(pl.col("value_external"), pl.col("path")),
                ),
                _stop(ended.join(holders, on="at", how="anti"), "dynamic"),
                _stop(objects, "dynamic"),
            ]
        ),
    )


def _step_name(rows: pl.DataFrame, places: Places) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = rows.join(
        places.values, left_on="at", right_on="symbol_id", how="left", maintain_order="left"
    )
    through = pl.col("value_id").is_not_null() | pl.col("value_external").is_not_null()
    rows = rows.with_columns(
        owner=pl.coalesce("value_id", "at"),
        rank=pl.when(through).then(pl.max_horizontal("rank", "value_rank")).otherwise("rank"),
    )
    whole = pl.concat_str("name", pl.lit("."), "path").str.strip_chars(".")
    is_outside = pl.col("value_id").is_null() & pl.col("value_external").is_not_null()
    ended = [_stop(rows.filter(is_outside), "external", _dotted(pl.col("value_external"), whole))]
    rows = rows.filter(~is_outside.fill_null(False))
    wanted = rows.select("owner", "name").unique()
    found = _look_up(wanted, places)
    rows = rows.join(found, on=["owner", "name"], how="left", maintain_order="left")
    inside = pl.col("target_id").is_not_null()
    outside = ~inside & pl.col("external").is_not_null()
    rank = pl.max_horizontal("rank", "found_rank")
    next_rows = rows.filter(inside).select("chain", at="target_id", path="path", rank=rank)
    ended.append(
        _stop(rows.filter(outside), "external", _dotted(pl.col("external"), pl.col("path")))
    )
    missed = (
        rows.filter(~inside & ~outside)
        .drop("sort", "language").join(places.kinds, left_on="owner", right_on="symbol_id",
                                       how="left", maintain_order="left")
        .join(_ROOTS, on=["language", "name"], how="left", maintain_order="left")
        .join(places.outside_bases, left_on="owner", right_on="class_id", how="left",
              maintain_order="left")
        .join(places.namespaces.open_modules.rename({"outside": "open"}), on="owner", how="left",
              maintain_order="left")
    )  # fmt: skip
    inborn = pl.col("name").str.contains(_INBORN) & pl.col("sort").is_in(["type", "space"])
    known_outside = pl.coalesce(
        pl.when(pl.col("outside") != "").then("outside"),
        "open",
        pl.when(inborn & pl.col("outside").is_null()).then(pl.lit("builtins.object")),
        pl.when(pl.col("sort") == "type").then("root"),
    )
    receiver_unknown = (
        pl.col("found_rank").is_not_null()
        | pl.col("sort").is_in(["value", "callable", "property"])
        | (pl.col("outside") == "").fill_null(False)
    )
    ended += [
        _stop(missed.filter(known_outside.is_not_null()), "external",
              _dotted(known_outside, whole)),
        _stop(missed.filter(known_outside.is_null() & receiver_unknown.fill_null(False)),
              "dynamic"),
        _stop(missed.filter(known_outside.is_null() & ~receiver_unknown.fill_null(False)),
              "missing"),
    ]  # fmt: skip
    return next_rows.select(*_AT), pl.concat([frame.select(*RESULT) for frame in ended])


def _look_up(wanted: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Find names in their owners: what a module offers, own members, then inherited ones."""
    names = places.namespaces.names.rename({"rank": "found_rank"})
    offered = wanted.join(names, on=["owner", "name"])
    rest = wanted.join(offered, on=["owner", "name"], how="anti")
    own = rest.join(places.members, on=["owner", "name"])
    rest = rest.join(own, on=["owner", "name"], how="anti")
    inherited = places.find(rest)
    columns = ["owner", "name", "target_id", "external", "found_rank"]
    nowhere = pl.lit(None, pl.String)
    return pl.concat([
        offered.select(columns),
        own.with_columns(external=nowhere, found_rank=pl.lit(RANK["member"], pl.UInt8))
        .select(columns),
        inherited.with_columns(external=nowhere, found_rank=pl.lit(RANK["inherited"], pl.UInt8))
        .select(columns),
    ])  # fmt: skip

"""The symbol-level tables of one source, as the resolver wants them.

Belongs here: reading frames once, dropping what no rule looks at, marking languages. Does not:
rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from snake_pipe_core.model.kinds import TYPE_KINDS
from snake_pipe_core.resolve.crates import with_crates
from snake_pipe_core.resolve.languages import LANGUAGES, OTHER, Language

_COLUMNS: dict[str, tuple[str, ...]] = {
    "documents": (
        "document_id", "document_path", "language", "root", "package", "module",
        "module_symbol_id",
    ),
    "symbols": (
        "symbol_id", "document_id", "node", "kind", "name", "qualified_name", "container_id", "visibility", "flags",
        "parameter_count", "line_count", "subtree_hash", "producer_key",
    ),
    "imports": (
        "document_id", "node", "scope_id", "symbol_id", "module", "imported_name", "alias",
        "level", "kind",
    ),
    "exports": (
        "document_id", "node", "kind", "exported_name", "local_name", "module", "symbol_id",
        "import_node",
    ),
    "references": (
        "document_id", "node", "symbol_id", "role", "name", "qualifier", "binding", "binding_id",
        "binding_node", "binding_name", "type_path", "type_via", "member_path", "argument_count",
        "target_id", "target_key",
    ),
}  # fmt: skip
_WORDS = ("this", "self", "Self", "super", "base")
"""Names of what is there without a declaration."""
_TYPE_ROLES = (
    "type", "returns", "inherit", "implement", "mixin", "throws", "decorate", "instantiate",
)  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """Scan's tables of one source: sorted, without `source`; imports and references numbered."""

    documents: pl.DataFrame
    """With `space`: the package whose names a document shares, or the module of the language."""
    symbols: pl.DataFrame
    imports: pl.DataFrame
    """With `row`, and `language` and `module_symbol_id` of the document."""
    exports: pl.DataFrame
    references: pl.DataFrame
    """With `row`, and `language` and `module_symbol_id` of the document."""
    languages: dict[str, Language]
    parts: pl.DataFrame
    """`symbol_id`, `whole_id`, `container_id`, `document_id`, `node`: symbols that are parts of
    another one, which stands for all of them (C#'s `partial`). They are not among the symbols."""

    @classmethod
    def read(cls, frames: Mapping[str, pl.LazyFrame]) -> Tables:
        """Collect the columns that rules look at, in one pass, in an order that is always the same.

        Rows that are equal in a table's key are one: a damaged lake costs rows, not the run.
        """
        lazy = [frames[name].select(columns) for name, columns in _COLUMNS.items()]
        documents, symbols, imports, exports, references = pl.collect_all(lazy)
        documents = documents.sort("document_id").unique("document_id", maintain_order=True)
        documents = documents.with_columns(space=_space())
        symbols = symbols.sort("document_id", "node", "symbol_id").unique(
            "symbol_id", keep="first", maintain_order=True
        )
        facts = documents.select("document_id", "language", "module_symbol_id")
        names = documents["language"].unique().sort().to_list()
        symbols = symbols.join(
            facts.select("document_id", "language"), on="document_id", how="left",
            maintain_order="left",
        )  # fmt: skip
        symbols, parts = _without_parts(_contained(symbols, documents), documents)
        imports = imports.sort("document_id", "node", "imported_name", "alias")
        exports = exports.sort("document_id", "node", "exported_name", "local_name")
        references = references.sort("document_id", "node", "role", "name")
        references = _of_wholes(references, parts, "symbol_id", "binding_id")
        references = _with_produced(references.rename({"target_id": "own_target"}), symbols).join(
            facts, on="document_id", how="inner", maintain_order="left"
        )
        references = _with_receivers(references, symbols)
        references = _past_overloads(references, "binding_id", symbols)
        if any(LANGUAGES[name].free_calls for name in names if name in LANGUAGES):
            references = _as_free(references)
        references = _with_classes(references, symbols)
        if any(LANGUAGES[name].types_apart for name in names if name in LANGUAGES):
            references = _past_members(references, symbols)
            references = _with_whole_names(references, symbols)
        references = with_crates(references, documents, symbols, imports)
        exports = exports.join(facts, on="document_id", how="inner", maintain_order="left")
        return cls(
            documents,
            symbols,
            _numbered(imports.join(facts, on="document_id", how="inner", maintain_order="left")),
            _past_overloads(exports, "symbol_id", symbols),
            _numbered(references),
            {name: LANGUAGES.get(name, replace(OTHER, name=name)) for name in names},
            parts,
        )

    def languages_where(self, **wanted: object) -> list[str]:
        """Return the languages present whose record has these values."""
        return [
            name
            for name, language in self.languages.items()
            if all(getattr(language, key) == value for key, value in wanted.items())
        ]


def _space() -> pl.Expr:
    """Return what a document's module is called, where directories alone tell."""
    space = pl.col("package")
    for language in LANGUAGES.values():
        if language.module_roots:
            root = pl.col("root").str.replace(r"^.*/", "")
            module = (
                pl.when(root.is_in(list(language.module_roots)))
                .then(pl.col("package").str.split("/").list.first())
                .otherwise(pl.lit(""))
            )
            space = pl.when(pl.col("language") == language.name).then(module).otherwise(space)
    return space


def _additions(symbols: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Return `symbol_id`, `whole_id`: what adds to a type of another file of its module.

    If no file of the module declares the type, the first of what adds to it stands for it.
    """
    languages = [name for name, language in LANGUAGES.items() if language.module_extensions]
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    types = (
        symbols.filter(
            pl.col("language").is_in(languages) & pl.col("kind").is_in(list(TYPE_KINDS))
        )
        .join(
            documents.select("document_id", "document_path", "module", "space"),
            on="document_id", maintain_order="left",
        )
        .with_columns(
            is_addition=flags.str.contains(" extension ", literal=True),
            local=pl.col("qualified_name")
            .str.strip_prefix(pl.concat_str("module", pl.lit("."))),
        )
        .sort("is_addition", pl.col("kind") == "type_alias", "document_path", "node")
    )  # fmt: skip
    key = ["language", "space", "local"]
    return (
        types.with_columns(whole_id=pl.col("symbol_id").first().over(key))
        .filter(pl.col("is_addition") & (pl.col("symbol_id") != pl.col("whole_id")))
        .select("symbol_id", "whole_id")
    )


def _contained(symbols: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Give symbols whose container is no symbol the one that is: its type, else its module.

    A Go method stands in any file of its type's package. Where that file is one of several for
    platforms, its symbols are set apart, and so is the container that they name; and the file that
    declares the type may be absent or quarantined.
    """
    lost = symbols.filter(pl.col("container_id").is_not_null()).join(
        symbols.select(container_id="symbol_id"), on="container_id", how="anti"
    )
    if lost.is_empty():
        return symbols
    place = ["language", "root", "package"]
    homes = documents.select("document_id", "document_path", "root", "package", "module_symbol_id")
    types = (
        symbols.filter(pl.col("kind").is_in(list(TYPE_KINDS)))
        .join(homes, on="document_id")
        .sort("document_path", "node")
        .unique([*place, "qualified_name"], keep="first")
        .select(*place, owner="qualified_name", found="symbol_id")
    )
    found = (
        lost.join(homes, on="document_id", how="left")
        .with_columns(
            owner=pl.col("qualified_name").str.strip_suffix(pl.concat_str(pl.lit("."), "name"))
        )
        .join(types, on=[*place, "owner"], how="left")
        .select("symbol_id", found=pl.coalesce("found", "module_symbol_id"))
    )
    return symbols.join(found, on="symbol_id", how="left", maintain_order="left").with_columns(
        container_id=pl.coalesce("found", "container_id")
    ).drop("found")  # fmt: skip


def _without_parts(
    symbols: pl.DataFrame, documents: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return symbols less those that are parts of another, which gets all members, and the parts.

    The parts of a class lie in several files. That of the shortest path stands for all: `Order.cs`
    before `Order.Checks.cs`.
    """
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    is_part = flags.str.contains(" partial ", literal=True) & pl.col("kind").is_in(list(TYPE_KINDS))
    key = ["language", "qualified_name", "kind"]
    path = documents.select("document_id", "document_path")
    parts = (
        symbols.filter(is_part)
        .join(path, on="document_id", how="left", maintain_order="left")
        .sort(pl.col("document_path").str.len_bytes(), "document_path", "node")
        .with_columns(whole_id=pl.col("symbol_id").first().over(key))
        .filter(pl.col("symbol_id") != pl.col("whole_id"))
        .select("symbol_id", "whole_id", "container_id", "document_id", "node")
    )
    added = symbols.join(_additions(symbols, documents), on="symbol_id", maintain_order="left")
    parts = pl.concat([parts, added.select(parts.columns)])
    if parts.is_empty():
        return symbols, parts
    rest = symbols.join(parts, on="symbol_id", how="anti", maintain_order="left")
    return _of_wholes(rest, parts, "container_id"), parts


def _of_wholes(rows: pl.DataFrame, parts: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Let columns name the whole where they name a part of it."""
    if parts.is_empty():
        return rows
    wholes = dict(parts.select("symbol_id", "whole_id").iter_rows())
    return rows.with_columns(pl.col(column).replace(wholes) for column in columns)


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def _with_receivers(references: pl.DataFrame, symbols: pl.DataFrame) -> pl.DataFrame:
    """Say what `this` is where no class is around: what a method was assigned to.

    `Log.prototype.write = function () { this.flush() }` makes `write` a method that `Log` contains;
    in `function Log() { this.flush() }` it is `Log` itself, if anything is contained in it so.
    """
    held = symbols.filter(
        pl.col("kind").is_in(["method", "function"]) & pl.col("container_id").is_not_null()
    ).join(
        symbols.select(container_id="symbol_id", holder="kind"), on="container_id",
        maintain_order="left",
    )  # fmt: skip
    # A function that a variable holds (`app.init = function () {…}`) is called on that object.
    methods = held.filter(
        (pl.col("kind") == "method") | pl.col("holder").is_in(["variable", "constant", "field"])
    ).select("symbol_id", "kind", receiver="container_id")
    functions = methods.filter(pl.col("kind") == "method").select(
        symbol_id="receiver"
    ).unique().join(
        symbols.filter(pl.col("kind") == "function").select("symbol_id"), on="symbol_id"
    )  # fmt: skip
    receivers = pl.concat(
        [
            methods.drop("kind"),
            functions.with_columns(receiver="symbol_id").select("symbol_id", "receiver"),
        ]
    ).unique("symbol_id", keep="first", maintain_order=True)
    nobody = (pl.col("binding") == "self") & pl.col("binding_id").is_null()
    return references.join(
        receivers, on="symbol_id", how="left", maintain_order="left"
    ).with_columns(
        binding_id=pl.when(nobody).then("receiver").otherwise("binding_id")
    ).drop("receiver")  # fmt: skip


def _implementations(symbols: pl.DataFrame) -> pl.DataFrame:
    """Return `symbol_id`, `implementation`: what a typing overload stands for.

    In JavaScript and TypeScript any later function of the same name: it replaces the earlier one.
    """
    scripts = [name for name, language in LANGUAGES.items() if language.modules == "paths"]
    flags = pl.concat_str(pl.lit(" "), "flags", pl.lit(" "))
    is_overload = flags.str.contains(" overload ", literal=True)
    key = ["container_id", "name"]
    callables = symbols.filter(pl.col("kind").is_in(["function", "method", "constructor"]))
    implementations = (
        callables.filter(~is_overload)
        .unique(key, keep="last", maintain_order=True)
        .select(*key, implementation="symbol_id")
    )
    return (
        callables.filter(is_overload | pl.col("language").is_in(scripts))
        .join(implementations, on=key)
        .filter(pl.col("symbol_id") != pl.col("implementation"))
        .select("symbol_id", "implementation")
    )


def _past_overloads(rows: pl.DataFrame, column: str, symbols: pl.DataFrame) -> pl.DataFrame:
    """Let `column` name the implementation where it names an overload of it."""
    return (
        rows.join(
            _implementations(symbols).rename({"symbol_id": column}), on=column, how="left",
            maintain_order="left",
        )
        .with_columns(pl.coalesce("implementation", column).alias(column))
        .drop("implementation")
    )  # fmt: skip


def _with_classes(references: pl.DataFrame, symbols: pl.DataFrame) -> pl.DataFrame:
    """Give free names of languages with implicit `this` the class that stands around them."""
    implicit = [name for name, language in LANGUAGES.items() if language.implicit_self]
    free = pl.col("binding").is_in(["unbound", "wildcard"]) & pl.col("language").is_in(implicit)
    users = references.filter(free).select("symbol_id").unique()
    around = users.with_columns(at="symbol_id")
    holders = symbols.select("kind", "container_id", at="symbol_id")
    found = []
    while not around.is_empty():
        around = around.join(holders, on="at")
        is_type = pl.col("kind").is_in(list(TYPE_KINDS))
        found.append(around.filter(is_type).select("symbol_id", class_id="at"))
        around = around.filter(~is_type & pl.col("container_id").is_not_null()).select(
            "symbol_id", at="container_id"
        )
    if not found:
        return references
    return (
        references.join(
            pl.concat(found).unique("symbol_id"), on="symbol_id", how="left", maintain_order="left"
        )
        .with_columns(binding_id=pl.when(free).then("class_id").otherwise("binding_id"))
        .drop("class_id")
    )


def _as_free(references: pl.DataFrame) -> pl.DataFrame:
    """Let bare calls in classes be free names: they may mean functions outside of all classes."""
    languages = [name for name, language in LANGUAGES.items() if language.free_calls]
    rest = pl.col("member_path").str.strip_prefix(pl.col("binding_name"))
    is_bare = (
        pl.col("language").is_in(languages)
        & (pl.col("binding") == "self")
        & pl.col("binding_id").is_not_null()
        & (pl.col("binding_name") != "")
        & ~pl.col("binding_name").is_in(_WORDS)
        & pl.col("member_path").str.starts_with(pl.col("binding_name"))
        & rest.str.contains(r"^([.(]|$)")
    )
    return references.with_columns(
        binding=pl.when(is_bare).then(pl.lit("unbound")).otherwise("binding"),
        member_path=pl.when(is_bare).then(rest.str.strip_prefix(".")).otherwise("member_path"),
    )


def _past_members(references: pl.DataFrame, symbols: pl.DataFrame) -> pl.DataFrame:
    """Free names of types that scan bound to a member that is none: C#'s `Color Color { get; }`."""
    apart = [name for name, language in LANGUAGES.items() if language.types_apart]
    members = symbols.filter(
        pl.col("language").is_in(apart)
        & ~pl.col("kind").is_in([*TYPE_KINDS, "type_parameter", "namespace"])
    ).select(binding_id="symbol_id", is_member=pl.lit(True))
    names_a_type = pl.col("role").is_in(_TYPE_ROLES) & (pl.col("binding") == "symbol")
    freed = names_a_type & pl.col("is_member").fill_null(False)
    return (
        references.join(members, on="binding_id", how="left", maintain_order="left")
        .with_columns(
            binding=pl.when(freed).then(pl.lit("unbound")).otherwise("binding"),
            binding_id=pl.when(freed).then(None).otherwise("binding_id"),
        )
        .drop("is_member")
    )


def _with_whole_names(references: pl.DataFrame, symbols: pl.DataFrame) -> pl.DataFrame:
    """Give decorations the end of the name that they left out, where a class has the whole one."""
    suffixes = {
        language.name: language.attribute_suffix
        for language in LANGUAGES.values()
        if language.attribute_suffix
    }
    classes = symbols.filter(
        pl.col("language").is_in(list(suffixes)) & pl.col("kind").is_in(list(TYPE_KINDS))
    ).select("language", whole="name", is_class=pl.lit(True)).unique()  # fmt: skip
    suffix = pl.col("language").replace_strict(suffixes, default="", return_dtype=pl.String)
    free = (pl.col("role") == "decorate") & pl.col("binding").is_in(["unbound", "wildcard"])
    is_bare = pl.col("member_path") == ""
    joined = references.with_columns(whole=pl.concat_str("name", suffix)).join(
        classes, on=["language", "whole"], how="left", maintain_order="left"
    )
    named = free & pl.col("is_class").fill_null(False)
    return joined.with_columns(
        binding_name=pl.when(named & is_bare).then("whole").otherwise("binding_name"),
        member_path=pl.when(named & ~is_bare)
        .then(pl.concat_str("member_path", suffix))
        .otherwise("member_path"),
    ).drop("whole", "is_class")


def _with_produced(references: pl.DataFrame, symbols: pl.DataFrame) -> pl.DataFrame:
    """Join what the producer resolved across files: its ids are those of one compilation.

    A source may hold several compilations, which count alike. So the name must agree too (but not
    where an import gave another), and the id with that name must be of one symbol only.
    """
    if references["target_key"].null_count() == references.height:
        return references.drop("target_key")
    produced = symbols.filter(pl.col("producer_key").is_not_null()).select(
        target_key="producer_key", produced_name="name", produced_id="symbol_id"
    )
    named = produced.unique(["target_key", "produced_name"], keep="none")
    single = produced.unique("target_key", keep="none").select(
        "target_key", single_id="produced_id"
    )
    joined = references.join(
        named, left_on=["target_key", "name"], right_on=["target_key", "produced_name"],
        how="left", maintain_order="left",
    ).join(single, on="target_key", how="left", maintain_order="left")  # fmt: skip
    renamed = pl.when(pl.col("binding") == "import").then("single_id")
    return joined.with_columns(own_target=pl.coalesce("own_target", "produced_id", renamed)).drop(
        "produced_id", "single_id", "target_key"
    )

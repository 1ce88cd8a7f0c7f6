"""Packages whose files share names: Java's and Go's.

Belongs here: which documents are one package, what an import names there. Does not: Python's
packages and relative paths (`modules`).

A *space* is such a package as an owner of names. Its id is that of the package; where the same
Java package lies under several roots (`src/main/java`, `src/test/java`), that of the first. A module
of Swift has several directories: its id is that of the first, too.
"""

from __future__ import annotations

from collections import Counter

import polars as pl

from snake_pipe_core.model.ids import package_id
from snake_pipe_core.model.kinds import TYPE_KINDS
from snake_pipe_core.resolve.exports_schema import TERMINAL
from snake_pipe_core.resolve.modules import TARGET_SCHEMA, outside
from snake_pipe_core.resolve.rules import RANK
from snake_pipe_core.resolve.tables import Tables

_SPACES = {
    "module_symbol_id": pl.Int64, "package_id": pl.Int64, "language": pl.String,
    "directory": pl.String, "package": pl.String,
}  # fmt: skip


def spaces_of(tables: Tables, packages: pl.DataFrame) -> pl.DataFrame:
    """Return the space of each document: `module_symbol_id`, `package_id` and what both come from."""
    languages = tables.languages_where(package_names=True)
    documents = (
        tables.documents.filter(pl.col("language").is_in(languages))
        .join(
            packages.select("language", "root", "package", "package_id"),
            on=["language", "root", "package"],
        )
        .with_columns(package="space")
    )
    by_name = pl.col("language").is_in(tables.languages_where(modules="packages"))
    first = (
        pl.col("package_id").sort_by("root", "document_path").first().over("language", "package")
    )
    path = pl.col("document_path")
    return documents.select(
        "module_symbol_id",
        package_id=pl.when(by_name).then(first).otherwise("package_id"),
        language="language",
        directory=pl.when(path.str.contains("/", literal=True))
        .then(path.str.replace(r"/[^/]*$", ""))
        .otherwise(pl.lit("")),
        package="package",
    ).select(*_SPACES)


def around(spaces: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return `module_symbol_id`, `package_id`, `depth`: the space of each document, and outer ones.

    C# sees from `A.B.C` what `A.B` and `A` hold; the nearest that has a name counts.
    """
    own = spaces.select("module_symbol_id", "package_id", depth=pl.lit(0, pl.Int32))
    levels = [own]
    inner = spaces.filter(pl.col("language").is_in(tables.languages_where(nested_packages=True)))
    known = inner.select("language", "package", "package_id").unique()
    inner = inner.select("module_symbol_id", "language", "package")
    while not inner.is_empty():
        inner = inner.filter(pl.col("package").str.contains(".", literal=True)).with_columns(
            package=pl.col("package").str.replace(r"\.[^.]*$", "")
        )
        levels.append(
            inner.join(known, on=["language", "package"]).select(
                "module_symbol_id", "package_id", depth=pl.lit(len(levels), pl.Int32)
            )
        )
    return pl.concat(levels).sort("module_symbol_id", "depth", "package_id")


def names_of_spaces(tables: Tables, spaces: pl.DataFrame) -> pl.DataFrame:
    """Return terminals: what the documents of each space define at their top."""
    own = tables.symbols.join(
        spaces.select("package_id", container_id="module_symbol_id"), on="container_id"
    )
    # PHP's variables outside of functions are no names of the namespace.
    inner = pl.col("language").is_in(tables.languages_where(inner_packages=True))
    own = own.filter(~(inner & (pl.col("kind") == "variable")))
    return own.select(
        owner="package_id", name="name", target_id="symbol_id",
        external=pl.lit(None, pl.String), strength=pl.lit(0, pl.Int64),
        rank=pl.lit(RANK["name"], pl.UInt8),
    ).select(*TERMINAL)  # fmt: skip


def top_id(language: str) -> int:
    """Return the id of what holds all packages of a language and the names that are in none."""
    return package_id(language, "/", "")


def packages_below(tables: Tables, packages: pl.DataFrame, spaces: pl.DataFrame) -> pl.DataFrame:
    r"""Return `owner`, `name`, `target_id`, `language`, `package`: packages as names of those above.

    Only of languages whose names may begin with a package (`Sub\f()` in PHP). The top has, besides,
    the names that are in no package.
    """
    languages = tables.languages_where(inner_packages=True)
    stated = spaces.filter(pl.col("language").is_in(languages)).select(
        "language", "package", "package_id"
    )
    # A package under several roots is one; that no document states it does not matter here.
    known = pl.concat(
        [
            stated,
            packages.filter(pl.col("language").is_in(languages))
            .sort("root")
            .select("language", "package", "package_id"),
        ]
    ).unique(["language", "package"], keep="first", maintain_order=True)
    ids = {(language, package): place for language, package, place in known.iter_rows()}
    rows: list[tuple[int, str, int, str, str]] = []
    for (language, package), place in ids.items():
        if not package:
            continue
        above, _, name = package.rpartition(tables.languages[language].separator)
        if not above:
            rows.append((top_id(language), name, place, language, package))
        if (owner := ids.get((language, above))) is not None:
            rows.append((owner, name, place, language, package))
    schema = {
        "owner": pl.Int64, "name": pl.String, "target_id": pl.Int64, "language": pl.String,
        "package": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort(pl.all())


def names_at_top(tables: Tables, spaces: pl.DataFrame) -> pl.DataFrame:
    """Return terminals: what documents without a package define, as names of the top."""
    languages = tables.languages_where(inner_packages=True)
    bare = spaces.filter(pl.col("language").is_in(languages) & (pl.col("package") == ""))
    tops = {language: top_id(language) for language in languages}
    return names_of_spaces(
        tables,
        bare.with_columns(
            package_id=pl.col("language").replace_strict(tops, default=0, return_dtype=pl.Int64)
        ),
    )


def names_of_types(tables: Tables, modules: pl.DataFrame) -> pl.DataFrame:
    """Return terminals: members of types that imports take names from (`import static`, `use Enum::*`)."""
    types = modules.select(container_id="target_id").drop_nulls().unique()
    languages = ("packages", "crates")
    packaged = pl.col("language").is_in(
        [name for modules in languages for name in tables.languages_where(modules=modules)]
    )
    members = tables.symbols.filter(packaged).join(types, on="container_id", how="semi")
    return members.select(
        owner="container_id", name="name", target_id="symbol_id",
        external=pl.lit(None, pl.String), strength=pl.lit(0, pl.Int64),
        rank=pl.lit(RANK["member"], pl.UInt8),
    ).select(*TERMINAL)  # fmt: skip


def full_names_of(tables: Tables, spaces: pl.DataFrame) -> pl.DataFrame:
    """Return `language`, `full_name`, `target_id`: types and packages by their whole names.

    `spaces`: which package each document shares names with; see `around`.
    """
    languages = tables.languages_where(modules="packages", separator=".", module_roots=())
    named = pl.col("language").is_in(languages)
    packages = tables.documents.filter(named).join(
        spaces.filter(pl.col("depth") == 0), on="module_symbol_id"
    )
    return (
        pl.concat(
            [
                tables.symbols.filter(named & pl.col("kind").is_in(list(TYPE_KINDS))).select(
                    "language", full_name="qualified_name", target_id="symbol_id"
                ),
                packages.select("language", full_name="package", target_id="package_id"),
            ]
        )
        .filter(pl.col("full_name") != "")
        .sort("language", "full_name", "target_id")
        .unique(["language", "full_name"], keep="first", maintain_order=True)
    )


def resolve_packages(
    rows: pl.DataFrame, tables: Tables, spaces: pl.DataFrame, below: pl.DataFrame
) -> pl.DataFrame:
    """Return the targets of Java's import rows: packages, and types that members come from.

    `below` is what `packages_below` returns: where names may begin with packages, one can be
    imported from above, and what no document offers at the top is outside.
    """
    packaged = pl.col("language").is_in(tables.languages_where(modules="packages"))
    known = pl.concat(
        [
            spaces.filter(packaged)
            .select(module="package", target_id="package_id")
            .unique()
            .sort("module", "target_id")
            .unique("module", keep="first", maintain_order=True),
            tables.symbols.filter(packaged & pl.col("kind").is_in(list(TYPE_KINDS)))
            .select(module="qualified_name", target_id="symbol_id")
            .unique("module", keep="first", maintain_order=True),
        ]
    ).unique("module", keep="first", maintain_order=True)
    # A package that is split with others may hold any: of those only the types are ours alone.
    is_split = pl.col("language").is_in(tables.languages_where(nested_packages=True))
    ours = known.select(parent="module").with_columns(is_ours=pl.lit(True))
    split = known.join(spaces, left_on="module", right_on="package", how="semi")
    split = split.select(parent="module").with_columns(is_space=pl.lit(True))
    found = (
        rows.select("row", "module", "language")
        .join(known, on="module", how="left", maintain_order="left")
        .with_columns(parent=pl.col("module").str.replace(r"\.[^.]*$", ""))
        .join(ours, on="parent", how="left", maintain_order="left")
        .join(split, on="parent", how="left", maintain_order="left")
        .with_columns(is_ours=pl.col("is_ours") & ~(is_split & pl.col("is_space").fill_null(False)))
    )
    found = _from_above(found, rows, tables, spaces, below)
    there = pl.col("target_id").is_not_null()
    missing = ~there & pl.col("is_ours").fill_null(False)
    return found.select(
        "row", "target_id", head_id="target_id", rank=pl.lit(RANK["module"], pl.UInt8),
        external=pl.when(~there & ~missing).then("module"),
        reason=pl.when(there).then(None).when(missing).then(pl.lit("missing"))
        .otherwise(pl.lit("external")),
    ).select(*TARGET_SCHEMA)  # fmt: skip


def _from_above(
    found: pl.DataFrame,
    rows: pl.DataFrame,
    tables: Tables,
    spaces: pl.DataFrame,
    below: pl.DataFrame,
) -> pl.DataFrame:
    """Let import rows that take a package from above have it, and others none at the bare top."""
    languages = tables.languages_where(inner_packages=True)
    if rows.filter(pl.col("language").is_in(languages)).is_empty():
        return found
    offered = (
        names_at_top(tables, spaces).select(at_top=pl.lit(True), imported_name="name").unique()
    )
    separators = {name: tables.languages[name].separator for name in languages}
    separator = pl.col("language").replace_strict(separators, default="", return_dtype=pl.String)
    asked = rows.filter(pl.col("language").is_in(languages)).select(
        "row", "imported_name", "language",
        package=pl.when(pl.col("module") == "").then("imported_name")
        .otherwise(pl.concat_str("module", separator, "imported_name")),
    )  # fmt: skip
    above = below.select("language", "package", above_id="owner").unique(
        ["language", "package"], keep="first", maintain_order=True
    )
    asked = asked.join(above, on=["language", "package"], how="left").join(
        offered, on="imported_name", how="left"
    )
    found = found.join(
        asked.select("row", "above_id", "at_top"), on="row", how="left", maintain_order="left"
    )
    is_bare = (pl.col("module") == "") & pl.col("row").is_in(asked["row"].implode())
    unknown = is_bare & pl.col("at_top").is_null()
    return found.with_columns(
        target_id=pl.when(~unknown).then(pl.col("target_id")).otherwise(None)
    ).with_columns(
        target_id=pl.coalesce("target_id", "above_id"),
        is_ours=pl.col("is_ours").fill_null(False) & ~is_bare,
    )


def resolve_directories(rows: pl.DataFrame, tables: Tables, spaces: pl.DataFrame) -> pl.DataFrame:
    """Return the targets of Go's import rows.

    `go.mod` is no AST, so the module's path is found by vote: of all ways to cut import paths in
    front of a directory of the source, the one that fits most directories counts, and further
    ones (a source with several modules) that fit two at least.
    """
    languages = tables.languages_where(modules="directories")
    places = (
        spaces.filter(pl.col("language").is_in(languages))
        .filter(~pl.col("package").str.ends_with("_test"))
        .select("directory", "package_id")
        .unique()
        .sort("directory", "package_id")
    )
    directories = places["directory"].unique().sort().to_list()
    paths = rows["module"].unique().sort().to_list()
    found = pl.DataFrame(
        [(path, *match) for path, match in _vote(paths, directories).items()],
        schema={"module": pl.String, "directory": pl.String, "rank": pl.UInt8},
        orient="row",
    ).join(places, on="directory")
    inside = rows.join(found, on="module")
    rest = rows.join(found.select("module").unique(), on="module", how="anti")
    return pl.concat(
        [
            inside.select(
                "row", target_id="package_id", head_id="package_id", rank="rank",
                external=pl.lit(None, pl.String), reason=pl.lit(None, pl.String),
            ).select(*TARGET_SCHEMA),
            outside(rest).select(*TARGET_SCHEMA),
        ]
    )  # fmt: skip


def _vote(paths: list[str], directories: list[str]) -> dict[str, tuple[str, int]]:
    """Return the directory that each import path names, with the rank of that."""
    ends: dict[str, list[str]] = {}
    for directory in directories:
        parts = directory.split("/") if directory else []
        for start in range(len(parts)):
            ends.setdefault("/".join(parts[start:]), []).append(directory)
    fits: dict[tuple[str, str], dict[str, str]] = {}
    for path in paths:
        parts = path.split("/")
        for start in range(1, len(parts)):
            end = "/".join(parts[start:])
            for directory in ends.get(end, ()):
                offset = directory.removesuffix(end).rstrip("/")
                fits.setdefault(("/".join(parts[:start]), offset), {})[path] = directory
    known = set(directories)
    result: dict[str, tuple[str, int]] = {}
    while fits:
        votes = Counter({key: len(found) for key, found in fits.items()})
        prefix, offset = min(
            votes, key=lambda key: (-votes[key], key[1].count("/"), key[1], -len(key[0]), key[0])
        )
        found = fits.pop((prefix, offset))
        if result and len(found) < 2:
            break
        rank = RANK["module"] if len(found) > 1 else RANK["suffix"]
        if prefix in paths and offset in known:
            found = {**found, prefix: offset}  # the package at the module's own root
        for path, directory in found.items():
            result.setdefault(path, (directory, rank))
        fits = {
            key: rest
            for key, values in fits.items()
            if (rest := {path: d for path, d in values.items() if path not in result})
        }
    return result

"""Packages whose files share names: Java's and Go's.

Belongs here: which documents are one package, what an import names there. Does not: Python's
packages and relative paths (`modules`).

A *space* is such a package as an owner of names. Its id is that of the package; where the same
Java package lies under several roots (`src/main/java`, `src/test/java`), that of the first.
"""

from __future__ import annotations

from collections import Counter

import polars as pl

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
    documents = tables.documents.filter(pl.col("language").is_in(languages)).join(
        packages.select("language", "root", "package", "package_id"),
        on=["language", "root", "package"],
    )
    by_name = pl.col("language").is_in(tables.languages_where(modules="packages"))
    first = pl.col("package_id").sort_by("root").first().over("language", "package")
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
    return own.select(
        owner="package_id", name="name", target_id="symbol_id",
        external=pl.lit(None, pl.String), strength=pl.lit(0, pl.Int64),
        rank=pl.lit(RANK["name"], pl.UInt8),
    ).select(*TERMINAL)  # fmt: skip


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


def resolve_packages(rows: pl.DataFrame, tables: Tables, spaces: pl.DataFrame) -> pl.DataFrame:
    """Return the targets of Java's import rows: packages, and types that members come from."""
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
    there = pl.col("target_id").is_not_null()
    missing = ~there & pl.col("is_ours").fill_null(False)
    return found.select(
        "row", "target_id", head_id="target_id", rank=pl.lit(RANK["module"], pl.UInt8),
        external=pl.when(~there & ~missing).then("module"),
        reason=pl.when(there).then(None).when(missing).then(pl.lit("missing"))
        .otherwise(pl.lit("external")),
    ).select(*TARGET_SCHEMA)  # fmt: skip


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

"""Module text and importing document → module.

Belongs here: source roots, relative specifiers, extensions, packages. Does not: names within
modules.

Every function takes and returns frames. A *place* is a module or package that an import can name:
columns `place_id` (the document's module symbol, or the package's id) and, for Python, the path
without extension that leads to it. The result of `module_targets` has one row per import row and
candidate: `row`, `target_id`, `head_id` (what a bare `import a.b` binds), `rank`, `external`
(dotted name outside) and `reason` (why there is no target).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

import polars as pl

from snake_pipe_core.model.ids import package_id
from snake_pipe_core.model.kinds import TYPE_KINDS
from snake_pipe_core.resolve.crates import CrateTree
from snake_pipe_core.resolve.languages import Language
from snake_pipe_core.resolve.rules import MAXIMAL_CANDIDATES, RANK
from snake_pipe_core.resolve.tables import Tables

TARGET_SCHEMA = {
    "row": pl.Int64, "target_id": pl.Int64, "head_id": pl.Int64, "rank": pl.UInt8,
    "external": pl.String, "reason": pl.String,
}  # fmt: skip
_OTHER_ROOT = 1_000
_MAXIMAL_PARTS = 64


def packages_of(documents: pl.DataFrame, languages: dict[str, Language]) -> pl.DataFrame:
    """Return every package that a document states, and its parents.

    Columns: `language`, `root`, `package`, `package_id`, `is_stated` (by a document: only these are
    vertices of the graph), `parent_id` (the nearest stated package above; null if there is none).
    """
    stated = documents.select("language", "root", "package").unique().sort(pl.all())
    known = set(stated.iter_rows())
    rows: dict[tuple[str, str, str], None] = {}
    for language, root, package in sorted(known):
        separator = languages[language].separator
        while (language, root, package) not in rows:
            rows[(language, root, package)] = None
            if separator not in package:
                break
            package = package.rpartition(separator)[0]
    parents: list[int | None] = []
    for language, root, package in rows:
        above = package
        separator = languages[language].separator
        while separator in above:
            above = above.rpartition(separator)[0]
            if (language, root, above) in known:
                break
        is_found = above != package and (language, root, above) in known
        parents.append(package_id(language, root, above) if is_found else None)
    return pl.DataFrame(
        {
            "language": [row[0] for row in rows],
            "root": [row[1] for row in rows],
            "package": [row[2] for row in rows],
            "package_id": [package_id(*row) for row in rows],
            "is_stated": [row in known for row in rows],
            "parent_id": parents,
        },
        schema={
            "language": pl.String, "root": pl.String, "package": pl.String,
            "package_id": pl.Int64, "is_stated": pl.Boolean, "parent_id": pl.Int64,
        },
    ).sort("package_id")  # fmt: skip


# -- Python: dotted names below source roots ------------------------------------------------------


class PythonPlaces:
    """Where Python modules lie, and under which names they can be imported."""

    def __init__(self, tables: Tables, packages: pl.DataFrame) -> None:
        """Find packages (directories with `__init__`), source roots and names."""
        language = tables.languages.get("python")
        documents = tables.documents.filter(pl.col("language") == "python")
        order = (
            {extension: n for n, extension in enumerate(language.extensions)} if language else {}
        )
        path = pl.col("document_path")
        documents = documents.select(
            "document_id", "module_symbol_id", "document_path",
            directory=_directory(path),
            stem=path.str.replace(r"^.*/", "").str.replace(r"\.[^.]*$", ""),
            order=path.str.extract(r"(\.[^./]*)$").replace_strict(order, default=9,
                                                                  return_dtype=pl.Int64),
        )  # fmt: skip
        is_init = pl.col("stem") == "__init__"
        documents = documents.with_columns(
            is_init=is_init,
            place=pl.when(is_init).then("directory")
            .when(pl.col("directory") == "").then("stem")
            .otherwise(pl.concat_str("directory", "stem", separator="/")),
        )  # fmt: skip
        self.documents = documents
        regular = set(documents.filter("is_init")["directory"].to_list())
        directories = documents["directory"].unique().sort().to_list()
        self._roots = {name: _root(name, regular) for name in directories}
        self.directory_roots = pl.DataFrame(
            {"directory": list(self._roots), "import_root": list(self._roots.values())},
            schema={"directory": pl.String, "import_root": pl.String},
        )
        self.places = self._find_places(packages, regular, directories)
        self.names = self._find_names()

    def _find_places(
        self, packages: pl.DataFrame, regular: set[str], directories: list[str]
    ) -> pl.DataFrame:
        """Return `place`, `place_id`, `is_package`, `is_namespace`, one row per place."""
        modules = (
            self.documents.sort("place", pl.col("is_init").not_(), "order", "document_path")
            .unique("place", keep="first", maintain_order=True)
            .select("place", place_id="module_symbol_id", is_package="is_init",
                    is_namespace=pl.lit(False))
        )  # fmt: skip
        spaces: dict[str, None] = {}
        for directory in directories:
            while directory and directory not in spaces:
                spaces[directory] = None
                directory = posixpath.dirname(directory)
        stated = packages.filter(pl.col("language") == "python").select(
            place=_joined(
                pl.col("root"), pl.col("package").str.replace_all(".", "/", literal=True)
            ),
            place_id="package_id",
        )
        namespaces = (
            pl.DataFrame({"place": [s for s in spaces if s not in regular]},
                         schema={"place": pl.String})
            .join(modules, on="place", how="anti")
            .join(stated.unique("place", keep="first", maintain_order=True), on="place")
            .select("place", "place_id", is_package=pl.lit(True), is_namespace=pl.lit(True))
        )  # fmt: skip
        return pl.concat([modules, namespaces]).sort("place")

    def _find_names(self) -> pl.DataFrame:
        """Return `dotted`, `import_root`, `place`, `true_root`: each name of each place."""
        places = self.places["place"].to_list()
        names, roots, of, true = [], [], [], []
        regular = set(self.documents.filter("is_init")["directory"].to_list())
        packages = set(self.places.filter("is_package")["place"].to_list())
        for place in places:
            first = root = _root(place if place in packages else posixpath.dirname(place), regular)
            if root == place:  # a namespace package: it lies below its parent
                first = root = posixpath.dirname(place)
            while True:
                names.append((place[len(root) + 1 :] if root else place).replace("/", "."))
                roots.append(root)
                of.append(place)
                true.append(root == first)
                if not root:
                    break
                root = posixpath.dirname(root)
        return pl.DataFrame(
            {"dotted": names, "import_root": roots, "place": of, "true_root": true},
            schema={"dotted": pl.String, "import_root": pl.String, "place": pl.String,
                    "true_root": pl.Boolean},
        ).filter(pl.col("dotted") != "").join(self.places, on="place")  # fmt: skip

    def submodules(self) -> pl.DataFrame:
        """Return `owner` (package), `name`, `target_id`: modules within packages."""
        inner = self.places.filter(pl.col("place").str.contains("/", literal=True)).select(
            parent=pl.col("place").str.replace(r"/[^/]*$", ""),
            name=pl.col("place").str.replace(r"^.*/", ""),
            target_id="place_id",
        )
        owners = self.places.filter("is_package").select(parent="place", owner="place_id")
        return inner.join(owners, on="parent").select("owner", "name", "target_id")

    def resolve(self, imports: pl.DataFrame, language: Language) -> pl.DataFrame:
        """Return the targets of Python's import rows (see the module's docstring)."""
        documents = self.documents.select("document_id", "directory").join(
            self.directory_roots, on="directory"
        )
        rows = imports.select("row", "document_id", "module", "imported_name", "level").join(
            documents, on="document_id"
        )
        absolute = rows.filter(pl.col("level") == 0)
        relative = rows.filter(pl.col("level") > 0)
        return pl.concat(
            [self._absolute(absolute, language), self._relative(relative)], how="vertical"
        )

    def _relative(self, rows: pl.DataFrame) -> pl.DataFrame:
        keys = rows.select("directory", "level", "module").unique().sort(pl.all())
        paths = [
            _ascend(directory, level - 1, module.replace(".", "/"))
            for directory, level, module in keys.iter_rows()
        ]
        keys = keys.with_columns(place=pl.Series(paths, dtype=pl.String)).join(
            self.places.select("place", "place_id"), on="place", how="left", maintain_order="left"
        )
        found = rows.join(keys, on=["directory", "level", "module"])
        is_found = pl.col("place_id").is_not_null()
        return found.select(
            "row",
            target_id="place_id",
            head_id="place_id",
            rank=pl.lit(RANK["module"], pl.UInt8),
            external=pl.lit(None, pl.String),
            reason=pl.when(~is_found).then(pl.lit("missing")),
        )

    def _absolute(self, rows: pl.DataFrame, language: Language) -> pl.DataFrame:
        keys = rows.select("import_root", dotted="module").unique().sort(pl.all())
        found = (
            keys.join(self.names, on="dotted", suffix="_there")
            .with_columns(
                own=pl.when(
                    (pl.col("import_root_there") == "")
                    | (pl.col("import_root_there") == pl.col("import_root"))
                    | pl.col("import_root").str.starts_with(
                        pl.concat_str("import_root_there", pl.lit("/"))
                    )
                )
                .then(
                    pl.col("import_root").str.count_matches("/", literal=True)
                    - pl.col("import_root_there").str.count_matches("/", literal=True).cast(pl.Int64)
                    # "" and "a" both have no slash, but lie one level apart
                    + (pl.col("import_root") != "").cast(pl.Int64)
                    - (pl.col("import_root_there") != "").cast(pl.Int64)
                )
                .otherwise(_OTHER_ROOT)
            )
        )  # fmt: skip
        first = pl.col("dotted").str.replace(r"\..*$", "")
        outside = first.is_in(list(language.outside))
        elsewhere = pl.col("own") == _OTHER_ROOT
        is_top = ~pl.col("dotted").str.contains(".", literal=True)
        found = found.filter(
            # the standard library comes before what lies under some other root
            ~(elsewhere & outside)
            & ~(elsewhere & is_top & (~pl.col("true_root") | pl.col("is_namespace")))
        )
        best = ["import_root", "dotted"]
        found = found.filter(
            pl.col("is_namespace") == pl.col("is_namespace").min().over(best)
        ).filter(pl.col("own") == pl.col("own").min().over(best))
        heads = self.places.select(head_place="place", head_id="place_id")
        top = first
        found = (
            found.with_columns(head_place=_joined(pl.col("import_root_there"), top))
            .join(heads, on="head_place", how="left")
            .select(
                "import_root", "dotted", "place_id", "head_id", "is_namespace",
                rank=pl.when(elsewhere).then(pl.lit(RANK["other_root"], pl.UInt8))
                .otherwise(pl.lit(RANK["module"], pl.UInt8)),
            )
        )  # fmt: skip
        # A module that is not there, below a package that is: ours, but missing.
        tops = self.names.filter(
            ~pl.col("dotted").str.contains(".", literal=True) & ~pl.col("is_namespace")
        ).select(
            top="dotted", top_root="import_root", top_is_package="is_package", top_id="place_id"
        )
        known = (
            keys.with_columns(top=first)
            .join(tops, on="top")
            .filter(
                (pl.col("top_root") == pl.col("import_root"))
                | (~outside & pl.col("top_is_package"))
            )
            .sort(*best, pl.col("top_root") != pl.col("import_root"), "top_id")
            .unique(best, keep="first", maintain_order=True)
            .select(*best, "top_id")
        )
        result = (
            rows.rename({"module": "dotted"})
            .join(found, on=best, how="left", maintain_order="left")
            .join(known, on=best, how="left", maintain_order="left")
        )
        is_found = pl.col("place_id").is_not_null()
        is_ours = pl.col("top_id").is_not_null()
        # A bare top-level directory without `__init__` is not worth a guess against a package
        # that may be installed: only modules below it are claimed.
        bare = is_found & pl.col("is_namespace") & is_top & (pl.col("imported_name") == "")
        result = result.with_columns(
            place_id=pl.when(~bare).then("place_id"), bare=bare.fill_null(False)
        )
        return result.select(
            "row",
            target_id="place_id",
            head_id=pl.when(pl.col("place_id").is_not_null()).then("head_id")
            .otherwise("top_id"),
            rank=pl.col("rank").fill_null(RANK["module"]),
            external=pl.when(pl.col("place_id").is_null() & (~is_ours | pl.col("bare")))
            .then("dotted"),
            reason=pl.when(pl.col("place_id").is_not_null()).then(None)
            .when(is_ours & ~pl.col("bare")).then(pl.lit("missing")).otherwise(pl.lit("external")),
        )  # fmt: skip


def _directory(path: pl.Expr) -> pl.Expr:
    return (
        pl.when(path.str.contains("/", literal=True))
        .then(path.str.replace(r"/[^/]*$", ""))
        .otherwise(pl.lit(""))
    )


def _joined(root: pl.Expr, rest: pl.Expr) -> pl.Expr:
    """Join two paths of which either may be empty (`.` is empty)."""
    return (
        pl.when(root.is_in(["", "."])).then(rest)
        .when(rest == "").then(root)
        .otherwise(pl.concat_str(root, pl.lit("/"), rest))
    )  # fmt: skip


def _root(directory: str, regular: set[str]) -> str:
    """Return the source root of a directory: the parent of the topmost package around it."""
    while directory in regular:
        if not directory:
            return ""
        directory = posixpath.dirname(directory)
    return directory


def _ascend(directory: str, levels: int, below: str) -> str | None:
    """Return `below` the directory `levels` up; None above the top."""
    for _ in range(levels):
        if not directory:
            return None
        directory = posixpath.dirname(directory)
    return f"{directory}/{below}" if directory and below else directory or below


# -- JavaScript: relative specifiers ---------------------------------------------------------------


def resolve_paths(imports: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return the targets of import rows (or re-exports) that name files by relative paths."""
    files = tables.documents.select(candidate="document_path", target_id="module_symbol_id")
    paths = tables.documents.select("document_id", "document_path")
    rows = imports.select("row", "document_id", "language", "module").join(paths, on="document_id")
    is_relative = pl.col("module").str.contains(r"^\.\.?(/|$)")
    relative = rows.filter(is_relative).with_columns(directory=_directory(pl.col("document_path")))
    keys = relative.select("language", "directory", "module").unique().sort(pl.all())
    candidates: list[tuple[int, str, int]] = []
    for number, (language, directory, module) in enumerate(keys.iter_rows()):
        options = file_candidates(posixpath.join(directory, module), tables.languages[language])
        candidates += [(number, option, order) for order, option in enumerate(options)]
    found = (
        pl.DataFrame(
            candidates,
            schema={"key": pl.Int64, "candidate": pl.String, "order": pl.Int64},
            orient="row",
        )
        .join(files, on="candidate")
        .sort("key", "order")
        .unique("key", keep="first", maintain_order=True)
    )
    keys = keys.with_row_index("key").with_columns(pl.col("key").cast(pl.Int64))
    relative = relative.join(
        keys.join(found, on="key", how="left", maintain_order="left"),
        on=["language", "directory", "module"],
    )
    local = relative.select(
        "row", "target_id", head_id="target_id", rank=pl.lit(RANK["module"], pl.UInt8),
        external=pl.lit(None, pl.String),
        reason=pl.when(pl.col("target_id").is_null()).then(pl.lit("missing")),
    )  # fmt: skip
    return pl.concat([local, outside(rows.filter(~is_relative))])


def file_candidates(path: str, language: Language) -> list[str]:
    """Return the files that a specifier may name, in the order of node and TypeScript."""
    is_directory = path.endswith(("/", "/.", "/.."))
    path = posixpath.normpath(path)
    if path == ".":
        path = ""
    elif path.startswith("../"):
        return []
    options = []
    if path and not is_directory:
        for written, substitutes in language.substitutes:
            if path.endswith(written):
                stem = path.removesuffix(written)
                typed = [stem + extension for extension in substitutes]
                options += [*typed, path] if language.extensions[0] == ".ts" else [path, *typed]
        options += [path, *(path + extension for extension in language.extensions)]
    index = f"{path}/{language.index}" if path else language.index
    options += [index + extension for extension in language.extensions]
    return list(dict.fromkeys(options))


# -- C, Solidity, Ruby: paths from the file that names them, or by their end ------------------------


def resolve_files(imports: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return the targets of import rows that name files.

    `"a.h"` is looked for beside the file that names it, then from the top of the source, then as
    the end of a path; `<a.h>` not beside it; `./a`, and names with a level, only there. A path
    that ends so is no proof: its rank is `suffix`, and several such paths are candidates.
    """
    # `using namespace a::b;` names no file.
    names_spaces = pl.col("language").is_in(tables.languages_where(linkage=True)) & (
        pl.col("kind") != "include"
    )
    spaces = imports.filter(names_spaces)
    imports = imports.filter(~names_spaces)
    documents = tables.documents.select("document_id", "document_path", "module_symbol_id")
    known = dict(documents.select("document_path", "module_symbol_id").iter_rows())
    ends: dict[str, list[str]] = {}
    for path in sorted(known):
        start = path.find("/")
        while start >= 0:
            ends.setdefault(path[start + 1 :], []).append(path)
            start = path.find("/", start + 1)
    rows = imports.select("row", "document_id", "language", "module", "level").join(
        documents.select("document_id", directory=_directory(pl.col("document_path"))),
        on="document_id",
    )
    by = ["language", "directory", "module", "level"]
    keys = rows.select(by).unique().sort(pl.all())
    found = []
    for language, directory, module, level in keys.iter_rows():
        extensions = tables.languages[language].extensions
        paths, rank, reason = _named_file(directory, module, level, extensions, known, ends)
        targets: list[int | None] = [known[path] for path in paths]
        for target in targets or [None]:
            found.append((language, directory, module, level, target, rank, reason))
    schema = {
        "language": pl.String, "directory": pl.String, "module": pl.String, "level": pl.Int64,
        "target_id": pl.Int64, "rank": pl.UInt8, "reason": pl.String,
    }  # fmt: skip
    places = pl.DataFrame(found, schema=schema, orient="row")
    files = rows.with_columns(pl.col("level").cast(pl.Int64)).join(places, on=by).select(
        "row", "target_id", head_id="target_id", rank="rank",
        external=pl.when(pl.col("reason") == "external").then("module"), reason="reason",
    ).select(*TARGET_SCHEMA)  # fmt: skip
    return files if spaces.is_empty() else pl.concat([files, _named_spaces(spaces, tables)])


def _named_spaces(imports: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return the targets of import rows that name namespaces and types of the whole program."""
    held = tables.symbols.filter(
        pl.col("language").is_in(tables.languages_where(linkage=True))
        & pl.col("kind").is_in(["namespace", *TYPE_KINDS])
    ).select("symbol_id", "name", "container_id")
    above = {symbol: (name, container) for symbol, name, container in held.iter_rows()}
    named: dict[str, list[int]] = {}
    for symbol in above:
        parts: list[str] = []
        at: int | None = symbol
        while at in above and len(parts) < _MAXIMAL_PARTS:
            name, at = above[at]
            parts.insert(0, name)
        named.setdefault("::".join(parts), []).append(symbol)
    found: list[tuple[int, int | None, str | None, str | None]] = []
    for row, module in imports.select("row", "module").iter_rows():
        targets = named.get(module.removeprefix("::"), [])
        if 0 < len(targets) <= MAXIMAL_CANDIDATES:
            found += [(row, target, None, None) for target in targets]
        elif targets:
            found.append((row, None, None, "ambiguous"))
        else:
            found.append((row, None, module.replace("::", "."), "external"))
    schema = {"row": pl.Int64, "target_id": pl.Int64, "external": pl.String, "reason": pl.String}
    return pl.DataFrame(found, schema=schema, orient="row").select(
        "row", "target_id", head_id="target_id", rank=pl.lit(RANK["linkage"], pl.UInt8),
        external="external", reason="reason",
    ).select(*TARGET_SCHEMA)  # fmt: skip


def _named_file(
    directory: str,
    module: str,
    level: int,
    extensions: tuple[str, ...],
    known: Mapping[str, int],
    ends: Mapping[str, list[str]],
) -> tuple[list[str], int, str | None]:
    """Return the files that a text may name, how they were found, and why there are none."""
    text = module.strip("<>")
    options = [text, *(text + extension for extension in extensions)]
    is_beside = level > 0 or text.startswith(("./", "../"))
    if is_beside or not module.startswith("<"):
        for option in options:
            path = posixpath.normpath(posixpath.join(directory, option))
            if path in known:
                return [path], RANK["module"], None
    if is_beside:
        return [], RANK["module"], "missing"
    for option in options:
        path = posixpath.normpath(option)
        if path in known:
            return [path], RANK["module"], None
        if several := ends.get(path):
            if len(several) > MAXIMAL_CANDIDATES:
                return [], RANK["suffix"], "ambiguous"
            return several, RANK["suffix"], None
    return [], RANK["module"], "external"


# -- Rust: paths through the tree of modules -------------------------------------------------------


def resolve_crates(imports: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return the targets of import rows that name modules of a crate.

    `mod m;` (level 1) names a file; `use` goes through modules, from `crate`, `self`, `super`, a
    name in sight, or a library of the source. All else is a crate outside.
    """
    tree = CrateTree(tables.documents, tables.symbols, imports)
    found: list[tuple[int, int | None, str | None]] = []
    for row, symbol, module, level in imports.select(
        "row", "symbol_id", "module", "level"
    ).iter_rows():
        at = tree.module_around(symbol)
        target, is_ours = None, level == 1
        if at is not None and level == 1:
            target = tree.declared(at, module)
        elif at is not None:
            target, is_ours = tree.find(at, module.split("::"))
        reason = None if target is not None else "missing" if is_ours else "external"
        found.append((row, target, reason))
    schema = {"row": pl.Int64, "target_id": pl.Int64, "reason": pl.String}
    targets = pl.DataFrame(found, schema=schema, orient="row")
    outer = pl.col("module").str.replace_all("::", ".", literal=True)
    return imports.select("row", "module").join(targets, on="row").select(
        "row", "target_id", head_id="target_id", rank=pl.lit(RANK["module"], pl.UInt8),
        external=pl.when(pl.col("reason") == "external").then(outer), reason="reason",
    ).select(*TARGET_SCHEMA)  # fmt: skip


# -- other languages: the name that a document states ----------------------------------------------


def resolve_stated(imports: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return the targets of import rows that name a module exactly as its document does.

    Several documents of one name are several candidates.
    """
    modules = tables.documents.filter(pl.col("module") != "").select(
        "language", "module", target_id="module_symbol_id"
    )
    found = imports.select("row", "language", "module").join(modules, on=["language", "module"])
    rest = imports.join(found, on="row", how="anti")
    here = found.select(
        "row", "target_id", head_id="target_id", rank=pl.lit(RANK["module"], pl.UInt8),
        external=pl.lit(None, pl.String), reason=pl.lit(None, pl.String),
    )  # fmt: skip
    return pl.concat([here, outside(rest)])


def outside(rows: pl.DataFrame) -> pl.DataFrame:
    """Return import rows as naming what lies outside of the source."""
    return rows.select(
        "row", target_id=pl.lit(None, pl.Int64), head_id=pl.lit(None, pl.Int64),
        rank=pl.lit(RANK["module"], pl.UInt8), external="module", reason=pl.lit("external"),
    )  # fmt: skip

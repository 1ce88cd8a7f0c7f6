"""Rust's module tree: which file a `mod` declaration means, and what paths of modules name.

Belongs here: the tree that `mod` declarations make of files, `crate`, `self` and `super`, names of
crates. Does not: what is found of names behind a module (`names`), files that imports of other
languages name (`modules`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import polars as pl

from snake_pipe_core.model.kinds import TYPE_KINDS

_INDEX = ("mod", "lib", "main")
_MAXIMAL_STEPS = 16
"""Longer ways through re-exports end nowhere."""
_SEPARATOR = "::"


class CrateTree:
    """Modules of a source in Rust, by the symbols that stand for them.

    A module is a file's own symbol or that of a `mod m { … }`.
    """

    def __init__(
        self, documents: pl.DataFrame, symbols: pl.DataFrame, imports: pl.DataFrame
    ) -> None:
        """Build the tree; frames hold at least the rows of documents in Rust."""
        ours = documents.filter(pl.col("language") == "rust")
        self._files: dict[str, int] = dict(
            ours.select("document_path", "module_symbol_id").iter_rows()
        )
        self._paths: dict[int, str] = {symbol: path for path, symbol in self._files.items()}
        own = symbols.join(ours.select("document_id"), on="document_id", how="semi")
        self._kinds: dict[int, str] = {}
        self._above: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self._inner: dict[tuple[int, str], int] = {}
        kinds = [*TYPE_KINDS, "module", "enum_member"]
        for symbol, kind, name, container in own.select(
            "symbol_id", "kind", "name", "container_id"
        ).iter_rows():
            self._kinds[symbol], self._names[symbol] = kind, name
            if container is not None:
                self._above[symbol] = container
                if kind in kinds:
                    self._inner.setdefault((container, name), symbol)
        self._parents: dict[int, int] = {}
        self._uses: dict[tuple[int, str], list[tuple[str, str]]] = {}
        rows = imports.join(ours.select("document_id"), on="document_id", how="semi")
        columns = ("symbol_id", "module", "imported_name", "alias", "level", "kind")
        declared = rows.filter(pl.col("level") == 1).select(columns)
        for symbol, module, _, alias, _, _ in declared.iter_rows():
            at = self.module_around(symbol)
            file = None if at is None else self.declared(at, module)
            if at is None or file is None:
                continue
            self._parents.setdefault(file, at)
            self._inner.setdefault((at, alias or module), file)
        for symbol, module, imported, alias, level, kind in rows.select(columns).iter_rows():
            at = self.module_around(symbol)
            if at is not None and level != 1:
                name = "*" if kind == "wildcard" else alias
                self._uses.setdefault((at, name), []).append((module, imported))
        self._crates: dict[str, int] = {}
        for path in sorted(self._files):
            if path.endswith("/src/lib.rs"):
                name = posixpath.basename(path.removesuffix("/src/lib.rs")).replace("-", "_")
                self._crates.setdefault(name, self._files[path])

    def module_around(self, symbol: int) -> int | None:
        """Return the innermost module that a symbol is or stands in."""
        at: int | None = symbol
        while at is not None and at not in self._paths and self._kinds.get(at) != "module":
            at = self._above.get(at)
        return at

    def declared(self, at: int, name: str) -> int | None:
        """Return the file that `mod name;` in module `at` means; `name` may be a `#[path]`."""
        inline: list[str] = []
        while at not in self._paths:
            inline.insert(0, self._names[at])
            above = self.module_around(self._above[at]) if at in self._above else None
            if above is None:
                return None
            at = above
        path = self._paths[at]
        directory, stem = posixpath.dirname(path), posixpath.basename(path).removesuffix(".rs")
        if name.endswith(".rs"):
            return self._files.get(posixpath.normpath(posixpath.join(directory, *inline, name)))
        # Of a crate's root (`tests/a.rs`) modules lie beside it, of others below its name.
        for place in (directory,) if stem in _INDEX else (f"{directory}/{stem}", directory):
            for file in (f"{name}.rs", f"{name}/mod.rs"):
                option = posixpath.normpath(posixpath.join(place.lstrip("/"), *inline, file))
                if option in self._files and option != path:
                    return self._files[option]
        return None

    def root(self, at: int) -> int:
        """Return the module at the top of the crate that `at` belongs to."""
        seen = {at}
        while (above := self.above(at)) is not None and above not in seen:
            seen.add(above)
            at = above
        path = self._paths[at]
        if posixpath.basename(path) in ("lib.rs", "main.rs"):
            return at
        # No `mod` declares it: it may stand in a macro. Only what lies in a crate's folder counts.
        directory = posixpath.dirname(path)
        while "src" in directory.split("/"):
            for stem in ("lib.rs", "main.rs"):
                if (found := self._files.get(f"{directory}/{stem}")) is not None:
                    return found
            directory = posixpath.dirname(directory)
        return at

    def above(self, at: int) -> int | None:
        """Return the module that declares `at`."""
        if at in self._paths:
            return self._parents.get(at)
        return self.module_around(self._above[at]) if at in self._above else None

    def crate(self, name: str) -> int | None:
        """Return the root of the library of that name, which its folder tells."""
        return self._crates.get(name)

    def start(self, at: int, first: str) -> int | None:
        """Return the module that the first segment of a path means, as seen from module `at`."""
        if first == "crate":
            return self.root(at)
        if first == "self":
            return at
        if first == "super":
            return self.above(at)
        return None

    def find(self, at: int, path: Sequence[str], steps: int = 0) -> tuple[int | None, bool]:
        """Return what a path of segments names from module `at`, and whether it is of the source.

        A module, a type, or None.
        """
        is_ours = path[0] in ("crate", "self", "super")
        here = self.start(at, path[0])
        if here is None and not is_ours:
            here = self._step(at, path[0], steps)
            if here is None:
                here = self.crate(path[0])
        for segment in path[1:]:
            if here is None:
                break
            is_ours = True
            here = self.above(here) if segment == "super" else self._step(here, segment, steps)
        return here, is_ours

    def _step(self, at: int, name: str, steps: int) -> int | None:
        """Return the module or type of that name in `at`, its own or one that it uses."""
        if (found := self._inner.get((at, name))) is not None:
            return found
        if steps >= _MAXIMAL_STEPS:
            return None
        for module, imported in self._uses.get((at, name), ()):
            path = module.split(_SEPARATOR)
            if imported:
                path.append(imported)
            if path[0] != name:
                found = self.find(at, path, steps + 1)[0]
                if found is not None:
                    return found
        for module, _ in self._uses.get((at, "*"), ()):
            path = module.split(_SEPARATOR)
            if path[0] in ("crate", "self", "super"):
                owner = self.find(at, path, steps + 1)[0]
                if owner is not None and owner != at:
                    found = self._inner.get((owner, name))
                    if found is not None:
                        return found
        return None


def with_crates(
    references: pl.DataFrame, documents: pl.DataFrame, symbols: pl.DataFrame, imports: pl.DataFrame
) -> pl.DataFrame:
    """Bind the first words of paths that name modules: `crate`, `super`, and crates of the source."""
    free = (pl.col("language") == "rust") & pl.col("binding").is_in(["unbound", "wildcard"])
    if references.filter(free).is_empty():
        return references
    tree = CrateTree(documents, symbols, imports)
    rest = pl.coalesce("type_path", "member_path")
    keys = references.filter(free & (rest != "")).select(
        "symbol_id", "binding_name", rest=rest
    ).unique()  # fmt: skip
    rows: list[tuple[int, str, str, int, str]] = []
    for symbol, first, path in keys.iter_rows():
        at = tree.module_around(symbol)
        target = None if at is None else tree.start(at, first)
        if target is None and first not in ("crate", "self", "super"):
            target = tree.crate(first)
        left = path
        while target is not None and left.startswith("super."):
            target, left = tree.above(target), left.removeprefix("super.")
        if target is not None:
            rows.append((symbol, first, path, target, left))
    schema = {
        "symbol_id": pl.Int64, "binding_name": pl.String, "rest": pl.String,
        "crate_id": pl.Int64, "left": pl.String,
    }  # fmt: skip
    found = pl.DataFrame(rows, schema=schema, orient="row")
    is_found = free & pl.col("crate_id").is_not_null()
    typed = pl.col("type_path").is_not_null()
    return (
        references.with_columns(rest=rest)
        .join(found, on=["symbol_id", "binding_name", "rest"], how="left", maintain_order="left")
        .with_columns(
            binding=pl.when(is_found).then(pl.lit("symbol")).otherwise("binding"),
            binding_id=pl.when(is_found).then("crate_id").otherwise("binding_id"),
            type_path=pl.when(is_found & typed).then("left").otherwise("type_path"),
            member_path=pl.when(is_found & ~typed).then("left").otherwise("member_path"),
        )
        .drop("rest", "crate_id", "left")
    )

"""Roots, packages, modules and symbol strings (chapter 6).

Belongs here: what a document is called and how descriptors are written. Does not: which symbols
there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_SIMPLE = re.compile(r"[A-Za-z0-9_$+\-]+")
_TYPES = {
    "class", "interface", "trait", "struct", "union", "enum", "type_alias", "contract", "type",
}  # fmt: skip
_CALLABLES = {"function", "method", "constructor", "lambda", "modifier"}
_NAMESPACES = {"module", "namespace", "package", "file"}


@dataclass(frozen=True)
class DocumentNames:
    """`prefix` begins the symbols of members; `symbol` is the document's own."""

    root: str
    package: str
    module: str
    name: str
    prefix: str
    symbol: str
    qualified: str
    stem: str
    head: str


def escaped(name: str) -> str:
    """Return `name` as it stands in a symbol string."""
    if _SIMPLE.fullmatch(name):
        return name
    return "`" + name.replace("`", "``") + "`"


def descriptor(name: str, kind: str, repeat: int = 0) -> str:
    """Return the descriptor of a symbol; `repeat` counts earlier ones of the same string."""
    name = escaped(name)
    again = f"(+{repeat})" if repeat else ""
    if kind in _TYPES:
        return f"{name}{again}#"
    if kind in _CALLABLES:
        return f"{name}({again[1:-1]})."
    if kind in _NAMESPACES:
        return f"{name}{again}/"
    if kind == "macro":
        return f"{name}{again}!"
    if kind == "type_parameter":
        return f"[{name}]"
    if kind == "parameter":
        return f"({name})"
    return f"{name}."


def repeats(kind: str) -> bool:
    """Whether two symbols of one string are two (and not one, declared twice)."""
    return kind in _TYPES or kind in _CALLABLES or kind in _NAMESPACES or kind == "macro"


def without_extension(name: str) -> str:
    """Return a file name less its last extension."""
    dot = name.rfind(".")
    return name[:dot] if dot > 0 else name


def name_document(
    path: str, language: str, modules: dict[str, Any], package: str | None
) -> DocumentNames:
    """Name a document. `package` is what the tree says if the mapping takes it from there."""
    join = modules.get("join", "." if language in ("python", "java") else "/")
    separator = modules.get("separator", "/")
    by_package = modules.get("namespace", "path") == "package"
    *directories, file = path.split("/")
    if by_package:
        parts = [part for part in (package or "").split(separator) if part]
        held = bool(parts) and directories[-len(parts) :] == parts
        leading = directories[: -len(parts)] if held else directories
    else:
        leading = directories[: _leading_roots(directories, modules.get("roots", []))]
    root = "/".join(leading) or "."
    below = directories[len(leading) :]
    stem = without_extension(file)
    is_index = stem in modules.get("index", [])
    module = join.join([*below, *([] if is_index else [stem])])
    if package is None:
        package = join.join(below)
    last = file
    for extension in sorted(modules.get("drop_extensions", []), key=len, reverse=True):
        if file.endswith(extension) and file != extension:
            last = file.removesuffix(extension)
            break
    space = [part for part in package.split(separator) if part] if by_package else [*below, last]
    prefix = f"{language} {root} " + "".join(escaped(part) + "/" for part in space)
    symbol = prefix + (escaped(last) + "/" if by_package else "")
    name = ([] if is_index else [stem])[-1:] or below[-1:] or [stem]
    return DocumentNames(
        root,
        package,
        module,
        name[0],
        prefix,
        symbol,
        package if by_package else module,
        stem,
        f"{language} {root} ",
    )


def _leading_roots(directories: list[str], roots: list[str]) -> int:
    """How many leading directories are source roots."""
    wanted = sorted((root.split("/") for root in roots), key=len, reverse=True)
    taken = 0
    while True:
        for root in wanted:
            if directories[taken : taken + len(root)] == root:
                taken += len(root)
                break
        else:
            return taken

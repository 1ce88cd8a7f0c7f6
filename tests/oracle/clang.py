"""The procedure `clang` of `[positions]` (chapter 5).

Belongs here: places that tell what differs from the one before, what is not of the compiled file, the
names of declarations that others are in. Does not: what kinds mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.decode import Integer, Object
from tests.oracle.positions import Spans, is_reversed
from tests.oracle.tree import Node

_CONTEXTS = (
    "NamespaceDecl",
    "RecordDecl",
    "CXXRecordDecl",
    "ClassTemplateSpecializationDecl",
    "ClassTemplatePartialSpecializationDecl",
)
_TEMPLATES = ("ClassTemplateDecl", "FunctionTemplateDecl", "VarTemplateDecl")
_DEEPEST = 32
_LONGEST = 1024


@dataclass
class Places:
    """File and line by the id of a place's object, and the file that was compiled."""

    known: dict[int, tuple[str | None, int | None]] = field(default_factory=dict)
    main: str | None = None
    # Each declaration that others are in: its name and the number of the one around.
    containers: list[tuple[str, int | None]] = field(default_factory=list)
    by_id: dict[str, int] = field(default_factory=dict)
    owned: list[tuple[Object, int | None]] = field(default_factory=list)

    def chain(self, number: int | None) -> Iterator[str]:
        """Names from a declaration outward."""
        for _ in range(_DEEPEST):
            if number is None:
                return
            name, number = self.containers[number]
            yield name


def prepare(root: Any) -> Places:
    """Read all places; take out of the tree what is not of the compiled file; name owners."""
    places = Places()
    _read(root, places)
    if isinstance(root, Object):
        _prune(root, places)
    for holder, around in places.owned:
        told = holder["parentDeclContextId"]
        if isinstance(told, str):
            here = set(places.chain(around))
            names = []
            for name in places.chain(places.by_id.get(told)):
                if name in here:
                    break
                names.append(name)
            is_long = sum(len(name.encode()) for name in names) > _LONGEST
            holder["parentDeclContextId"] = "" if is_long else "::".join(reversed(names))
    return places


def _number(value: Any, least: int, most: int) -> int | None:
    return int(value) if isinstance(value, Integer) and least <= int(value) <= most else None


def _read(root: Any, places: Places) -> None:
    file: str | None = None
    line: int | None = None
    stack: list[tuple[Any, int | None]] = [(root, None)]
    while stack:
        value, around = stack.pop()
        if isinstance(value, list):
            stack.extend((each, around) for each in reversed(value))
        if not isinstance(value, Object):
            continue
        if value.get("parentDeclContextId") is not None:
            places.owned.append((value, around))
        number = _container(value, around, places)
        if value.get("offset") is not None and value.get("tokLen") is not None:
            told = value.get("file")
            file = told if isinstance(told, str) else file
            line = _number(value.get("line"), 1, 2**31 - 1) or line
            is_real = file is not None and not file.startswith("<")
            if places.main is None and value.get("includedFrom") is None and is_real:
                places.main = file
            places.known[id(value)] = (file, line)
        inside = around if number is None else number
        stack.extend((each, inside) for each in reversed(list(value.values())))


def _container(value: Object, around: int | None, places: Places) -> int | None:
    name, own = value.get("name"), value.get("id")
    if (
        value.get("inner") is None
        or value.get("kind") not in _CONTEXTS
        or not isinstance(name, str)
        or not isinstance(own, str)
    ):
        return None
    places.containers.append((name, around))
    places.by_id[own] = len(places.containers) - 1
    return places.by_id[own]


def _place(value: Any) -> Object | None:
    """The place that an object is, or that of the macro's use."""
    if not isinstance(value, Object):
        return None
    used = value.get("expansionLoc")
    place = value if used is None else used
    return place if isinstance(place, Object) else None


def _file_of(place: Object | None, places: Places) -> str | None:
    return None if place is None else places.known.get(id(place), (None, None))[0]


def _place_of(child: Object, places: Places) -> Object | None:
    spread = child.get("range")
    begin = spread.get("begin") if isinstance(spread, Object) else None
    for told in (child.get("loc"), begin):
        place = _place(told)
        if place is not None and id(place) in places.known:
            return place
    return None


def _prune(root: Object, places: Places) -> None:
    inner = root.get("inner")
    if not isinstance(inner, list) or not places.known:
        return
    seen: set[str] = set()
    kept = []
    for index, child in enumerate(inner):
        if not isinstance(child, Object):
            inner[index] = None
            continue
        place = _place_of(child, places)
        file = _file_of(place, places)
        if file is not None and file == (places.main or "") and not _is_implicit(child):
            kept.append(child)
            continue
        is_first = file is not None and file not in seen
        seen |= {file} if file is not None else set()
        told = None if place is None else place.get("includedFrom")
        origin = told.get("file") if isinstance(told, Object) else None
        if is_first and isinstance(origin, str) and origin == (places.main or ""):
            if child.get("inner") is not None:
                del child["inner"]
        else:
            inner[index] = None
    while kept:
        kept.extend(_prune_repeats(kept.pop()))


def _is_implicit(value: Any) -> bool:
    kind = value.get("kind")
    return value.get("isImplicit") is True and isinstance(kind, str) and kind.endswith("Decl")


def _prune_repeats(holder: Object) -> list[Object]:
    inner = holder.get("inner")
    kept: list[Object] = []
    has_pattern = False
    for index, child in enumerate(inner if isinstance(inner, list) else []):
        if not isinstance(child, Object):
            continue
        told = child.get("kind")
        kind = told if isinstance(told, str) else ""
        is_pattern = (
            holder.get("kind") in _TEMPLATES
            and kind.endswith("Decl")
            and not kind.endswith("ParmDecl")
        )
        is_lambda = holder.get("kind") == "LambdaExpr"
        is_repeat = (
            (is_pattern and has_pattern)
            or (is_lambda and kind == "CompoundStmt")
            or (not is_lambda and _is_implicit(child))
        )
        has_pattern = has_pattern or is_pattern
        if is_repeat:
            assert isinstance(inner, list)
            inner[index] = None
        else:
            kept.append(child)
    return kept


def locate(nodes: list[Node], places: Places) -> Spans:
    """Decode the spans of all nodes."""
    spans = Spans()
    for node in nodes:
        parts: dict[str, int | None] = dict.fromkeys(
            ("start_line", "start_column", "end_line", "end_column", "start_byte", "end_byte")
        )
        is_valid = True
        spread = node.value.get("range")
        for edge, key in (("start", "begin"), ("end", "end")):
            place = _place(spread.get(key)) if isinstance(spread, Object) else None
            if place is None or id(place) not in places.known:
                continue
            file, line = places.known[id(place)]
            if file != places.main:
                continue
            length = _number(place.get("tokLen"), 0, 2**31 - 1)
            is_valid = is_valid and (length is not None or edge == "start")
            after = (length or 0) if edge == "end" else 0
            parts[f"{edge}_line"] = line
            if place.get("col") is not None:
                column = _number(place["col"], 1, 2**31 - 1)
                if column is None or column - 1 + after > 2**31 - 1:
                    is_valid = False
                else:
                    parts[f"{edge}_column"] = column - 1 + after
            offset = _number(place.get("offset"), 0, 2**53)
            is_valid = is_valid and offset is not None
            parts[f"{edge}_byte"] = None if offset is None else offset + after
        spans.parts[node.index] = parts
        if not is_valid:
            spans.invalid.append(node)
        if is_reversed(parts):
            spans.reversed.append(node)
    return spans

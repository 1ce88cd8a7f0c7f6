"""Paths, texts and predicates (chapter 1 of the mapping language).

Belongs here: what a path yields at a node, the text of a value, names of nodes, whether a predicate
holds. Does not: what follows from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.oracle.decode import Object
from tests.oracle.tree import Node, Recognition

_SEGMENT = re.compile(r"(?:~~?|\^\^?|\*\*|\?|!)?<[^>]*>[*+]?(?:\[-?[0-9]*:?\])?|[^.]+")
_INTEGER = re.compile(r"-?[0-9]+")
_NAME_STEPS = 32
_LEAVES_BYTES = 4096
_ANCESTORS = 1000
_INDEX = re.compile(r"(.*?)(?:\[(-?[0-9]*:?)\])?", re.DOTALL)


@dataclass(frozen=True)
class Found:
    """A value with the node that it was found at (the node itself if it is one)."""

    value: Any
    owner: Node | None


def as_list(paths: Any) -> list[str]:
    """Return a path list from a path, a list of paths, joined ones or nothing."""
    if paths is None:
        return []
    if isinstance(paths, dict):
        return [path for path in paths["join"] if not path.startswith("=")]
    return [paths] if isinstance(paths, str) else list(paths)


def as_value(raw: Any) -> Any:
    """Return the node that a raw object is, or the value itself."""
    return raw.node if isinstance(raw, Object) and raw.node is not None else raw


def raw_member(value: Any, path: str) -> Any:
    """Follow raw members such as `loc.start.line` or `range[0]`; nothing is None."""
    for segment in path.split("."):
        match = _INDEX.fullmatch(segment)
        assert match
        key, index = match.groups()
        value = value.get(key) if isinstance(value, Object) else None
        if index is not None:
            at = int(index)
            inside = isinstance(value, list) and -len(value) <= at < len(value)
            value = value[at] if inside else None
    return value


class Paths:
    """Evaluation in one artifact."""

    def __init__(self, recognition: Recognition, kinds: dict[str, Any]) -> None:
        self.recognition = recognition
        self.kinds = kinds
        self.names: dict[int, tuple[str | None, int]] = {}  # name, nodes it was looked for through
        self.lines: Any = None  # node -> (first line, last line), each None if unknown
        self.scope_kind: Any = None  # set by semantics: node -> kind of the scope around it

    # ---- paths

    def first_of(self, paths: Any, at: Any, base: Any = None) -> list[Found]:
        """What the first non-empty path of a list yields."""
        for path in as_list(paths):
            found = self.follow(path, at, base)
            if found:
                return found
        return []

    def all_of(self, paths: Any, at: Any, base: Any = None) -> list[Found]:
        """What all paths of a list yield, one after the other."""
        return [found for path in as_list(paths) for found in self.follow(path, at, base)]

    def follow(self, path: str, at: Any, base: Any = None) -> list[Found]:
        """What one path yields; a leading `/` starts at `base`."""
        if path.startswith("/"):
            at, path = base, path[1:]
        at = as_value(at)
        current = [Found(at, at if isinstance(at, Node) else None)]
        for segment in _SEGMENT.findall(path):
            current = [found for each in current for found in self._step(segment, each)]
        return current

    def _step(self, segment: str, at: Found) -> list[Found]:  # noqa: C901
        value = at.value
        if segment in ("$self", "$string") or segment.startswith("?"):
            return [at] if self._passes(segment, value) else []
        if segment[-1] in "*+":
            reached = [at]
            while len(reached) <= _ANCESTORS and (
                following := self._step(segment[:-1], reached[-1])
            ):
                reached.append(following[0])
            return reached[1:] if segment[-1] == "+" else reached[-1:]
        if segment.startswith(("^^", "**")):
            return self._along_tree(segment, value)
        if segment == "$kind":
            return [Found(value.kind, value)] if isinstance(value, Node) else []
        if segment.startswith("!"):
            beside = self._sibling_after(value, segment[2:-1].split("|"))
            return [] if beside is None else [Found(beside, beside)]
        if segment.startswith("^"):
            above = value.parent if isinstance(value, Node) else None
            if above is None or (segment != "^" and above.kind not in segment[2:-1].split("|")):
                return []
            return [Found(above, above)]
        match = _INDEX.fullmatch(segment)
        assert match
        key, index = match.groups()
        is_list = self.recognition.is_list
        if key == "" and index is not None and index.endswith(":"):
            holder = value.value if isinstance(value, Node) else value
            told = list(holder.values()) if isinstance(holder, Object) else []
            values = [None] * int(index[:-1]) + told[int(index[:-1]) :]
            index = ""
        elif key.startswith("<"):
            values = list[Any](self._children_of_kind(value, key[1:-1].split("|")))
        elif key.startswith("~"):
            far = key.startswith("~~")
            values = self._siblings_before(value, key.lstrip("~")[1:-1].split("|"), far)
            values = values[-1:] if index is None else values
        elif isinstance(value, Node) and is_list and not key.startswith("@"):
            values = [child for child in value.children if child.field == key]
        else:
            holder = value.value if isinstance(value, Node) else value
            bare = key.removeprefix("@")
            member = holder.get(bare) if isinstance(holder, Object) else None
            if bare == "" and isinstance(holder, list):
                member = holder
            if index is None:
                values = [] if member is None else [member]
            else:
                values = member if isinstance(member, list) else [member]
        values = [as_value(each) for each in values if each is not None]
        if index is None:
            values = values[:1]
        elif index.endswith(":"):
            values = values[int(index[:-1]) :]
        elif index != "":
            place = int(index)
            values = [values[place]] if -len(values) <= place < len(values) else []
        return [Found(each, each if isinstance(each, Node) else at.owner) for each in values]

    @staticmethod
    def _passes(segment: str, value: Any) -> bool:
        """Whether a value is what a segment lets through."""
        if segment[0] == "$":
            return segment == "$self" or isinstance(value, str)
        return isinstance(value, Node) and value.kind in segment[2:-1].split("|")

    def _along_tree(self, segment: str, value: Any) -> list[Found]:
        """Ancestors (`^^`) or nodes below (`**`) of some kinds."""
        match = _INDEX.fullmatch(segment)
        if not isinstance(value, Node) or match is None:
            return []
        key, index = match.groups()
        kinds = key[3:-1].split("|")
        if key.startswith("^^"):
            nodes = [each for each in islice(value.ancestors(), _ANCESTORS) if each.kind in kinds]
            nodes.reverse()
            index = "-1" if index is None else index
        else:
            nodes = [each for each in value.subtree() if each is not value and each.kind in kinds]
            index = "0" if index is None else index
        if index.endswith(":"):
            nodes = nodes[int(index[:-1]) :]
        elif index != "":
            place = int(index)
            nodes = [nodes[place]] if -len(nodes) <= place < len(nodes) else []
        return [Found(each, each) for each in nodes]

    def _children_of_kind(self, value: Any, kinds: list[str]) -> list[Node]:
        if not isinstance(value, Node):
            return []
        if kinds == ["*"]:
            extras = self.recognition.extras if self.recognition.is_list else []
            return [
                child for child in value.children if child.is_named and child.kind not in extras
            ]
        return [child for child in value.children if child.kind in kinds]

    @staticmethod
    def _sibling_after(value: Any, kinds: list[str]) -> Node | None:
        """The sibling right after a node, if it is of such a kind."""
        if not isinstance(value, Node) or value.parent is None:
            return None
        siblings = value.parent.children
        place = siblings.index(value) + 1
        return siblings[place] if place < len(siblings) and siblings[place].kind in kinds else None

    def _siblings_before(self, value: Any, kinds: list[str], far: bool) -> list[Node]:
        if not isinstance(value, Node) or value.parent is None:
            return []
        siblings = value.parent.children
        run: list[Node] = []
        at = siblings.index(value)
        while at > 0 and siblings[at - 1].kind in kinds:
            sibling = siblings[at - 1]
            first, last = self.lines(sibling)
            following = self.lines(siblings[at])[0]
            if not far and last is not None and following is not None and following - last > 1:
                break
            if at > 1 and siblings[at - 2].kind not in kinds:
                before = self.lines(siblings[at - 2])[1]
                if before is not None and before == first:
                    break
            run.append(sibling)
            at -= 1
        return run[::-1]

    # ---- texts and names

    def text(self, value: Any) -> str | None:
        """The text of a value (chapter 1)."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(getattr(value, "text", value))
        value = as_value(value)
        if not isinstance(value, Node):
            return None
        name = self.name(value)
        if name is not None or not self.recognition.is_list:
            return name
        return self._leaves(value)

    def _leaves(self, top: Node) -> str | None:
        text, is_any = "", False
        for node in top.subtree():
            if len(text.encode()) >= _LEAVES_BYTES:
                break
            leaf = None if node.children else self.leaf_text(node)
            if leaf is not None:
                text, is_any = text + leaf, True
        return text if is_any else None

    def leaf_text(self, node: Node) -> str | None:
        """List dialects: a leaf's text."""
        text = node.value.get(self.recognition.text_key)
        return text if isinstance(text, str) else None

    def first_text(self, paths: Any, at: Any, base: Any = None) -> str | None:
        """Text of the first value of a path list, or of all that are joined."""
        if isinstance(paths, dict):
            return self.joined(paths, at, base)
        found = self.first_of(paths, at, base)
        return self.text(found[0].value) if found else None

    def joined(self, paths: dict[str, Any], at: Any, base: Any = None) -> str | None:
        """One text of the texts of several paths."""
        whole, is_any = "", False
        for path in paths["join"]:
            texts: list[str | None] = [path[1:]] if path.startswith("=") else []
            if not path.startswith("="):
                texts = [self.text(found.value) for found in self.follow(path, at, base)]
                is_any = is_any or any(text is not None for text in texts)
            for text in texts:
                if text and len(whole.encode()) < _LEAVES_BYTES:
                    whole += (paths["with"] if whole else "") + text
        return whole if is_any else None

    def entry(self, node: Node) -> dict[str, Any] | None:
        """The entry of `[kinds]` for a node as a table, or nothing."""
        if not node.is_named:
            entry = self.kinds.get("*", {}).get("anonymous")
        else:
            entry = self.kinds.get(node.kind) if node.kind != "*" else None
        if entry is None:
            return None
        return {"kind": entry} if isinstance(entry, str) else entry

    def compute_names(self, nodes: Iterable[Node]) -> None:
        """Compute every node's name, children first, so that names may stand on names below."""
        for node in reversed(list(nodes)):
            self.name(node)

    def name(self, node: Node) -> str | None:
        """A node's name (chapter 4)."""
        if node.index not in self.names:
            self.names[node.index] = (None, _NAME_STEPS + 1)  # a name that needs itself is absent
            self.names[node.index] = self._compute_name(node)
        return self.names[node.index][0]

    def _compute_name(self, node: Node) -> tuple[str | None, int]:
        entry = self.entry(node)
        if entry is None or "name" not in entry:
            return None, 0
        if isinstance(entry["name"], dict):
            return self._compute_joined(node, entry)
        found = self.first_of(entry["name"], node)
        if not found:
            return None, 1
        steps = 1
        if isinstance(found[0].value, Node) and found[0].value is not node:
            self.name(found[0].value)
            steps += self.names[found[0].value.index][1]
        if found[0].value is node:
            name = self._leaves(node) if self.recognition.is_list else None
        else:
            name = self.text(found[0].value)
        if name is None or steps > _NAME_STEPS:
            return None, steps
        return _changed(name, entry), steps

    def _compute_joined(self, node: Node, entry: dict[str, Any]) -> tuple[str | None, int]:
        steps = 1
        for found in self.all_of(entry["name"], node, node):
            if isinstance(found.value, Node) and found.value is not node:
                self.name(found.value)
                steps = max(steps, 1 + self.names[found.value.index][1])
        name = self.joined(entry["name"], node, node)
        if name is None or steps > _NAME_STEPS:
            return None, steps
        return _changed(name, entry), steps

    # ---- predicates

    def holds(self, when: Any, at: Any, base: Any = None) -> bool:
        """Whether a predicate (or all of a list) holds at a node or value."""
        if when is None:
            return True
        if isinstance(when, list):
            return all(self.holds(each, at, base) for each in when)
        checks = {
            "slot": lambda wanted: self._in_slot(at, wanted),
            "inside": lambda wanted: is_inside(at, wanted),
            "scope": lambda wanted: self.scope_kind(at) in wanted,
            "all": lambda wanted: all(self.holds(each, at, base) for each in wanted),
            "any": lambda wanted: any(self.holds(each, at, base) for each in wanted),
            "not": lambda wanted: not self.holds(wanted, at, base),
        }
        for key, check in checks.items():
            if key in when and not check(when[key]):
                return False
        return "path" not in when or self._path_holds(when, at, base)

    def _path_holds(self, when: dict[str, Any], at: Any, base: Any) -> bool:
        found = self.first_of(when["path"], at, base)
        first = found[0].value if found else None
        text = self.first_text(when["path"], at, base)
        number = _integer(text)
        checks = {
            "equals": lambda wanted: bool(found) and self._equals(text, wanted),
            "in": lambda wanted: any(bool(found) and self._equals(text, each) for each in wanted),
            "some_in": lambda wanted: any(self.text(each.value) in wanted for each in found),
            "some_prefix": lambda wanted: any(
                (self.text(each.value) or "").startswith(tuple(wanted)) for each in found
            ),
            "string": lambda wanted: isinstance(first, str) == wanted,
            "exists": lambda wanted: bool(found) == wanted,
            "truthy": lambda wanted: self._is_truthy(first) == wanted,
            "kind": lambda wanted: isinstance(first, Node) and first.kind in wanted,
            "in_slot": lambda wanted: self._in_slot(first, wanted),
            "prefix": lambda wanted: text is not None and text.startswith(wanted),
            "suffix": lambda wanted: text is not None and text.endswith(wanted),
            "bits": lambda wanted: number is not None and number & wanted != 0,
            "min": lambda wanted: number is not None and number >= wanted,
            "max": lambda wanted: number is not None and number <= wanted,
        }
        return all(check(when[key]) for key, check in checks.items() if key in when)

    @staticmethod
    def _equals(text: str | None, wanted: Any) -> bool:
        return text == (wanted if isinstance(wanted, str) else json.dumps(wanted))

    @staticmethod
    def _is_truthy(value: Any) -> bool:
        if isinstance(value, Node):
            return True
        return value is not None and (value == value) and bool(value)

    @staticmethod
    def _in_slot(at: Any, wanted: list[str]) -> bool:
        if not isinstance(at, Node) or at.parent is None:
            return False
        for slot in wanted:
            kind, _, field = slot.partition(".")
            if kind in ("*", at.parent.kind) and field in ("*", at.field):
                return True
        return False


def is_inside(node: Any, kinds: list[str]) -> bool:
    """Whether a proper ancestor (of the nearest thousand) is of one of these kinds."""
    return any(above.kind in kinds for above in islice(node.ancestors(), _ANCESTORS))


def unquote(text: str) -> str:
    """Strip one pair of quotes or backticks, and a string prefix in front of it."""
    match = re.fullmatch(r"[A-Za-z]*(\"\"\"|'''|\"|'|`)(.*)\1", text, re.DOTALL)
    return match.group(2) if match else text


def _changed(name: str, entry: dict[str, Any]) -> str:
    """A name, from the text found for it."""
    if "strip" in entry:
        name = name.strip(entry["strip"])
    if entry.get("unquote"):
        name = unquote(name)
    return str(entry.get("prefix", "")) + name


def _integer(text: str | None) -> int | None:
    """The number that a text is, if it is one of 64 bits."""
    if text is None or not _INTEGER.fullmatch(text):
        return None
    number = int(text) if len(text) < 4_000 else 2**63
    return number if -(2**63) <= number < 2**63 else None

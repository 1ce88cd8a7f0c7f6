"""The tree: which objects are nodes, and where they stand.

Belongs here: nodes, their parents, fields, positions and pointers; the hash of a subtree. Does
not: what a node's kind means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.oracle.decode import Object


class RootArray(Object):
    """A root that is an array: no members, but elements."""

    def __init__(self, elements: list[Any]) -> None:
        super().__init__()
        self.elements = elements


@dataclass(eq=False)
class Node:
    """One node. `native` is the kind as written, `kind` that without the dialect's prefix."""

    index: int
    parent: Node | None
    value: Object
    native: str
    kind: str
    field: str
    position: int | None
    way: str  # what the pointer adds to that of the parent
    is_named: bool
    children: list[Node]

    @property
    def acting(self) -> str:
        """The kind for rules, patterns, chains, constructs and types: unnamed nodes have none."""
        return self.kind if self.is_named else ""

    @property
    def pointer(self) -> str:
        """JSON Pointer of the node."""
        return "".join([above.way for above in (self, *self.ancestors())][::-1])

    def ancestors(self) -> Iterator[Node]:
        """Parent, its parent, and so on."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def subtree(self) -> Iterator[Node]:
        """The node and all below it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


class Recognition:
    """The chapter `[nodes]` of a mapping."""

    def __init__(self, nodes: dict[str, Any]) -> None:
        discriminator = nodes.get("discriminator", [])
        self.discriminators = [discriminator] if isinstance(discriminator, str) else discriminator
        self.prefix: str = nodes.get("strip_prefix", "")
        self.strip_to: str = nodes.get("strip_to", "")
        self.root_array: str = nodes.get("root_array", "")
        self.root: str = nodes.get("root", "")
        self.has_heads: bool = nodes.get("heads", False)
        self.unions: list[str] = nodes.get("unions", [])
        self.is_list: bool = nodes.get("children", "keys") == "list"
        self.list_key: str = nodes.get("list_key", "children")
        self.field_key: str = nodes.get("field_key", "field")
        self.text_key: str = nodes.get("text_key", "text")
        self.named_key: str = nodes.get("named_key", "named")
        self.missing_key: str = nodes.get("missing_key", "missing")
        self.error_kinds: list[str] = nodes.get("error_kinds", [])
        self.unhashed = set(nodes.get("unhashed", []))
        self.extras: list[str] = nodes.get("extras", [])
        self.skip = {entry for entry in nodes.get("skip", []) if "." not in entry}
        self.skip_of = {
            tuple(entry.split(".", 1)) for entry in nodes.get("skip", []) if "." in entry
        }

    def native_kind(self, value: Any) -> str | None:
        """The native kind of a value, or nothing if it is no node."""
        if not isinstance(value, Object):
            return None
        for key in self.discriminators:
            kind = value.get(key)
            if isinstance(kind, str):
                return kind
        only = next(iter(value)) if len(value) == 1 else None
        return only if only in self.unions else None

    def stripped(self, native: str) -> str:
        """The native kind as lookups want it."""
        bare = native.removeprefix(self.prefix)
        return bare.rpartition(self.strip_to)[2] if self.strip_to else bare

    def skips(self, holder: Object, key: str) -> bool:
        """Whether a member is never entered."""
        native = self.native_kind(holder)
        of_kind = native is not None and (self.stripped(native), key) in self.skip_of
        return key in self.skip or of_kind


def escape(key: str) -> str:
    """Return `key` as a part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def with_named_elements(root: Any) -> Any:
    """The value with an object for every array that begins with a text: its keys are the indices."""
    top = [root]
    stack: list[Any] = [top]
    while stack:
        holder = stack.pop()
        places = list(holder.items()) if isinstance(holder, Object) else list(enumerate(holder))
        for place, value in places:
            if isinstance(value, list) and value and isinstance(value[0], str):
                named = Object()
                named.update((str(index), each) for index, each in enumerate(value))
                holder[place] = value = named
            if isinstance(value, Object | list):
                stack.append(value)
    return top[0]


def build_tree(root: Any, pointer: str, recognition: Recognition) -> list[Node]:
    """Return all nodes in pre-order; none if the root value is no node."""
    nodes: list[Node] = []
    if isinstance(root, list) and recognition.root_array:
        return _build_below_array(root, pointer, recognition)
    if recognition.root and isinstance(root, Object):
        return _build_below_root(root, pointer, recognition)
    if recognition.native_kind(root) is None:
        return []
    # What is still to be visited: value, node above, keys and indices from that node's object.
    _walk(nodes, [(root, None, ())], pointer, recognition)
    return nodes


def _build_below_root(root: Object, pointer: str, recognition: Recognition) -> list[Node]:
    kind = recognition.root
    top = Node(0, None, root, kind, kind, "", None, pointer, True, [])
    nodes = [top]
    if recognition.native_kind(root) is None:
        root.node = top
        below = list(_below(root, top, (), None, recognition))
        _walk(nodes, below[::-1], pointer, recognition)
    else:
        _walk(nodes, [(root, top, ())], pointer, recognition)
    return nodes


def _build_below_array(root: list[Any], pointer: str, recognition: Recognition) -> list[Node]:
    kind = recognition.root_array
    top = Node(0, None, RootArray(root), kind, kind, "", None, pointer, True, [])
    nodes = [top]
    below = list(_below(root, top, (), None, recognition))
    _walk(nodes, below[::-1], pointer, recognition)
    return nodes


def _walk(
    nodes: list[Node],
    stack: list[tuple[Any, Node | None, tuple[str | int, ...]]],
    pointer: str,
    recognition: Recognition,
) -> None:
    while stack:
        value, above, way = stack.pop()
        native = recognition.native_kind(value)
        if native is not None:
            above = _add(nodes, value, native, above, way, pointer, recognition)
            way = ()
        stack.extend(reversed(list(_below(value, above, way, native, recognition))))


def _add(
    nodes: list[Node],
    value: Object,
    native: str,
    above: Node | None,
    way: tuple[str | int, ...],
    pointer: str,
    recognition: Recognition,
) -> Node:
    parts = [escape(part) if isinstance(part, str) else str(part) for part in way]
    way_text = (pointer if above is None else "") + "".join("/" + part for part in parts)
    position = way[-1] if way and isinstance(way[-1], int) else None
    field_name = "/".join(parts[:-1] if position is not None else parts)
    named = True
    if recognition.is_list:
        stated = value.get(recognition.field_key)
        field_name = stated if isinstance(stated, str) else ""
        named = value.get(recognition.named_key) is not False
    node = Node(
        len(nodes), above, value, native, recognition.stripped(native), field_name, position, way_text,
        named, [],
    )  # fmt: skip
    nodes.append(node)
    value.node = node
    if above is not None:
        above.children.append(node)
    return node


def _below(
    value: Any,
    above: Node | None,
    way: tuple[str | int, ...],
    native: str | None,
    recognition: Recognition,
) -> Iterator[tuple[Any, Node | None, tuple[str | int, ...]]]:
    if recognition.is_list:
        if native is not None:
            children = value.get(recognition.list_key)
            for index, child in enumerate(children if isinstance(children, list) else []):
                if recognition.native_kind(child) is not None:
                    yield child, above, (recognition.list_key, index)
    elif isinstance(value, Object):
        for key, member in value.items():
            if isinstance(member, Object | list) and not recognition.skips(value, key):
                yield member, above, (*way, key)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            if isinstance(member, Object | list):
                yield member, above, (*way, index)


def subtree_hashes(
    nodes: list[Node], recognition: Recognition, positional: set[str]
) -> dict[int, int]:
    """Return a hash per node index of kinds, fields and values below, no positions.

    `positional` are the members in which positions stand.
    """
    hashes: dict[int, int] = {}
    for node in reversed(nodes):  # children come before their parents
        digest = hashlib.blake2b(digest_size=8)
        digest.update(node.kind.encode())
        _digest_members(digest, node, hashes, recognition, positional)
        hashes[node.index] = int.from_bytes(digest.digest(), "little", signed=True)
    return hashes


def _digest_members(
    digest: Any,
    node: Node,
    hashes: dict[int, int],
    recognition: Recognition,
    positional: set[str],
) -> None:
    stack: list[Any] = [("enter", node.value)]
    while stack:
        what, value = stack.pop()
        if what == "write":
            digest.update(value)
        elif what == "seek" and not (isinstance(value, Object) and value.node is not None):
            below = value.values() if isinstance(value, Object) else value
            if isinstance(value, Object | list):
                stack.extend(("seek", member) for member in below)
        elif isinstance(value, RootArray):
            stack.extend(("enter", member) for member in reversed(value.elements))
        elif isinstance(value, Object):
            if value.node is not None and value.node is not node:
                digest.update(f"N{value.node.field}:{hashes[value.node.index]};".encode())
                continue
            digest.update(b"{")
            stack.append(("write", b"}"))
            for key, member in reversed(list(value.items())):
                if recognition.skips(value, key) or member is None:
                    continue
                is_left_out = key in recognition.unhashed or (
                    value is node.value
                    and (
                        key in positional
                        or key in recognition.discriminators
                        or (recognition.is_list and key == recognition.field_key)
                    )
                )
                # Nodes count even where a position should stand.
                stack.append(("seek" if is_left_out else "enter", member))
                if not is_left_out:
                    stack.append(("write", repr(key).encode()))
        elif isinstance(value, list):
            digest.update(b"[")
            stack.append(("write", b"]"))
            stack.extend(("enter", member) for member in reversed(value))
        else:
            # The number 1 is not the text "1".
            told = f"{type(value).__name__} {getattr(value, 'text', value)!r};"
            digest.update(told.encode())

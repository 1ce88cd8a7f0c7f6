"""Chains and types (chapter 7): what a use of a name looks like.

Belongs here: reading `a.b().c` from nodes, and the type that an annotation names. Does not: what
the first name is bound to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle.paths import Paths, as_value
from tests.oracle.tree import Node

CHAIN_STEPS = 256
TYPE_STEPS = 256
_START = r"[A-Za-z_\x80-\U0010ffff]"
_PART = r"[A-Za-z0-9_$\x80-\U0010ffff]"
_DOTTED = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*")


@dataclass
class Chain:
    """`root` and `parts` are (text, number of calls after it); `origin` says what the root is."""

    top: Any
    origin: str  # name, self, super or dynamic
    root: tuple[str, int]
    parts: list[tuple[str, int]]
    nodes: list[Node] = field(default_factory=list)

    is_super_call: bool = False
    is_global: bool = False
    at: Node | None = None  # where it begins, if that is not the last of `nodes`
    last: Node | None = None

    @property
    def shown_root(self) -> str:
        """The root as it stands in the chain; `super()` is one with its call."""
        return self.root[0] + ("()" if self.is_super_call else "")

    @property
    def text(self) -> str:
        """The chain, dotted, calls as `f()`."""
        text = self.shown_root + "()" * self.root[1]
        for name, calls in self.parts:
            text += ("." if text else "") + name + "()" * calls
        return text

    @property
    def rest(self) -> str:
        """The chain after the root's text."""
        text = "()" * self.root[1]
        for name, calls in self.parts:
            text += ("." if text else "") + name + "()" * calls
        return text

    @property
    def is_called(self) -> bool:
        """Whether the whole is a call."""
        return (self.parts[-1] if self.parts else self.root)[1] > 0

    @property
    def has_calls(self) -> bool:
        """Whether there is any call in it."""
        return any(calls for _, calls in [self.root, *self.parts])

    def name_and_qualifier(self) -> tuple[str, str | None]:
        """The last name and what precedes it."""
        if self.is_called:
            return "", self.text.removeprefix(".") or None
        if not self.parts:
            return self.shown_root, None
        name = self.parts[-1][0]
        before = replace(self, parts=self.parts[:-1]).text.removeprefix(".")
        return name, before or None


class Chains:
    """Reading with one mapping."""

    def __init__(self, paths: Paths, mapping: dict[str, Any]) -> None:
        self.paths = paths
        chains = mapping.get("chains", {})
        self.root = chains.get("root", {})
        self.member = chains.get("member", {})
        self.call = chains.get("call", {})
        self.through = chains.get("through", {})
        scopes = mapping.get("scopes", {})
        stated = scopes.get("self", [])
        self.self_kinds = set(chains.get("self", [])) | set(
            stated if isinstance(stated, list) else []
        )
        self.super = scopes.get("super", {})
        self.types = mapping.get("types", {})
        self.separator = chains.get("separator", ".")
        self.self_names = scopes.get("self_names", [])
        self.super_names = scopes.get("super", {}).get("names", [])

    def split(self, text: str) -> tuple[list[str], bool]:
        """The names in a text, and whether the first is looked for from the top."""
        is_global = self.separator != "." and text.startswith(self.separator)
        text = text[len(self.separator) :] if is_global else text
        return text.replace(self.separator, ".").split("."), is_global

    def dotted(self, text: str, top: Any) -> Chain | None:
        """A chain from a text that is a dotted name, or from the first name in it."""
        chains = self.in_text(text, top)
        return chains[0] if chains else None

    def in_text(self, text: str, top: Any) -> list[Chain]:
        """Chains from the names in the text of a type."""
        if "words" not in self.types:
            chain = self._named(text, top)
            return [chain] if chain else []
        if "stop" in self.types:
            text = text.split(self.types["stop"], maxsplit=1)[0]
        separator = re.escape(self.separator)
        name = rf"{_START}{_PART}*"
        pattern = rf"(?<!{_PART})(?:{separator})?{name}(?:(?:{separator}|\.){name})*"
        chains = []
        for match in re.finditer(pattern, text):
            if match.group() not in self.types["words"]:
                (root, *parts), is_global = self.split(match.group())
                chain = Chain(top, "name", (root, 0), [(part, 0) for part in parts])
                chain.is_global = is_global
                chains.append(chain)
        return chains

    def _named(self, text: str, top: Any) -> Chain | None:
        (root, *parts), is_global = self.split(text)
        if not _DOTTED.fullmatch(".".join([root, *parts])):
            return None
        chain = Chain(top, "name", (root, 0), [(part, 0) for part in parts])
        chain.is_global = is_global
        return chain

    def read(self, target: Any, role: str = "read") -> Chain:  # noqa: C901
        """Read a chain from a target, from its last member down to the root."""
        parts: list[tuple[str, int]] = []
        nodes: list[Node] = []
        calls = 0
        last: Node | None = None

        def done(origin: str, text: str) -> Chain:
            chain = Chain(target, origin, (text, calls), parts[::-1], nodes)
            chain.last = last
            return chain

        def met(node: Node) -> None:
            nonlocal last
            last = node if last is None else last
            nodes.append(node)

        def finished(text: str) -> Chain:
            nonlocal calls
            (root, *members), is_global = self.split(text)
            for member_name in reversed(members):
                parts.append((member_name, calls))
                calls = 0
            chain = done("name", root)
            chain.is_global = is_global
            return worded(chain)

        def worded(chain: Chain) -> Chain:
            if chain.root[0] in self.self_names and not chain.is_global:
                chain.origin = "self"
            elif chain.root[0] in self.super_names and not chain.is_global:
                chain.origin = "super"
            return chain

        current = target
        steps = 0
        while True:
            if isinstance(current, Node) and steps >= CHAIN_STEPS:
                return done("dynamic", "")
            if isinstance(current, str):
                return finished(current)
            if not isinstance(current, Node):
                return done("dynamic", "")
            kind = current.acting
            if self._is_super(current):
                met(current)
                chain = done("super", "super")
                chain.is_super_call = current.acting in self.call
                return chain
            if kind in self.self_kinds:
                met(current)
                return done("self", self.paths.text(current) or "this")
            if self.is_member(current):
                member = self.member[kind]
                name = self.paths.first_text(member["name"], current)
                if name is None:
                    return done("dynamic", "")
                below = self.paths.first_of(member.get("object"), current)
                met(current)
                named = self.paths.first_of(member["name"], current)[0]
                if named.owner is not None:
                    nodes.append(named.owner)
                if member.get("call") and not (current is target and role == "call"):
                    calls += 1
                if "object" not in member:
                    parts.append((name, calls))
                    calls = 0
                    chain = done("self", "self")
                    chain.at = current
                    return chain
                if not below:
                    return worded(done("name", name))
                parts.append((name, calls))
                calls = 0
                steps += 2 if member.get("call") else 1
                current = below[0].value
                continue
            for table, is_call in ((self.call, 1), (self.through, 0)):
                if kind in table:
                    below = self.paths.first_of(table[kind], current)
                    calls += is_call
                    steps += is_call
                    nodes.append(current)
                    current = below[0].value if below else None
                    break
            else:
                if kind not in self.root:
                    return done("dynamic", "")
                met(current)
                text = self.paths.first_text(self.root[kind], current)
                if text is None:
                    return done("dynamic", "")
                return finished(text)

    def _is_super(self, node: Node) -> bool:
        if node.acting in self.super.get("kinds", []):
            return True
        if "call" not in self.super or node.acting not in self.call:
            return False
        callee = self.paths.first_of(self.call[node.kind], node)
        if not callee or not isinstance(callee[0].value, Node):
            return False
        below = callee[0].value
        path = self.root.get(below.kind)
        return path is not None and self.paths.first_text(path, below) == self.super["call"]

    def is_member(self, node: Node) -> bool:
        """Whether a node is a member access that can be read."""
        member = self.member.get(node.acting)
        if member is None:
            return False
        return "unless" not in member or not self.paths.holds(member["unless"], node)

    # ---- types

    def look_through(self, target: Any) -> Any:
        """Drop what stands around the name of a generic type (`Base[int]`)."""
        through = self.types.get("through", {})
        while isinstance(target, Node) and target.acting in through:
            below = self.paths.first_of(through[target.kind], target)
            if not below:
                return target
            target = below[0].value
        return target

    def quoted(self, node: Any) -> Chain | None:
        """The chain in a quoted annotation."""
        path = self.types.get("string", {}).get(node.acting)
        found = self.paths.first_of(path, node)
        if not found or not isinstance(found[0].value, str):
            return None
        return self.dotted(found[0].value, node)

    def in_types(self, value: Any) -> list[Chain]:
        """Every maximal chain in the subtree of a type."""
        if isinstance(value, str):
            return self.in_text(value, value)
        chains: list[Chain] = []
        stack = [value] if isinstance(value, Node) else []
        while stack:
            node = stack.pop()
            if node.acting in self.types.get("string", {}):
                chain = self.quoted(node)
                if chain:
                    chain.nodes = [node]
                    chains.append(chain)
                    continue
            elif (node.acting in self.root or self.is_member(node)) and self._begins(node):
                chain = self.read(node)
                if chain.origin != "dynamic":
                    chains.append(chain)
                    continue
            stack.extend(reversed(self._below_type(node)))
        return chains

    def _begins(self, node: Node) -> bool:
        """Whether a chain may begin at a node inside a type."""
        slots = self.types.get("slots")
        return slots is None or self.paths.holds({"slot": slots}, node)

    def _below_type(self, node: Node) -> list[Node]:
        path = self.types.get("through", {}).get(node.acting)
        opaque = self.types.get("opaque", [])
        if path is None or not opaque:
            return node.children
        inner = self.paths.first_of(path, node)
        if not inner or self._last_name(inner[0].value) not in opaque:
            return node.children
        return [each.value for each in inner if isinstance(each.value, Node)]

    def _last_name(self, value: Any) -> str | None:
        chain = self.read(value)
        return None if chain.origin == "dynamic" else chain.name_and_qualifier()[0]

    def of_type(self, value: Any) -> Chain | None:
        """The one chain that an annotation stands for, if it names a type."""
        through, union = self.types.get("through", {}), self.types.get("union", {})
        unwrap = self.types.get("unwrap", {})
        stack = [value]
        for _ in range(TYPE_STEPS):
            if not stack:
                return None
            current = as_value(stack.pop())
            if isinstance(current, str):
                chain = self.dotted(current, current)
                if chain:
                    return chain
            if not isinstance(current, Node):
                continue
            if current.acting in self.types.get("string", {}):
                chain = self.quoted(current)
                if chain:
                    return chain
            elif current.acting in union:
                found = self.paths.all_of(union[current.kind], current)
                stack.extend(each.value for each in reversed(found))
            elif current.acting in through:
                inner = self.paths.first_of(through[current.kind], current)
                if inner and self._last_name(inner[0].value) in unwrap.get("names", []):
                    inner = self.paths.first_of(unwrap["argument"], current)
                stack.extend(each.value for each in inner[:1])
            elif current.acting in self.root or self.is_member(current):
                chain = self.read(current)
                if chain.origin != "dynamic" and not chain.has_calls:
                    return chain
        return None

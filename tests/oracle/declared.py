"""What a document declares: symbols, names in scopes, and what is told of them elsewhere.

Belongs here: marks, what adds to a type, what the producer calls a symbol. Does not: the walk that
declares them (`semantics.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from snake_pipe_core.model.ids import stable_id
from tests.oracle.chains import Chain, Chains
from tests.oracle.module_names import descriptor, repeats
from tests.oracle.paths import Paths
from tests.oracle.tree import Node

CALLABLES = {"function", "method", "constructor", "lambda", "macro", "modifier"}
VISIBILITIES = {"public", "protected", "private", "package", "internal"}
RANKS = {"import": 0, "symbol": 1, "parameter": 2, "local": 3}


@dataclass(eq=False)
class Symbol:
    """A symbol; only the document's own has no `container`. Strings are given in the end."""

    node: Node
    kind: str
    name: str
    container: Symbol | None
    string: str = ""
    qualified: str = ""
    visibility: str = "public"
    flags: set[str] = field(default_factory=set)
    signature: str | None = None
    docstring: str | None = None
    is_apart: bool = False
    is_declaration: bool = False
    parameter_count: int | None = None
    producer_key: str | None = None
    cyclomatic: int = 1
    cognitive: int = 0
    nesting: int = 0

    @property
    def id(self) -> int:
        """Hash of the string."""
        assert self.string
        return stable_id(self.string)

    def is_within(self, other: Symbol) -> bool:
        """Whether this is `other` or stands in it."""
        at: Symbol | None = self
        while at is not None and at is not other:
            at = at.container
        return at is other


@dataclass
class Entry:
    """One declaration of a name in a scope."""

    what: str  # import, symbol, parameter or local
    symbol: Symbol | None = None
    import_node: int | None = None
    annotation: Any = None
    annotated_at: Node | None = None
    constructed: Any = None

    @property
    def is_callable(self) -> bool:
        """Whether it declares a callable."""
        return self.what == "symbol" and self.symbol is not None and self.symbol.kind in CALLABLES


@dataclass(eq=False)
class Scope:
    """A scope and the names in it. `self_class` is the class of the self parameter."""

    node: Node
    kind: str
    above: Scope | None
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    own_self: bool = False
    self_name: str | None = None
    self_class: Symbol | None = None

    def past(self, *kinds: str) -> Scope:
        """This scope, or the first one outward that is of no such kind."""
        scope = self
        while scope.kind in kinds and scope.above is not None:
            scope = scope.above
        return scope


@dataclass(frozen=True)
class Mark:
    """What a node says of symbols that are not its own."""

    words: list[str]
    kinds: list[str]

    def is_said_of(self, symbol: Symbol) -> bool:
        """Whether symbols of this kind are meant."""
        return not self.kinds or symbol.kind in self.kinds

    @property
    def visibility(self) -> str | None:
        """The first visibility among the words."""
        return next((word for word in self.words if word in VISIBILITIES), None)

    @property
    def flags(self) -> set[str]:
        """All other words."""
        return set(self.words) - VISIBILITIES


@dataclass(frozen=True)
class Late:
    """The name of a container: of a type, or (`commonjs`) the root of a member chain."""

    name: str
    scope: Scope
    is_type: bool


@dataclass
class Binding:
    """Columns of a reference that say what its first name is."""

    binding: str
    symbol: Symbol | None = None
    node: int | None = None
    entry: Entry | None = None
    entries: list[Entry] = field(default_factory=list)


class Declared:
    """The part of the semantics that settles what is told of a symbol away from it."""

    mapping: dict[str, Any]
    paths: Paths
    chains: Chains
    scopes_table: dict[str, Any]
    by_package: bool
    document: Symbol
    root_scope: Scope
    symbols: list[Symbol]
    imports: list[dict[str, Any]]
    terms: dict[tuple[int, str, str], Symbol]
    late: list[tuple[Symbol, Late]]
    held: list[tuple[Symbol, Node, Any]]
    scope_of: dict[int, Scope]
    opened: dict[int, Scope]
    around: dict[int, Symbol]
    owned: dict[int, Symbol]
    made: dict[int, Symbol]

    def __init__(self) -> None:
        self.extensions: dict[tuple[int, str], Symbol] = {}
        self.extended: list[tuple[Symbol, Scope]] = []
        self.away: set[int] = set()
        self.hidden: list[Symbol] = []  # types of other documents that this one adds to
        self.gone: list[Symbol] = []
        self.produced: dict[str, Symbol] = {}
        self.again: list[tuple[Node, Symbol]] = []  # nodes that declare a symbol once more
        self.marks_after: dict[int, Mark] = {}
        self.marks_named: list[tuple[Scope, str, Mark]] = []

    def scope_inside(self, node: Node) -> Scope:
        """The scope that a node opens, else the one around it."""
        raise NotImplementedError

    def lookup(self, name: str, scope: Scope | None, as_type: bool = False) -> Binding | None:
        """What a name is bound to, from a scope on outward."""
        raise NotImplementedError

    def _modifiers(self, node: Node, define: dict[str, Any]) -> list[str]:
        raise NotImplementedError

    def _mark(self, node: Node, action: dict[str, Any]) -> None:
        text = self.paths.first_text(action["path"], node, node)
        if text is None:
            return
        mark = Mark(text.split(), action.get("kinds", []))
        scope = self.scope_inside(node).past("block")
        if "names" not in action:
            self.marks_after[id(scope)] = mark
            return
        for found in self.paths.all_of(action["names"], node):
            name = self.paths.text(found.value)
            if name is not None:
                self.marks_named.append((scope, name, mark))

    def _mark_after(self, symbol: Symbol, node: Node, stated: dict[str, Any]) -> None:
        """Say of a new symbol what a mark before it says."""
        mark = self.marks_after.get(id(self.scope_of[node.index].past("block")))
        if mark is not None and mark.is_said_of(symbol):
            symbol.flags |= mark.flags
            if not VISIBILITIES & set(self._modifiers(node, stated)):
                symbol.visibility = mark.visibility or symbol.visibility

    def _read_producer(self) -> None:
        """Learn what the producer calls the symbols."""
        producer = self.mapping.get("producer")
        if producer is None:
            return
        for key in ("id", "also"):
            for symbol in self.symbols:
                text = self.paths.first_text(producer.get(key), symbol.node, symbol.node)
                if text and text not in self.produced:
                    self.produced[text] = symbol
                    if key == "id" and producer["scope"] == "source":
                        symbol.producer_key = text
            for node, symbol in self.again if key == "id" else []:
                text = self.paths.first_text(producer["id"], node, node)
                if text:
                    self.produced.setdefault(text, symbol)

    def _targeted(self, row: dict[str, Any], chain: Chain) -> dict[str, Any]:
        """A row with what the producer says its target is."""
        producer = self.mapping.get("producer")
        if producer is None or chain.last is None or chain.is_called:
            return row
        found = self.paths.all_of(producer["reference"], chain.last, chain.last)
        told = [self.paths.text(each.value) for each in found]
        texts = [text for text in told if text and not text.startswith("-")]
        if not texts:
            return row
        text = next((text for text in texts if text in self.produced), texts[0])
        if text in self.produced:
            return row | {"target_id": self.produced[text].id}
        return row | {"target_key": text if producer["scope"] == "source" else None}

    def _settle_marks(self) -> None:
        for scope, name, mark in self.marks_named:
            entries = scope.entries.get(name, [])
            if self.scopes_table.get("methods_apart"):
                plain = [each for each in entries if not each.is_callable]
                entries = plain or [each for each in entries if each.what in ("import", "symbol")]
            if not entries:
                continue
            symbol = min(entries, key=lambda each: RANKS[each.what]).symbol
            if symbol is not None and mark.is_said_of(symbol):
                symbol.flags |= mark.flags
                symbol.visibility = mark.visibility or symbol.visibility

    def _extension(self, node: Node, kind: str, name: str) -> tuple[Symbol, bool]:
        """The symbol that adds to the type of this name, and whether it is new."""
        around = self.around[node.index]
        known = self.extensions.get((id(around), name))
        if known is not None:
            return known, False
        symbol = Symbol(node, kind, name, around)
        self.extensions[id(around), name] = symbol
        self.symbols.append(symbol)
        self.extended.append((symbol, self.scope_of[node.index]))
        return symbol, True

    def _settle_extensions(self) -> None:
        """Make one of a type and what adds to it."""
        additions = {id(symbol) for symbol, _ in self.extended}
        types: dict[tuple[int, str], Symbol] = {}
        for symbol in self.symbols[1:]:
            if id(symbol) not in additions and descriptor("x", symbol.kind)[-1] in "#/":
                types.setdefault((id(symbol.container), symbol.name), symbol)
        became: dict[int, Symbol] = {}
        for symbol, scope in self.extended:
            found = self._type_at(symbol.name, scope, types)
            if found is None and self.by_package and symbol.container is self.document:
                found = types.get((id(self.document), symbol.name))
            if found is not None and not found.is_within(symbol):
                became[id(symbol)] = found
            elif self.by_package and symbol.container is self.document:
                self.symbols.remove(symbol)
                self.hidden.append(symbol)
            else:
                symbol.flags.add("extension")
        moved = [each for each in self.symbols if id(each.container) in became]
        self._replace(became)
        late = {id(symbol) for symbol, _ in self.late}
        same: dict[int, Symbol] = {}
        for symbol in moved:
            if id(symbol) in became or id(symbol) in late or repeats(symbol.kind):
                continue
            key = (id(symbol.container), symbol.name, descriptor("x", symbol.kind))
            other = self.terms.setdefault(key, symbol)
            if other is not symbol:
                first, second = sorted([other, symbol], key=self.symbols.index)
                self.terms[key] = same[id(second)] = first
                if id(second) == id(other):
                    same.update({gone: first for gone, kept in same.items() if kept is other})
        self._replace(same)
        if became and self.scopes_table.get("class_members") == "always":
            self._put_into_types()

    def _type_at(
        self, name: str, scope: Scope, types: dict[tuple[int, str], Symbol]
    ) -> Symbol | None:
        first, *parts = name.split(self.chains.separator)
        bound = self.lookup(first, scope, as_type=True)
        at = bound.symbol if bound is not None and bound.binding == "symbol" else None
        for part in parts:
            at = None if at is None else types.get((id(at), part))
        return at if at is not None and descriptor("x", at.kind)[-1] in "#/" else None

    def _replace(self, became: dict[int, Symbol]) -> None:
        """Let other symbols stand for some that are no more."""
        if not became:
            return
        gone = [symbol for symbol in self.symbols if id(symbol) in became]
        self.gone.extend(gone)
        self.again = [(node, became.get(id(one), one)) for node, one in self.again]
        self.again.extend((symbol.node, became[id(symbol)]) for symbol in gone)
        self.symbols = [symbol for symbol in self.symbols if id(symbol) not in became]
        for symbol in self.symbols:
            symbol.container = became.get(id(symbol.container), symbol.container)
        for table in (self.owned, self.around, self.made):
            for index, symbol in table.items():
                table[index] = became.get(id(symbol), symbol)
        for scope in self._all_scopes():
            for entries in scope.entries.values():
                for entry in entries:
                    entry.symbol = became.get(id(entry.symbol), entry.symbol)
            scope.self_class = became.get(id(scope.self_class), scope.self_class)
        for row in self.imports:
            row["symbol"] = became.get(id(row["symbol"]), row["symbol"])
        self.held = [(became.get(id(one), one), node, value) for one, node, value in self.held]

    def _settle_declarations(self) -> None:
        """Make one of what is declared again and again."""
        if not any(symbol.is_declaration for symbol in self.symbols):
            return
        became: dict[int, Symbol] = {}
        firsts: dict[tuple[Any, ...], Symbol] = {}

        spaces = became  # which namespaces are which

        def key(symbol: Symbol) -> tuple[Any, ...]:
            container = spaces.get(id(symbol.container), symbol.container)
            form = descriptor("x", symbol.kind)
            return (id(container), symbol.name, form, symbol.parameter_count)

        def is_namespace(symbol: Symbol) -> bool:
            return descriptor("x", symbol.kind).endswith("/")

        for symbol in self.symbols[1:]:
            if symbol.is_declaration and is_namespace(symbol):
                first = firsts.setdefault(key(symbol), symbol)
                if first is not symbol:
                    became[id(symbol)] = first
        spaces = dict(became)
        others = [symbol for symbol in self.symbols[1:] if not is_namespace(symbol)]
        for symbol in sorted(others, key=lambda each: each.is_declaration):
            firsts.setdefault(key(symbol), symbol)
        again = [
            (symbol, firsts[key(symbol)])
            for symbol in others
            if symbol.is_declaration or not repeats(symbol.kind)
        ]
        told: set[int] = set()
        for symbol, first in again:
            if first is not symbol:
                became[id(symbol)] = first
                if symbol.is_declaration:
                    first.flags |= symbol.flags
                    comes_before = self.symbols.index(symbol) < self.symbols.index(first)
                    if id(first) not in told and comes_before:
                        first.visibility = symbol.visibility
                    told.add(id(first))
                    first.docstring = (
                        symbol.docstring if first.docstring is None else first.docstring
                    )
            elif symbol.is_declaration:
                symbol.flags.add("declaration")
        self._settle_parameters(became)
        self._replace(became)

    def _settle_parameters(self, became: dict[int, Symbol]) -> None:
        """Parameters of a declaration are those of what it declares, by name; others are gone."""
        own: dict[tuple[int, str, str], Symbol] = {}
        for symbol in self.symbols[1:]:
            key = (id(symbol.container), symbol.name, descriptor("x", symbol.kind))
            own.setdefault(key, symbol)
        for symbol in self.symbols[1:]:
            into = became.get(id(symbol.container))
            if into is not None and into.kind in CALLABLES and not repeats(symbol.kind):
                key = (id(into), symbol.name, descriptor("x", symbol.kind))
                became.setdefault(id(symbol), own.get(key, into))

    def _all_scopes(self) -> list[Scope]:
        return [self.root_scope, *(each for each in self.opened.values() if each.above)]

    def _put_into_types(self) -> None:
        own: dict[int, Scope] = {}
        scopes = [(self.owned.get(scope.node.index), scope) for scope in self._all_scopes()]
        for owner, scope in scopes:
            if owner is not None and scope.kind == "class" and owner.node is scope.node:
                own.setdefault(id(owner), scope)
        for owner, scope in scopes:
            if owner is None or scope is self.root_scope:
                continue
            into = None
            if scope.kind == "class" and owner.node is not scope.node:
                into = own.get(id(owner))
            elif scope.kind == "function" and id(owner) in self.away:
                into = own.get(id(owner.container))
            at = into
            while at is not None and at is not scope:
                at = at.above
            if into is not None and at is None:
                scope.above = into

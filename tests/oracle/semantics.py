"""Scopes, symbols, imports, exports and references (chapters 6 and 7).

Belongs here: what the rules of a mapping do to one tree. Does not: bytes, positions, findings.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from tests.oracle import commonjs, docstrings
from tests.oracle.chains import Chain, Chains
from tests.oracle.declared import (
    CALLABLES,
    RANKS,
    VISIBILITIES,
    Binding,
    Declared,
    Entry,
    Late,
    Scope,
    Symbol,
)
from tests.oracle.module_names import DocumentNames, descriptor, repeats
from tests.oracle.paths import Found, Paths, as_list, is_inside, unquote
from tests.oracle.tree import Node

_CAPITALS = re.compile(r"_*[A-Z][A-Z0-9_]*")
_OWN_ROLES = {"inherit", "implement", "mixin", "decorate", "throws"}
_LOOKED_THROUGH = {"inherit", "implement", "mixin", "throws", "decorate"}
_OPEN = ("wildcard", "include")
_LONG = 2_048
_SCOPES = 1_000


class Semantics(Declared):
    """The tables of one document."""

    def __init__(
        self, mapping: dict[str, Any], paths: Paths, nodes: list[Node], names: DocumentNames
    ) -> None:
        super().__init__()
        self.mapping, self.paths, self.nodes, self.names = mapping, paths, nodes, names
        self.scopes_table = mapping.get("scopes", {})
        self.patterns = mapping.get("patterns", {})
        self.by_package = mapping.get("modules", {}).get("namespace") == "package"
        self.chains = Chains(paths, mapping)
        self.rules: dict[str, list[dict[str, Any]]] = {}
        for rule in mapping.get("rule", []):
            for kind in as_list(rule.get("on")):
                self.rules.setdefault(kind, []).append(rule)
        self.scope_of: dict[int, Scope] = {}
        self.opened: dict[int, Scope] = {}
        self.matching: dict[int, list[dict[str, Any]]] = {}
        self.following: dict[int, Node] = {}  # node -> the sibling whose scope goes on to it
        self.outside: dict[int, Node] = {}  # node -> the node whose scope it stays out of
        self.around: dict[int, Symbol] = {}
        self.owned: dict[int, Symbol] = {}
        self.made: dict[int, Symbol] = {}
        self.symbols: list[Symbol] = []
        self.terms: dict[tuple[int, str, str], Symbol] = {}
        self.late: list[tuple[Symbol, Late]] = []
        self.foreign: dict[str, Symbol] = {}
        self.declared: list[tuple[Scope, int, str]] = []
        self.consumed: set[int] = set()
        self.imports: list[dict[str, Any]] = []
        self.exports: list[dict[str, Any]] = []
        self.references: list[dict[str, Any]] = []
        self.held: list[tuple[Symbol, Node, Any]] = []  # untyped symbols and their values
        paths.scope_kind = self._scope_kind
        self.root_scope = Scope(nodes[0], "module", None)
        kind = mapping.get("modules", {}).get("document_kind", "module")
        self.document = Symbol(nodes[0], kind, names.name, None)

    def run(self) -> None:
        """Fill the tables."""
        self.symbols.append(self.document)
        self._open_scopes()
        for node in self.nodes:
            self._declare(node)
        self._settle_extensions()
        self._settle_containers()
        self._settle_declarations()
        self._settle_marks()
        self._name_symbols()
        self._read_producer()
        for node in self.nodes:
            for rule in self.matching[node.index]:
                if "export" in rule:
                    self._export(node, rule["export"])
        if any("commonjs" in as_list(r.get("procedure")) for r in self.mapping.get("rule", [])):
            commonjs.exports(self)
        for held in self.held:
            self._hold(*held)
        for node in self.nodes:
            self._use(node)
        self._measure()

    # ---- scopes

    def _scope_kind(self, at: Any) -> str:
        scope = self.scope_of.get(at.index) if isinstance(at, Node) else None
        return (scope or self.root_scope).past("block").kind

    def _open_scopes(self) -> None:
        last_of: dict[int, Node] = {}  # parent -> the child whose scope goes on
        for node in self.nodes:
            above = self.outside.get(node.index)
            if node.parent is None:
                scope = self.root_scope
            elif above is not None:
                scope = self.scope_of[above.index]
            else:
                scope = self.opened.get(node.parent.index, self.scope_of[node.parent.index])
            self.scope_of[node.index] = scope
            self.matching[node.index] = self._matching_rules(node)
            if node.parent is not None and above is None:
                goes_on = any(rule.get("following") for rule in self.matching[node.index])
                last = last_of.get(node.parent.index)
                if goes_on:
                    last_of[node.parent.index] = node
                elif last is not None:
                    self.following[node.index] = last
                    scope = self.scope_of[node.index] = self.opened[last.index]
                    self.matching[node.index] = self._matching_rules(node)
            if node.parent is None:
                self.opened[node.index] = self.root_scope
            for rule in self.matching[node.index]:
                if "scope" in rule and node.index not in self.opened:
                    self.opened[node.index] = Scope(node, rule["scope"], scope)
                for found in self.paths.all_of(rule.get("outer"), node):
                    if isinstance(found.value, Node):
                        self.outside[found.value.index] = node
            for rule in self.matching[node.index]:
                if rule.get("own_self") and node.index in self.opened:
                    self.opened[node.index].own_self = True
                if "names" in rule:
                    self._move_names(node, rule["names"])

    def _matching_rules(self, node: Node) -> list[dict[str, Any]]:
        matching = []
        for rule in self.rules.get(node.acting, []):
            if self.paths.holds(rule.get("when"), node, node):
                matching.append(rule)
                if rule.get("final"):
                    break
        return matching

    def _move_names(self, node: Node, names: dict[str, Any]) -> None:
        scope = self.scope_inside(node).past("block")
        for found in self.paths.first_of(names["path"], node):
            text = self.paths.text(found.value)
            if text is not None and scope is not self.root_scope:
                scope.moved[text] = names["to"]
                self._consume(found)

    def binding_scope(self, scope: Scope, hoist: str | None) -> Scope:
        """The scope in which a declaration in `scope` binds."""
        if hoist == "block":
            return scope
        return scope.past("block", "comprehension") if hoist == "function" else scope.past("block")

    def class_around(self, scope: Scope | None) -> Symbol | None:
        """The symbol of the innermost class scope from a scope on outward."""
        while scope is not None:
            if scope.kind == "function" and scope.own_self:
                return None
            if scope.kind in ("class", "module"):
                return self.owned.get(scope.node.index) if scope.kind == "class" else None
            scope = scope.above
        return None

    # ---- declarations

    def _symbol_around(self, node: Node) -> Symbol:
        outside = self.outside.get(node.index)
        if outside is not None:
            return self.around[outside.index]
        if node.parent is None:
            return self.document
        above = self.following.get(node.index, node.parent)
        return self.owned.get(above.index, self.around[above.index])

    def _declare(self, node: Node) -> None:
        self.around[node.index] = self._symbol_around(node)
        rules = self.matching[node.index]
        for rule in rules:
            if "define" in rule:
                self._define(node, rule)
        # A define acts outside of the scope that its node opens, everything else inside.
        for rule in rules:
            if "bind" in rule:
                self._bind(node, rule["bind"])
            if "import" in rule:
                self._import(node, rule["import"])
            if "mark" in rule:
                self._mark(node, rule["mark"])
            if "commonjs" in as_list(rule.get("procedure")):
                commonjs.declare(self, node)

    def scope_inside(self, node: Node) -> Scope:
        """The scope that a node opens, else the one around it."""
        return self.opened.get(node.index, self.scope_of[node.index])

    def symbol_inside(self, node: Node) -> Symbol:
        """The symbol that owns what is below a node, else the one around it."""
        return self.owned.get(node.index, self.around[node.index])

    def make_symbol(
        self, node: Node, kind: str, name: str, container: Symbol, late: Late | None = None
    ) -> tuple[Symbol, bool]:
        """Make a symbol, or return the one of this name that stands for both."""
        key = (id(container), name, descriptor("x", kind))
        if late is None and not repeats(kind) and key in self.terms:
            self.again.append((node, self.terms[key]))
            return self.terms[key], False
        symbol = Symbol(node, kind, name, container)
        self.symbols.append(symbol)
        if late is not None:
            self.late.append((symbol, late))
        elif not repeats(kind):
            self.terms[key] = symbol
        return symbol, True

    def _settle_containers(self) -> None:
        """Move symbols to the containers that only the whole document tells."""
        for symbol, late in self.late:
            bound = self.lookup(late.name, late.scope, as_type=late.is_type)
            container = bound.symbol if bound is not None else None
            if late.is_type and container is None and self.by_package:
                container = self.foreign.setdefault(
                    late.name, Symbol(self.nodes[0], "class", late.name, self.document)
                )
            elif not late.is_type and bound is None:
                container = self.document
            if container is not None and not container.is_within(symbol):
                symbol.container = container

    def _name_symbols(self) -> None:
        """Give every symbol its string, containers first."""
        repeated: Counter[tuple[int, str, str]] = Counter()
        numbers: dict[int, int] = {}
        for symbol in self.symbols[1:]:
            key = (id(symbol.container), symbol.name, descriptor("x", symbol.kind))
            numbers[id(symbol)] = repeated[key] if repeats(symbol.kind) else 0
            repeated[key] += 1
        is_apart = self.by_package and self._is_apart()
        self.document.string, self.document.qualified = self.names.symbol, self.names.module
        for first in [*self.symbols[1:], *self.hidden]:
            waiting = [first]
            while waiting:
                symbol = waiting[-1]
                container = symbol.container
                assert container is not None
                if symbol.string:
                    waiting.pop()
                elif container is not self.document and not container.string:
                    waiting.append(container)
                else:
                    is_top = container is self.document
                    prefix = self.names.prefix if is_top else container.string
                    if is_top and (symbol.is_apart or is_apart):
                        prefix = self.names.symbol
                    above = self.names.qualified if is_top else container.qualified
                    # Nesting must not cost a square: a long container stands as its id.
                    if not is_top and len(prefix.encode()) > _LONG:
                        prefix = f"{self.names.head}~{container.id % 2**64:016x}/"
                    if not is_top and len(above.encode()) > _LONG:
                        above = f"~{container.id % 2**64:016x}"
                    number = numbers.get(id(symbol), 0)
                    symbol.string = prefix + descriptor(symbol.name, symbol.kind, number)
                    symbol.qualified = ".".join(part for part in (above, symbol.name) if part)

    def _is_apart(self) -> bool:
        """Whether the document is one of several variants of a part of its package."""
        apart = self.mapping["modules"].get("apart", {})
        if "when" in apart and self.paths.holds(apart["when"], self.nodes[0], self.nodes[0]):
            return True
        return self.names.stem.endswith(tuple(apart.get("suffixes", ())))

    def _define(self, node: Node, rule: dict[str, Any]) -> None:
        define = rule["define"]
        if node.parent is None:
            self.document.docstring = self.document.docstring or self._docstring(node, define)
            self.document.flags |= self._flags(node, define)
            return
        if node.index in self.owned and self.owned[node.index].node is node:
            return  # a `value_defines` has made the symbol
        name = self._defined_name(node, define)
        if name is None:
            return
        kind = self._defined_kind(node, define, name)
        scope = self.scope_of[node.index]
        if kind == "parameter" and not self._has_symbol(self.scope_inside(node)):
            self.add_entry(scope, name, Entry("parameter"))
            return
        symbol, is_new = self._defined_symbol(node, kind, name, define)
        entry = Entry("parameter" if kind == "parameter" else "symbol", symbol)
        annotation = self.paths.first_of(define.get("type"), node)
        value = self.paths.first_of(define.get("value"), node)
        if annotation:
            entry.annotation, entry.annotated_at = annotation[0].value, node
        elif value:
            entry.constructed = self._constructed(value[0].value)
        if is_new:
            self.describe(symbol, node, define)
            symbol.is_declaration = "declaration" in define and self.paths.holds(
                define["declaration"], node, node
            )
            symbol.is_apart = "apart" in define and self.paths.holds(define["apart"], node, node)
            symbol.visibility = self._visibility(name, node, define)
            self._mark_after(symbol, node, define)
            if value and not annotation:
                self.hold(symbol, node, value[0].value)
        self.made.setdefault(node.index, symbol)
        if "scope" in rule:
            self.owned.setdefault(node.index, symbol)
            self._find_self(symbol, node, define)
        if define.get("bind", True) and not define.get("extends"):
            target = self.binding_scope(scope, define.get("hoist"))
            if kind == "type_parameter" and node.index in self.opened:
                target = self.opened[node.index]
            self.add_entry(target, name, entry, node)

    def _defined_symbol(
        self, node: Node, kind: str, name: str, define: dict[str, Any]
    ) -> tuple[Symbol, bool]:
        """The symbol that a node declares in its container, and whether it is new."""
        late, container = None, self.around[node.index]
        type_name = self.paths.first_text(define.get("container"), node) or None
        if type_name is not None and "stand_in" in define:
            container, _ = self._extension(node, define["stand_in"], type_name)
        elif type_name is not None:
            late = Late(type_name, self.scope_of[node.index], is_type=True)
        if define.get("extends"):
            symbol, is_new = self._extension(node, kind, name)
        else:
            symbol, is_new = self.make_symbol(node, kind, name, container, late)
        if type_name is not None:
            self.away.add(id(symbol))
        return symbol, is_new

    def _defined_name(self, node: Node, define: dict[str, Any]) -> str | None:
        found = self.paths.first_of(define.get("name"), node)
        for each in found[:1]:
            self._consume(each)
        name = self.paths.first_text(define.get("name"), node, node)
        if name is None:
            return define.get("name_default")
        return unquote(name) if define.get("unquote") else name

    def _defined_kind(self, node: Node, define: dict[str, Any], name: str) -> str:
        kind = str(define["kind"])
        in_scope = define.get("kind_in", {}).get(self._scope_kind(node))
        named = define.get("kind_named", {}).get(name)
        if in_scope is not None:
            kind = named or in_scope
        elif "kind_in" not in define:
            kind = named or kind
        for choice in define.get("kind_when", []):
            if self.paths.holds(choice["when"], node, node):
                return str(choice["kind"])
        return kind

    def _has_symbol(self, scope: Scope) -> bool:
        """Whether the innermost scope that is no block was opened by a symbol."""
        scope = scope.past("block")
        return scope is self.root_scope or scope.node.index in self.owned

    def hold(self, symbol: Symbol, node: Node, value: Any) -> None:
        """Remember what an untyped symbol holds."""
        if symbol.kind in ("variable", "constant", "field"):
            self.held.append((symbol, node, value))

    def describe(self, symbol: Symbol, node: Node, define: dict[str, Any]) -> None:
        """Give a symbol what the `define` of a rule says of it."""
        symbol.flags |= self._flags(node, define)
        symbol.docstring = self._docstring(node, define)
        if "parameters" in define and symbol.kind in CALLABLES:
            texts = self.parameter_texts(node, define)
            symbol.parameter_count = len(texts)
            symbol.signature = "(" + ", ".join(texts) + ")"

    def parameter_texts(self, node: Node, define: dict[str, Any]) -> list[str]:
        """What is printed for each parameter."""
        texts = []
        for found in self.paths.all_of(define.get("parameters"), node):
            text = None
            if "parameter_name" in define and isinstance(found.value, Node):
                text = self.paths.first_text(define["parameter_name"], found.value)
            else:
                text = self.paths.text(found.value)
            texts.append("_" if text is None else text)
        return texts

    def _find_self(self, symbol: Symbol, node: Node, define: dict[str, Any]) -> None:
        if self.scopes_table.get("self") != "first_parameter" or "static" in symbol.flags:
            return
        scope = self.opened.get(node.index)
        if scope is None or symbol.kind not in ("method", "constructor"):
            return
        texts = self.parameter_texts(node, define)
        if texts:
            scope.self_name = texts[0]
            scope.self_class = self.class_around(self.scope_of[node.index])

    def _flags(self, node: Node, define: dict[str, Any]) -> set[str]:
        flags = {
            flag for flag, when in define.get("flags", {}).items()
            if self.paths.holds(when, node, node)
        }  # fmt: skip
        return flags | (set(self._modifiers(node, define)) - VISIBILITIES)

    def _modifiers(self, node: Node, define: dict[str, Any]) -> list[str]:
        texts = [
            self.paths.text(found.value)
            for found in self.paths.all_of(define.get("modifiers"), node)
        ]
        return [word for text in texts if text for word in text.split()]

    def _visibility(self, name: str, node: Node, define: dict[str, Any]) -> str:
        for word in self._modifiers(node, define):
            if word in VISIBILITIES:
                return word
        for choice in define.get("visibility_when", []):
            if self.paths.holds(choice["when"], node, node):
                return str(choice["visibility"])
        rule = define.get("visibility")
        default = str(define.get("visibility_default", "public"))
        if rule == "underscore":
            if name.startswith("__") and not name.endswith("__"):
                return "private"
            if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
                return "protected"
            return default
        if rule == "hash":
            return "private" if name.startswith("#") else default
        if rule == "capital":
            return "public" if name[:1].isupper() else "package"
        return default

    def _docstring(self, node: Node, define: dict[str, Any]) -> str | None:
        stated = define.get("docstring")
        if stated is None:
            return None
        if isinstance(stated, str | list):
            stated = {"path": stated}
        if not self.paths.holds(stated.get("when"), node, node):
            return None
        found = self.paths.first_of(stated["path"], node)
        texts = [self.paths.text(each.value) for each in found]
        known = [text for text in texts if text is not None]
        return docstrings.clean("\n".join(known)) if len(known) == len(texts) else None

    def add_entry(self, scope: Scope, name: str, entry: Entry, node: Node | None = None) -> None:
        """Declare a name, at a node if exports may ask for it."""
        scope.entries.setdefault(name, []).append(entry)
        if node is not None:
            self.declared.append((scope, node.index, name))

    # ---- patterns

    def expand(self, values: list[Found]) -> list[tuple[str, Any, str]]:
        """Expand targets to (leaf or member, node or None, name)."""
        leaf, inner = self.patterns.get("leaf", {}), self.patterns.get("inner", {})
        member = self.patterns.get("member", {})
        expanded: list[tuple[str, Any, str]] = []
        stack = [found.value for found in reversed(values)]
        while stack:
            value = stack.pop()
            if isinstance(value, str):
                expanded.append(("leaf", None, value))
            if not isinstance(value, Node):
                continue
            if value.acting in leaf:
                name = self.paths.first_text(leaf[value.kind], value)
                if name in self.patterns.get("ignore", []):
                    self.consumed.add(value.index)
                elif name is not None:
                    expanded.append(("leaf", value, name))
            elif value.acting in member and not self._is_excepted(member[value.kind], value):
                name = self.paths.first_text(member[value.kind]["name"], value)
                if name is not None:
                    expanded.append(("member", value, name))
            elif value.acting in inner:
                found = self.paths.all_of(inner[value.kind], value)
                stack.extend(each.value for each in reversed(found))
        return expanded

    def _is_excepted(self, member: dict[str, Any], node: Node) -> bool:
        return "unless" in member and self.paths.holds(member["unless"], node, node)

    def _bind(self, node: Node, bind: dict[str, Any]) -> None:
        targets = self.expand(self.paths.all_of(bind["targets"], node))
        scope = self.binding_scope(self.scope_inside(node), bind.get("hoist"))
        annotation = self.paths.first_of(bind.get("type"), node)
        value = self.paths.first_of(bind.get("value"), node)
        is_single = len(targets) == 1
        for what, target, name in targets:
            if what == "member":
                self._bind_member(node, target, name, bind, not annotation and is_single and value)
                continue
            if name in scope.moved:
                continue
            if target is not None:
                self.consumed.add(target.index)
            entry = Entry("local")
            if annotation:
                entry.annotation, entry.annotated_at = annotation[0].value, node
            elif is_single and value:
                entry.constructed = self._constructed(value[0].value)
            defined = None
            if is_single and value and isinstance(value[0].value, Node):
                defined = self._value_defines(bind, value[0].value)
            if defined is not None:
                self._bind_value(node, name, value[0].value, defined, bind, scope)
                continue
            kind = self._bound_kind(name, bind["kind"], scope)
            if bind["kind"] == "parameter":
                entry.what = "parameter"
            if kind is not None:
                symbol, is_new = self.make_symbol(
                    node if target is None else target, kind, name, self.symbol_inside(node)
                )
                if is_new:
                    symbol.flags |= self._flags(node, bind)
                    symbol.docstring = self._docstring(node, bind) or symbol.docstring
                    symbol.visibility = self._visibility(name, node, bind)
                    self._mark_after(symbol, node, bind)
                    if is_single and value and not annotation and kind != "parameter":
                        self.hold(symbol, node, value[0].value)
                self.made.setdefault(node.index, symbol)
                entry.symbol = symbol
                entry.what = "parameter" if kind == "parameter" else "symbol"
            self.add_entry(scope, name, entry, node if target is None else target)

    def _value_defines(self, bind: dict[str, Any], value: Node) -> str | None:
        defined = bind.get("value_defines", {}).get(value.acting)
        if isinstance(defined, dict):
            return str(defined["kind"]) if self.paths.holds(defined["when"], value, value) else None
        return None if defined is None else str(defined)

    def _bound_kind(self, name: str, kind: str, scope: Scope) -> str | None:
        if kind == "parameter":
            return kind if self._has_symbol(scope) else None
        if kind not in ("variable", "constant"):
            return kind
        if scope.kind == "module":
            return "constant" if kind == "constant" or _CAPITALS.fullmatch(name) else "variable"
        return "field" if scope.kind == "class" else None

    def _bind_value(
        self, node: Node, name: str, value: Node, kind: str, bind: dict[str, Any], scope: Scope
    ) -> None:
        symbol, is_new = self.make_symbol(value, kind, name, self.symbol_inside(node))
        if is_new:
            for rule in self.matching[value.index]:
                if "define" in rule:
                    self.describe(symbol, value, rule["define"])
                    break
            symbol.flags |= self._flags(node, bind)
            symbol.docstring = self._docstring(node, bind) or symbol.docstring
            symbol.visibility = self._visibility(name, node, bind)
            self._mark_after(symbol, node, bind)
        self.made.setdefault(node.index, symbol)
        self.made.setdefault(value.index, symbol)
        self.owned[value.index] = symbol
        self.add_entry(scope, name, Entry("symbol", symbol), node)

    def _bind_member(
        self, node: Node, target: Node, name: str, bind: dict[str, Any], value: Any
    ) -> None:
        member = self.patterns["member"][target.kind]
        found = self.paths.first_of(member.get("object"), target)
        chain = self.chains.read(found[0].value) if found else None
        is_own = "object" not in member
        if not is_own and (chain is None or chain.parts or chain.has_calls):
            return
        owner = None
        if is_own or (chain is not None and chain.origin == "self"):
            owner = self.class_around(self.scope_inside(node))
        elif chain is not None and chain.origin == "name" and not chain.is_global:
            bound = self.lookup(chain.root[0], self.scope_inside(node))
            if bound is not None and bound.binding == "self":
                owner = self.class_around(self.scope_inside(node))
        if owner is None:
            return
        symbol, is_new = self.make_symbol(target, "field", name, owner)
        if is_new and value:
            self.hold(symbol, node, value[0].value)
        if is_new:
            symbol.flags |= self._flags(node, bind)
            symbol.docstring = self._docstring(node, bind) or symbol.docstring
            symbol.visibility = self._visibility(name, node, bind)
            self._mark_after(symbol, node, bind)
        self.made.setdefault(node.index, symbol)

    def _constructed(self, value: Any) -> Any:
        path = (
            self.mapping.get("constructs", {}).get(value.acting)
            if isinstance(value, Node)
            else None
        )
        found = self.paths.first_of(path, value)
        return found[0].value if found else None

    # ---- imports and exports

    def _consume(self, found: Found) -> None:
        if isinstance(found.value, Node):
            self.consumed.add(found.value.index)
        if found.owner is not None:
            self.consumed.add(found.owner.index)

    def _text(self, action: dict[str, Any], key: str, element: Any, node: Node) -> str:
        text = self.paths.first_text(action.get(key), element, node)
        return text or ""

    def _kind_of(self, action: dict[str, Any], element: Any, node: Node, default: str) -> str:
        for choice in action.get("kind_when", []):
            if self.paths.holds(choice["when"], element, node):
                return str(choice["kind"])
        return str(action.get("kind", default))

    def _elements(self, action: dict[str, Any], node: Node) -> list[Found]:
        if "each" not in action:
            return [Found(node, node)]
        return self.paths.first_of(action["each"], node)

    def _import(self, node: Node, action: dict[str, Any]) -> None:
        for found in self._elements(action, node):
            element = found.value
            module = unquote(self._text(action, "module", element, node))
            imported = self._text(action, "imported", element, node)
            imported = imported or action.get("imported_default", "")
            alias = self._text(action, "alias", element, node)
            if action.get("unquote"):
                imported, alias = unquote(imported), unquote(alias)
            kind = self._kind_of(action, element, node, "symbol")
            if action.get("wildcard", imported + alias + "x") in (imported, alias):
                kind = "wildcard"
            row_node = element if isinstance(element, Node) else node
            if action.get("split") and kind not in _OPEN and not imported:
                module, imported = self._split(module)
            bound = self._bound_name(action, kind, module, imported, alias)
            self.add_import(
                node, row_node, module, "*" if kind in _OPEN else imported, bound, kind,
                self._level(action, element, node),
            )  # fmt: skip
        for below in node.subtree():
            self.consumed.add(below.index)

    def _split(self, module: str) -> tuple[str, str]:
        separator = self.mapping.get("modules", {}).get("separator", "/")
        before, _, last = module.removeprefix(separator).rpartition(separator)
        return before, last

    def _bound_name(
        self, action: dict[str, Any], kind: str, module: str, imported: str, alias: str
    ) -> str:
        defaults = {"symbol": "alias_or_imported", "type": "alias_or_imported", "module": "alias"}
        binds = action.get("binds", defaults.get(kind, "nothing"))
        if kind in ("wildcard", "side_effect") or binds == "nothing":
            return ""
        if alias or binds == "alias":
            return alias
        if binds == "alias_or_imported":
            return imported
        separator = self.mapping.get("modules", {}).get("separator", "/")
        parts = [part for part in module.split(separator) if part]
        if not parts:
            return ""
        if binds == "go_package":
            return _go_package(module)
        return parts[0] if binds == "first_segment" else parts[-1]

    def _level(self, action: dict[str, Any], element: Any, node: Node) -> int:
        stated = action.get("level")
        if isinstance(stated, int):
            return stated
        found = self.paths.first_of(stated, element, node)
        value = found[0].value if found else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            is_small = isinstance(value, int) and -(2**31) <= value < 2**31
            return int(value) if is_small else 0
        return (self.paths.text(value) or "").count(".")

    def add_import(
        self, node: Node, row_node: Node, module: str, imported: str, alias: str, kind: str,
        level: int = 0,
    ) -> None:  # fmt: skip
        """Record an import, and bind its name if it has one."""
        scope = self.binding_scope(self.scope_inside(node), None)
        self.imports.append(
            {
                "node": row_node.index, "scope_id": scope.node.index,
                "symbol": self.symbol_inside(node), "module": module,
                "imported_name": imported, "alias": alias, "level": level, "kind": kind,
                "is_conditional": self._is_conditional(node),
            }
        )  # fmt: skip
        if alias:
            self.add_entry(scope, alias, Entry("import", import_node=row_node.index), row_node)

    def _is_conditional(self, node: Node) -> bool:
        scope: Scope | None = self.scope_inside(node)
        while scope is not None:
            if scope.kind == "function":
                return True
            scope = scope.above
        conditional = self.scopes_table.get("conditional", [])
        return is_inside(node, conditional)

    def _export(self, node: Node, action: dict[str, Any]) -> None:
        if "declared" in action:
            self._export_declared(node, action)
            return
        for found in self._elements(action, node):
            element = found.value
            kind = self._kind_of(action, element, node, "symbol")
            exported = self._text(action, "exported", element, node)
            exported = exported or action.get("exported_default", "")
            local = self._local_text(action, element, node) or action.get("local_default", "")
            module = unquote(self._text(action, "module", element, node))
            if kind == "default":
                exported = exported or "default"
            if action.get("unquote"):
                exported, local = unquote(exported), unquote(local)
            for key in ("exported", "local"):
                for each in self.paths.first_of(action.get(key), element, node)[:1]:
                    if each.owner is not node:
                        self._consume(each)
            row_node = element if isinstance(element, Node) else node
            self.add_export(node, row_node, kind, exported, local, module)

    def _local_text(self, action: dict[str, Any], element: Any, node: Node) -> str:
        found = self.paths.first_of(action.get("local"), element, node)
        if not found:
            return ""
        if isinstance(found[0].value, Node):
            chain = self.chains.read(found[0].value)
            if chain.origin != "dynamic":
                self.consumed.update(each.index for each in chain.nodes)
                return chain.text
        return self.paths.text(found[0].value) or ""

    def _export_declared(self, node: Node, action: dict[str, Any]) -> None:
        kind = self._kind_of(action, node, node, "symbol")
        for found in self.paths.first_of(action["declared"], node):
            if not isinstance(found.value, Node):
                continue
            below = {each.index for each in found.value.subtree()}
            scope = self.scope_inside(node)
            names = [
                name for at, index, name in sorted(self.declared, key=lambda each: each[1])
                if at is scope and index in below
            ]  # fmt: skip
            for name in list(dict.fromkeys(names))[: 1 if kind == "default" else None]:
                exported = "default" if kind == "default" else name
                self.add_export(node, node, kind, exported, name, "")

    def add_export(
        self, node: Node, row_node: Node, kind: str, exported: str, local: str, module: str,
        symbol: Symbol | None = None,
    ) -> None:  # fmt: skip
        """Record an export, with the own symbol or import that the local name is bound to."""
        import_node = None
        if not module and symbol is None and local:
            root = local.split(".", maxsplit=1)[0].removesuffix("()")
            bound = self.lookup(root, self.scope_inside(node))
            if bound is not None and bound.binding == "import":
                import_node = bound.node
            elif bound is not None and bound.entry is not None and root == local:
                symbol = bound.entry.symbol
        if symbol is not None:
            symbol.flags.add("exported")
        self.exports.append(
            {
                "node": row_node.index, "kind": kind, "exported_name": exported,
                "local_name": local, "module": module,
                "symbol_id": symbol.id if symbol else None, "import_node": import_node,
            }
        )  # fmt: skip

    # ---- lookup

    def lookup(
        self, name: str, scope: Scope | None, as_type: bool = False, as_call: bool = False
    ) -> Binding | None:
        """What a name is bound to, from a scope on outward."""
        are_apart = self.scopes_table.get("methods_apart", False)
        members = self.scopes_table.get("class_members", "body")
        is_direct = True
        budget = _SCOPES
        while scope is not None:
            if scope.moved.get(name) == "module" and scope is not self.root_scope:
                scope, is_direct = self.root_scope, False
                continue
            if scope.self_name is not None and scope.self_name == name and not as_type:
                return Binding("self", scope.self_class)
            entries = scope.entries.get(name, [])
            if scope.kind == "class" and not (
                members == "always" or (members == "body" and is_direct)
            ):
                entries = [e for e in entries if e.symbol and e.symbol.kind == "type_parameter"]
            if are_apart:
                entries = [e for e in entries if e.what == "import" or e.is_callable == as_call]
            if as_type:
                entries = [e for e in entries if e.what not in ("parameter", "local")]
            if entries:
                entry = min(entries, key=lambda each: RANKS[each.what])
                return Binding(entry.what, entry.symbol, entry.import_node, entry, entries)
            is_direct = is_direct and scope.kind == "block"
            budget -= 1
            scope = scope.above if budget > 0 or scope.above is None else self.root_scope
        return None

    def bind_root(
        self, name: str, scope: Scope, as_type: bool = False, as_call: bool = False
    ) -> Binding:
        """What a name is bound to, or why it is not."""
        bound = self.lookup(name, scope, as_type, as_call)
        if bound is not None:
            return bound
        if name in self.scopes_table.get("builtins", []):
            return Binding("builtin")
        if any(row["kind"] in _OPEN for row in self.imports):
            return Binding("wildcard")
        return Binding("unbound")

    # ---- references

    def _use(self, node: Node) -> None:
        for rule in self.matching[node.index]:
            for types in _tables(rule.get("types")):
                self._use_types(node, types)
            for reference in _tables(rule.get("reference")):
                self._refer(node, reference)

    def _use_types(self, node: Node, types: dict[str, Any]) -> None:
        for found in self.paths.first_of(types["path"], node):
            principal = self.chains.of_type(found.value)
            for place, chain in enumerate(self.chains.in_types(found.value)):
                top = chain.top if isinstance(chain.top, Node) else node
                if top is not node and node not in top.ancestors():
                    top = node  # declarators that share a type have rows of their own
                is_principal = principal is not None and principal.top is chain.top
                # Of the names in one text the first is the principal one.
                is_principal = is_principal and (place == 0 or isinstance(chain.top, Node))
                via = "annotation" if is_principal else None
                role = types.get("role", "type")
                self._emit(top, role, chain, None, self._own(node), as_type=True, via=via)

    def _hold(self, symbol: Symbol, node: Node, value: Any) -> None:
        """Say what an untyped symbol holds: a construction, or a typed parameter or local."""
        if not isinstance(value, Node):
            return
        callee = self._constructed(value)
        if callee is not None:
            chain = self.chains.read(callee)
            top = callee if isinstance(callee, Node) else node
            if chain.origin != "dynamic" and not chain.is_called:
                row = self._row(top, "type", chain, symbol)
                bound = self._root_binding(chain, self._scope_of_chain(chain, node))
                row["type_via"] = "constructor"
                self.references.append(self._targeted(_bound(row, bound), chain))
            return
        if value.acting not in self.chains.root:
            return
        chain = self.chains.read(value)
        if chain.origin != "name" or chain.parts or chain.has_calls or chain.is_global:
            return
        scope = self._scope_of_chain(chain, node)
        bound_variable = self.lookup(chain.root[0], scope)
        if bound_variable is None or bound_variable.binding not in ("parameter", "local"):
            return
        typed = self._type_of(bound_variable)
        if typed is not None:
            type_chain, via, bound = typed
            row = self._row(value, "type", type_chain, symbol)
            row |= {"type_via": via, "type_path": type_chain.rest, "member_path": ""}
            self.references.append(_bound(row, bound))

    def _own(self, node: Node) -> Symbol:
        return self.made.get(node.index, self.around[node.index])

    def _refer(self, node: Node, reference: dict[str, Any]) -> None:
        for found in self._elements(reference, node):
            element = found.value
            role = str(reference.get("role", "read"))
            for choice in reference.get("role_when", []):
                if self.paths.holds(choice["when"], element, node):
                    role = str(choice["role"])
                    break
            targets = self.paths.first_of(reference.get("target", "$self"), element, node)[:1]
            count = None
            if "arguments" in reference:
                count = len(self.paths.all_of(reference["arguments"], element, node))
            row_node = element if isinstance(element, Node) else node
            if reference.get("patterns"):
                for _, target, name in self.expand(targets):
                    self._refer_to(
                        target if target is not None else row_node,
                        role, target if target is not None else name, count, node,
                    )  # fmt: skip
            else:
                for target in targets:
                    self._refer_to(row_node, role, target.value, count, node)

    def _refer_to(
        self, row_node: Node, role: str, target: Any, count: int | None, rule_node: Node
    ) -> None:
        if role in _LOOKED_THROUGH:
            target = self.chains.look_through(target)
        if role in ("read", "write") and isinstance(target, Node) and target.index in self.consumed:
            return
        chain: Chain | None = self.chains.read(target, role)
        if role in _LOOKED_THROUGH and isinstance(target, str) and "words" in self.chains.types:
            chain = self.chains.dotted(target, row_node)
        if chain is None:
            return
        symbol = self._own(rule_node) if role in _OWN_ROLES else self.around[row_node.index]
        self._emit(row_node, role, chain, count, symbol)

    def _row(
        self, node: Node, role: str, chain: Chain, symbol: Symbol, count: int | None = None
    ) -> dict[str, Any]:
        """A reference row without its binding."""
        name, qualifier = chain.name_and_qualifier()
        return {
            "node": node.index, "scope_id": self.scope_of[node.index].past("block").node.index,
            "symbol_id": symbol.id, "role": role, "name": name, "qualifier": qualifier,
            "binding_name": chain.root[0], "type_path": None, "type_via": None,
            "member_path": chain.rest, "argument_count": count, "target_id": None,
            "target_key": None,
        }  # fmt: skip

    def _emit(
        self, node: Node, role: str, chain: Chain, count: int | None, symbol: Symbol,
        as_type: bool = False, via: str | None = None,
    ) -> None:  # fmt: skip
        self.consumed.update(each.index for each in chain.nodes)
        scope = self._scope_of_chain(chain, node)
        row = self._row(node, role, chain, symbol, count)
        row = _bound(row, self._bind_chain(chain, scope, as_type, role, row))
        row["type_via"] = via or row["type_via"]
        if role in ("read", "write"):
            is_bare_self = row["binding"] == "self" and not row["member_path"]
            untyped = row["type_via"] is None and row["binding"] in ("local", "parameter")
            if is_bare_self or untyped or row["binding"] in ("builtin", "dynamic"):
                return
        self.references.append(self._targeted(row, chain))

    def _scope_of_chain(self, chain: Chain, node: Node) -> Scope:
        """The scope in which a chain's first name stands."""
        if chain.nodes:
            return self.scope_of[(chain.at or chain.nodes[-1]).index]
        return self.scope_of[(chain.top if isinstance(chain.top, Node) else node).index]

    def _root_binding(
        self, chain: Chain, scope: Scope, as_type: bool = False, as_call: bool = False
    ) -> Binding:
        if chain.origin in ("self", "super"):
            above = self.class_around(scope)
            return Binding(chain.origin, above)
        if chain.is_global:
            return Binding("global")
        return self.bind_root(chain.root[0], scope, as_type, as_call)

    def _bind_chain(
        self, chain: Chain, scope: Scope, as_type: bool, role: str, row: dict[str, Any]
    ) -> Binding:
        if chain.origin == "dynamic" or chain.is_called:
            return Binding("dynamic")
        is_bare_call = role == "call" and not chain.parts
        bound = self._root_binding(chain, scope, as_type, is_bare_call)
        if bound.binding == "unbound" and self.scopes_table.get("implicit_self"):
            above = self.class_around(scope)
            if role == "call" and not chain.parts and above is not None:
                row["member_path"] = chain.text
                return Binding("self", above)
        goes_on = chain.parts and not chain.root[1] and not as_type
        typed = self._type_of(bound) if goes_on else None
        if typed is None:
            return bound
        type_chain, via, bound = typed
        row |= {"type_via": via, "type_path": type_chain.rest, "binding_name": type_chain.root[0]}
        return bound

    def _type_of(self, bound: Binding) -> tuple[Chain, str, Binding] | None:
        """The type of a variable: its chain, how it is known, and what its root is bound to."""
        entry = bound.entry
        if entry is None or not (
            entry.what in ("parameter", "local")
            or (entry.symbol is not None and entry.symbol.kind in ("variable", "constant"))
        ):
            return None
        for via in ("annotation", "constructor"):
            for each in bound.entries:
                chain = self._stated_type(each, via)
                if chain is None:
                    continue
                scope = self._scope_of_chain(chain, each.annotated_at or self.nodes[0])
                if chain.origin != "name":
                    return None
                is_type = via == "annotation"
                root = Binding("global")
                if not chain.is_global:
                    root = self.bind_root(chain.root[0], scope, is_type)
                if root.binding in ("self", "parameter", "local"):
                    return None
                return chain, via, root
        return None

    def _stated_type(self, entry: Entry, via: str) -> Chain | None:
        if via == "annotation":
            return None if entry.annotation is None else self.chains.of_type(entry.annotation)
        if entry.constructed is None:
            return None
        chain = self.chains.read(entry.constructed)
        return None if chain.origin != "name" or chain.has_calls else chain

    # ---- complexity

    def _measure(self) -> None:
        counted: dict[int, tuple[Symbol, int]] = {}  # node -> what counts it, nesting around it
        nests: set[int] = set()
        for node in self.nodes:
            outside = self.outside.get(node.index)
            if node.parent is None:
                state = (self.document, 0)
            elif outside is not None:
                state = counted[outside.index]
            else:
                owned = self.owned.get(node.parent.index)
                if owned is not None and owned.kind in CALLABLES:
                    state = (owned, 0)
                else:
                    symbol, depth = counted[node.parent.index]
                    state = (symbol, depth + (node.parent.index in nests))
            counted[node.index] = state
            own = self.owned.get(node.index) or self.made.get(node.index)
            if own is not None and own.node is node and own.kind in CALLABLES:
                continue
            for rule in self.matching[node.index]:
                for action in _tables(rule.get("complexity")):
                    self._count(node, action, *state)
                    if action.get("nests"):
                        nests.add(node.index)

    def _count(self, node: Node, action: dict[str, Any], symbol: Symbol, depth: int) -> None:
        factor = 1
        if "count" in action:
            factor = max(0, len(self.paths.all_of(action["count"], node)) - 1)
        symbol.cyclomatic += action.get("cyclomatic", 0) * factor
        if action.get("cognitive") == "nested":
            symbol.cognitive += 1 + depth
        elif action.get("cognitive") == "flat":
            symbol.cognitive += 1
        if action.get("nests"):
            symbol.nesting = max(symbol.nesting, depth + 1)


def _go_package(module: str) -> str:
    """The name by which Go knows an imported package: its last segment that is no version."""
    segments = module.split("/")
    if len(segments) > 1 and re.fullmatch("v[0-9]+", segments[-1]):
        segments.pop()
    return re.sub(r"\.v[0-9]+$", "", segments[-1])


def _tables(stated: Any) -> list[dict[str, Any]]:
    """One table, a list of tables or nothing, as a list."""
    if stated is None:
        return []
    return [stated] if isinstance(stated, dict) else list(stated)


def _bound(row: dict[str, Any], bound: Binding) -> dict[str, Any]:
    """A reference row with its binding."""
    return row | {
        "binding": bound.binding,
        "binding_id": bound.symbol.id if bound.symbol else None,
        "binding_node": bound.node,
    }

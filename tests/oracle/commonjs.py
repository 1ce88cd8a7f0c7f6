"""CommonJS (chapter 8), the named procedure `commonjs`.

Belongs here: `require`, `module.exports` and members that define functions, in the words of ESTree,
Babel and tree-sitter. Does not: ES modules, which rules describe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle.decode import Object
from tests.oracle.paths import as_value, unquote
from tests.oracle.tree import Node

if TYPE_CHECKING:
    from tests.oracle.chains import Chain
    from tests.oracle.declared import Symbol
    from tests.oracle.semantics import Semantics

CALLS = {"CallExpression", "call_expression"}
ASSIGNMENTS = {"AssignmentExpression", "assignment_expression"}
DECLARATORS = {"VariableDeclarator": ("id", "init"), "variable_declarator": ("name", "value")}
STATEMENTS = {"ExpressionStatement", "expression_statement"}
MEMBERS = {"MemberExpression", "member_expression"}
FUNCTIONS = {
    "FunctionExpression", "ArrowFunctionExpression", "function_expression", "arrow_function",
    "generator_function",
}  # fmt: skip
CLASSES = {"ClassExpression", "class"}
OBJECTS = {"ObjectExpression", "object"}
OBJECT_PATTERNS = {"ObjectPattern", "object_pattern"}
PROPERTIES = {
    "Property", "ObjectProperty", "KeyValueProperty", "KeyValuePatternProperty", "pair", "pair_pattern",
}  # fmt: skip
METHODS = {
    "ObjectMethod", "MethodProperty", "GetterProperty", "SetterProperty", "method_definition",
}  # fmt: skip
SHORTHANDS = {
    "Identifier",
    "AssignmentPatternProperty",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
}
DEFAULTS = {
    "AssignmentPattern": "left",
    "object_assignment_pattern": "left",
    "assignment_pattern": "left",
}


def declare(semantics: Semantics, node: Node) -> None:
    """Imports and symbols of one node."""
    if node.kind in CALLS:
        module = required(semantics, node)
        if module is not None:
            _import(semantics, node, module)
    elif node.kind in ASSIGNMENTS and _is_plain(semantics, node):
        _define(semantics, node)


def exports(semantics: Semantics) -> None:
    """Exports of one document."""
    for node in semantics.nodes:
        rules = semantics.matching[node.index]
        is_meant = any("commonjs" in (rule.get("procedure") or "") for rule in rules)
        if is_meant and node.kind in ASSIGNMENTS and _is_plain(semantics, node):
            _export(semantics, node)


# ---- words


def _member(semantics: Semantics, node: Node, key: str) -> Node | None:
    found = semantics.paths.first_of(key, node)
    return found[0].value if found and isinstance(found[0].value, Node) else None


def _arguments(semantics: Semantics, node: Node) -> list[Any]:
    if not semantics.paths.recognition.is_list:
        found = [each.value for each in semantics.paths.all_of("arguments[]", node)]
        # swc wraps each as `{spread, expression}`.
        return [
            as_value(each.get("expression")) if isinstance(each, Object) else each for each in found
        ]
    holder = _member(semantics, node, "arguments")
    if holder is None:
        return []
    return [found.value for found in semantics.paths.all_of("<*>[]", holder)]


def _literal(semantics: Semantics, node: Any) -> str | None:
    if not isinstance(node, Node):
        return None
    if node.kind in ("Literal", "StringLiteral"):
        value = node.value.get("value")
        return value if isinstance(value, str) else None
    if node.kind == "string":
        text = semantics.paths.text(node)
        return None if text is None else unquote(text)
    return None


def _is_plain(semantics: Semantics, node: Node) -> bool:
    """Whether an assignment is `=` (tree-sitter has a kind of its own for the others)."""
    return semantics.paths.recognition.is_list or node.value.get("operator") == "="


def _is_foreign(semantics: Semantics, name: str, node: Node) -> bool:
    """Whether a name is not declared in the document."""
    return semantics.lookup(name, semantics.scope_of[node.index]) is None


def required(semantics: Semantics, node: Any) -> str | None:
    """The module of `require("m")`."""
    if not isinstance(node, Node) or node.kind not in CALLS:
        return None
    chain = semantics.chains.read(node)
    if chain.origin != "name" or chain.root != ("require", 1) or chain.parts:
        return None
    if not _is_foreign(semantics, "require", node):
        return None
    arguments = _arguments(semantics, node)
    return _literal(semantics, arguments[0]) if len(arguments) == 1 else None


def _value(semantics: Semantics, node: Node) -> Node | None:
    """What an assignment assigns in the end (`a = b = value`)."""
    value = _member(semantics, node, "right")
    while value is not None and value.kind in ASSIGNMENTS and _is_plain(semantics, value):
        value = _member(semantics, value, "right")
    return value


def _key(semantics: Semantics, node: Node) -> str | None:
    """The name of a property, if it is not computed."""
    if node.kind in SHORTHANDS:
        return semantics.paths.text(node)
    if node.value.get("computed") is True:
        return None
    key = _member(semantics, node, "key") or _member(semantics, node, "name")
    if key is None or key.kind in ("computed_property_name", "Computed"):
        return None
    literal = _literal(semantics, key)
    return literal if literal is not None else semantics.paths.text(key)


# ---- imports


def _import(semantics: Semantics, node: Node, module: str) -> None:
    above = node.parent
    imported = ""
    value = node
    if above is not None and above.kind in MEMBERS and _member(semantics, above, "object") is node:
        chain = semantics.chains.read(above)
        if chain.origin == "name" and len(chain.parts) == 1 and not chain.is_called:
            imported, value, above = chain.parts[0][0], above, above.parent
    if above is not None and above.kind in DECLARATORS:
        id_key, value_key = DECLARATORS[above.kind]
        target = _member(semantics, above, id_key)
        if target is not None and _member(semantics, above, value_key) is value:
            leaf = semantics.patterns.get("leaf", {})
            if target.acting in leaf:
                alias = semantics.paths.first_text(leaf[target.kind], target) or ""
                kind = "symbol" if imported else "module"
                semantics.add_import(node, node, module, imported, alias, kind)
                return
            if target.kind in OBJECT_PATTERNS and not imported:
                _import_properties(semantics, node, target, module)
                return
    is_statement = node.parent is not None and node.parent.kind in STATEMENTS
    semantics.add_import(node, node, module, "", "", "side_effect" if is_statement else "module")


def _import_properties(semantics: Semantics, node: Node, pattern: Node, module: str) -> None:
    leaf = semantics.patterns.get("leaf", {})
    for child in pattern.children:
        named = child
        if child.kind == "object_assignment_pattern":
            named = _member(semantics, child, "left") or child
        if named.kind not in PROPERTIES | SHORTHANDS:
            continue
        key = _key(semantics, named)
        if key is None:
            continue
        local = named if named.kind in SHORTHANDS else _member(semantics, named, "value")
        while local is not None and local.kind in DEFAULTS:
            local = _member(semantics, local, DEFAULTS[local.kind])
        alias = ""
        if local is not None and local.kind in SHORTHANDS:
            alias = semantics.paths.text(local) or ""
        elif local is not None and local.acting in leaf:
            alias = semantics.paths.first_text(leaf[local.kind], local) or ""
        semantics.add_import(node, child, module, key, alias, "symbol")


# ---- symbols


def _exporting(semantics: Semantics, chain: Chain, node: Node) -> list[str] | None:
    """The segments after `exports` or `module.exports`, if the chain begins so."""
    if chain.origin != "name" or chain.has_calls:
        return None
    names = [chain.root[0], *(name for name, _ in chain.parts)]
    if names[:2] == ["module", "exports"] and _is_foreign(semantics, "module", node):
        return names[2:]
    if names[0] == "exports" and _is_foreign(semantics, "exports", node):
        return names[1:]
    return None


def _define(semantics: Semantics, node: Node) -> None:
    from tests.oracle.declared import Late

    target, value = _member(semantics, node, "left"), _value(semantics, node)
    if target is None or value is None or value.kind not in FUNCTIONS | CLASSES:
        return
    if value.index in semantics.owned:
        return
    chain = semantics.chains.read(target)
    if chain.origin != "name" or chain.has_calls:
        return
    kind = "class" if value.kind in CLASSES else "function"
    exporting = _exporting(semantics, chain, node)
    if exporting == []:
        if chain.parts and not _own_name(semantics, value):
            _own(semantics, value, kind, "exports", semantics.document)
        return
    if not chain.parts:
        return
    names = [name for name, _ in chain.parts]
    if "prototype" in names[:-1] and kind == "function":
        kind = "method"
    late = None
    container = semantics.document
    if exporting is None:
        late = Late(chain.root[0], semantics.scope_of[target.index], is_type=False)
        container = semantics.around[node.index]
    _own(semantics, value, kind, names[-1], container, late)


def _own_name(semantics: Semantics, value: Node) -> str | None:
    """The name that a function or class expression has itself."""
    for rule in semantics.matching[value.index]:
        if "define" in rule:
            return semantics.paths.first_text(rule["define"].get("name"), value)
    return None


def _own(
    semantics: Semantics, value: Node, kind: str, name: str, container: Symbol, late: Any = None
) -> None:
    symbol, is_new = semantics.make_symbol(value, kind, name, container, late)
    if is_new:
        for rule in semantics.matching[value.index]:
            if "define" in rule:
                semantics.describe(symbol, value, rule["define"])
                break
    semantics.made.setdefault(value.index, symbol)
    semantics.owned[value.index] = symbol


# ---- exports


def _export(semantics: Semantics, node: Node) -> None:
    target, value = _member(semantics, node, "left"), _value(semantics, node)
    if target is None:
        return
    chain = semantics.chains.read(target)
    exporting = _exporting(semantics, chain, node)
    if exporting is None or len(exporting) > 1 or (not exporting and not chain.parts):
        return
    local, symbol = _local(semantics, value)
    if exporting:
        semantics.add_export(node, node, "symbol", exporting[0], local, "", symbol)
        return
    module = required(semantics, value)
    if module is not None:
        semantics.add_export(node, node, "equals", "", "", module)
        return
    semantics.add_export(node, node, "equals", "", local, "", symbol)
    if value is not None and value.kind in OBJECTS:
        for child in value.children:
            if child.kind in PROPERTIES | SHORTHANDS | METHODS:
                key = _key(semantics, child)
                if key is not None:
                    below = (
                        child if child.kind in SHORTHANDS else _member(semantics, child, "value")
                    )
                    local, symbol = _local(semantics, below)
                    symbol = symbol or semantics.made.get(child.index)
                    local = symbol.name if symbol is not None else local
                    semantics.add_export(node, child, "symbol", key, local, "", symbol)


def _local(semantics: Semantics, value: Node | None) -> tuple[str, Symbol | None]:
    """The chain of a value, or the name and symbol of the function or class that it is."""
    if value is None:
        return "", None
    if value.kind in FUNCTIONS | CLASSES:
        symbol = semantics.made.get(value.index)
        return (symbol.name, symbol) if symbol is not None else ("", None)
    if value.kind in SHORTHANDS:
        semantics.consumed.add(value.index)
        return semantics.paths.text(value) or "", None
    chain = semantics.chains.read(value)
    if chain.origin == "dynamic" or chain.has_calls:
        return "", None
    semantics.consumed.update(each.index for each in chain.nodes)
    return chain.text, None

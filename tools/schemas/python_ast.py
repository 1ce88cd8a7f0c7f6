"""Write the JSON Schema of Python's `ast`, from the grammar that the `ast` module carries.

Belongs here: reading `ast.<Node>.__doc__` (the ASDL production of the running Python), and what other
versions from 3.7 to 3.14 have more or less. Does not: how nodes are mapped.

Run: `python -m tools.schemas.python_ast > snake_pipe_core/dialects/python-ast/schema.json`
(Python 3.12; another version carries another grammar).
"""

from __future__ import annotations

import ast
import json
import re
import sys
from typing import Any

from tools.schemas.shape import NODE, document_schema, nullable

DISCRIMINATORS = ["_type", "ast_type"]

# Productions that Python 3.12 no longer or not yet states, in its own notation.
OTHER_VERSIONS = {
    "Index": "expr value",  # until 3.8
    "ExtSlice": "slice* dims",
    "Suite": "stmt* body",
    "AugLoad": "",
    "AugStore": "",
    "Param": "",
    "Num": "constant n",  # until 3.7; ast2json also writes these for deprecated classes
    "Str": "constant s",
    "Bytes": "constant s",
    "NameConstant": "constant value",
    "Ellipsis": "",
    "TemplateStr": "expr* values",  # since 3.14
    "Interpolation": "expr value, constant str, int conversion, expr? format_spec",
}
# Fields that some version between 3.7 and 3.14 does not write.
SINCE = {
    "type_params",  # 3.12
    "default_value",  # 3.13
    "type_ignores",  # 3.8
    "posonlyargs",  # 3.8
    "type_comment",  # 3.8
    "kind",  # 3.8
}
# Lists whose elements may be null: `{**x}` has no key, `def f(*, a)` no default.
NULL_ELEMENTS = {("Dict", "keys"), ("arguments", "kw_defaults"), ("MatchMapping", "keys")}
SCALARS: dict[str, dict[str, Any]] = {
    "identifier": {"type": "string"},
    "string": {"type": "string"},
    "int": {"type": ["integer", "boolean"]},
    "constant": {},
}
WITHOUT_POSITION = {"arguments", "comprehension", "withitem", "match_case", "TypeIgnore"}
POSITIONS = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def productions() -> dict[str, str]:
    """Return node name to its production's fields, for every concrete node class."""
    found: dict[str, str] = {}
    for name, value in vars(ast).items():
        if not (isinstance(value, type) and issubclass(value, ast.AST)):
            continue
        doc = " ".join((value.__doc__ or "").split())
        if "=" in doc.split("(")[0]:  # `expr = BoolOp(...) | ...`: a sum, not a node
            continue
        match = re.fullmatch(rf"{name}(?:\((.*)\))?", doc)
        if match:
            found[name] = match.group(1) or ""
    return found | OTHER_VERSIONS


def kind_schema(name: str, production: str) -> dict[str, Any]:
    """Return the schema of one node: its fields with their types, and the required ones."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in filter(None, (part.strip() for part in production.split(","))):
        type_text, field_name = field.split()
        base, mark = type_text.rstrip("?*"), type_text[-1]
        schema = SCALARS.get(base, NODE)
        if mark == "*":
            items = nullable(schema) if (name, field_name) in NULL_ELEMENTS else schema
            schema = {"type": "array", "items": items}
        elif mark == "?":
            schema = nullable(schema)
        properties[field_name] = schema
        if mark != "?" and field_name not in SINCE:
            required.append(field_name)
    cls = getattr(ast, name, None)
    located = (cls is None or bool(getattr(cls, "_attributes", ()))) and name not in (
        WITHOUT_POSITION | {"AugLoad", "AugStore", "Param", "Suite"}
    )
    if located:
        properties |= {part: {"type": ["integer", "null"]} for part in POSITIONS}
    result: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        result["required"] = required
    return result


def main() -> None:
    """Print the schema."""
    kinds = {name: kind_schema(name, fields) for name, fields in sorted(productions().items())}
    schema = document_schema(
        name="python-ast",
        title="Python's ast module as JSON, Python 3.7 to 3.14",
        description="Producers: ast2json (`_type`) and astexport (`ast_type`).",
        discriminators=DISCRIMINATORS,
        roots=["Module"],
        kinds=kinds,
        skip=[],
    )
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

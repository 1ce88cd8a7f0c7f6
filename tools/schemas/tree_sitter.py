"""Write the JSON Schema of the tree-sitter wrapper, with the kinds that the grammars' wheels carry.

Belongs here: the shape of the wrapper and of a node, which is the same for every kind. Does not:
what kinds mean.

Run: `python -m tools.schemas.tree_sitter > snake_pipe_core/dialects/tree-sitter/schema.json`
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

from tools.schemas.shape import document_schema

GRAMMARS = {
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "swift": ("tree_sitter_swift", "language"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
}
# Kinds of grammar releases before the installed ones.
OLDER = {
    "javascript": {"function"},
    "rust": {
        "constrained_type_parameter",
        "if_let_expression",
        "optional_type_parameter",
        "while_let_expression",
    },
    "python": {"except_group_clause", "print_statement", "exec_statement"},
}
NUMBER = {"type": ["integer", "null"]}
POINT = {
    "anyOf": [
        {"type": "array", "items": {"type": "integer"}, "minItems": 2},
        {
            "type": "object",
            "properties": {"row": {"type": "integer"}, "column": {"type": "integer"}},
            "required": ["row", "column"],
        },
        {"type": "null"},
    ]
}
SHAPE: dict[str, Any] = {
    "description": "A node of any kind: an inner one has `children`, a leaf `text`.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "named": {"type": "boolean"},
        "field": {"type": ["string", "null"]},
        "error": {"type": "boolean"},
        "missing": {"type": "boolean"},
        "text": {"type": ["string", "null"]},
        "children": {"type": ["array", "null"], "items": {"$ref": "#/$defs/is_node"}},
        "start_byte": NUMBER,
        "end_byte": NUMBER,
        "startIndex": NUMBER,
        "endIndex": NUMBER,
        "start_point": POINT,
        "end_point": POINT,
        "start_position": POINT,
        "end_position": POINT,
        "startPosition": POINT,
        "endPosition": POINT,
    },
    "required": ["type"],
}


def grammar_kinds(language: str) -> set[str]:
    """Return every named kind that a tree of this language can show."""
    module, pointer = GRAMMARS[language]
    grammar = import_module("tree_sitter").Language(getattr(import_module(module), pointer)())
    ids = range(grammar.node_kind_count)
    kinds = {
        grammar.node_kind_for_id(i)
        for i in ids
        if grammar.node_kind_is_named(i) and grammar.node_kind_is_visible(i)
    }
    return {kind for kind in kinds if kind} | OLDER.get(language, set())


def main() -> None:
    """Print the schema."""
    kinds = sorted({kind for language in GRAMMARS for kind in grammar_kinds(language)} | {"ERROR"})
    schema = document_schema(
        name="tree-sitter",
        title="tree-sitter's trees as JSON",
        description="tree-sitter defines no JSON; the wrapper is described in README.md.",
        discriminators=["type"],
        roots=[],
        kinds={"shape": SHAPE},
        skip=[],
    )
    definitions = schema["$defs"]
    definitions["root"] = {
        "type": "object",
        "properties": {
            "dialect": {"const": "tree-sitter"},
            "language": {"type": "string"},
            "path": {"type": ["string", "null"]},
            "root": {"$ref": "#/$defs/node"},
        },
        "required": ["language", "root"],
    }
    # One case for all kinds: hundreds of `if`s at each node would cost more than they tell.
    case = {"properties": {"type": {"enum": kinds}}, "required": ["type"]}
    definitions["node"]["allOf"] = [{"if": case, "then": {"$ref": "#/$defs/shape"}}]
    definitions |= {kind: {"$ref": "#/$defs/shape"} for kind in kinds}
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

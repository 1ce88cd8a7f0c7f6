"""Write the schema of the dialect `syn-serde`.

    python -m tools.schemas.syn_serde > snake_pipe_core/dialects/syn-serde/schema.json

Belongs here: what a mapping needs of each kind: the member that names it. Does not: the frame.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

MAPPING = Path(__file__).parents[2] / "snake_pipe_core" / "dialects" / "syn-serde" / "mapping.toml"
NAMED = ("fn", "method", "enum", "mod", "union", "static")
"""Kinds whose content is an object with a name."""


def main() -> None:
    """Print the schema."""
    kinds: dict[str, Any] = {
        kind: {"type": "object", "required": [kind]}
        for kind in tomllib.loads(MAPPING.read_text())["nodes"]["unions"]
    }
    for kind in NAMED:
        content = {"type": "object", "properties": {"ident": {"type": "string"}}}
        kinds[kind] = kinds[kind] | {"properties": {kind: content | {"required": ["ident"]}}}
    kinds["use"] |= {"properties": {"use": {"type": "object", "required": ["tree"]}}}
    kinds["File"] = {"type": "object", "properties": {"items": {"type": "array"}}}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://snake-pipe.dev/schemas/syn-serde/1",
        "title": "syn's trees as syn-serde 0.2 and 0.3 write them",
        "description": "Producer: syn_serde::json::to_string of a syn::File. A node is an object with one "
        "member, whose key is its kind.",
        "$ref": "#/$defs/root",
        "$defs": {
            "root": {
                "type": "object",
                "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/child"}}},
                "required": ["items"],
            },
            "node": {
                "type": "object",
                "allOf": [
                    {
                        "if": {"required": [kind], "maxProperties": 1},
                        "then": {"$ref": f"#/$defs/{kind}"},
                    }
                    for kind in kinds
                ],
                "additionalProperties": {"$ref": "#/$defs/child"},
            },
            "child": {
                "description": "A node, a list, an object that is walked through, or a scalar.",
                "if": {"type": "object"},
                "then": {"$ref": "#/$defs/node"},
                "else": {"if": {"type": "array"}, "then": {"items": {"$ref": "#/$defs/child"}}},
            },
            **kinds,
        },
    }
    json.dump(schema, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

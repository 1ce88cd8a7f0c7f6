"""Kinds written as lines: `Kind = name:str body:node? items:nodes`.

Belongs here: turning such a line into the schema of a kind. Does not: any dialect's kinds.

Types are `str`, `int`, `bool`, `object`, `array`, `any`, `node` and `nodes` (an array of nodes, nulls
among them), or several joined by `|`. A `?` behind the type lets the member be absent or null.
"""

from __future__ import annotations

from typing import Any

NODE = {"$ref": "#/$defs/is_node"}
TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "any": {},
    "node": NODE,
    "nodes": {"type": "array", "items": {"anyOf": [NODE, {"type": "null"}]}},
}


def kinds_of(text: str, *, everywhere: str = "") -> dict[str, dict[str, Any]]:
    """Return the schemas of the kinds that the lines of `text` name; `everywhere` adds members."""
    kinds: dict[str, dict[str, Any]] = {}
    for line in filter(str.strip, text.splitlines()):
        kind, _, members = line.partition("=")
        properties: dict[str, Any] = {}
        required: list[str] = []
        for member in f"{members} {everywhere}".split():
            name, _, told = member.partition(":")
            options = [TYPES[each] for each in told.rstrip("?").split("|")]
            if told.endswith("?"):
                options.append({"type": "null"})
            else:
                required.append(name)
            if {} not in options:
                properties[name] = options[0] if len(options) == 1 else {"anyOf": options}
        kinds[kind.strip()] = {"type": "object", "properties": properties} | (
            {"required": required} if required else {}
        )
    return kinds

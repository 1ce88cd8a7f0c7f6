"""The frame that every dialect's schema shares.

Belongs here: `$defs.root`, `$defs.node` and `$defs.child`, which walk a document and dispatch each
node to the schema of its kind; `$defs.is_node`, by which kinds describe their children. Does not: what a kind looks like.
"""

from __future__ import annotations

from typing import Any


def is_kind(discriminators: list[str], kind: str) -> dict[str, Any]:
    """Return the condition that an object is a node of this kind."""
    tests = [{"properties": {key: {"const": kind}}, "required": [key]} for key in discriminators]
    return tests[0] if len(tests) == 1 else {"anyOf": tests}


def is_node(discriminators: list[str]) -> dict[str, Any]:
    """Return the condition that a value is a node: an object with a discriminator that is text."""
    tests = [{"properties": {key: {"type": "string"}}, "required": [key]} for key in discriminators]
    return {"type": "object"} | (tests[0] if len(tests) == 1 else {"anyOf": tests})


def document_schema(
    *,
    name: str,
    title: str,
    description: str,
    discriminators: list[str],
    roots: list[str],
    kinds: dict[str, dict[str, Any]],
    skip: list[str],
    wrapper: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a complete schema.

    Args:
        name: dialect, for `$id`.
        title: what the schema describes.
        description: producers and remarks.
        discriminators: members that make an object a node.
        roots: kinds that a document may begin with.
        kinds: native kind to its schema.
        skip: members that are never entered.
        wrapper: schema of an object around the root (`astgen`), as an alternative to the bare root.
    """
    node = {
        "description": "An object with a discriminator. A kind that is not listed is accepted and "
        "counted as unknown.",
        **is_node(discriminators),
        "allOf": [
            {"if": is_kind(discriminators, kind), "then": {"$ref": f"#/$defs/{kind}"}}
            for kind in kinds
        ],
        "additionalProperties": {"$ref": "#/$defs/child"},
    }
    if skip:
        # Members that the walk never enters hold objects that only look like nodes (tokens).
        properties = dict(node.get("properties", {}))
        node["properties"] = properties | dict.fromkeys(skip, True)
    root: dict[str, Any] = {
        "allOf": [
            {"$ref": "#/$defs/node"},
            {"anyOf": [is_kind(discriminators, kind) for kind in roots]},
        ]
    }
    if wrapper is not None:
        root = {"if": is_node(discriminators), "then": root, "else": wrapper}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://snake-pipe.dev/schemas/{name}/1",
        "title": title,
        "description": description,
        "$ref": "#/$defs/root",
        "$defs": {
            "root": root,
            "node": node,
            "child": {
                "description": "A node, a list, an object that is walked through, or a scalar.",
                "if": {"type": "object"},
                "then": {
                    "if": is_node(discriminators),
                    "then": {"$ref": "#/$defs/node"},
                    "else": {"additionalProperties": {"$ref": "#/$defs/child"}},
                },
                "else": {"items": {"$ref": "#/$defs/child"}},
            },
            # What the schema of a kind says of its children. It does not descend: `node` does, once.
            # A second way down would double the work at each level of the tree.
            "is_node": is_node(discriminators),
            **kinds,
        },
    }


NODE: dict[str, Any] = {"$ref": "#/$defs/is_node"}
WORDS: dict[str, dict[str, Any]] = {
    "node": NODE,
    "hole": {"anyOf": [NODE, {"type": "null"}]},
    "name": {"anyOf": [NODE, {"type": "string"}]},
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "object": {"type": "object"},
    "any": {},
}
"""Types of members in productions: `hole` is an element that may be null, `name` a node or text."""


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that also accepts null."""
    if not schema:
        return schema
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": [*types, "null"]}
    if "anyOf" in schema:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def productions(text: str, *, positions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Read productions, one per line, and return the schema of every kind.

    `Kind: member:type member:type* member:type?`: `*` a list, `?` may be null or absent; without
    `?` the member is required. Types are the keys of `WORDS`.
    """
    kinds: dict[str, dict[str, Any]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        kind, _, members = line.partition(":")
        properties: dict[str, Any] = {}
        required = []
        for member in members.split():
            name, _, word = member.partition(":")
            optional = word.endswith("?")
            word = word.removesuffix("?")
            schema = WORDS[word.removesuffix("*")]
            if word.endswith("*"):
                schema = {"type": "array", "items": schema}
            properties[name] = nullable(schema) if optional else schema
            if not optional:
                required.append(name)
        kinds[kind] = {"type": "object", "properties": properties | positions}
        if required:
            kinds[kind]["required"] = required
    return kinds

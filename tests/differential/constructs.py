"""Invented dialects that use every construct of the mapping language, and trees for them.

Belongs here: mappings that no parser needs whole, and random trees in their words. Does not:
comparing what becomes of them (`test_constructs.py`).
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.differential.artifacts import written

KINDS = ["Add", "Away", "Class", "Call", "Def", "Index", "Join", "Line", "Mark", "Name", "Member", "Path", "Ref",
         "Space", "Use", "Var", "Word"]  # fmt: skip
FIELDS = ["name", "scope", "items", "value", "flags", "type", "id", "target", "of"]
TEXTS = ["a", "b", "C", "D", "f", "this", "up", "a.b", "a::b", "::C", "C::f", "private", "static",
         ":a", "<a>", "", "=", "'a'", "true", "8", "-3", "007", "const a *", "C<D::a>[8]", "import",
         "99999999999999999999"]  # fmt: skip

_FROM_ABOVE = {"join": ["^^<Path>[].name", "name"], "with": "::"}
_LAST_OF_NAMES = ["name*", "items+.name", "?<Word|Name>.name.$string"]

_MAPPING: dict[str, Any] = {
    "version": "1",
    "producers": [],
    "positions": {
        "encoding": "utf8",
        "forms": [{"start_line": "line", "end_line": "to"}],
        "line_base": 1,
        "column_base": 0,
        "end": "exclusive",
    },
    "kinds": {
        "*": {"anonymous": "token"},
        "Root": "module",
        "Package": "module",
        "Class": {"kind": "class", "name": "name"},
        "Call": "call",
        "Def": {"kind": "function", "name": {"join": ["scope", "=of", "name"], "with": "/"}},
        "Join": {"kind": "identifier", "name": {"join": ["items[]", "name"], "with": "::"}},
        "Line": {"kind": "literal", "name": ["value*", "name"], "strip": "<>:", "prefix": "+"},
        "Member": {"kind": "expression", "name": _LAST_OF_NAMES},
        "Name": {"kind": "identifier", "name": "name", "unquote": True, "strip": ":"},
        "Path": {"kind": "identifier", "name": _FROM_ABOVE},
        "Var": {
            "kind": "variable",
            "name": "name",
            "kind_when": [
                {"when": {"path": "flags", "bits": 9}, "kind": "constant"},
                {"when": {"path": ["id", "value"], "min": -3, "max": 7}, "kind": "field"},
                {"when": {"path": "name", "suffix": "a"}, "kind": "parameter"},
                {"when": {"path": _FROM_ABOVE, "equals": "a::b"}, "kind": "event"},
                {"when": {"path": "**<Name|Word>[-1].name", "exists": True}, "kind": "block"},
                {"when": {"path": "^^<Def>", "exists": True}, "kind": "literal"},
                {"when": {"path": "value+.name", "some_in": ["b"]}, "kind": "union"},
                {"when": {"path": "!<Var|Def>.name", "equals": "a"}, "kind": "method"},
                {"when": {"path": "items[1:].name", "some_in": ["f"]}, "kind": "macro"},
                {
                    "when": {"path": ["<*>[2:].name", "<Name|Word>[1:]"], "exists": True},
                    "kind": "type",
                },
            ],
        },
        "Word": {"kind": "identifier", "name": "$self"},
    },
    "scopes": {
        "class_members": "body",
        "self_names": ["this"],
        "super": {"names": ["up"]},
    },
    "modules": {"separator": "::", "join": "::", "drop_extensions": [".x"]},
    "patterns": {
        "leaf": {"Name": "name", "Word": "$self"},
        "inner": {"Join": ["items[]", "name"]},
        "member": {"Ref": {"name": "name"}, "Member": {"object": "of", "name": "name"}},
    },
    "chains": {
        "root": {"Name": "name", "Join": "$self", "Word": "$self", "Ref": "name.$string"},
        "member": {"Member": {"object": "of", "name": "name"}, "Line": {"name": "value"}},
        "call": {"Call": "target"},
        "separator": "::",
    },
    "types": {"through": {"Index": "of"}},
    "rule": [
        {
            "on": ["Def"],
            "scope": "function",
            "define": {
                "kind": "function",
                "name": {"join": ["scope", "name"], "with": "."},
                "kind_in": {"class": "method"},
                "kind_when": [
                    {"when": {"path": "flags", "bits": 8}, "kind": "constructor"},
                    {"when": {"path": "^^<Class>[0].name", "equals": "D"}, "kind": "macro"},
                ],
                "visibility": "underscore",
                "visibility_when": [
                    {"when": {"path": "flags", "bits": 4}, "visibility": "private"},
                    {"when": {"path": "flags", "min": 2}, "visibility": "internal"},
                ],
                "modifiers": ["of"],
                "docstring": {"path": "items[].?<Line>"},
                "parameters": ["items[]"],
                "declaration": {"path": "value", "exists": False},
            },
        },
        {
            "on": ["Class"],
            "scope": "class",
            "define": {
                "kind": "class",
                "name": ["name"],
                "kind_when": [
                    {"when": {"path": "type", "in": ["true", 8]}, "kind": "interface"},
                    {"when": {"path": "type", "equals": "a"}, "kind": "struct"},
                ],
                "declaration": {"path": "value", "exists": False},
            },
            "reference": {"role": "inherit", "each": "**<Ref|Name>[]", "target": "$self"},
        },
        {
            "on": ["Var"],
            "bind": {
                "targets": ["name", "items[]"],
                "kind": "variable",
                "type": "type",
                "value": "value",
                "value_defines": {
                    "Def": "function",
                    "Call": {"kind": "class", "when": {"path": "name", "exists": True}},
                },
                "visibility_when": [{"when": {"path": "flags", "max": 2}, "visibility": "package"}],
            },
            "types": [{"path": "type"}],
        },
        {
            "on": ["Use"],
            "import": {
                "each": ["items[].?<Name|Path|Word>", "name"],
                "module": {"join": ["/name", "^^<Use>[].name", "=x", "$self"], "with": "::"},
                "imported": {"join": ["name"], "with": ""},
                "alias": "of",
            },
        },
        {
            "on": ["Space"],
            "import": {
                "module": "name",
                "split": True,
                "level": 2,
                "kind_when": [{"when": {"path": "type", "exists": True}, "kind": "include"}],
                "alias": "of",
                "wildcard": "=",
            },
        },
        {
            "on": ["Mark"],
            "when": {"path": "items", "exists": True},
            "mark": {
                "path": "name",
                "names": ["items[]"],
                "kinds": ["class", "variable", "method"],
            },
        },
        {
            "on": ["Mark"],
            "when": {"path": "items", "exists": False},
            "mark": {"path": ["of", "value"], "kinds": ["class", "variable", "method", "function"]},
        },
        {
            "on": ["Space"],
            "when": {"path": "items", "exists": False},
            "following": True,
            "scope": "module",
            "define": {
                "kind": "namespace",
                "name": "name",
                "declaration": {"path": "name", "exists": True},
            },
        },
        {
            "on": ["Join"],
            "when": {"path": "type", "exists": True},
            "following": True,
            "scope": "class",
            "define": {"kind": "class", "name": "name"},
        },
        {
            "on": ["Add"],
            "scope": "class",
            "define": {"kind": "class", "name": "name", "extends": True, "modifiers": "of"},
            "reference": {"role": "implement", "each": "type"},
        },
        {
            "on": ["Away"],
            "scope": "function",
            "define": {
                "kind": "method",
                "name": "name",
                "container": "scope",
                "stand_in": "struct",
                "parameters": "items[]",
            },
        },
        {"on": ["Call"], "reference": {"role": "call", "target": "target", "arguments": "items[]"}},
        {"on": ["Name", "Member", "Word", "Ref", "Line"], "reference": {"role": "read"}},
    ],
}


def units() -> str:
    """The dialects, as the engine and the oracle read them.

    `toy` is a tree by keys, `toys` one by a list; `toyp` is `toy` with packages.
    """
    keyed = {
        **_MAPPING,
        "producer": {
            "id": "id",
            "also": ["flags", "target"],
            "reference": ["value.id", "id", "flags"],
            "scope": "source",
        },
        "name": "toy",
        "languages": ["toy"],
        "detect": {"any": [{"path": "@t", "equals": "Root"}]},
        "frame": {"root": [""], "path": [], "language": [{"default": "toy"}]},
        "nodes": {"discriminator": ["t"]},
    }
    listed = {
        **_MAPPING,
        "scopes": {**_MAPPING["scopes"], "class_members": "always"},
        "producer": {"id": "id", "reference": "of", "scope": "artifact"},
        "name": "toys",
        "languages": ["toys"],
        "detect": {"any": [{"path": "@dialect", "equals": "toys"}]},
        "frame": {"root": ["@root"], "path": [], "language": [{"default": "toys"}]},
        "nodes": {"discriminator": ["t"], "children": "list", "extras": ["Line"]},
    }
    packaged = {
        **keyed,
        "name": "toyp",
        "languages": ["toyp"],
        "detect": {"any": [{"path": "@t", "equals": "Package"}]},
        "frame": {**keyed["frame"], "language": [{"default": "toyp"}]},
        "types": {**_MAPPING["types"], "words": ["const", "static"], "stop": "<"},
        "modules": {
            **_MAPPING["modules"],
            "namespace": "package",
            "package": "name",
            "drop_extensions": [],
        },
    }
    schema: dict[str, Any] = {"$defs": {"node": {}}}
    return json.dumps([{"mappings": [keyed, listed, packaged], "schema": schema}])


def keyed_tree(random: Random, size: int, root: str = "Root") -> bytes:
    """An artifact of `toy` of about `size` nodes."""
    budget = [size]

    def value(depth: int) -> Any:
        what = random.randrange(10)
        if depth > 9 or budget[0] <= 0 or what < 3:
            return random.choice(TEXTS)
        if what == 3:
            return random.choice([0, 1, 4, 8, 12, -1, 2, True, False, None, 2**40])
        if what < 6:
            return [value(depth + 1) for _ in range(random.randrange(4))]
        return node(random.choice(KINDS), depth + 1)

    def node(kind: str, depth: int) -> dict[str, Any]:
        budget[0] -= 1
        made: dict[str, Any] = {"t": kind, "line": random.randint(1, 9)}
        for field in random.sample(FIELDS, random.randint(1, 5)):
            made[field] = value(depth)
        return made

    body = [node(random.choice(KINDS), 1) for _ in range(random.randint(1, 9))]
    return written({"t": root, "name": random.choice(TEXTS), "items": body})


def packaged_tree(random: Random, size: int) -> bytes:
    """An artifact of `toyp` of about `size` nodes."""
    return keyed_tree(random, size, "Package")


def listed_tree(random: Random, size: int) -> bytes:
    """An artifact of `toys` of about `size` nodes."""
    budget = [size]

    def node(kind: str, depth: int) -> dict[str, Any]:
        budget[0] -= 1
        made: dict[str, Any] = {
            "t": kind,
            "named": random.random() < 0.95,
            "field": random.choice([None, *FIELDS]),
            "line": random.randint(1, 9),
        }
        if depth and (depth > 9 or budget[0] <= 0 or random.random() < 0.3):
            return made | {"text": random.choice(TEXTS)}
        children = [
            node(random.choice(KINDS), depth + 1)
            for _ in range(random.randint(1, 4 if depth else 9))
        ]
        return made | {"children": children}

    return written({"dialect": "toys", "root": node("Root", 0)})

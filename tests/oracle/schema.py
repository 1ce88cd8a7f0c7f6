"""Validation against a dialect's schema, node by node, so that depth costs no stack.

Belongs here: which node breaks the schema first. Does not: which mapping claims the artifact.
"""

from __future__ import annotations

import copy
from typing import Any

from jsonschema import Draft202012Validator

from tests.oracle.tree import Node


class ShallowSchema:
    """`$defs.root` for the whole, `$defs.<Kind>` for each node; what lies deeper is its own node."""

    def __init__(self, schema: dict[str, Any]) -> None:
        shallow = copy.deepcopy(schema)
        definitions = shallow.get("$defs", {})
        self.known = set(definitions) - {"root", "node", "child"}
        node = definitions.get("node", {})
        definitions["node"] = {
            key: value for key, value in node.items() if key in ("type", "required", "anyOf")
        }
        definitions["child"] = {}
        for name in ("root", *self.known):
            self._forget_children(definitions.get(name, {}))
        shared = {"$defs": definitions}
        self.validators = {
            name: Draft202012Validator({**shared, "$ref": f"#/$defs/{name}"})
            for name in self.known | ({"root"} & set(definitions))
        }

    @staticmethod
    def _forget_children(definition: Any) -> None:
        definition.pop("$schema", None)

    def first_violation(self, root: Any, nodes: list[Node]) -> tuple[str, str] | None:
        """Return pointer and message of a violation, or nothing."""
        if "root" in self.validators:
            told = self._violation("root", root)
            if told is not None:
                return told
        for node in nodes:
            name = node.native if node.native in self.validators else node.kind
            if name in self.known:
                told = self._violation(name, node.value)
                if told is not None:
                    return node.pointer + told[0], told[1]
        return None

    def _violation(self, name: str, value: Any) -> tuple[str, str] | None:
        try:
            for error in self.validators[name].iter_errors(value):
                return "".join(f"/{part}" for part in error.absolute_path), error.message
        except RecursionError:  # the library prints what it refuses, however deep
            return "", "does not fit"
        return None

"""Say in full why the schema rejected an artifact.

Belongs here: running the reference validator (`jsonschema`) on the very node that the engine
rejected, with the same schema. Does not: deciding; the engine's verdict stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from snake_pipe_core.dialects.base import Dialect
from snake_pipe_core.sources.base import Source

if TYPE_CHECKING:  # a tenth of a second, which only a rejected artifact need cost
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_MOST_ERRORS = 3
_MOST_LOOKED_AT = 20
"""Errors of one node among which the first are told: a list may break its schema at every item."""
_MOST_BYTES = 32 << 20
"""Larger artifacts keep the engine's own message: a Python tree of them would cost gigabytes."""


class Explainer:
    """Explains `SCHEMA_VIOLATION` findings with the dialects' own schemas."""

    def __init__(self, dialects: Mapping[str, Dialect]) -> None:
        """Take the dialects; of those that no artifact breaks nothing is read."""
        self._dialects = dialects
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}

    def explain(self, findings: pl.DataFrame, source: Source, ledger: pl.DataFrame) -> pl.DataFrame:
        """Return the findings with fuller messages; `ledger` holds the artifacts' rows."""
        rejected = findings.filter(pl.col("code") == "SCHEMA_VIOLATION")
        if rejected.is_empty():
            return findings
        known = ledger.filter(pl.col("size_bytes") <= _MOST_BYTES).select("path", "dialect")
        dialects = dict(known.drop_nulls().iter_rows())
        messages: list[str] = []
        cache: tuple[str, Any] | None = None
        for row in findings.iter_rows(named=True):
            message = row["message"]
            dialect = dialects.get(row["path"], "")
            if row["code"] == "SCHEMA_VIOLATION" and dialect in self._dialects:
                if cache is None or cache[0] != row["path"]:
                    cache = (row["path"], _document(source, row["path"]))
                message = self._message(dialect, cache[1], row["pointer"]) or message
            messages.append(message)
        return findings.with_columns(message=pl.Series(messages, dtype=pl.String))

    def _message(self, dialect: str, document: Any, pointer: str) -> str | None:
        discriminators = self._discriminators(dialect)
        node, trail = _node_at(document, pointer, discriminators)
        if not isinstance(node, dict):
            return None
        kind = next((node[key] for key in discriminators if isinstance(node.get(key), str)), None)
        definitions = self._dialects[dialect].schema.get("$defs", {})
        name = kind if kind in definitions else "root" if trail == "" else None
        if name is None:
            return None
        validator = self._validator(dialect, name)
        try:
            errors = list(islice(validator.iter_errors(node), _MOST_LOOKED_AT))
        except RecursionError:
            return None
        errors.sort(key=lambda error: [str(part) for part in error.path])
        told = [_sentence(error) for error in errors[:_MOST_ERRORS]]
        if not told:
            return None
        more = " and more" if len(errors) > _MOST_ERRORS else ""
        return f"{kind or 'The document'}: " + "; ".join(told) + more + "."

    def _validator(self, dialect: str, name: str) -> Draft202012Validator:
        """Validate one definition; nested nodes are the business of their own findings."""
        from jsonschema import Draft202012Validator

        key = (dialect, name)
        if key not in self._validators:
            definitions = dict(self._dialects[dialect].schema["$defs"])
            shallow = {"type": "object", "anyOf": [
                {"required": [member]} for member in self._discriminators(dialect)
            ]}  # fmt: skip
            definitions["node"], definitions["child"] = shallow, {}
            self._validators[key] = Draft202012Validator(
                {"$defs": definitions, "$ref": f"#/$defs/{name}"}
            )
        return self._validators[key]

    def _discriminators(self, dialect: str) -> list[str]:
        """Return the members that make an object a node."""
        return list(self._dialects[dialect].mappings[0].content["nodes"]["discriminator"])


def _document(source: Source, path: str) -> Any:
    try:
        return json.loads(source.read(path))
    except (OSError, ValueError, RecursionError):
        return None


def _node_at(document: Any, pointer: str, discriminators: list[str]) -> tuple[Any, str]:
    """Return the innermost node on the way to `pointer`, and the pointer to it."""
    here, trail = document, ""
    node, node_trail = document, ""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            here = here[int(key)] if isinstance(here, list) else here[key]
        except (KeyError, IndexError, ValueError, TypeError):
            break
        trail += f"/{token}"
        if isinstance(here, dict) and any(isinstance(here.get(key), str) for key in discriminators):
            node, node_trail = here, trail
    return node, node_trail


def _sentence(error: ValidationError) -> str:
    where = "/".join(str(part) for part in error.path)
    text = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    return f"at {where}: {text}" if where else text

"""Positions (chapter 5).

Belongs here: decoding spans and what is wrong with them. Does not: where else they are used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.decode import Integer, Object
from tests.oracle.paths import raw_member
from tests.oracle.tree import Node

PARTS = ("start_line", "start_column", "end_line", "end_column", "start_byte", "end_byte")


@dataclass
class Spans:
    """Parts per node index, and the nodes whose positions are invalid or reversed."""

    parts: dict[int, dict[str, int | None]] = field(default_factory=dict)
    invalid: list[Node] = field(default_factory=list)
    reversed: list[Node] = field(default_factory=list)


def positional_members(positions: dict[str, Any]) -> set[str]:
    """Members of nodes in which positions stand."""
    return {
        path.split(".")[0].split("[")[0]
        for form in positions.get("forms", [])
        for path in form.values()
    }


def decode_spans(nodes: list[Node], positions: dict[str, Any]) -> Spans:
    """Decode the spans of all nodes."""
    spans = Spans()
    for node in nodes:
        parts: dict[str, int | None] = {}
        is_valid = True
        for part in PARTS:
            value = None
            for form in positions.get("forms", []):
                if part in form:
                    value = raw_member(node.value, form[part])
                if value is not None and not isinstance(value, Object | list):
                    break
                value = None
            parts[part] = None
            if value is not None:
                parts[part] = _rebase(part, value, positions)
                is_valid = is_valid and parts[part] is not None
        spans.parts[node.index] = parts
        if not is_valid:
            spans.invalid.append(node)
        if _is_reversed(parts):
            spans.reversed.append(node)
    return spans


def _rebase(part: str, value: Any, positions: dict[str, Any]) -> int | None:
    if not isinstance(value, Integer):
        return None
    number = int(value)
    inclusive = positions.get("end", "exclusive") == "inclusive" and part.startswith("end_")
    if part.endswith("_line"):
        number -= positions.get("line_base", 1)
        if number < 0:
            return None
        number += 1
    else:
        base = "column_base" if part.endswith("_column") else "offset_base"
        number -= positions.get(base, 0)
        if number < 0:
            return None
        number += 1 if inclusive else 0
    limit = 2**53 if part.endswith("_byte") else 2**31 - 1
    return number if number <= limit else None


def _is_reversed(parts: dict[str, int | None]) -> bool:
    start_line, end_line = parts["start_line"], parts["end_line"]
    if start_line is not None and end_line is not None:
        if end_line < start_line:
            return True
        start, end = parts["start_column"], parts["end_column"]
        if end_line == start_line and start is not None and end is not None and end < start:
            return True
    start, end = parts["start_byte"], parts["end_byte"]
    return start is not None and end is not None and end < start

"""Positions (chapter 5).

Belongs here: decoding spans and what is wrong with them. Does not: where else they are used.
"""

from __future__ import annotations

import re
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
        # What is put above a root that is a node itself has no place.
        is_made = node.parent is None and any(below.value is node.value for below in node.children)
        parts: dict[str, int | None] = {}
        is_valid = True
        for part in PARTS:
            value = None
            told = False
            for form in positions.get("forms", []):
                if is_made:
                    continue
                if part in form:
                    value = raw_member(node.value, form[part])
                elif "span" in form and part.endswith("_byte"):
                    value = raw_member(node.value, form["span"])
                    told = value is not None and not isinstance(value, Object | list)
                if value is not None and not isinstance(value, Object | list):
                    break
                value = None
            parts[part] = None
            if told:
                parts[part], is_right = _of_text(part, value, positions)
                is_valid = is_valid and is_right
            elif value is not None:
                parts[part] = _rebase(part, value, positions)
                is_valid = is_valid and parts[part] is not None
        if positions.get("end") == "length" and parts["end_byte"] is not None:
            start = parts["start_byte"]
            parts["end_byte"] = None if start is None else start + parts["end_byte"]
        spans.parts[node.index] = parts
        if not is_valid:
            spans.invalid.append(node)
        if is_reversed(parts):
            spans.reversed.append(node)
    if positions.get("hull"):
        for node in reversed(nodes[1:]):
            assert node.parent is not None
            _widen(spans.parts[node.parent.index], spans.parts[node.index])
    return spans


def _of_text(part: str, value: Any, positions: dict[str, Any]) -> tuple[int | None, bool]:
    """A part of `start:length:…`, and whether the text is right; -1 twice is a made up node."""
    numbers = str(value).split(":") if isinstance(value, str) else []
    if len(numbers) < 2 or not all(
        re.fullmatch(r"[-+]?[0-9]+", text, re.ASCII) for text in numbers[:2]
    ):
        return None, False
    start, length = int(numbers[0]), int(numbers[1])
    if (start, length) == (-1, -1):
        return None, True
    start -= positions.get("offset_base", 0)
    if start < 0 or length < 0 or start + length > 2**53:
        return None, False
    return (start if part == "start_byte" else start + length), True


def _widen(above: dict[str, int | None], below: dict[str, int | None]) -> None:
    """Let a node reach as far as one below it."""

    def place(parts: dict[str, int | None], edge: str) -> tuple[int, int]:
        line, column = parts[f"{edge}_line"], parts[f"{edge}_column"]
        assert line is not None
        return line, -(2**31) if column is None else column

    if below["start_line"] is not None and (
        above["start_line"] is None or place(below, "start") < place(above, "start")
    ):
        above["start_line"], above["start_column"] = below["start_line"], below["start_column"]
    edge = "start" if below["end_line"] is None else "end"
    if below[f"{edge}_line"] is not None and (
        above["end_line"] is None or place(below, edge) > place(above, "end")
    ):
        above["end_line"], above["end_column"] = below[f"{edge}_line"], below[f"{edge}_column"]
    start = below["start_byte"]
    end = start if below["end_byte"] is None else below["end_byte"]
    if start is not None and (above["start_byte"] is None or start < above["start_byte"]):
        above["start_byte"] = start
    if end is not None and (above["end_byte"] is None or end > above["end_byte"]):
        above["end_byte"] = end


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
        if part != "end_byte" or positions.get("end") != "length":
            number -= positions.get(base, 0)
        if number < 0:
            return None
        number += 1 if inclusive else 0
    limit = 2**53 if part.endswith("_byte") else 2**31 - 1
    return number if number <= limit else None


def is_reversed(parts: dict[str, int | None]) -> bool:
    start_line, end_line = parts["start_line"], parts["end_line"]
    if start_line is not None and end_line is not None:
        if end_line < start_line:
            return True
        start, end = parts["start_column"], parts["end_column"]
        if end_line == start_line and start is not None and end is not None and end < start:
            return True
    start, end = parts["start_byte"], parts["end_byte"]
    return start is not None and end is not None and end < start

"""Docstrings without marks and indentation (chapter 6).

Belongs here: cleaning a text. Does not: finding it.
"""

from __future__ import annotations

_BLANKS = " \t\r\n\x0b\x0c"


def clean(text: str) -> str | None:
    """Return a docstring without comment marks and common indentation; None if nothing is left."""
    text = text.strip(_BLANKS)
    lines = text.split("\n")
    if text.startswith(("/*", "*")):
        lines = text.removeprefix("/*").removesuffix("*/").split("\n")
        lines = [_without(line, ("*",)) for line in lines]
    elif text.startswith("//"):
        lines = [_without(line, ("///", "//!", "//")) for line in lines]
    elif all(line.lstrip(_BLANKS).startswith("#") for line in lines):
        lines = [_without(line, ("#",)) for line in lines]
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines[1:] if line.strip(_BLANKS)]
    common = min(indents, default=0)
    lines = [lines[0], *(line[common:] for line in lines[1:])]
    return "\n".join(line.rstrip(_BLANKS) for line in lines).strip(_BLANKS) or None


def _without(line: str, marks: tuple[str, ...]) -> str:
    """A line without blanks in front, the first mark that fits and one blank after it."""
    line = line.lstrip(_BLANKS)
    for mark in marks:
        if line.startswith(mark):
            return line.removeprefix(mark).removeprefix(" ")
    return line

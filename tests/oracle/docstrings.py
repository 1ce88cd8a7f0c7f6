"""Docstrings without marks and indentation (chapter 6).

Belongs here: cleaning a text. Does not: finding it.
"""

from __future__ import annotations


def clean(text: str) -> str | None:
    """Return a docstring without comment marks and common indentation; None if nothing is left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n").split("\n")
    lines = [line.strip(" \t") if index == 0 else line for index, line in enumerate(lines)]
    first = lines[0]
    if first.startswith(("/*", "*")):
        body = "\n".join(lines)
        body = body.removesuffix("*/").rstrip(" \t\n*") if body.endswith("*/") else body
        lines = body.split("\n")
        lines = [lines[0].lstrip("/*!")] + [_less_star(line) for line in lines[1:]]
        lines[0] = lines[0].removeprefix(" ")
    elif first.startswith("//"):
        lines = [_less_slashes(line) for line in lines]
    elif all(line.lstrip(" \t").startswith("#") for line in lines):
        lines = [line.lstrip(" \t").lstrip("#").removeprefix(" ") for line in lines]
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines[1:] if line.strip(" \t")]
    common = min(indents, default=0)
    lines = [lines[0], *(line[common:] for line in lines[1:])]
    cleaned = "\n".join(line.rstrip(" \t") for line in lines).strip(" \t\n")
    return cleaned or None


def _less_star(line: str) -> str:
    rest = line.lstrip(" \t")
    return rest[1:].removeprefix(" ") if rest.startswith("*") else line


def _less_slashes(line: str) -> str:
    rest = line.lstrip(" \t")
    if not rest.startswith("//"):
        return line
    return rest.lstrip("/").removeprefix("!").removeprefix(" ")

"""Trees of tree-sitter, written as JSON.

Belongs here: the bytes of a source and a grammar to the artifact's text, in the wrapper that the
dialect `tree-sitter` reads. Does not: reading and writing files, choosing the grammar.

The tree is walked by a cursor and written as it goes: no recursion, and no second tree in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from snake_pipe_core.parse.outcome import PIECES, Emit

if TYPE_CHECKING:
    from tree_sitter import Language, Node


@dataclass(frozen=True)
class ParserErrors:
    """What a parser did not understand of a source that it made a tree of nevertheless.

    `count` counts `ERROR` nodes and missing ones; the first is at `line` (from 1) and `column` (in
    bytes, from 0), and `message` says what it is. Without any, all are empty.
    """

    count: int = 0
    line: int | None = None
    column: int | None = None
    message: str = ""


def write_syntax(
    source: bytes, path: str, language: str, grammar: Language, emit: Emit
) -> ParserErrors:
    """Write the artifact of a source: the whole tree, unnamed nodes and comments too.

    Args:
        source: the file's bytes, in UTF-8.
        path: of the source file, as the artifact names it.
        language: as the artifact's wrapper says it.
        grammar: the compiled grammar.
        emit: is given lists of texts in their order, often, and empties them.
    """
    from tree_sitter import Parser

    tree = Parser(grammar).parse(source)
    written = [
        f'{{"dialect":"tree-sitter","language":"{language}","path":{encode_basestring(path)},"root":'
    ]
    errors = _write_tree(tree.root_node, source, written, emit)
    emit(["}"])
    if not errors:
        return ParserErrors()
    row, column = errors[0].start_point
    return ParserErrors(len(errors), row + 1, column, _described(errors[0]))


@cache
def grammar_of(wheel: str, entry: str) -> Language:
    """Return the compiled grammar that a function of a wheel gives."""
    from tree_sitter import Language

    return Language(getattr(import_module(wheel), entry)())


def _described(error: Node) -> str:
    if error.is_missing:
        return f"The parser misses {error.type!r} here."
    text = (error.text or b"").split(b"\n")[0][:40].decode("utf-8", "replace").strip()
    return f"The parser does not understand {text!r}." if text else "The parser stumbles here."


def _write_tree(root: Node, source: bytes, written: list[str], emit: Emit) -> list[Node]:
    """Write a tree after what is `written`; return its `ERROR` and missing nodes."""
    write = written.append
    openings: dict[int, str] = {}
    fields: dict[int | None, str] = {None: "null"}
    errors: list[Node] = []
    may_err = root.has_error
    cursor = root.walk()
    entered, depth = True, 0
    while True:
        if len(written) > PIECES:
            emit(written)
        if entered:
            node, field = cursor.node, cursor.field_id
            assert node is not None
            kind = node.kind_id
            if (opening := openings.get(kind)) is None:
                named = "true" if node.is_named else "false"
                opening = f'{{"type":{encode_basestring(node.type)},"named":{named},"field":'
                openings[kind] = opening
            if (role := fields.get(field)) is None:
                role = fields[field] = f'"{cursor.field_name}"'
            start, end = node.start_byte, node.end_byte
            (row, column), (end_row, end_column) = node.start_point, node.end_point
            write(
                f'{opening}{role},"start_byte":{start},"end_byte":{end},'
                f'"start_point":[{row},{column}],"end_point":[{end_row},{end_column}]'
            )
            if may_err and (node.is_error or node.is_missing):
                write(',"error":true' if node.is_error else ',"missing":true')
                errors.append(node)
            if cursor.goto_first_child():
                write(',"children":[')
                depth += 1
                continue
            text = source[start:end].decode("utf-8", "replace")
            write(f',"text":{encode_basestring(text)}}}')
        if cursor.goto_next_sibling():
            write(",")
            entered = True
        elif depth:
            cursor.goto_parent()
            write("]}")
            depth -= 1
            entered = False
        else:
            emit(written)
            return errors

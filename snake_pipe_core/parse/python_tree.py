"""Python's own `ast`, written as JSON.

Belongs here: the bytes of a Python source to the artifact's text, in the shape of ast2json. Does not:
reading and writing files, deciding which files are Python.

The shape is that of ast2json 0.4: the class in `_type`, every field and position by name, members
sorted, `bytes` as text (hexadecimal if they are no UTF-8), complex numbers and `...` as strings.
Three things differ. Second copies are left out (`Tuple.dims`, which doubles with each nesting,
`Constant.n` and `.s`); an infinite float is written `1e999`, which is JSON; and the tree is written
without recursion, so its depth has no limit but that of Python's parser.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
import warnings
from json.encoder import encode_basestring_ascii
from typing import Any

from snake_pipe_core.parse.outcome import PIECES, Emit, RefusedSourceError

PARSER = "python-ast {}.{}.{}".format(*sys.version_info[:3])
"""The parser and its version; another version may give other trees."""


type _Shape = tuple[str, tuple[tuple[str, str], ...]]
"""How a class opens, and its members: what stands before the value, and the name."""


def write_python(source: bytes, emit: Emit) -> None:
    """Write the artifact of a Python source, whose encoding is found as PEP 263 says.

    Args:
        source: the file's bytes.
        emit: is given lists of texts in their order, often, and empties them.

    Raises:
        RefusedSourceError: Python's parser does not accept it; line from 1, column in UTF-8 bytes
            from 0, as everywhere in Snake-Pipe.
    """
    write_tree(_parsed(source), emit)


def _parsed(source: bytes) -> ast.AST:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the program that is read, not of this one
            return ast.parse(source)
    except SyntaxError as error:
        raise _refused(error, source) from error
    except (RecursionError, MemoryError) as error:
        # A stack that overflowed is a MemoryError, too, and says so.
        if isinstance(error, MemoryError) and not error.args:
            raise
        raise RefusedSourceError(
            "TOO_DEEP", "Expressions or blocks are nested more deeply than Python's parser takes."
        ) from error
    except ValueError as error:  # a null byte; later releases say SyntaxError
        raise _refused(SyntaxError(str(error)), source) from error


def _refused(error: SyntaxError, source: bytes) -> RefusedSourceError:
    """Return the error with its place in UTF-8 bytes.

    Of bytes, Python tells the column sometimes in bytes and sometimes in characters; of text, always
    in characters. So the text is asked.
    """
    line: int | None = error.lineno
    column: int | None = None
    if error.lineno is None and (null := source.find(b"\0")) >= 0:
        line, column = _place(source, null)
        return RefusedSourceError("SYNTAX_ERROR", _saying(error), line, column)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except UnicodeDecodeError as undecoded:
        line, column = _place(source, undecoded.start)
    except SyntaxError:  # an encoding that Python does not know
        line = next(
            (n for n, each in enumerate(source.split(b"\n")[:2], 1) if b"coding" in each), 1
        )
    else:
        error = _error_of(text) or error
        line = error.lineno
        if error.offset and error.offset > 0 and error.text is not None:
            column = len(error.text[: error.offset - 1].encode("utf-8", "surrogatepass"))
    return RefusedSourceError("SYNTAX_ERROR", _saying(error), line or None, column)


def _saying(error: SyntaxError) -> str:
    return f"Python's parser says: {error.msg.rstrip('.')}."


def _place(source: bytes, position: int) -> tuple[int, int]:
    """Return the line, from 1, and the column, from 0, of a byte."""
    return source.count(b"\n", 0, position) + 1, position - source.rfind(b"\n", 0, position) - 1


def _error_of(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def write_tree(tree: ast.AST, emit: Emit) -> None:
    """Write a tree as JSON in ASCII, without blanks; `emit` as for `write_python`."""
    written: list[str] = []
    write = written.append
    shapes: dict[type[ast.AST], _Shape] = {}
    pending: list[ast.AST | str] = [tree]
    while pending:
        item = pending.pop()
        if len(written) > PIECES:
            emit(written)
        if isinstance(item, str):
            write(item)
            continue
        if (shape := shapes.get(type(item))) is None:
            shape = shapes[type(item)] = _shape(type(item))
        opening, members = shape
        if not members:
            write(opening + "}")
            continue
        text = opening
        parts: list[ast.AST | str] = []
        for key, name in members:
            value = getattr(item, name, None)
            text += key
            if isinstance(value, ast.AST):
                parts += (text, value)
                text = ""
            elif type(value) is list:
                text += "["
                for index, element in enumerate(value):
                    if index:
                        text += ","
                    if isinstance(element, ast.AST):
                        parts += (text, element)
                        text = ""
                    else:
                        text += _scalar(element)
                text += "]"
            else:
                text += _scalar(value)
        text += "}"
        if parts:
            parts.append(text)
            parts.reverse()
            pending += parts
        else:
            write(text)
    emit(written)


def _shape(cls: type[ast.AST]) -> _Shape:
    names = sorted({*cls._fields, *cls._attributes})
    return f'{{"_type":"{cls.__name__}"', tuple((f',"{name}":', name) for name in names)


def _scalar(value: Any) -> str:
    kind = type(value)
    if kind is int:
        return int.__repr__(value)
    if value is None:
        return "null"
    if kind is str:
        return str(encode_basestring_ascii(value))
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return "1e999" if value == float("inf") else float.__repr__(value)
    if kind is bytes:
        try:
            return str(encode_basestring_ascii(value.decode()))
        except UnicodeDecodeError:
            return f'"{value.hex()}"'
    return f'"{"..." if value is ... else value}"'  # a complex number: digits, signs and j

"""Lenient JSON of any depth.

Belongs here: bytes to values, what was forgiven, and why text is refused. Does not: what a value
means.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

sys.set_int_max_str_digits(0)

_BLANK = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'"([^"\\\x00-\x1f]*)"')
_RUN = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NUMBER_BEGUN = re.compile(r"-|-?(?:0|[1-9][0-9]*)(?:\.|(?:\.[0-9]+)?[eE][-+]?)")
_WORDS: dict[str, Any] = {
    "true": True, "false": False, "null": None, "NaN": float("nan"),
    "Infinity": float("inf"), "-Infinity": float("-inf"),
}  # fmt: skip
_ESCAPES = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_MARK = b"\xef\xbb\xbf"
# The longer mark first: that of UTF-16 begins that of UTF-32.
_MARKS = {
    _MARK: "utf-8", b"\xff\xfe\x00\x00": "utf-32-le", b"\x00\x00\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be",
}  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")


class Object(dict[str, Any]):
    """A JSON object; `node` is the tree's node that it is, if it is one."""

    __slots__ = ("node",)

    def __init__(self) -> None:
        super().__init__()
        self.node: Any = None


class Integer(int):
    """A number without fraction or exponent; `text` as written."""

    text: str


class Real(float):
    """Any other number; `text` as written."""

    text: str


class RefusedError(Exception):
    """The bytes are not one JSON value: finding `code` at byte `byte`."""

    def __init__(self, code: str, byte: int, message: str) -> None:
        super().__init__(message)
        self.code, self.byte, self.message = code, byte, message


class Decoded:
    """A value, and the pointer of the first forgiven oddity with the number of all of them."""

    def __init__(self, value: Any, lenient: list[str]) -> None:
        self.value, self.lenient = value, lenient


def decode(content: bytes) -> Decoded:
    """Decode one artifact or raise `RefusedError`."""
    text = _text(content)
    decoder = _Decoder(text)
    try:
        value = decoder.run()
    except _SyntaxError as error:
        byte = len(text[: error.at].encode())
        raise RefusedError(error.code, byte, error.message) from None
    is_plain = content.removeprefix(_MARK) == text.encode()
    return Decoded(value, [*([] if is_plain else [""]), *decoder.lenient])


def decode_sequence(content: bytes) -> Iterator[tuple[int, Decoded]]:
    """Decode values that stand one after the other, each with the byte at which it begins."""
    text = _text(content)
    is_plain = content.removeprefix(_MARK) == text.encode()
    start = 0
    while start < len(text):
        decoder = _Decoder(text)
        decoder.at = start
        end = len(text)
        try:
            value = decoder.run()
        except _SyntaxError as error:
            if error.code != "JSON_TRAILING":
                raise RefusedError(
                    error.code, len(text[: error.at].encode()), error.message
                ) from None
            end, value = error.at, decoder.value
        lenient = [*([] if is_plain else [""]), *decoder.lenient]
        yield len(text[:start].encode()), Decoded(value, lenient)
        start = end


def _text(content: bytes) -> str:
    """The text of bytes: UTF-8, or what a mark or the zeros around the first characters say."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding)
    zeros = tuple(byte == 0 for byte in content[:4])
    if zeros == (False, True, True, True):
        return _decoded(content, "utf-32-le")
    if zeros == (True, True, True, False):
        return _decoded(content, "utf-32-be")
    if zeros[:2] == (False, True):
        return _decoded(content, "utf-16-le")
    if zeros[:2] == (True, False):
        return _decoded(content, "utf-16-be")
    return _decoded(content, "utf-8")


def _decoded(body: bytes, encoding: str) -> str:
    try:
        if encoding.startswith("utf-16") and len(body) % 2 == 0:
            # Halves of pairs are text in JSON, as escapes; here they read the same.
            return _SURROGATE.sub("\ufffd", body.decode(encoding, "surrogatepass"))
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        is_cut = "end of data" in error.reason or "truncated" in error.reason
        if is_cut and error.end == len(body):
            raise RefusedError("JSON_TRUNCATED", error.start, "ends inside a character") from None
        raise RefusedError("ENCODING_INVALID", error.start, f"not {encoding}") from None


class _SyntaxError(Exception):
    def __init__(self, code: str, at: int, message: str) -> None:
        super().__init__(message)
        self.code, self.at, self.message = code, at, message


class _Decoder:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lenient: list[str] = []
        self.stack: list[tuple[Any, Any]] = []  # container, key of the value being read
        self.value: Any = None  # the whole of it, once read

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        assert match
        self.at = match.end()

    def invalid(self, message: str) -> _SyntaxError:
        if self.at >= len(self.text):
            return _SyntaxError("JSON_TRUNCATED", len(self.text), "ends inside a value")
        return _SyntaxError("JSON_INVALID", self.at, message)

    def pointer(self) -> str:
        parts = []
        for container, key in self.stack:
            part = len(container) if isinstance(container, list) else key
            parts.append("/" + str(part).replace("~", "~0").replace("/", "~1"))
        return "".join(parts)

    def run(self) -> Any:
        self.blank()
        if self.at == len(self.text):
            raise _SyntaxError("JSON_EMPTY", self.at, "nothing but blanks")
        while True:
            value = self.begin()
            # `value` may close any number of containers.
            while True:
                if not self.stack:
                    self.blank()
                    self.value = value
                    if self.at != len(self.text):
                        raise _SyntaxError("JSON_TRAILING", self.at, "text after the value")
                    return value
                container, key = self.stack.pop()
                if isinstance(container, list):
                    container.append(value)
                    closing = "]"
                else:
                    if key in container:
                        self.stack.append((container, key))
                        self.lenient.append(self.pointer())
                        self.stack.pop()
                        del container[key]  # the last counts, at its own place
                    container[key] = value
                    closing = "}"
                self.blank()
                symbol = self.text[self.at : self.at + 1]
                if symbol == closing:
                    self.at += 1
                    value = container
                    continue
                if symbol != ",":
                    raise self.invalid(f"expected a comma or {closing}")
                self.at += 1
                self.blank()
                self.stack.append((container, self.key() if closing == "}" else None))
                break

    def begin(self) -> Any:
        """Read up to the first complete value, opening containers on the way."""
        while True:
            self.blank()
            symbol = self.text[self.at : self.at + 1]
            if symbol == "{":
                self.at += 1
                self.blank()
                container: Any = Object()
                if self.text[self.at : self.at + 1] == "}":
                    self.at += 1
                    return container
                self.stack.append((container, None))
                self.stack[-1] = (container, self.key())
            elif symbol == "[":
                self.at += 1
                self.blank()
                container = []
                if self.text[self.at : self.at + 1] == "]":
                    self.at += 1
                    return container
                self.stack.append((container, None))
            else:
                return self.scalar(symbol)

    def key(self) -> str:
        if self.text[self.at : self.at + 1] != '"':
            raise self.invalid("expected a member name")
        key = self.string()
        self.blank()
        if self.text[self.at : self.at + 1] != ":":
            raise self.invalid("expected a colon")
        self.at += 1
        return key

    def scalar(self, symbol: str) -> Any:
        if symbol == '"':
            return self.string()
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                if isinstance(value, float):
                    self.lenient.append(self.pointer())
                    number = Real(value)
                    number.text = word
                    value = number
                self.at += len(word)
                return value
            rest = self.text[self.at : self.at + len(word)]
            if rest and rest != "-" and word.startswith(rest) and self.ends_with(rest):
                self.at = len(self.text)
                raise self.invalid("word")
        begun = _NUMBER_BEGUN.match(self.text, self.at)
        if begun and begun.end() == len(self.text):
            self.at = len(self.text)
            raise self.invalid("number")
        match = _NUMBER.match(self.text, self.at)
        if not match:
            raise self.invalid("expected a value")
        self.at = match.end()
        behind = self.text[self.at : self.at + 1]
        if match.group(2) is None and (
            behind in {"e", "E"} or (behind == "." and match.group(1) is None)
        ):
            raise self.invalid("a fraction or exponent without digits")
        text = match.group()
        result: Integer | Real
        result = Integer(text) if match.group(1) is None and match.group(2) is None else Real(text)
        result.text = text
        return result

    def ends_with(self, rest: str) -> bool:
        return self.at + len(rest) == len(self.text)

    def string(self) -> str:
        plain = _PLAIN.match(self.text, self.at)
        if plain:
            self.at = plain.end()
            return plain.group(1)
        parts: list[str] = []
        self.at += 1
        while True:
            run = _RUN.match(self.text, self.at)
            assert run
            parts.append(run.group())
            self.at = run.end()
            symbol = self.text[self.at : self.at + 1]
            if symbol == '"':
                self.at += 1
                break
            if symbol != "\\":
                raise self.invalid("control character in a string")
            self.at += 1
            escape = self.text[self.at : self.at + 1]
            if escape == "u":
                self.at += 1
                parts.append(chr(self.hexadecimal()))
            elif escape in _ESCAPES and escape:
                self.at += 1
                parts.append(_ESCAPES[escape])
            else:
                raise self.invalid("unknown escape")
        text = "".join(parts)
        # Escaped halves that belong together make one character; those left alone do not.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if _SURROGATE.search(text):
            self.lenient.append(self.pointer())
            text = _SURROGATE.sub("\ufffd", text)
        return text

    def hexadecimal(self) -> int:
        digits = self.text[self.at : self.at + 4]
        for index, digit in enumerate(digits):
            if digit not in "0123456789abcdefABCDEF":
                self.at += index
                raise self.invalid("not a hexadecimal digit")
        if len(digits) < 4:
            self.at = len(self.text)
            raise self.invalid("escape")
        self.at += 4
        return int(digits, 16)

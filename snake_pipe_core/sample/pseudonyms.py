"""Pseudonyms for what an artifact names, with its structure left as it is.

Belongs here: replacing names, literals, comments and paths by a keyed hash, the same everywhere.
Does not: choosing artifacts, or which words languages own (`words`).

A name gets one pseudonym in all artifacts of a sample, of the same shape (leading underscores,
capitals), so that declarations, uses and the paths of modules still find each other. Whoever has
the key can compute the pseudonym of a word, and so test a guess; without it nothing leads back.
Members, kinds and positions stay. Whatever else is a text is replaced word by word.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"\w+")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_VERSION = re.compile(r"v\d+")
"""Go's modules end in their version, which is no part of the package's name."""
_PROSE = re.compile(r"\S\s+\S")
_DIRECTIVE = re.compile(r"\s*//\s*(?:go:build|\+build)\b")
"""Comments that decide whether a file of Go belongs to its package."""
_LAST_ENDING = re.compile(r"\.(c|h|d\.ts|d\.mts|d\.cts)$")
_LITERAL_KEYS = frozenset(
    {
        "value", "Value", "n", "s", "raw", "rawValue", "text", "cooked", "pattern", "int", "float",
        "str", "char", "byte", "byte_str", "lit", "literal", "digits", "comment", "content",
        "unescaped", "doc", "docComment", "documentation", "hexValue",
    }
)  # fmt: skip
"""Members that hold what a literal or comment says; numbers elsewhere are positions and ids."""
_HEX_KEYS = frozenset({"hexValue", "functionSelector", "eventSelector", "errorSelector"})
"""Members that are computed from a name or text, in hexadecimal."""
_TEXT_KIND = re.compile(
    r"(?i)comment|str|literal|constant$|template|char|doc|text|heredoc|regex|number|integer|float|"
    r"int$|basiclit|scalar|lit$|line"
)
"""Kinds whose texts are what a program or person says, not the name of anything."""
_PATH_KEYED = frozenset({"exportedSymbols"})
"""Members whose own members are named by the program."""


class Pseudonyms:
    """Replaces words, consistently for one key."""

    def __init__(self, key: bytes) -> None:
        """Take the secret that pseudonyms depend on."""
        self._key = hashlib.blake2b(key, digest_size=32).digest()
        self.word = lru_cache(maxsize=1 << 16)(self._word)

    # -- words ------------------------------------------------------------------------------

    def _digest(self, text: str) -> bytes:
        encoded = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(encoded, key=self._key, digest_size=16).digest()

    def _word(self, word: str) -> str:
        """Return the pseudonym of a name, of its shape."""
        core = word.strip("_").removesuffix("_test")  # Go keeps tests in files called so
        if not core or _VERSION.fullmatch(core):
            return word
        head, _, tail = word.partition(core)
        number = int.from_bytes(self._digest(core)[:8], "big")
        letters = []
        for _ in range(12):
            number, at = divmod(number, 26)
            letters.append(chr(97 + at))
        name = "".join(letters)
        if _CONSTANT.fullmatch(core):
            name = name.upper()
        elif core[0].isupper():
            name = name.capitalize()
        return head + name + tail

    def number(self, digits: str) -> str:
        """Return another number of the same form: no digit but 0 stays, binary ones stay whole."""
        if re.fullmatch(r"0[bB][01_]+\w*", digits):
            return digits
        is_hex = digits[:2] in ("0x", "0X")
        digest = self._digest(digits)
        changed = []
        for index, char in enumerate(digits):
            if char in "123456789" or (is_hex and index > 1 and char in "abcdefABCDEF"):
                others = [each for each in "234567" if each != char]
                changed.append(others[digest[index % 16] % len(others)])
            else:
                changed.append(char)
        return "".join(changed)

    def hexadecimal(self, text: str) -> str:
        """Return other hexadecimal digits, as many."""
        return self._digest(text).hex()[: len(text)].ljust(len(text), "0")

    def text(self, text: str, kept: frozenset[str], *, is_literal: bool, is_text: bool) -> str:
        """Replace the words of a text that are not `kept`; in prose, all of them."""
        keep = frozenset[str]() if is_text and _PROSE.search(text) else kept
        ending = _LAST_ENDING.search(text)
        end = ending.start() if ending else len(text)
        directive = _DIRECTIVE.match(text)
        start = directive.end() if directive else 0

        def replaced(match: re.Match[str]) -> str:
            word = match.group()
            if match.start() >= end or match.start() < start:
                return word
            if word[0].isdigit():
                return self.number(word) if is_literal else word
            if word in keep or (word.startswith("__") and word.endswith("__")):
                return word
            return self.word(word)

        return _WORD.sub(replaced, text)

    def path(self, path: str, kept: frozenset[str]) -> str:
        """Return the path under which the artifact goes: its names replaced, its endings kept."""
        folder, _, name = path.rpartition("/")
        stem, dot, endings = name.partition(".")
        shown = self.text(stem, kept, is_literal=True, is_text=False)
        place = self.text(folder, kept, is_literal=True, is_text=False)
        parts = endings.split(".")
        known = [part if part in kept or len(part) <= 2 else self.word(part) for part in parts]
        return (
            f"{place}/{shown}{dot}{'.'.join(known)}" if folder else f"{shown}{dot}{'.'.join(known)}"
        )

    # -- artifacts --------------------------------------------------------------------------

    def artifact(
        self, content: bytes, kept: frozenset[str], discriminators: frozenset[str]
    ) -> bytes:
        """Return an artifact with everything replaced that is not `kept`.

        `discriminators` are the members that hold kinds; `0` stands for the first of an array.

        Raises:
            ValueError, RecursionError: what Python's JSON reader cannot read.
        """
        walk = _Walk(self, kept, discriminators)
        values = [walk.value(value, "", "") for value in _values(content)]
        texts = [json.dumps(value, ensure_ascii=True, separators=(",", ":")) for value in values]
        return "\n".join(texts).encode()


def _values(content: bytes) -> Iterator[Any]:
    """Yield the JSON values that follow each other."""
    text = content.decode(json.detect_encoding(content), "surrogatepass").lstrip("\ufeff")
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        yield value


class _Walk:
    """One artifact's values, rewritten."""

    def __init__(
        self, names: Pseudonyms, kept: frozenset[str], discriminators: frozenset[str]
    ) -> None:
        self.names, self.kept, self.discriminators = names, kept, discriminators

    def value(self, value: Any, key: str, kind: str) -> Any:
        match value:
            case dict():
                return self._object(value, key, kind)
            case list():
                return self._array(value, key, kind)
            case str():
                return self._text(value, key, kind)
            case bool() | None:
                return value
            case int() | float() if key in _LITERAL_KEYS and _TEXT_KIND.search(kind):
                return self._number(value)
        return value

    def _object(self, value: dict[str, Any], key: str, kind: str) -> dict[str, Any]:
        own = next(
            (value[name] for name in self.discriminators if isinstance(value.get(name), str)), kind
        )
        found = {}
        for name, each in value.items():
            if name in self.discriminators and isinstance(each, str):
                found[name] = each
                continue
            if name == "field" and "named" in value:  # tree-sitter's name for a child's role
                found[name] = each
                continue
            is_named = key in _PATH_KEYED or not name.replace("_", "a").replace("$", "a").isalnum()
            is_named = (
                is_named
                and name not in self.discriminators
                and not name.startswith(("@", "!", "_"))
            )
            shown = self._name(name) if is_named else name
            # The text of a leaf that says its kind is a keyword or sign.
            found[shown] = each if each == own and name != "name" else self.value(each, name, own)
        return found

    def _array(self, value: list[Any], key: str, kind: str) -> list[Any]:
        if "0" in self.discriminators and value and isinstance(value[0], str):
            rest = [self.value(each, "value", value[0]) for each in value[1:]]
            return [value[0], *rest]
        return [self.value(each, key, kind) for each in value]

    def _name(self, text: str) -> str:
        return self.names.text(text, self.kept, is_literal=False, is_text=False)

    def _text(self, text: str, key: str, kind: str) -> str:
        if key in _HEX_KEYS:
            return self.names.hexadecimal(text)
        is_literal = key in _LITERAL_KEYS
        is_text = is_literal and _TEXT_KIND.search(kind) is not None
        return self.names.text(text, self.kept, is_literal=is_literal, is_text=is_text)

    def _number(self, value: float) -> float:
        text = repr(value)
        if "n" in text:  # nan and inf say nothing
            return value
        return type(value)(self.names.number(text))

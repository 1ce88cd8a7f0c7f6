"""What a user may ask of a search engine: a small tree, and the text that stands for it.

Belongs here: the tree, its parser, and its printed form. Does not: how an engine answers it; each
engine compiles the tree itself, and all split words by the same rule (`model.subtokens`).

The text: words are all required; `OR` between, `-` or `NOT` before, and parentheses do what they
look like; `"two words"` is a phrase, `pars*` a prefix, `prase~` a word within one edit and
`prase~2` within two; `kind:class`, `language:python,java`, `source:flask`, `path:"src/app"` and
`path:src/*.py` filter. Every text means something: what cannot be read as syntax is read as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FILTER_FIELDS: tuple[str, ...] = ("kind", "language", "source", "path")
MAX_EDITS = 2
_MAX_DEPTH = 50

type Query = Everything | Term | Phrase | Prefix | Fuzzy | Filter | Not | And | Or


@dataclass(frozen=True)
class Everything:
    """Every document."""


@dataclass(frozen=True)
class Term:
    """A word, in any searched field; `getURL` also finds what is called `get_url`."""

    text: str


@dataclass(frozen=True)
class Phrase:
    """Words next to each other, in this order, in one field."""

    text: str


@dataclass(frozen=True)
class Prefix:
    """The beginning of a name or of a word in one."""

    text: str


@dataclass(frozen=True)
class Fuzzy:
    """A word of a name, give or take `edits` letters."""

    text: str
    edits: int


@dataclass(frozen=True)
class Filter:
    """A field that must have one of the values; `*` in a path stands for anything."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Not:
    """What does not match the part."""

    part: Query


@dataclass(frozen=True)
class And:
    """What matches all parts."""

    parts: tuple[Query, ...]


@dataclass(frozen=True)
class Or:
    """What matches any part."""

    parts: tuple[Query, ...]


_FIELDS = "|".join(FILTER_FIELDS)
_TOKEN = re.compile(
    rf"""
    (?P<blank>\s+)
  | (?P<open>\()
  | (?P<close>\))
  | (?P<not>-(?=[^\s)]) | NOT(?=[\s(]))
  | (?P<or>OR(?=[\s(]) | \|)
  | (?P<and>AND(?=[\s(]))
  | (?P<field>{_FIELDS}):(?P<value>(?:"[^"]*"|[^\s()"])+)
  | "(?P<phrase>[^"]*)"
  | (?P<word>[^\s()"]+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FUZZY = re.compile(r"(.+)~([012]?)", re.DOTALL)
_VALUE = re.compile(r'"([^"]*)"|([^,"]+)')


def parse(text: str) -> Query:
    """Return the tree that a user's text stands for; it never fails."""
    tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup not in ("blank", "other")]
    return _Parser(tokens).query()


class _Parser:
    """Recursive descent: or-groups of and-groups of negated or plain items."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def query(self) -> Query:
        parts = []
        while self._next < len(self._tokens):
            parts.append(self._either())
            self._accept("close")  # a closing parenthesis that nothing opened
        return _joined(And, parts)

    def _either(self) -> Query:
        parts = [self._all()]
        while self._accept("or"):
            parts.append(self._all())
        # `OR` at the edge of a group has nothing to choose from.
        return _joined(Or, [part for part in parts if part != Everything()])

    def _all(self) -> Query:
        return _joined(And, list(self._items()))

    def _items(self) -> Iterator[Query]:
        while self._next < len(self._tokens) and self._kind() not in ("or", "close"):
            if not self._accept("and"):
                yield self._item()

    def _item(self) -> Query:
        negations = 0
        while self._accept("not"):
            negations += 1
        if self._next == len(self._tokens) or self._kind() in ("or", "close", "and"):
            return Everything()
        part = self._plain()
        return Not(part) if negations % 2 and part != Everything() else part

    def _plain(self) -> Query:
        token = self._tokens[self._next]
        self._next += 1
        match token.lastgroup:
            case "open" if self._depth < _MAX_DEPTH:
                self._depth += 1
                part = self._either()
                self._depth -= 1
                self._accept("close")
                return part
            case "value":
                values = tuple(a or b for a, b in _VALUE.findall(token["value"]) if a or b)
                return Filter(token["field"], values) if values else Everything()
            case "phrase":
                return Phrase(token["phrase"]) if token["phrase"].strip() else Everything()
            case _:
                return _word(token[0])

    def _kind(self) -> str | None:
        return self._tokens[self._next].lastgroup

    def _accept(self, kind: str) -> bool:
        if self._next < len(self._tokens) and self._kind() == kind:
            self._next += 1
            return True
        return False


def _word(text: str) -> Query:
    if text.endswith("*") and text.strip("*"):
        return Prefix(text.rstrip("*"))
    if (match := _FUZZY.fullmatch(text)) and match[1].strip("~"):
        edits = int(match[2] or 1)
        return Fuzzy(match[1], edits) if edits else Term(match[1])
    return Term(text)


def _joined(how: type[And] | type[Or], parts: list[Query]) -> Query:
    flat: list[Query] = []
    for part in parts:
        if isinstance(part, how):
            flat += part.parts
        elif part != Everything():
            flat.append(part)
    if not flat:
        return Everything()
    return flat[0] if len(flat) == 1 else how(tuple(flat))


def to_text(query: Query) -> str:
    """Return a text that `parse` reads as an equal query, for showing how one was understood."""
    match query:
        case Everything():
            return ""
        case Term(text):
            return text
        case Phrase(text):
            return f'"{text}"'
        case Prefix(text):
            return f"{text}*"
        case Fuzzy(text, edits):
            return f"{text}~{edits}"
        case Filter(field, values):
            return f"{field}:" + ",".join(f'"{value}"' for value in values)
        case Not(part):
            return f"-{_grouped(part)}"
        case And(parts):
            return " ".join(map(_grouped, parts))
        case Or(parts):
            return " OR ".join(map(_grouped, parts))


def _grouped(query: Query) -> str:
    return f"({to_text(query)})" if isinstance(query, And | Or) else to_text(query)

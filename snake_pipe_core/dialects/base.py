"""What a loaded dialect is.

Belongs here: the values that the registry hands out, and that others register. Does not: finding,
reading and checking the files (`registry`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import xxhash


@dataclass(frozen=True)
class Mapping:
    """One compiled unit: exactly one mapping claims an artifact.

    Attributes:
        name: the dialect's name, or `<dialect>/<language>` where languages have their own files.
        dialect: name of the dialect.
        languages: languages that its documents can be in.
        data: the merged content of `mapping.toml` and the language's file.
    """

    name: str
    dialect: str
    languages: tuple[str, ...]
    data: ReadOnly[str, Any] = field(repr=False)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Native kinds that the mapping names."""
        return tuple(self.data["kinds"])


@dataclass(frozen=True)
class Dialect:
    """The JSON format of one family of parsers.

    Attributes:
        name: as in `artifacts.dialect`.
        version: version of mapping and schema together.
        languages: languages of all its mappings.
        producers: tools that write it, for people.
        folder: where it was loaded from, for messages.
        schema_text: JSON Schema (2020-12) of an artifact, as its file has it.
        readme: what it is and how to make it, Markdown.
        mappings: one, or one per language.
    """

    name: str
    version: str
    languages: tuple[str, ...]
    producers: tuple[str, ...]
    folder: str
    schema_text: str = field(repr=False)
    readme: str = field(repr=False)
    mappings: tuple[Mapping, ...] = field(repr=False)

    @cached_property
    def schema(self) -> ReadOnly[str, Any]:
        """The schema, read; a scan needs only its text."""
        return dict(json.loads(self.schema_text))

    @cached_property
    def digest(self) -> str:
        """Hex digest of everything that changes what the engine does."""
        digest = xxhash.xxh3_128()
        for part in (self.schema, *(dict(mapping.data) for mapping in self.mappings)):
            digest.update(json.dumps(part, sort_keys=True).encode())
            digest.update(b"\0")
        return digest.hexdigest()


@dataclass(frozen=True)
class Refusal:
    """A format that is recognized in order to say why it is not read.

    Attributes:
        name: what the format is called.
        detect: the same table as a mapping's `[detect]`.
        message: why it is refused.
        hint: what to do instead.
    """

    name: str
    detect: ReadOnly[str, Any] = field(repr=False)
    message: str
    hint: str

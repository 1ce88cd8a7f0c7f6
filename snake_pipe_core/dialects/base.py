"""What a loaded dialect is.

Belongs here: the values that the registry hands out, and that others register. Does not: finding,
reading and checking the files (`registry`).
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from typing import Any


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
        schema: JSON Schema (2020-12) of an artifact.
        readme: what it is and how to make it, Markdown.
        mappings: one, or one per language.
        digest: hex digest of everything above that changes what the engine does.
    """

    name: str
    version: str
    languages: tuple[str, ...]
    producers: tuple[str, ...]
    folder: str
    schema: ReadOnly[str, Any] = field(repr=False)
    readme: str = field(repr=False)
    mappings: tuple[Mapping, ...] = field(repr=False)
    digest: str = field(repr=False)


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

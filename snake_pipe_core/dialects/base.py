"""What a loaded dialect is.

Belongs here: the values that the registry hands out, and that others register. Does not: finding,
reading and checking the files (`registry`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Any

import xxhash

from snake_pipe_core.native import merge_toml


@dataclass(frozen=True)
class Mapping:
    """One compiled unit: exactly one mapping claims an artifact.

    Attributes:
        name: the dialect's name, or `<dialect>/<language>` where languages have their own files.
        dialect: name of the dialect.
        version: version of the dialect.
        languages: languages that its documents can be in.
        detect: which artifacts it claims.
        layers: texts of the files that make it up, each laid over those before it.
    """

    name: str
    dialect: str
    version: str
    languages: tuple[str, ...]
    detect: ReadOnly[str, Any] = field(repr=False)
    layers: tuple[str, ...] = field(repr=False)

    @cached_property
    def content(self) -> ReadOnly[str, Any]:
        """What the layers say together."""
        content = merge_toml(self.layers)
        content.pop("extends", None)
        return content

    @property
    def kinds(self) -> tuple[str, ...]:
        """Native kinds that the mapping names."""
        return tuple(self.content["kinds"])


@dataclass(frozen=True)
class Dialect:
    """The JSON format of one family of parsers.

    Attributes:
        name: as in `artifacts.dialect`.
        version: version of mapping and schema together.
        languages: languages of all its mappings.
        producers: tools that write it, for people.
        folder: where it was loaded from.
        schema_text: JSON Schema (2020-12) of an artifact, as its file has it.
        mappings: one, or one per language.
        is_trusted: whether its mappings are known to compile: the engine compiles each when an
            artifact needs it, others at once.
    """

    name: str
    version: str
    languages: tuple[str, ...]
    producers: tuple[str, ...]
    folder: Traversable
    schema_text: str = field(repr=False)
    mappings: tuple[Mapping, ...] = field(repr=False)
    is_trusted: bool = field(compare=False)

    @cached_property
    def schema(self) -> ReadOnly[str, Any]:
        """The schema, read; a scan needs only its text."""
        return dict(json.loads(self.schema_text))

    @cached_property
    def readme(self) -> str:
        """What it is and how to make it, Markdown."""
        return self.folder.joinpath("README.md").read_text("utf-8")

    @property
    def unit(self) -> str:
        """What the engine compiles: `{"mappings": […], "is_trusted": …, "schema": …}` as JSON."""
        mappings = [
            {"name": self.name, "version": m.version, "detect": m.detect, "layers": m.layers}
            for m in self.mappings
        ]
        head = json.dumps({"mappings": mappings, "is_trusted": self.is_trusted})
        return f'{head[:-1]}, "schema": {self.schema_text}}}'

    @property
    def digest(self) -> str:
        """Hex digest of everything that changes what the engine does."""
        return xxhash.xxh3_128_hexdigest(self.unit.encode())


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

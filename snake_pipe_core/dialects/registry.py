"""The registry of dialects: built-in folders and those that others register.

Belongs here: finding the folders, reading and merging their files, checking them against the
mapping language, and handing them to the engine as one text. Does not: compiling them (the engine)
or choosing one for an artifact (the engine, by `[detect]`).

A distribution registers a dialect by an entry point of the group `snake_pipe.dialects` whose value
is a package (its folder is the dialect) or `package:attribute` with the folder's path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import xxhash

from snake_pipe_core.dialects.base import Dialect, Mapping, Refusal
from snake_pipe_core.errors import MappingError
from snake_pipe_core.native import merge_toml

if TYPE_CHECKING:  # a tenth of a second, which only dialects that are checked need cost
    from jsonschema import Draft202012Validator

ENTRY_POINTS = "snake_pipe.dialects"
NOTHING_LOADED = "No dialect was loaded."
Layers = tuple[str, ...]
"""Texts of files, each laid over those before it."""
Read = Callable[[Sequence[str]], dict[str, Any]]
"""Tells what layers say together, whole or as far as their heads go."""
_BEHIND_HEAD = re.compile(r"^\[\[?(?!detect\b)", re.MULTILINE)
"""What ends a mapping's head: the first table that is not `[detect]`."""


@dataclass(frozen=True)
class Registry:
    """All dialects, by name, and the formats that are refused with an explanation."""

    dialects: dict[str, Dialect]
    refusals: tuple[Refusal, ...]

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """Every mapping of every dialect, ordered by name."""
        return tuple(mapping for dialect in self.dialects.values() for mapping in dialect.mappings)

    def __getitem__(self, name: str) -> Dialect:
        """Return a dialect.

        Raises:
            MappingError: no dialect has this name.
        """
        try:
            return self.dialects[name]
        except KeyError:
            raise MappingError(
                f"There is no dialect {name!r}.",
                remedy=f"Registered are: {', '.join(self.dialects)}.",
                state="Nothing was read.",
            ) from None

    def mappings_json(self) -> str:
        """Return what the engine compiles: a JSON array.

        Each element is a dialect's `unit`; one more, `{"refuse": […]}`, holds the refusals. Equal
        registries give equal texts.
        """
        units = [dialect.unit for dialect in self.dialects.values()]
        refusals = [
            {"name": r.name, "detect": r.detect, "message": r.message, "hint": r.hint}
            for r in self.refusals
        ]
        units.append(json.dumps({"refuse": refusals}))
        return f"[{','.join(units)}]"

    @property
    def digest(self) -> str:
        """Hex digest over all dialects; part of `artifacts.engine_version`."""
        return xxhash.xxh3_128_hexdigest(self.mappings_json().encode())


@cache
def load_registry() -> Registry:
    """Load the built-in dialects and those of entry points; the result is shared.

    Raises:
        MappingError: a folder that is not a dialect, or two of one name.
    """
    home = resources.files("snake_pipe_core.dialects")
    # Checking takes a second for each schema. The built-in dialects are checked by the tests.
    loaded = [
        load_dialect(folder, check=False)
        for folder in home.iterdir()
        if folder.joinpath("mapping.toml").is_file()
    ]
    loaded += [load_dialect(_entry_folder(point)) for point in _entry_points()]
    return build_registry(loaded, refusals=load_refusals(home.joinpath("unsupported.toml")))


def _entry_points() -> Iterable[metadata.EntryPoint]:
    """Return the entry points of dialects.

    `metadata.entry_points` parses every group of every distribution; where none names ours, looking
    for its name takes a third of that time.
    """
    for distribution in metadata.distributions():
        if ENTRY_POINTS in (distribution.read_text("entry_points.txt") or ""):
            return metadata.entry_points(group=ENTRY_POINTS)
    return ()


def build_registry(dialects: Iterable[Dialect], *, refusals: Iterable[Refusal] = ()) -> Registry:
    """Return the registry of these dialects.

    Raises:
        MappingError: two dialects of one name.
    """
    by_name: dict[str, Dialect] = {}
    for dialect in dialects:
        if dialect.name in by_name:
            raise MappingError(
                f"Two folders are named dialect {dialect.name!r}: "
                f"{by_name[dialect.name].folder} and {dialect.folder}.",
                remedy="Rename one, or uninstall the distribution that brings it.",
                state=NOTHING_LOADED,
            )
        by_name[dialect.name] = dialect
    return Registry(dict(sorted(by_name.items())), tuple(refusals))


def load_dialect(folder: Traversable, *, check: bool = True) -> Dialect:
    """Read one dialect's folder: `mapping.toml`, `schema.json`, `README.md`, `languages/`.

    Args:
        folder: where it lies.
        check: whether to compare the mapping with the mapping language and the schema with
            JSON Schema 2020-12. One that is not checked is trusted: of its files only the heads
            are read, and the engine compiles it when an artifact needs it.

    Raises:
        MappingError: a file that is missing, is not TOML or JSON, or says what the mapping
            language does not know.
    """
    read = merge_toml if check else _merge_heads
    base = _mapping_layers(folder, read)
    sources = _per_language(folder, base, read)
    schema_text = _read_text(folder, "schema.json")
    if check:
        _check_schema(folder, schema_text)
        for source, layers in sources:
            _check_mapping(folder, source, merge_toml(layers))
        _read_text(folder, "README.md")
    head = read(base)
    mappings = [_mapping(source, layers, read(layers)) for source, layers in sources]
    return Dialect(
        name=str(head["name"]),
        version=str(head["version"]),
        languages=tuple(sorted({lang for mapping in mappings for lang in mapping.languages})),
        producers=tuple(head.get("producers", ())),
        folder=folder,
        schema_text=schema_text,
        mappings=tuple(mappings),
        is_trusted=not check,
    )


def load_refusals(file: Traversable) -> tuple[Refusal, ...]:
    """Read `unsupported.toml`: `[[refuse]]` tables with `name`, `detect`, `message`, `hint`."""
    return tuple(
        Refusal(
            name=entry["name"],
            detect=entry["detect"],
            message=entry["message"],
            hint=entry["hint"],
        )
        for entry in merge_toml([file.read_text("utf-8")])["refuse"]
    )


@cache
def mapping_validator() -> Draft202012Validator:
    """Return the validator of mappings (`mapping.schema.json`)."""
    from jsonschema import Draft202012Validator

    file = resources.files("snake_pipe_core.dialects").joinpath("mapping.schema.json")
    return Draft202012Validator(json.loads(file.read_text("utf-8")))


def _merge_heads(layers: Sequence[str]) -> dict[str, Any]:
    """Return what the texts say together before their first table that is not `[detect]`."""
    return merge_toml([_BEHIND_HEAD.split(text, 1)[0] for text in layers])


def _per_language(folder: Traversable, base: Layers, read: Read) -> list[tuple[str, Layers]]:
    languages = folder.joinpath("languages")
    if not languages.is_dir():
        return [("mapping.toml", base)]
    names = sorted(entry.name for entry in languages.iterdir() if entry.name.endswith(".toml"))
    return [(f"languages/{name}", _language_layers(languages, name, base, read)) for name in names]


def _language_layers(languages: Traversable, name: str, base: Layers, read: Read) -> Layers:
    """Return a language's file over the base, or over the language that it extends."""
    text, below = _read_layer(languages, name, read)
    if below is not None:
        base = _language_layers(languages, f"{below}.toml", base, read)
    return (*base, text)


def _mapping_layers(folder: Traversable, read: Read) -> Layers:
    """Return `mapping.toml`; one that `extends` a built-in dialect is laid over that one's."""
    text, below = _read_layer(folder, "mapping.toml", read)
    if below is None:
        return (text,)
    home = resources.files("snake_pipe_core.dialects").joinpath(str(below))
    if not home.is_dir():
        raise MappingError(
            f"{folder.joinpath('mapping.toml')} extends {below!r}, which is no built-in dialect.",
            remedy="Name one of the folders of snake_pipe_core/dialects, or copy its mapping.",
            state=NOTHING_LOADED,
        )
    return (*_mapping_layers(home, read), text)


def _read_layer(folder: Traversable, name: str, read: Read) -> tuple[str, str | None]:
    """Return a file's text and what it extends."""
    text = _read_text(folder, name)
    try:
        return text, read([text]).get("extends")
    except ValueError as error:
        raise MappingError(
            f"{folder.joinpath(name)} is not TOML: {error}.", state=NOTHING_LOADED
        ) from error


def _check_mapping(folder: Traversable, source: str, data: dict[str, Any]) -> None:
    from jsonschema.exceptions import best_match

    data.pop("extends", None)
    error = best_match(mapping_validator().iter_errors(data))
    if error is not None:
        where = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
        ).lstrip(".")
        raise MappingError(
            f"{folder.joinpath(source)}, at `{where or 'the top'}`: {error.message}.",
            remedy="Compare with docs/reference/mapping.md.",
            state=NOTHING_LOADED,
        )


def _mapping(source: str, layers: Layers, head: dict[str, Any]) -> Mapping:
    dialect = str(head["name"])
    own_file = source.startswith("languages/")
    return Mapping(
        name=f"{dialect}/{Path(source).stem}" if own_file else dialect,
        dialect=dialect,
        version=str(head["version"]),
        languages=tuple(str(language) for language in head["languages"]),
        detect=head.get("detect", {}),
        layers=layers,
    )


def _check_schema(folder: Traversable, text: str) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        schema = json.loads(text)
        Draft202012Validator.check_schema(schema)
    except json.JSONDecodeError as error:
        raise _no_schema(folder, str(error)) from error
    except SchemaError as error:
        raise _no_schema(folder, error.message) from error
    if not isinstance(schema, dict):
        raise MappingError(
            f"{folder.joinpath('schema.json')} must be an object.", state=NOTHING_LOADED
        )


def _no_schema(folder: Traversable, why: str) -> MappingError:
    return MappingError(
        f"{folder.joinpath('schema.json')} is not a JSON Schema 2020-12: {why}.",
        remedy="Correct it, or make it again with its script in tools/schemas.",
        state=NOTHING_LOADED,
    )


def _read_text(folder: Traversable, name: str) -> str:
    try:
        return folder.joinpath(name).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MappingError(
            f"The dialect in {folder} has no {name}.",
            remedy="A dialect is a folder with mapping.toml, schema.json and README.md.",
            state=NOTHING_LOADED,
        ) from error


def _entry_folder(point: metadata.EntryPoint) -> Traversable:
    try:
        value = point.load()
    except Exception as error:
        raise MappingError(
            f"The dialect registered as {point.name!r} ({point.value}) cannot be loaded: {error}.",
            remedy="Repair or uninstall the distribution that registers it.",
            state=NOTHING_LOADED,
        ) from error
    if isinstance(value, ModuleType):
        return resources.files(value)
    if isinstance(value, str):
        return Path(value)
    if isinstance(value, Traversable):
        return value
    raise MappingError(
        f"The entry point {point.name!r} ({point.value}) gives a {type(value).__name__}.",
        remedy="It must be a package or the path of a dialect's folder.",
        state=NOTHING_LOADED,
    )

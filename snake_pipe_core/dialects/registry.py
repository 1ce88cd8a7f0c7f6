"""The registry of dialects: built-in folders and those that others register.

Belongs here: finding the folders, reading and merging their files, checking them against the
mapping language, and handing them to the engine as one text. Does not: compiling them (the engine)
or choosing one for an artifact (the engine, by `[detect]`).

A distribution registers a dialect by an entry point of the group `snake_pipe.dialects` whose value
is a package (its folder is the dialect) or `package:attribute` with the folder's path.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
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
from snake_pipe_core.native import parse_toml

if TYPE_CHECKING:  # a tenth of a second, which only dialects that are checked need cost
    from jsonschema import Draft202012Validator

ENTRY_POINTS = "snake_pipe.dialects"
NOTHING_LOADED = "No dialect was loaded."


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

        Each element is `{"mapping": …, "schema": …}`, those of a dialect one behind the other with
        one schema; one more element, `{"refuse": […]}`, holds the refusals. Equal registries give
        equal texts.
        """
        units = [
            f'{{"mapping":{_json({**mapping.data, "name": dialect.name})},'
            f'"schema":{dialect.schema_text}}}'
            for dialect in self.dialects.values()
            for mapping in dialect.mappings
        ]
        refusals = [
            {"name": r.name, "detect": r.detect, "message": r.message, "hint": r.hint}
            for r in self.refusals
        ]
        units.append(_json({"refuse": refusals}))
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
        if folder.is_dir() and folder.joinpath("mapping.toml").is_file()
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
            JSON Schema 2020-12.

    Raises:
        MappingError: a file that is missing, is not TOML or JSON, or says what the mapping
            language does not know.
    """
    base = _read_mapping(folder)
    schema_text = _read_text(folder, "schema.json")
    if check:
        _check_schema(folder, schema_text)
    sources = _per_language(folder, base)
    if check:
        for source, data in sources:
            _check_mapping(folder, source, data)
    mappings = [_mapping(source, data) for source, data in sources]
    name = str(base["name"])
    return Dialect(
        name=name,
        version=str(base["version"]),
        languages=tuple(sorted({lang for mapping in mappings for lang in mapping.languages})),
        producers=tuple(base.get("producers", ())),
        folder=str(folder),
        schema_text=schema_text,
        readme=_read_text(folder, "README.md"),
        mappings=tuple(mappings),
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
        for entry in parse_toml(file.read_text("utf-8"))["refuse"]
    )


def merge(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with `extra` laid over it: tables key by key, `rule` lists one after the other."""
    merged = dict(base)
    for key, value in extra.items():
        old = merged.get(key)
        if key == "rule" and isinstance(old, list):
            merged[key] = [*old, *value]
        elif isinstance(old, dict) and isinstance(value, dict):
            merged[key] = merge(old, value)
        else:
            merged[key] = value
    return merged


@cache
def mapping_validator() -> Draft202012Validator:
    """Return the validator of mappings (`mapping.schema.json`)."""
    from jsonschema import Draft202012Validator

    file = resources.files("snake_pipe_core.dialects").joinpath("mapping.schema.json")
    return Draft202012Validator(json.loads(file.read_text("utf-8")))


def _per_language(folder: Traversable, base: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    languages = folder.joinpath("languages")
    if not languages.is_dir():
        return [("mapping.toml", base)]
    names = sorted(entry.name for entry in languages.iterdir() if entry.name.endswith(".toml"))
    return [(f"languages/{name}", _extended(languages, name, base)) for name in names]


def _extended(languages: Traversable, name: str, base: dict[str, Any]) -> dict[str, Any]:
    """Lay a language's file over the base, or over the language that it extends."""
    extra = _read_toml(languages, name)
    below = extra.pop("extends", None)
    return merge(_extended(languages, f"{below}.toml", base) if below else base, extra)


def _read_mapping(folder: Traversable) -> dict[str, Any]:
    """Read `mapping.toml`; one that `extends` a built-in dialect is laid over that one's."""
    data = _read_toml(folder, "mapping.toml")
    below = data.pop("extends", None)
    if below is None:
        return data
    home = resources.files("snake_pipe_core.dialects").joinpath(str(below))
    if not home.is_dir():
        raise MappingError(
            f"{folder.joinpath('mapping.toml')} extends {below!r}, which is no built-in dialect.",
            remedy="Name one of the folders of snake_pipe_core/dialects, or copy its mapping.",
            state=NOTHING_LOADED,
        )
    return merge(_read_mapping(home), data)


def _check_mapping(folder: Traversable, source: str, data: dict[str, Any]) -> None:
    from jsonschema.exceptions import best_match

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


def _mapping(source: str, data: dict[str, Any]) -> Mapping:
    dialect = str(data["name"])
    languages = tuple(str(language) for language in data["languages"])
    own_file = source.startswith("languages/")
    name = f"{dialect}/{Path(source).stem}" if own_file else dialect
    return Mapping(name=name, dialect=dialect, languages=languages, data=data)


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


def _read_toml(folder: Traversable, name: str) -> dict[str, Any]:
    try:
        return parse_toml(_read_text(folder, name))
    except ValueError as error:
        raise MappingError(
            f"{folder.joinpath(name)} is not TOML: {error}.", state=NOTHING_LOADED
        ) from error


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


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""Every kind of source there is: ours and those that other packages register.

Belongs here: names, which locations are whose, options, and what to install. Does not: importing
any driver, which happens when a source is read.

Another package registers a kind through the entry-point group `snake_pipe.sources`: the entry
point's name is the kind's, and it loads a `SourceSpec`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.sources.base import Source, SourceOptionError
from snake_pipe_core.sources.listing import Patterns

ENTRY_POINT_GROUP = "snake_pipe.sources"
_UNITS = {"": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}


@dataclass(frozen=True)
class Option:
    """One option of a kind; its type is its default's."""

    name: str
    default: str | int | bool
    meaning: str

    def parse(self, value: Any) -> str | int | bool:
        """Return the value in the option's type, from text or from TOML."""
        text = str(value).strip()
        if isinstance(self.default, bool):
            if text.lower() in ("true", "1", "yes", "false", "0", "no"):
                return text.lower() in ("true", "1", "yes")
        elif isinstance(self.default, int):
            match = re.fullmatch(r"(\d+)\s*([KMGT]iB)?", text, re.IGNORECASE)
            if match:
                return int(match[1]) * _UNITS[(match[2] or "").upper()]
        elif isinstance(value, str):
            return value
        kind = {bool: "true or false", int: "a whole number", str: "text"}[type(self.default)]
        raise SourceOptionError(
            f"The option {self.name} is {value!r}.",
            remedy=f"It must be {kind}: {self.meaning}",
            state="Nothing was read or written.",
        )


@dataclass(frozen=True)
class SourceSpec:
    """What is known of a kind without importing it."""

    name: str
    target: str
    """`module:Class`; the class has `open(location, patterns, options) -> Source`."""
    summary: str
    """One line for listings."""
    example: str
    """A location."""
    locations: str
    """Regular expression; a location that matches it whole, in any case, is of this kind."""
    options: tuple[Option, ...] = ()
    drivers: tuple[str, ...] = ()
    """Top-level modules it needs."""
    install: str = ""
    """Command that installs them."""
    poll_seconds: int = 0
    """How often a sensor may ask for the fingerprint, where that costs a whole listing or more."""

    def claims(self, location: str) -> bool:
        """Return whether a location is of this kind by its form."""
        return re.fullmatch(self.locations, location, re.IGNORECASE | re.DOTALL) is not None

    def missing_drivers(self) -> list[str]:
        """Return the modules it needs that are not installed, without importing any."""
        return [driver for driver in self.drivers if find_spec(driver) is None]

    def open(self, location: str, patterns: Patterns, options: Mapping[str, Any]) -> Source:
        """Return the source, or say which option is wrong or what to install."""
        known = {option.name: option for option in self.options}
        if unknown := sorted(options.keys() - known.keys()):
            raise SourceOptionError(
                f"The source kind {self.name} has no option {', '.join(unknown)}.",
                remedy=f"Its options are {', '.join(known)}." if known else "It has none.",
                state="Nothing was read or written.",
            )
        if missing := self.missing_drivers():
            raise SourceOptionError(
                f"The source kind {self.name} needs {', '.join(missing)}, which is not installed.",
                remedy=f"Run `{self.install}`.",
                state="Nothing was read or written.",
            )
        values = {name: option.default for name, option in known.items()}
        values |= {name: known[name].parse(value) for name, value in options.items()}
        module, _, name = self.target.partition(":")
        source: Source = getattr(import_module(module), name).open(location, patterns, values)
        return source


_LIMITS = (
    Option("max_bytes", 1 << 30, "Bytes of one artifact, uncompressed, at most."),
    Option("max_ratio", 500, "Uncompressed bytes to a compressed one, at most, beyond 64 MiB."),
)
_SPOOLED = (
    *_LIMITS,
    Option("spool_bytes", 16 << 30, "Temporary space for artifacts, compressed, at most."),
)
_COLUMNS = (
    Option("path", "path", "Column or field with the artifact's path."),
    Option("content", "content", "Column or field with the AST JSON, as text, bytes or JSON."),
)

BUILT_IN: tuple[SourceSpec, ...] = (
    SourceSpec(
        "zip", "snake_pipe_core.sources.archive:ZipSource",
        "A zip archive, read where its members lie.", "asts.zip", r"(?!\w+://).*\.zip", _LIMITS,
    ),
    SourceSpec(
        "tar", "snake_pipe_core.sources.archive:TarSource",
        "A tar archive, plain or compressed (gzip, bzip2, xz, zstd), read once in its order.",
        "asts.tar.zst", r"(?!\w+://).*\.(tar(\.(gz|bz2|xz|zst))?|tgz|tbz2|txz|tzst)", _SPOOLED,
    ),
    SourceSpec(
        "ndjson", "snake_pipe_core.sources.bundle:NdjsonSource",
        "A file with one JSON object per line: path and content; plain, gzip or zstd.",
        "asts.ndjson.zst", r"(?!\w+://).*\.(ndjson|jsonl)(\.(gz|zst))?", (*_COLUMNS, *_SPOOLED),
    ),
    SourceSpec(
        "parquet", "snake_pipe_core.sources.bundle:ParquetSource",
        "A Parquet file with a column of paths and one of contents.",
        "asts.parquet", r"(?!\w+://).*\.parquet", (*_COLUMNS, *_SPOOLED),
    ),
    SourceSpec(
        "object_store", "snake_pipe_core.sources.objects:ObjectStoreSource",
        "Every object below a prefix of S3, Google Cloud Storage or Azure Blob Storage.",
        "s3://bucket/prefix", r"(s3a?|gs|az|abfss?)://.+",
        (
            Option("endpoint", "", "Address of a server that speaks S3; http:// is allowed."),
            Option("region", "", "Region of the bucket; else the cloud's own variables say it."),
            Option("anonymous", False, "Read a public bucket without credentials."),
            Option("connections", 16, "Objects that are got side by side."),
            Option("attempts", 5, "Times that a request is tried again."),
            *_LIMITS,
        ),
        ("obstore",), "pip install 'snake-pipe[objects]'", 300,
    ),
    SourceSpec(
        "http", "snake_pipe_core.sources.http:HttpSource",
        "A JSON API that lists artifacts page by page.", "https://host/api/asts", r"https?://.+",
        (
            Option("items", "", "Field of a page with its list of items, dotted; found if absent."),
            *_COLUMNS,
            Option("paging", "auto", "`link`, `page`, `cursor`, `none`, or `auto` (cursor or link)."),
            Option("next", "next", "Field with the next page's address; else the Link header."),
            Option("cursor", "next_cursor", "Field with the next page's cursor."),
            Option("cursor_param", "cursor", "Query parameter that takes the cursor."),
            Option("page_param", "page", "Query parameter that takes the page's number."),
            Option("first_page", 1, "Number of the first page."),
            Option("max_pages", 100_000, "Pages at most."),
            Option("token_env", "", "Name of the variable that holds a bearer token."),
            Option("timeout_seconds", 60, "Seconds to wait for an answer."),
            Option("attempts", 5, "Times that a request is tried again when the server is busy."),
            *_SPOOLED,
        ),
        ("urllib3",), "pip install 'snake-pipe[http]'", 1800,
    ),
    SourceSpec(
        "sql", "snake_pipe_core.sources.sql:SqlSource",
        "A table of any database that SQLAlchemy knows.", "sqlite:///asts.db",
        r"(sqlite|postgresql|postgres|mysql|mariadb|mssql|oracle|duckdb|snowflake|bigquery|"
        r"cockroachdb|trino|redshift|clickhouse)(\+\w+)?://.*",
        (
            Option("table", "", "The table, with its schema in front if it has one."),
            *_COLUMNS,
            Option("where", "", "SQL condition on the rows."),
            Option("password_env", "", "Name of the variable that holds the password."),
            *_SPOOLED,
        ),
        ("sqlalchemy",), "pip install 'snake-pipe[sql]'", 1800,
    ),
    SourceSpec(
        "directory", "snake_pipe_core.sources.directory:DirectorySource",
        "A directory and everything below it; `.json.gz` and `.json.zst` are unfolded.", "asts/",
        r"(?!\w[\w+.-]*://).+", _LIMITS,
    ),
)  # fmt: skip
"""Ours, in the order in which a location is offered to them."""


def source_kinds() -> Mapping[str, SourceSpec]:
    """Return all specs by name, without importing any driver; `directory` comes last."""
    found = {spec.name: spec for spec in BUILT_IN[:-1]}
    for name, spec in _registered():
        if name in found or name == BUILT_IN[-1].name:
            raise SourceOptionError(
                f"Two kinds of source are called {name!r}; one is {spec.target}.",
                remedy="Uninstall one of the packages.",
                state="Nothing was opened.",
            )
        found[name] = spec
    return found | {BUILT_IN[-1].name: BUILT_IN[-1]}


def kind_of(location: str) -> SourceSpec:
    """Return the kind that a location is of: by its form, and a directory whatever its name."""
    kinds = source_kinds()
    if "://" not in location and _is_directory(location):
        return kinds["directory"]
    for spec in kinds.values():
        if spec.claims(location):
            return spec
    scheme = location.split("://", 1)[0]
    raise SourceOptionError(
        f"No kind of source reads {scheme}:// locations.",
        remedy=f"Kinds are {', '.join(kinds)}; name one by --kind if the location is of it.",
        state="Nothing was read or written.",
    )


def open_source(
    location: str,
    *,
    kind: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Source:
    """Return the source at `location`, of the kind that is named or that its form tells.

    Raises:
        SourceOptionError: no such kind or option, or its driver is not installed.
        SourceNotFoundError: a local path that is not there.
    """
    if kind is None:
        spec = kind_of(location)
    else:
        kinds = source_kinds()
        if kind not in kinds:
            raise SourceOptionError(
                f"There is no kind of source called {kind!r}.",
                remedy=f"Kinds are {', '.join(kinds)}.",
                state="Nothing was read or written.",
            )
        spec = kinds[kind]
    return spec.open(location, Patterns(include, exclude), options or {})


def open_origin(origin: Mapping[str, Any], moved_to: Path | str | None = None) -> Source:
    """Return the source that a head's `origin` describes, at `moved_to` if it lies there now."""
    return open_source(
        str(moved_to or origin["location"]),
        kind=origin["kind"],
        include=origin.get("include", ()),
        exclude=origin.get("exclude", ()),
        options=origin.get("options", {}),
    )


def open_configured(name: str, sources: Mapping[str, Mapping[str, Any]]) -> Source:
    """Return the source that `[sources.<name>]` of the settings describes.

    Keys: `location`, and optionally `kind`, `include`, `exclude` and a table `options`.
    """
    if name not in sources:
        raise SourceNotFoundError(
            f"No source {name!r} is configured.",
            remedy=f"Add [sources.{name}] with a location to snake-pipe.toml"
            + (f"; there are {', '.join(sorted(sources))}." if sources else "."),
            state="Nothing was read or written.",
        )
    table = sources[name]
    known = {"location", "kind", "include", "exclude", "options"}
    wrong = sorted(table.keys() - known)
    if wrong or not isinstance(table.get("location"), str):
        raise SourceOptionError(
            f"[sources.{name}] has no location, or unknown keys ({', '.join(wrong) or 'none'}).",
            remedy=f"Its keys are {', '.join(sorted(known))}.",
            state="Nothing was read or written.",
        )
    return open_source(
        table["location"], kind=table.get("kind"), include=table.get("include", ()),
        exclude=table.get("exclude", ()), options=table.get("options", {}),
    )  # fmt: skip


def name_for(location: str) -> str:
    """Return a slug for a source, made of the last part of where it lies."""
    plain = location.split("?", 1)[0].rstrip("/")
    last = plain.rsplit("/", 1)[-1] if "://" in plain else Path(location).resolve().name
    if "://" not in plain and not _is_directory(location):
        last = re.sub(r"\.(zip|tar|tgz|tbz2|txz|tzst|ndjson|jsonl|parquet)(\.\w+)?$", "", last)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-._")[:200] or "source"


def _is_directory(location: str) -> bool:
    return os.path.isdir(location)  # noqa: PTH112 - pathlib's raises where it may not look


def _registered() -> Iterator[tuple[str, SourceSpec]]:
    for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        yield entry_point.name, entry_point.load()

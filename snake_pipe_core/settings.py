"""What a run may be told from outside: places, servers, budgets.

Belongs here: names, defaults and the readers of `snake-pipe.toml` and `SNAKE_PIPE_*` variables.
Does not: reading either at import, or keeping anything global. Settings are made once, by whoever
starts a run, and passed in.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from snake_pipe_core.errors import TerminalError

FILE_NAME = "snake-pipe.toml"
PREFIX = "SNAKE_PIPE_"
DEFAULT_WORKSPACE = Path(".snake-pipe")
DEFAULT_MEMORY_BUDGET_BYTES = 1 << 30
DEFAULT_FILES_PER_SHARD = 128

_UNITS = {"": 1, "B": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}
_SIZE = re.compile(r"\s*(\d+)\s*([KMGT]iB|B)?\s*", re.IGNORECASE)


class SettingsError(TerminalError):
    """A setting that is unknown or cannot be read."""


@dataclass(frozen=True)
class Settings:
    """Everything a run is told from outside."""

    workspace: Path = DEFAULT_WORKSPACE
    """Directory that holds the lake and the embedded stores; made when first written to."""
    postgres_url: str | None = None
    """Connection string of a PostgreSQL server >= 15; the embedded one is started if absent."""
    memory_budget_bytes: int = DEFAULT_MEMORY_BUDGET_BYTES
    """What scan may hold in memory at once."""
    workers: int = 0
    """Threads of a run; 0 means one per processor this process may use."""
    files_per_shard: int = DEFAULT_FILES_PER_SHARD
    """Artifacts of one shard of a source's tables, at least; a shard is what one changed file has
    written anew, and what is in memory at once."""
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Sources by name, from `[sources.<name>]`: `location`, and optionally `kind`, `include`,
    `exclude` and `options`; what they may hold, `snake_pipe_core.sources.registry` says."""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot work."""
        if self.workers < 0:
            raise _wrong("workers", self.workers, "a number of threads, or 0 for all processors")
        if self.files_per_shard < 1:
            raise _wrong("files_per_shard", self.files_per_shard, "at least 1")
        if self.memory_budget_bytes < 1 << 20:
            raise _wrong("memory_budget_bytes", self.memory_budget_bytes, "at least 1 MiB")

    @property
    def lake(self) -> Path:
        """Where the lake lies."""
        return self.workspace / "lake"

    def store(self, backend: str) -> Path:
        """Return where an embedded backend keeps its files."""
        return self.workspace / "backends" / backend

    def asts(self, source: str) -> Path:
        """Return where the AST JSON lies that was made of a source's code."""
        return self.workspace / "asts" / source

    @property
    def worker_count(self) -> int:
        """Threads of a run, resolved."""
        if self.workers:
            return self.workers
        affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
        return len(affinity(0)) if affinity else os.cpu_count() or 1

    @classmethod
    def load(
        cls,
        file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        **given: Any,
    ) -> Settings:
        """Return settings from a TOML file, overridden by variables, overridden by `given`.

        `file` defaults to `snake-pipe.toml` in the current directory, which may be absent; a file
        that is named must exist. `environment` defaults to the process's own. `None` among `given`
        means "not given". Relative paths in the file count from the file's directory.
        """
        values = _from_file(file)
        values |= _from_environment(os.environ if environment is None else environment)
        values |= {name: value for name, value in given.items() if value is not None}
        known = {field.name for field in fields(cls)}
        for name in values.keys() - known:
            raise SettingsError(
                f"There is no setting {name!r}.",
                remedy=f"Settings are {', '.join(sorted(known))}.",
                state="Nothing was read or written.",
            )
        return replace(cls(), **{name: _converted(name, value) for name, value in values.items()})


def _from_file(file: Path | None) -> dict[str, Any]:
    path = file or Path(FILE_NAME)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if file is None:
            return {}
        raise SettingsError(
            f"There is no settings file {path}.", remedy="Name one that exists, or none."
        ) from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}.", remedy="Write it as TOML, in UTF-8."
        ) from error
    if isinstance(values.get("workspace"), str):
        values["workspace"] = path.absolute().parent / values["workspace"]
    for table in _tables(values.get("sources", {})).values():
        place = table.get("location")
        if isinstance(place, str) and "://" not in place:
            table["location"] = str(path.absolute().parent / Path(place).expanduser())
    return values


def _tables(value: Any) -> dict[str, dict[str, Any]]:
    """Return `[sources]` if it holds tables alone."""
    if isinstance(value, dict) and all(isinstance(table, dict) for table in value.values()):
        return value
    raise _wrong("sources", value, "one table [sources.<name>] for each source")


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the variables that name settings; others with the prefix belong to someone else."""
    names = {
        f"{PREFIX}{field.name.upper()}": field.name
        for field in fields(Settings)
        if field.name != "sources"
    }
    return {names[key]: value for key, value in environment.items() if key in names and value}


def _converted(name: str, value: Any) -> Any:
    match name:
        case "workspace":
            if isinstance(value, str | Path):
                return Path(value).expanduser()
            raise _wrong(name, value, "a path")
        case "postgres_url":
            if isinstance(value, str):
                return value or None
            raise _wrong(name, value, "a connection string")
        case "sources":
            return _tables(value)
        case "memory_budget_bytes":
            return _bytes(name, value)
        case _:
            return _whole_number(name, value)


def _bytes(name: str, value: Any) -> int:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        return int(match[1]) * _UNITS[(match[2] or "").upper()]
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _wrong(name, value, "bytes as a number, or with KiB, MiB or GiB behind it")


def _whole_number(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    raise _wrong(name, value, "a whole number")


def _wrong(name: str, value: Any, wanted: str) -> SettingsError:
    return SettingsError(
        f"The setting {name} is {value!r}.",
        remedy=f"It must be {wanted}.",
        state="Nothing was read or written.",
    )

"""The native engine, typed and documented.

Belongs here: the only import of `_native`, and its errors as errors of this package. Does not: any
decision about artifacts; those are made in Rust, by the mappings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from snake_pipe_core import _native
from snake_pipe_core._native import Batch
from snake_pipe_core.errors import MappingError

_UNLIMITED = (1 << 64) - 1


def engine_version() -> str:
    """Return the version of the engine alone; see `Engine.version` for what rows carry."""
    return _native.engine_version()


@dataclass(frozen=True)
class Inspection:
    """What can be told of an artifact without making rows.

    `kinds` counts nodes by native kind, most frequent first. `findings` are triples of code, JSON
    Pointer and message.
    """

    path: str
    dialect: str | None
    producer: str | None
    language: str | None
    document_path: str | None
    node_count: int
    kinds: Mapping[str, int]
    findings: Sequence[tuple[str, str, str]]


@contextmanager
def _told_refusals(state: str) -> Iterator[None]:
    try:
        yield
    except _native.MappingRefusedError as error:
        raise MappingError(
            str(error), remedy="Correct the dialect's mapping or schema.", state=state
        ) from error


class Engine:
    """All mappings of a registry. Threads may share it."""

    def __init__(self, mappings_json: str) -> None:
        """Compile what `Registry.mappings_json` gives; what is trusted, when an artifact needs it.

        Raises:
            MappingError: a mapping or schema that the engine cannot compile.
        """
        with _told_refusals("No artifact was read."):
            self._engine = _native.Engine(mappings_json)

    @property
    def digest(self) -> str:
        """Hex digest of all mappings, schemas and refusals."""
        return self._engine.digest

    @property
    def version(self) -> str:
        """Engine version and mapping digest, as in `artifacts.engine_version`."""
        return self._engine.version

    def scan(
        self,
        source: str,
        paths: Sequence[str],
        files: Sequence[str] | None = None,
        contents: Sequence[bytes] | None = None,
        *,
        workers: int = 0,
        max_bytes: int = _UNLIMITED,
        node_file: str | None = None,
        nodes: bool = True,
    ) -> dict[str, list[Batch]]:
        """Scan artifacts to tables; bad ones become findings, never exceptions.

        Args:
            source: slug that every row carries.
            paths: paths within the source, as the tables tell them.
            files: for each path, the file to read; or
            contents: for each path, its bytes.
            workers: threads; 0 for one per core. The GIL is released meanwhile.
            max_bytes: larger artifacts are not read but quarantined (`FILE_TOO_LARGE`).
            node_file: if given, `nodes` are written there as Parquet (without `source`, in one
                row group a task) and not returned; no nodes, no file.
            nodes: whether to make `nodes` at all, if they are not written to a file.

        Returns:
            For each of `artifacts`, `findings` and the tables of `SCAN_TABLES`, batches with the
            table's columns (texts as string views), rows in the order of `paths`. Every batch
            offers the Arrow PyCapsule interface. Memory holds the tables of all paths given: about
            their bytes, or a quarter of them with `node_file`; so give as many as fit.

        Raises:
            OSError: `node_file` cannot be written.
            MappingError: a trusted mapping claims an artifact and cannot be compiled.
        """
        with _told_refusals("Nothing was written."):
            return self._engine.scan(
                source,
                paths,
                files,
                contents,
                workers=workers,
                max_bytes=min(max_bytes, _UNLIMITED),
                node_file=node_file,
                nodes=nodes,
            )

    def inspect(
        self,
        paths: Sequence[str],
        files: Sequence[str] | None = None,
        contents: Sequence[bytes] | None = None,
        *,
        max_bytes: int = _UNLIMITED,
    ) -> list[Inspection]:
        """Tell dialect, language and kinds of artifacts; arguments as for `scan`."""
        limit = min(max_bytes, _UNLIMITED)
        with _told_refusals("Nothing was written."):
            found = self._engine.inspect(paths, files, contents, max_bytes=limit)
        return [Inspection(**entry) for entry in found]


def check_mapping(unit_json: str) -> list[str]:
    """Return sentences about what of `{"mappings": […], "schema": …}` cannot be compiled."""
    return _native.check_mapping(unit_json)


def merge_toml(layers: Sequence[str]) -> dict[str, Any]:
    """Return what TOML texts say together, each laid over those before it.

    Tables are merged key by key; the lists `rule` stand one after the other.

    Raises:
        ValueError: a text is no TOML.
    """
    merged: dict[str, Any] = json.loads(_native.merge_toml(layers))
    return merged

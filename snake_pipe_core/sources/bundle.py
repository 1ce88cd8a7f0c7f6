"""Bundles: one file with a row for every artifact, its path and its content.

Belongs here: NDJSON (plain, gzip or zstd) and Parquet. Does not: tables of a database.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from snake_pipe_core.sources.base import SourceOptionError, UnreadableArtifactError
from snake_pipe_core.sources.compression import DAMAGED, Counted, Limits, opened
from snake_pipe_core.sources.listing import Listing
from snake_pipe_core.sources.located import LocalFileSource, damaged
from snake_pipe_core.sources.spool import Entry, SpooledSource

_BATCH_ROWS = 64
_ESCAPED = 6
"""Bytes of the longest escape (`\\u0000`) that stand for one byte of content."""


def content_bytes(value: Any) -> bytes:
    """Return an artifact's bytes, given text, bytes, or JSON that somebody has parsed already."""
    match value:
        case None:
            raise row_error("The row has no content.")
        case str():
            return value.encode("utf-8", "surrogatepass")
        case bytes() | bytearray() | memoryview():
            return bytes(value)
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise row_error(f"The content is neither text nor JSON ({error}).") from error


def row_error(message: str) -> UnreadableArtifactError:
    """Return why a row is no artifact."""
    return UnreadableArtifactError(
        "ROW_INVALID",
        message,
        "Mend the row, or name other columns by the options path and content.",
    )


def entry_of(number: int, path: Any, content: Any, limits: Limits) -> Entry:
    """Return the entry of row `number`, which may lack what it should have."""
    if not isinstance(path, str) or not path:
        return Entry(f"(row {number})", _failing(row_error("The row names no path.")), is_row=True)

    def read() -> bytes:
        found = content_bytes(content)
        limits.check_size(len(found))
        return found

    return Entry(path, read)


def _failing(error: UnreadableArtifactError) -> Callable[[], bytes]:
    def fail() -> bytes:
        raise error

    return fail


class NdjsonSource(LocalFileSource, SpooledSource):
    """A file with one JSON object on each line."""

    kind = "ndjson"

    def entries(self, listing: Listing) -> Iterator[Entry]:
        """Give every line."""
        codec = {".gz": "gzip", ".zst": "zstd"}.get(Path(self.location).suffix)
        limits = self.limits
        longest = limits.max_bytes * _ESCAPED
        try:
            with Path(self.location).open("rb") as file:
                counted = Counted(file)
                stream = opened(cast("IO[bytes]", io.BufferedReader(counted, 1 << 18)), codec)
                lines = io.BufferedReader(cast("io.RawIOBase", Counted(stream)), 1 << 18)
                produced = number = 0
                while line := lines.readline(longest):
                    number += 1
                    produced += len(line)
                    if codec and limits.is_bomb(produced, counted.count):
                        raise ValueError(
                            f"{counted.count:,} compressed bytes unfolded to {produced:,}"
                        )
                    if len(line) == longest:
                        raise ValueError(f"line {number} is longer than {longest:,} bytes")
                    if line.strip():
                        yield self._entry(number, line)
        except UnreadableArtifactError:
            raise
        except DAMAGED as error:
            raise damaged(self.location, "NDJSON", error) from error

    def _entry(self, number: int, line: bytes) -> Entry:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            message = f"Line {number} is no JSON object ({error})."
            return Entry(f"(row {number})", _failing(row_error(message)), is_row=True)
        if not isinstance(row, dict):
            row = {}
        return entry_of(
            number, row.get(self.options["path"]), row.get(self.options["content"]), self.limits
        )


class ParquetSource(LocalFileSource, SpooledSource):
    """A Parquet file with a column of paths and one of contents, as text or bytes."""

    kind = "parquet"

    def entries(self, listing: Listing) -> Iterator[Entry]:
        """Give every row; a few rows are in memory at once."""
        import pyarrow.parquet as pq

        path, content = self.options["path"], self.options["content"]
        number, limits = 0, self.limits
        try:
            with pq.ParquetFile(self.location) as file:
                names = file.schema_arrow.names
                for name in (path, content):
                    if name not in names:
                        raise SourceOptionError(
                            f"{self.location} has no column {name!r}.",
                            remedy=f"Its columns are {', '.join(names)}; name them by "
                            "--option path=… and --option content=….",
                            state="Nothing was read or written.",
                        )
                batches = file.iter_batches(_BATCH_ROWS, columns=[path, content])
                for batch in batches:
                    columns = (batch.column(path), batch.column(content))
                    for name, value in zip(*columns, strict=True):
                        number += 1
                        yield entry_of(number, name.as_py(), value.as_py(), limits)
        except (OSError, pa.ArrowException) as error:
            raise damaged(self.location, "Parquet", error) from error

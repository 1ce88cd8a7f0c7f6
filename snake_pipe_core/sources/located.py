"""What kinds of source have in common that are named by a location and options.

Belongs here: keeping both, saying them again as the origin, and what a local file offers. Does not:
reading anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import xxhash

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.sources.base import Source, SourceUnreachableError
from snake_pipe_core.sources.compression import Limits
from snake_pipe_core.sources.listing import Patterns


class LocatedSource(Source):
    """A source that the registry opens: kind, location, patterns, and a value for each option."""

    kind: ClassVar[str]

    def __init__(self, location: str, patterns: Patterns, options: Mapping[str, Any]) -> None:
        """Keep them; `location` and `options` stand in the head and hold no secret."""
        self.location, self.patterns, self.options = location, patterns, dict(options)

    @classmethod
    def open(cls, location: str, patterns: Patterns, options: Mapping[str, Any]) -> Self:
        """Return the source; nothing is read yet."""
        return cls(location, patterns, options)

    @property
    def origin(self) -> Mapping[str, Any]:
        """Kind, location, patterns and options."""
        return {
            "kind": self.kind,
            "location": self.location,
            "include": list(self.patterns.include),
            "exclude": list(self.patterns.exclude),
            "options": {key: value for key, value in self.options.items() if value != ""},
        }

    @property
    def limits(self) -> Limits:
        """What one artifact may cost."""
        return Limits(self.options["max_bytes"], self.options["max_ratio"])


class LocalFileSource(Source):
    """Beside another class: a source in one local file."""

    location: str

    @classmethod
    def open(cls, location: str, patterns: Patterns, options: Mapping[str, Any]) -> Self:
        """Return the source; raise `SourceNotFoundError` if the file cannot be opened."""
        path = Path(location).resolve()
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            raise SourceNotFoundError(
                f"{location} cannot be opened ({error.strerror}).",
                remedy="Name a file that exists and that you may read.",
                state="Nothing was read or written.",
            ) from error
        return cls(str(path), patterns, options)  # type: ignore[call-arg]

    def fingerprint(self) -> str:
        """Hash the file's size and modification time, without reading it."""
        try:
            stat = os.stat(self.location)  # noqa: PTH116
        except OSError as error:
            raise SourceNotFoundError(
                f"{self.location} is not there any more ({error.strerror}).",
                remedy="Put it back, or remove the source.",
                state="Nothing was changed.",
            ) from error
        return xxhash.xxh3_128_hexdigest(f"{stat.st_size}\0{stat.st_mtime_ns}".encode())


def damaged(location: str, what: str, error: object) -> SourceUnreachableError:
    """Return the error for a medium that cannot be read to its end."""
    return SourceUnreachableError(
        f"{location} cannot be read to its end as {what}: {error}.",
        remedy="Copy or make it again; it may have been cut off or still be written.",
        state="Nothing was published: what was known of the source stays as it is.",
    )

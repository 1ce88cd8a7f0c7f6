"""Object stores: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.

Belongs here: listing a prefix and getting objects. Does not: credentials; they are found where each
cloud's own tools look for them (variables, instance roles), never in a location.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from snake_pipe_core.sources.base import (
    Discovery,
    SourceOptionError,
    SourceUnreachableError,
    UnreadableArtifactError,
    fingerprint_of,
)
from snake_pipe_core.sources.compression import read_bounded
from snake_pipe_core.sources.listing import Listing, Patterns, fingerprint, uncompressed
from snake_pipe_core.sources.located import LocatedSource

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class ObjectStoreSource(LocatedSource):
    """Every object below a prefix; one has changed if its ETag has."""

    kind = "object_store"

    def __init__(self, *given: Any) -> None:
        """Keep what `LocatedSource` takes."""
        super().__init__(*given)
        self._keys: dict[str, str] = {}

    @classmethod
    def open(cls, location: str, patterns: Patterns, options: Mapping[str, Any]) -> Self:
        """Return the source; refuse a location with credentials in it."""
        if "@" in location.split("://", 1)[-1].split("/", 1)[0] or "?" in location:
            raise SourceOptionError(
                "The location holds credentials or a query.",
                remedy="Name bucket and prefix alone; credentials come from the cloud's variables.",
                state="Nothing was read or written.",
            )
        return cls(location.rstrip("/"), patterns, options)

    @cached_property
    def _store(self) -> ObjectStore:
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        config: dict[str, Any] = {}
        if self.options["region"]:
            config["region"] = self.options["region"]
        if self.options["endpoint"]:
            config["endpoint"] = self.options["endpoint"]
        if self.options["anonymous"]:
            config["skip_signature"] = True
        is_plain = self.options["endpoint"].startswith("http://")
        try:
            store: ObjectStore = from_url(  # type: ignore[call-overload]  # config: by the scheme
                self.location,
                config=config or None,
                client_options={"allow_http": is_plain, "timeout": "60s"},
                retry_config={"max_retries": self.options["attempts"]},
            )
        except (BaseError, ValueError, TypeError) as error:
            raise SourceOptionError(
                f"{self.location} cannot be opened as an object store: {_brief(error)}.",
                remedy="Write it as s3://bucket/prefix, gs://bucket/prefix or az://container/"
                "prefix; check the options endpoint and region.",
                state="Nothing was read or written.",
            ) from error
        return store

    def discover(self, progress: Callable[[int], None] | None = None) -> Discovery:
        """List the prefix; no object is read."""
        import obstore
        from obstore.exceptions import BaseError

        listing = Listing(self.patterns, progress)
        self._keys.clear()
        try:
            for page in obstore.list(self._store, chunk_size=1000):
                for item in page:
                    self._visit(item, listing)
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from error
        return listing.discovery()

    def _visit(self, item: Mapping[str, Any], listing: Listing) -> None:
        key, size = item["path"], item["size"]
        tag = item["e_tag"] or item["last_modified"]
        path = listing.admit(key, size, fingerprint_of(tag, size))
        if path is None:
            return
        if path in self._keys:
            listing.repeat(path, *listing.rows[path][:2])
        listing.add(path, size, fingerprint_of(tag, size))
        self._keys[path] = key

    def _unreachable(self, error: Exception) -> SourceUnreachableError:
        return SourceUnreachableError(
            f"{self.location} cannot be read: {_brief(error)}.",
            remedy="Check the name, the credentials in the environment, and the network.",
            state="Nothing was published: what was known of the source stays as it is.",
        )

    def local_path(self, path: str) -> str | None:
        """Return None: objects have no files."""
        return None

    def read(self, path: str) -> bytes:
        """Return an object."""
        import obstore
        from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError

        if not self._keys:
            self.discover()
        key = self._keys.get(path, path)
        try:
            answer = obstore.get(self._store, key)
            self.limits.check_size(answer.meta["size"])
            content = bytes(answer.bytes())
        except (NotFoundError, FileNotFoundError, PermissionDeniedError, PermissionError) as error:
            raise UnreadableArtifactError(
                "FILE_UNREADABLE",
                f"The object cannot be had ({_brief(error)}).",
                "Check that it still exists and who may read it; then run again.",
            ) from error
        except UnreadableArtifactError:
            raise
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from error
        codec = uncompressed(key)[1]
        return read_bounded(io.BytesIO(content), codec, self.limits) if codec else content

    def read_many(self, paths: Sequence[str]) -> list[bytes | UnreadableArtifactError]:
        """Get several objects side by side: each is a wait for the network."""

        def one(path: str) -> bytes | UnreadableArtifactError:
            try:
                return self.read(path)
            except UnreadableArtifactError as error:
                return error

        if not paths:
            return []
        with ThreadPoolExecutor(min(self.options["connections"], len(paths))) as pool:
            return list(pool.map(one, paths))

    def fingerprint(self) -> str:
        """List the prefix and hash the ETags."""
        return fingerprint(self.discover())


def _brief(error: Exception) -> str:
    """Return the first line of an error, which in this library may fill a page."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")

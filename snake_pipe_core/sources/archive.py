"""Archives: `.zip`, and `.tar` alone or compressed with gzip, bzip2, xz or zstd.

Belongs here: members, their names and kinds, and damage. Does not: unpacking; no member is ever
written to a file.

A zip is read where its members lie. A tar has no table of contents and, when compressed, no places
to jump to: it is read once, in its order.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import IO, Any, cast

from snake_pipe_core.sources.base import (
    Discovery,
    SourceUnreachableError,
    UnreadableArtifactError,
    fingerprint_of,
)
from snake_pipe_core.sources.compression import (
    DAMAGED,
    Counted,
    Limits,
    opened,
    read_bounded,
)
from snake_pipe_core.sources.listing import Listing, uncompressed
from snake_pipe_core.sources.located import LocalFileSource, LocatedSource, damaged
from snake_pipe_core.sources.spool import Entry, SpooledSource

_BLOCK = 512
_STEP = 1 << 20
_LARGEST_HEADER = 16 << 20
_ENCRYPTED = 0x1
_ZIP_HEADER = 30
"""Bytes in front of a member, without its name."""
_LINK = (
    "LINK_IN_ARCHIVE", "info",
    "A link in an archive is not followed; it could lead anywhere.",
    "Pack the file itself (tar --dereference --hard-dereference).",
)  # fmt: skip


class _Forward:
    """A tar's bytes for `tarfile`: read once, with a step back of one byte at most."""

    def __init__(self, stream: IO[bytes], consumed: Counted, limits: Limits) -> None:
        self._stream, self._consumed, self._limits = stream, consumed, limits
        self.position = 0
        self._last = self._again = b""
        self.last_block = b""

    def tell(self) -> int:
        return self.position

    def seek(self, position: int) -> int:
        if position == self.position - 1:
            self._again, self.position = self._last, position
        while self.position < position:
            if not self.read(min(1 << 20, position - self.position)):
                break
        if position != self.position:
            raise tarfile.ReadError(f"unexpected end after {self.position:,} bytes")
        return position

    def read(self, size: int) -> bytes:
        if size > _LARGEST_HEADER:
            raise tarfile.ReadError(f"a header claims {size:,} bytes")
        parts = [self._again]
        missing = size - len(self._again)
        self._again = b""
        while missing > 0 and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        found = b"".join(parts)
        self.position += len(found)
        if self._limits.is_bomb(self.position, self._consumed.count):
            raise tarfile.ReadError(
                f"{self._consumed.count:,} compressed bytes unfolded to {self.position:,}, more "
                f"than the option max_ratio ({self._limits.max_ratio}) lets pass"
            )
        if found:
            self._last = found[-1:]
        if size == _BLOCK:
            self.last_block = found
        return found


class TarSource(LocalFileSource, SpooledSource):
    """The members of a tar, read from front to back."""

    kind = "tar"

    def _codec(self) -> str | None:
        """Return the codec by the file's first bytes, whatever its name says."""
        with Path(self.location).open("rb") as file:
            head = file.read(6)
        for magic, codec in (
            (b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"),
        ):  # fmt: skip
            if head.startswith(magic):
                return codec
        return None

    def entries(self, listing: Listing) -> Iterator[Entry]:
        """Give every regular member; note links and devices."""
        try:
            codec = self._codec()
            with Path(self.location).open("rb") as file:
                counted = Counted(file)
                stream = opened(cast("IO[bytes]", io.BufferedReader(counted, 1 << 18)), codec)
                forward = _Forward(stream, counted, self.limits)
                with tarfile.TarFile.open(
                    fileobj=cast("IO[bytes]", forward), mode="r:", errorlevel=2
                ) as archive:
                    while member := archive.next():
                        archive.members.clear()  # type: ignore[attr-defined]  # it keeps all
                        yield from self._entry(archive, member, listing)
                if forward.last_block.strip(b"\0") or len(forward.last_block) < _BLOCK:
                    raise tarfile.ReadError("no end mark, or a broken header")
                while forward.read(_STEP):
                    pass  # the checksum stands at the very end
        except UnreadableArtifactError:
            raise
        except (tarfile.TarError, *DAMAGED) as error:
            raise damaged(self.location, "a tar archive", error) from error

    def _entry(
        self, archive: tarfile.TarFile, member: tarfile.TarInfo, listing: Listing
    ) -> Iterator[Entry]:
        if member.isdir():
            return
        if member.issym() or member.islnk():
            listing.skip(member.name, *_LINK)
            return
        if not member.isreg():
            listing.skip(
                member.name, "NOT_A_FILE", "info",
                "A device, pipe or socket is not an artifact.", "Remove it.",
            )  # fmt: skip
            return

        def read() -> bytes:
            codec = uncompressed(member.name)[1]
            self.limits.check_size(member.size)
            try:  # called by who takes the entry, so outside of the clause around all entries
                stream = archive.extractfile(member)
                assert stream is not None
                content = b"".join(iter(lambda: stream.read(_STEP), b""))
                if len(content) != member.size:
                    raise tarfile.ReadError("a member is cut off")
            except (tarfile.TarError, *DAMAGED) as error:
                raise damaged(self.location, "a tar archive", error) from error
            return read_bounded(io.BytesIO(content), codec, self.limits) if codec else content

        yield Entry(member.name, read, member.size)


class ZipSource(LocalFileSource, LocatedSource):
    """The members of a zip, read where they lie."""

    kind = "zip"
    _archive: zipfile.ZipFile | None = None

    def __init__(self, *given: Any) -> None:
        """Keep what `LocatedSource` takes."""
        super().__init__(*given)
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._overlapping: set[str] = set()
        self._lock = Lock()

    def _opened(self) -> zipfile.ZipFile:
        with self._lock:
            if self._archive is None:
                try:
                    self._archive = zipfile.ZipFile(self.location)
                except (zipfile.BadZipFile, *DAMAGED) as error:
                    raise damaged(self.location, "a zip archive", error) from error
            return self._archive

    def discover(self, progress: Callable[[int], None] | None = None) -> Discovery:
        """Read the table of contents alone."""
        self.close()
        members = self._opened().infolist()
        listing = Listing(self.patterns, progress)
        self._members.clear()
        for info in members:
            self._visit(info, listing)
        self._overlapping = _overlapping(members)
        return listing.discovery()

    def _visit(self, info: zipfile.ZipInfo, listing: Listing) -> None:
        name, mode = info.orig_filename, info.external_attr >> 16
        if info.is_dir():
            return
        if stat.S_ISLNK(mode):
            listing.skip(name, *_LINK)
            return
        mark = fingerprint_of(info.CRC, info.file_size, info.date_time)
        path = listing.admit(name, info.file_size, mark)
        if path is None:
            return
        if before := self._members.get(path):
            listing.repeat(path, before.file_size, fingerprint_of(before.CRC, before.file_size))
        listing.add(path, info.file_size, mark)
        self._members[path] = info

    def local_path(self, path: str) -> str | None:
        """Return None: members have no files of their own."""
        return None

    def read(self, path: str) -> bytes:
        """Return a member; its checksum has been verified."""
        if not self._members:
            self.discover()
        info = self._members.get(path)
        if info is None:
            raise UnreadableArtifactError(
                "FILE_UNREADABLE", "The member is not in the archive any more.", "Run again."
            )
        self._check(info)
        try:
            with self._opened().open(info) as stream:
                return read_bounded(stream, uncompressed(info.orig_filename)[1], self.limits)
        except (UnreadableArtifactError, SourceUnreachableError):
            raise
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            *DAMAGED,
        ) as error:
            raise UnreadableArtifactError(
                "COMPRESSION_DAMAGED",
                f"The member cannot be unpacked ({error}).",
                "Pack the archive again, with a method that is in general use.",
            ) from error

    def _check(self, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableArtifactError(
                "MEMBER_ENCRYPTED",
                "The member is encrypted.",
                "Pack the archive again without a password.",
            )
        self.limits.check_size(info.file_size)
        if info.orig_filename in self._overlapping or self.limits.is_bomb(
            info.file_size, info.compress_size
        ):
            raise UnreadableArtifactError(
                "COMPRESSION_SUSPECT",
                f"The member shares its bytes with another, or unfolds {info.compress_size:,} bytes "
                f"to {info.file_size:,} (option max_ratio is {self.limits.max_ratio}).",
                "Raise max_ratio if it is an artifact; a compressed bomb looks like this.",
            )

    def close(self) -> None:
        """Close the archive."""
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None


def _overlapping(members: list[zipfile.ZipInfo]) -> set[str]:
    """Return names of members whose bytes reach into those of the next."""
    ordered = sorted(members, key=lambda info: info.header_offset)
    return {
        info.orig_filename
        for info, after in pairwise(ordered)
        if info.header_offset + _ZIP_HEADER + len(info.orig_filename) + info.compress_size
        > after.header_offset
    }

"""Compressed bytes, opened with limits that hold while they unfold.

Belongs here: codecs, the most a file may unfold to, the most it may grow. Does not: archives.

Sizes that a file declares are never trusted: bytes are counted as they come out.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from dataclasses import dataclass
from typing import IO, Any, cast

import pyarrow as pa

from snake_pipe_core.sources.base import UnreadableArtifactError

DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, pa.ArrowException)
"""What the codecs raise on bytes that are not theirs, or that end too early."""
_STEP = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one artifact may cost."""

    max_bytes: int = 1 << 30
    """Bytes of one artifact, uncompressed."""
    max_ratio: int = 500
    """Uncompressed bytes to each compressed one, beyond the first `free_bytes`."""
    free_bytes: int = 64 << 20
    """Uncompressed bytes that may come of however few."""

    def check_size(self, size: int) -> None:
        """Refuse an artifact that is, or declares itself, too large."""
        if size > self.max_bytes:
            raise UnreadableArtifactError(
                "FILE_TOO_LARGE",
                f"The artifact has more than {self.max_bytes:,} bytes uncompressed "
                "(option max_bytes).",
                "Raise max_bytes if it is an artifact; a compressed bomb looks like this.",
            )

    def is_bomb(self, produced: int, consumed: int) -> bool:
        """Return whether so much came of so little that going on is unwise."""
        return produced > self.free_bytes and produced > self.max_ratio * max(consumed, 1)


class Counted(io.RawIOBase):
    """A binary stream that knows how many bytes it has given."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.count = stream, 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into `buffer`."""
        found = self.stream.read(len(buffer))
        buffer[: len(found)] = found
        self.count += len(found)
        return len(found)

    def close(self) -> None:
        """Close the stream beneath, too."""
        self.stream.close()
        super().close()


def opened(stream: IO[bytes], codec: str | None) -> IO[bytes]:
    """Return the stream's bytes uncompressed: `gzip`, `zstd`, `bz2`, `xz`, or None for as is."""
    match codec:
        case None:
            return stream
        case "gzip":
            return cast("IO[bytes]", gzip.GzipFile(fileobj=stream, mode="rb"))
        case "bz2":
            return bz2.BZ2File(stream)
        case "xz":
            return lzma.LZMAFile(stream)
        case "zstd":
            return cast(
                "IO[bytes]", pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")
            )
    raise ValueError(codec)


def read_bounded(stream: IO[bytes], codec: str | None, limits: Limits) -> bytes:
    """Return everything `stream` unfolds to, or raise `UnreadableArtifactError`."""
    source = Counted(stream)
    parts: list[bytes] = []
    total = 0
    try:
        unfolded = opened(cast("IO[bytes]", io.BufferedReader(source)), codec)
        while part := unfolded.read(_STEP):
            total += len(part)
            limits.check_size(total)
            if codec and limits.is_bomb(total, source.count):
                raise UnreadableArtifactError(
                    "COMPRESSION_SUSPECT",
                    f"{source.count:,} compressed bytes had unfolded to {total:,} when reading "
                    f"stopped (option max_ratio is {limits.max_ratio}).",
                    "Raise max_ratio if it is an artifact; a compressed bomb looks like this.",
                )
            parts.append(part)
    except UnreadableArtifactError:
        raise
    except DAMAGED as error:
        raise UnreadableArtifactError(
            "COMPRESSION_DAMAGED",
            f"The compressed bytes cannot be unfolded ({error}).",
            "Copy or compress the file again; it may have been cut off.",
        ) from error
    return parts[0] if len(parts) == 1 else b"".join(parts)

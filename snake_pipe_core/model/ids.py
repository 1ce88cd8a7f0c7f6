"""Stable identities.

Belongs here: how a readable string becomes a signed 64-bit id, and what a source may be called.
Does not: the grammar of symbols, which scan builds (see `docs/reference/mapping.md`).
"""

from __future__ import annotations

import re

import xxhash

from snake_pipe_core.errors import InvalidSourceNameError

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def stable_id(text: str) -> int:
    """Return the signed 64-bit XXH3 (seed 0) of `text` in UTF-8: the same on every machine."""
    unsigned = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
    return unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned


def document_id(document_path: str) -> int:
    """Return the id of the document at `document_path` within its source."""
    return stable_id(f"document {document_path}")


def package_id(language: str, root: str, package: str) -> int:
    """Return the id of a package vertex."""
    return stable_id(f"package {language} {root} {package}")


def content_hash(content: bytes) -> str:
    """Return the XXH3-128 of an artifact's bytes as 32 hex digits."""
    return xxhash.xxh3_128_hexdigest(content)


def check_source_name(name: str) -> str:
    """Return `name` if it is a valid source slug, else raise `InvalidSourceNameError`."""
    if not _SLUG.fullmatch(name):
        raise InvalidSourceNameError(name)
    return name

"""What can become of one source file.

Belongs here: the words for it, once; `docs/guides/parse.md` lists the codes. Does not: finding out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType({
    "SYNTAX_ERROR": "Mend the file, or leave it out with --exclude.",
    "TOO_DEEP": "Such files are generated as a rule: leave it out with --exclude.",
    "BINARY_CONTENT": "If it is text, save it as UTF-8; else leave it out with --exclude.",
    "FILE_TOO_LARGE": "Raise --max-bytes, or leave it out with --exclude.",
    "OUT_OF_MEMORY": "Such files are generated as a rule: leave it out with --exclude.",
    "FILE_UNREADABLE": "Check that it still exists and its permissions, then parse again.",
    "DIRECTORY_UNREADABLE": "Grant read and execute permission, then parse again.",
    "PATH_ENCODING": "Rename the file: its name is not valid UTF-8.",
    "LINK_BROKEN": "Repair or remove the link.",
    "UNWRITABLE_ARTIFACT": "Rename the file, or what stands in the place of its artifact.",
    "TOO_SLOW": "Raise --timeout, or leave it out with --exclude.",
    "CRASHED_PARSER": "Leave it out with --exclude, and report it to the parser's project.",
    "PARSER_ERROR_NODE": "Look at the line; where macros of C stand in the way, clang reads more.",
    "ENCODING_INVALID": "Save the file as UTF-8.",
})  # fmt: skip
"""What to do about each code. The last two are notes on a tree that is written; the others tell why
there is none."""


type Emit = Callable[[list[str]], None]
"""Takes texts of an artifact in their order, and empties the list."""
PIECES = 1 << 16
"""Texts that a writer gathers before it emits them."""


class RefusedSourceError(Exception):
    """A source file that gives no tree: why, and where if known."""

    def __init__(
        self, code: str, message: str, line: int | None = None, column: int | None = None
    ) -> None:
        """Take a code of `CODES`, a sentence, a line from 1 and a column in bytes from 0."""
        super().__init__(code, message, line, column)
        self.code, self.message, self.line, self.column = code, message, line, column


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source file.

    Attributes:
        path: of the source file, relative to the root, `/`-separated.
        language: as in `documents.language`.
        state: `parsed`, `unchanged` (its artifact was there already) or `refused` (it has none).
        source_hash: XXH3 (128 bits) of the source, hexadecimal; empty if it was not read.
        source_bytes: size of the source.
        artifact_hash: XXH3 (128 bits) of the artifact; empty if there is none.
        artifact_bytes: size of the artifact; 0 if there is none.
        parser: parser and grammar with their versions.
        code: of `CODES`, if there is anything to tell; with a tree it is a note.
        message: what it is, a sentence.
        line: where it is, from 1.
        column: where it is in the line, in bytes from 0.
        error_count: what the parser did not understand, if it wrote a tree nevertheless.
    """

    path: str
    language: str
    state: str
    source_hash: str = ""
    source_bytes: int = 0
    artifact_hash: str = ""
    artifact_bytes: int = 0
    parser: str = ""
    code: str = ""
    message: str = ""
    line: int | None = None
    column: int | None = None
    error_count: int = 0

    @property
    def has_tree(self) -> bool:
        """Whether the artifact is there now."""
        return self.state != "refused"

    @property
    def is_known(self) -> bool:
        """Whether the source itself was seen; if not, what was made of it earlier may still hold."""
        return self.code not in {"FILE_UNREADABLE", "DIRECTORY_UNREADABLE"}

"""What can become of one source file.

Belongs here: the words for it, once; `docs/guides/parse.md` lists the codes. Does not: finding out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ParseCode:
    """What a code means, and what to do."""

    meaning: str
    remedy: str


CODES: Mapping[str, ParseCode] = MappingProxyType(
    {
        "SYNTAX_ERROR": ParseCode(
            "There is no tree: Python's parser refuses the file.",
            "Mend the file, or leave it out with --exclude.",
        ),
        "TOO_DEEP": ParseCode(
            "There is no tree: the file is nested more deeply than Python's parser takes.",
            "Such files are generated as a rule: leave it out with --exclude.",
        ),
        "BINARY_CONTENT": ParseCode(
            "There is no tree: one byte in fifty or more is no character.",
            "If it is text, save it as UTF-8; else leave it out with --exclude.",
        ),
        "FILE_TOO_LARGE": ParseCode(
            "There is no tree: the file is larger than --max-bytes.",
            "Raise --max-bytes, or leave it out with --exclude.",
        ),
        "OUT_OF_MEMORY": ParseCode(
            "There is no tree: it would take more memory than a parser is given.",
            "Such files are generated as a rule: leave it out with --exclude.",
        ),
        "FILE_UNREADABLE": ParseCode(
            "The file cannot be read now; the tree of an earlier parse stays.",
            "Check that it still exists and its permissions, then parse again.",
        ),
        "DIRECTORY_UNREADABLE": ParseCode(
            "The directory cannot be listed now; the trees of an earlier parse stay.",
            "Grant read and execute permission, then parse again.",
        ),
        "PATH_ENCODING": ParseCode(
            "There is no tree: the path is no text that the tables could tell.",
            "Rename the file: its name is not valid UTF-8.",
        ),
        "LINK_BROKEN": ParseCode(
            "There is no tree: the link leads nowhere.",
            "Repair or remove the link.",
        ),
        "UNWRITABLE_ARTIFACT": ParseCode(
            "There is no tree: the name is too long with `.json`, or another source's stands in the way.",
            "Rename the file, or what stands in the place of its artifact.",
        ),
        "TOO_SLOW": ParseCode(
            "There is no tree: it takes more processor time than --timeout.",
            "Raise --timeout, or leave it out with --exclude.",
        ),
        "CRASHED_PARSER": ParseCode(
            "There is no tree: the parser crashed, and its process was replaced.",
            "Leave it out with --exclude, and report it to the parser's project.",
        ),
        "PARSER_ERROR_NODE": ParseCode(
            "The tree is whole, with what tree-sitter did not understand as `ERROR` nodes.",
            "Look at the line; where macros of C stand in the way, clang reads more.",
        ),
        "ENCODING_INVALID": ParseCode(
            "U+FFFD stands for bytes that are not UTF-8; where UTF-16 breaks off there is no tree.",
            "Save the file as UTF-8.",
        ),
    }
)
"""The last two are notes on a tree that is written; the others tell why there is none."""


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

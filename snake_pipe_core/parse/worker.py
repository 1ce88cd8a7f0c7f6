"""One source file to its artifact on disk.

Belongs here: reading, comparing with what is there, parsing, writing; and the loop of a worker
process. Does not: deciding which files, or what becomes of a worker that died (`workers`).
"""

from __future__ import annotations

import codecs
import errno
import gc
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xxhash

from snake_pipe_core.parse.outcome import Emit, Outcome, RefusedSourceError
from snake_pipe_core.parse.python_tree import write_python

_PIECE = 1 << 20
"""Bytes of an artifact that are read at once."""
_HEAD = 1 << 16
"""Bytes of a source that are looked at to tell whether it is text."""
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\b\x1a\x1b"))
"""Bytes that texts hold hardly ever; those left out end lines and pages, colour, or end files."""
_CONTROL_SHARE = 50
"""One such byte in so many, and it is no text."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Task:
    """One file to parse.

    Attributes:
        path: relative to the root.
        language: as in `documents.language`.
        name: the language as the artifact's wrapper says it.
        wheel: module of the grammar; empty for Python's `ast`.
        entry: function of the wheel that gives the grammar.
        parser: parser and versions.
        known: what was made of it earlier, if anything.
    """

    path: str
    language: str
    name: str
    wheel: str
    entry: str
    parser: str
    known: Outcome | None = None


@dataclass(frozen=True)
class Place:
    """Where sources and artifacts lie, and the limits for one source.

    Attributes:
        root: folder of the sources.
        target: folder of the artifacts.
        partial: folder of artifacts that are being written.
        max_bytes: size of a source.
        seconds: processor time.
        memory_bytes: what a worker may hold, where the system can bound it (Linux).
    """

    root: str
    target: str
    partial: str
    max_bytes: int
    seconds: float
    memory_bytes: int


def parse_file(task: Task, place: Place) -> Outcome:
    """Bring one artifact up to date; say what became of it.

    The artifact is written beside and renamed into its place, so that no half of one is ever seen
    there. Equal sources and parsers give equal bytes.
    """
    outcome = Outcome(task.path, task.language, "refused", parser=task.parser)
    try:
        source = _read(Path(place.root, task.path), place.max_bytes)
        outcome = replace(
            outcome, source_bytes=len(source), source_hash=xxhash.xxh3_128_hexdigest(source)
        )
        target = Path(place.target, f"{task.path}.json")
        if task.known and _is_current(task.known, outcome, target):
            return replace(task.known, state="unchanged")
        return _parse(source, task, outcome, target, Path(place.partial))
    except OSError as error:
        if error.errno not in _IN_THE_WAY:
            raise
        message = f"Its artifact cannot be written ({error.strerror})."
        return replace(outcome, code="UNWRITABLE_ARTIFACT", message=message)
    except MemoryError:
        message = f"Its tree takes more than {place.memory_bytes / (1 << 30):g} GiB of memory."
        return replace(outcome, code="OUT_OF_MEMORY", message=message)
    except RefusedSourceError as error:
        return replace(
            outcome, code=error.code, message=error.message, line=error.line, column=error.column
        )


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            source = stream.read(max_bytes + 1)
            if len(source) <= max_bytes:
                return source
            size = path.stat().st_size
    except OSError as error:
        raise RefusedSourceError(
            "FILE_UNREADABLE", f"The file cannot be read ({error.strerror})."
        ) from error
    raise RefusedSourceError(
        "FILE_TOO_LARGE", f"The file has {size:,} bytes, more than the {max_bytes:,} allowed."
    )


def _is_current(known: Outcome, now: Outcome, target: Path) -> bool:
    """Whether the artifact was made of these bytes by this parser, and is still as it was written."""
    if (known.source_hash, known.parser) != (now.source_hash, now.parser):
        return False
    try:
        if target.stat().st_size != known.artifact_bytes:
            return False
        with target.open("rb") as stream:
            digest = xxhash.xxh3_128()
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except OSError:
        return False
    return digest.hexdigest() == known.artifact_hash


_IN_THE_WAY = (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.ENAMETOOLONG)
"""Why one artifact cannot be written while others can."""


def _parse(source: bytes, task: Task, outcome: Outcome, target: Path, partial: Path) -> Outcome:
    with _ArtifactFile(partial / f"{os.getpid()}", target) as artifact:
        if task.wheel:
            note = _write_syntax(source, task, artifact.emit)
        else:
            _refuse_binary(source)
            write_python(source, artifact.emit)
            note = {}
        artifact.emit(["\n"])
    return replace(
        outcome, state="parsed", artifact_hash=artifact.digest.hexdigest(),
        artifact_bytes=artifact.size, **note,
    )  # fmt: skip


def _write_syntax(source: bytes, task: Task, emit: Emit) -> dict[str, Any]:
    """Write a tree of tree-sitter; return what is to be noted about it."""
    from snake_pipe_core.parse.syntax_tree import grammar_of, write_syntax

    text = _in_utf8(source)
    _refuse_binary(text)
    grammar = grammar_of(task.wheel, task.entry)
    errors = write_syntax(text, task.path, task.name, grammar, emit)
    if errors.count:
        return {
            "code": "PARSER_ERROR_NODE", "message": errors.message, "line": errors.line,
            "column": errors.column, "error_count": errors.count,
        }  # fmt: skip
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return {
            "code": "ENCODING_INVALID", "line": text.count(b"\n", 0, error.start) + 1,
            "column": error.start - text.rfind(b"\n", 0, error.start) - 1,
            "message": "Bytes that are not valid UTF-8 are U+FFFD in the texts of the tree.",
        }  # fmt: skip
    return {}


def _in_utf8(source: bytes) -> bytes:
    """Return the source in UTF-8 if a byte order mark says that it is UTF-16."""
    if not source.startswith(_UTF16):
        return source
    try:
        return source.decode("utf-16").encode()
    except UnicodeError as error:
        raise RefusedSourceError(
            "ENCODING_INVALID", "The file begins as UTF-16 and does not go on so."
        ) from error


def _refuse_binary(source: bytes) -> None:
    """Refuse what is no text; a null byte or two in a comment or a string do not make it none."""
    head = source[:_HEAD]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls * _CONTROL_SHARE > len(head):
        position = next(index for index, byte in enumerate(head) if byte in _CONTROLS)
        raise RefusedSourceError(
            "BINARY_CONTENT", f"{controls:,} of the first {len(head):,} bytes are no characters.",
            source.count(b"\n", 0, position) + 1,
            position - source.rfind(b"\n", 0, position) - 1,
        )  # fmt: skip


class _ArtifactFile:
    """An artifact that is written beside, and takes its place only when it is whole."""

    def __init__(self, partial: Path, target: Path) -> None:
        self.partial, self.target = partial, target
        self.digest, self.size = xxhash.xxh3_128(), 0

    def emit(self, pieces: list[str]) -> None:
        """Write texts, and empty the list."""
        content = "".join(pieces).encode()
        pieces.clear()
        self.digest.update(content)
        self.size += len(content)
        self.stream.write(content)

    def __enter__(self) -> Self:
        self.stream = self.partial.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stream.close()
        if error is not None:
            self.partial.unlink(missing_ok=True)
            return
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.partial.replace(self.target)
        except OSError:
            self.partial.unlink(missing_ok=True)
            raise


def _bound_memory(limit: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError, OSError):  # a narrower bound is there already, or there are none
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def serve(connection: Connection, place: Place) -> None:
    """Answer lists of tasks with one outcome each, in their order, until the other end is closed.

    Before the first, it sends None: it is ready.

    An error that is none of a source file, such as a full disk, is answered as such and ends the
    worker. A file that takes more processor time than allowed ends it by SIGPROF.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _bound_memory(place.memory_bytes)
    sys.set_int_max_str_digits(0)  # a number in a source is text that is copied
    gc.disable()  # trees have no cycles
    connection.send(None)
    while True:
        try:
            tasks: list[Task] = connection.recv()
            for task in tasks:
                signal.setitimer(signal.ITIMER_PROF, place.seconds)
                answer: Outcome | str
                try:
                    answer = parse_file(task, place)
                except (OSError, ImportError) as error:
                    answer = f"{task.path}: {error}"
                signal.setitimer(signal.ITIMER_PROF, 0)
                connection.send(answer)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return

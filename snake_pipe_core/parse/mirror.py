"""A tree of sources to a tree of artifacts.

Belongs here: one parse from the walk to the report, and what becomes of artifacts whose sources are
gone. Does not: printing, walking, parsing.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.parse.languages import ParserTable, SourceParser, require_installed
from snake_pipe_core.parse.manifest import Manifest, writing
from snake_pipe_core.parse.outcome import CODES, Outcome
from snake_pipe_core.parse.selection import Selection, Walk
from snake_pipe_core.parse.worker import Place, Task
from snake_pipe_core.parse.workers import Workers

DEFAULT_MAX_BYTES = 8 << 20
DEFAULT_SECONDS = 60.0
DEFAULT_MEMORY_BYTES = 4 << 30
"""Measured: 240 MiB for the largest files of real code; 1.4 KB for each node of Python's `ast`, so that
8 MiB of source with a node every two bytes would take more than this."""
_VALID_IN_1000 = 999

type Progress = Callable[[str, int, int | None], None]


def silent(stage: str, done: int, total: int | None) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class ParseOptions:
    """What to parse, and how.

    Attributes:
        languages: only these; none means all that are offered.
        include: patterns of which a source must match one, if there are any.
        exclude: patterns of which it must match none.
        ignore: whether `.gitignore` and the names of tool folders leave files out.
        max_bytes: larger sources are refused.
        seconds: processor time for one source.
        memory_bytes: what one process may hold.
        jobs: processes; 0 means one per processor this process may use.
        moved: whether the sources may lie elsewhere than at the last parse into the same folder.
    """

    languages: Collection[str] = ()
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    ignore: bool = True
    max_bytes: int = DEFAULT_MAX_BYTES
    seconds: float = DEFAULT_SECONDS
    memory_bytes: int = DEFAULT_MEMORY_BYTES
    jobs: int = 0
    moved: bool = False


@dataclass(frozen=True)
class ParseReport:
    """What a parse did; every file that was seen is in exactly one count.

    Attributes:
        root: where the sources lie.
        target: where the artifacts lie.
        outcomes: one for each source file, sorted by path.
        removed: sources whose artifacts were removed, for they are gone or left out now.
        selection: what else was seen.
        seconds: how long it took.
    """

    root: Path
    target: Path
    outcomes: Sequence[Outcome]
    removed: Sequence[str]
    selection: Selection
    seconds: float

    @property
    def with_tree(self) -> int:
        """Number of source files that have an artifact now."""
        return sum(outcome.has_tree for outcome in self.outcomes)

    @property
    def passed(self) -> bool:
        """Whether at least 999 of 1,000 source files have an artifact: the rule of the gate."""
        return self.with_tree * 1000 >= len(self.outcomes) * _VALID_IN_1000

    def summary(self) -> dict[str, Any]:
        """Return the report as plain values."""
        states = Counter(outcome.state for outcome in self.outcomes)
        ignored = self.selection.ignored
        return {
            "root": str(self.root),
            "artifacts": str(self.target),
            "passed": self.passed,
            "files": {
                "seen": self.selection.seen,
                "parsed": states["parsed"],
                "unchanged": states["unchanged"],
                "refused": sum(o.code != "DIRECTORY_UNREADABLE" and not o.has_tree
                               for o in self.outcomes),
                "without_parser": self.selection.others.total(),
                "ignored": sum(not path.endswith("/") for path in ignored),
            },
            "removed": list(self.removed),
            "languages": _by_language(self.outcomes),
            "refused": [_told(o) for o in self.outcomes if not o.has_tree],
            "noted": [_told(o) for o in self.outcomes if o.has_tree and o.code],
            "without_parser": dict(self.selection.others),
            "ignored": dict(ignored),
            "seconds": round(self.seconds, 3),
        }  # fmt: skip


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "path": outcome.path, "language": outcome.language, "code": outcome.code,
        "line": outcome.line, "column": outcome.column, "message": outcome.message,
        "hint": CODES[outcome.code].remedy, "error_count": outcome.error_count,
    }  # fmt: skip


def _by_language(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        counts = found.setdefault(outcome.language, Counter())
        counts.update({"files": 1, outcome.state: 1, "with_errors": outcome.error_count > 0})
        counts.update(source_bytes=outcome.source_bytes, artifact_bytes=outcome.artifact_bytes)
    keys = (
        "files",
        "parsed",
        "unchanged",
        "refused",
        "with_errors",
        "source_bytes",
        "artifact_bytes",
    )
    return {
        language: {key: int(found[language][key]) for key in keys}
        for language in sorted(found)
        if language
    }


def parse_tree(
    root: Path, target: Path, options: ParseOptions | None = None, progress: Progress = silent
) -> ParseReport:
    """Bring the artifacts in `target` up to date with the sources in `root`.

    `target` then holds what a parse into an empty folder would have made: `a/b.py` is `a/b.py.json`,
    sources that did not change are not parsed again, and artifacts whose sources are gone, left out
    or refused are removed. Only a source that cannot be read keeps what was made of it earlier. It
    may be killed at any time: what is there is whole, and the next parse goes on from it.

    Raises:
        SourceNotFoundError: `root` is no folder that can be listed.
        LanguageUnknownError: a language that is not offered.
        ParserMissingError: a parser that is needed is not installed.
        TargetError: `target` holds something else.
        TargetBusyError: another command writes there.
        ParseError: artifacts cannot be written.
    """
    options = options or ParseOptions()
    started = time.monotonic()
    root, target = root.resolve(), target.resolve()
    _check_root(root)
    table = ParserTable(options.languages)
    selection = Walk(
        root, table, include=options.include, exclude=options.exclude, leave_out=(target,),
        ignore=options.ignore, progress=lambda seen: progress("find", seen, None),
    ).run()  # fmt: skip
    progress("find", selection.seen, selection.seen)
    counts = Counter(file.parser.language for file in selection.files)
    require_installed((file.parser for file in selection.files), counts)
    with writing(target, root, moved=options.moved) as manifest:
        # First what is gone, for it may stand where something new will.
        removed = _remove_others(
            manifest, (file.path for file in selection.files), selection.refused
        )
        outcomes = _parsed(selection, manifest, options, progress)
        removed += _remove_others(manifest, (o.path for o in outcomes if o.has_tree), outcomes)
        manifest.save()
    return ParseReport(
        root, target, outcomes, sorted(removed), selection, time.monotonic() - started
    )


def _check_root(root: Path) -> None:
    try:
        os.scandir(root).close()
    except OSError as error:
        raise SourceNotFoundError(
            f"{root} cannot be listed as a folder ({error.strerror}).",
            remedy="Name a folder that holds source code and that you may read.",
            state="Nothing was read or written.",
        ) from error


def _parsed(
    selection: Selection, manifest: Manifest, options: ParseOptions, progress: Progress
) -> list[Outcome]:
    """Parse what is new or changed; return one outcome for each source file, sorted by path."""
    versions: dict[SourceParser, str] = {}
    tasks = []
    for path, _, parser in selection.files:
        version = versions.get(parser) or versions.setdefault(parser, parser.version)
        tasks.append(
            Task(path, parser.language, parser.name, parser.wheel, parser.entry, version,
                 manifest.outcomes.get(path))
        )  # fmt: skip
    place = Place(
        str(manifest.root), str(manifest.folder), str(manifest.partial),
        options.max_bytes, options.seconds, options.memory_bytes,
    )  # fmt: skip
    outcomes = list(selection.refused)
    progress("parse", 0, len(tasks))
    with Workers(place, options.jobs or _processors()) as workers:
        for done, outcome in enumerate(workers.run(tasks), 1):
            if outcome.state == "parsed":
                manifest.note(outcome)
            outcomes.append(outcome)
            progress("parse", done, len(tasks))
    return sorted(outcomes, key=lambda outcome: outcome.path)


def _remove_others(
    manifest: Manifest, paths: Iterable[str], outcomes: Sequence[Outcome]
) -> list[str]:
    """Remove artifacts of all sources but `paths` and those unseen; return those that were there."""
    unseen = {outcome.path for outcome in outcomes if not outcome.is_known}
    folders = tuple(path for path in unseen if path.endswith("/"))
    kept = unseen.union(paths)
    removed = []
    for path in sorted(manifest.outcomes):
        if path not in kept and not path.startswith(folders) and manifest.forget(path):
            removed.append(path)
    return removed


def _processors() -> int:
    affinity: Callable[[int], Collection[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def languages_in(root: Path) -> Mapping[str, int]:
    """Return how many source files of each offered language a folder holds; nothing is parsed."""
    selection = Walk(root.resolve(), ParserTable()).run()
    return Counter(file.parser.language for file in selection.files)

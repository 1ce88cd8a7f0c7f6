"""Which files of a tree are source code to parse.

Belongs here: walking, `.gitignore`, build folders, patterns. Does not: reading sources.

Left out are hidden files and folders, what `.gitignore` files say (nested ones, those above within
the same git repository, and `.git/info/exclude`), folders that tools fill (`node_modules`, virtual
environments, `__pycache__`, whatever holds a `CACHEDIR.TAG`), and, outside of git repositories, `build`,
`dist` and `target` beside the project file of a tool that writes them. Links to files are followed,
links to directories are not. Each of these is reported.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import NamedTuple

from pathspec import GitIgnoreSpec

from snake_pipe_core.parse.languages import ParserTable, SourceParser
from snake_pipe_core.parse.outcome import Outcome
from snake_pipe_core.sources.listing import matcher, printable

TOOL_FOLDERS = frozenset({"node_modules", "bower_components", "__pycache__"})
"""Names that mean nothing else; a virtual environment is known by its `pyvenv.cfg`."""
_PYTHON = ("pyproject.toml", "setup.py", "setup.cfg")
BUILD_FOLDERS: Mapping[str, frozenset[str]] = MappingProxyType({
    "build": frozenset({
        *_PYTHON, "package.json", "build.gradle", "build.gradle.kts", "CMakeLists.txt", "meson.build",
    }),
    "dist": frozenset({*_PYTHON, "package.json"}),
    "target": frozenset({"Cargo.toml", "pom.xml", "build.sbt"}),
})  # fmt: skip
"""Folders that a build writes beside these files, where no git repository says so itself. Elsewhere
they may be anything: Rust crates keep sources in `build`."""
_TELL_EVERY = 500


class SourceFile(NamedTuple):
    """One file to parse: path relative to the root, size in bytes, and its parser."""

    path: str
    size_bytes: int
    parser: SourceParser


@dataclass
class Selection:
    """What a walk found; every file is in exactly one of `files`, `refused`, `others`, `ignored`."""

    files: list[SourceFile] = field(default_factory=list)
    """To parse, sorted by path."""
    refused: list[Outcome] = field(default_factory=list)
    """Source files, and folders, that cannot be read at all."""
    others: Counter[str] = field(default_factory=Counter)
    """Files that no chosen parser reads, by the ending of their names."""
    ignored: dict[str, str] = field(default_factory=dict)
    """Files and folders that were left out, and why; a folder's path ends with `/`, and what it
    holds was not looked at."""

    @property
    def seen(self) -> int:
        """Number of files that were seen."""
        ignored = sum(not path.endswith("/") for path in self.ignored)
        refused = sum(outcome.code != "DIRECTORY_UNREADABLE" for outcome in self.refused)
        return len(self.files) + refused + self.others.total() + ignored


class _Ignored(NamedTuple):
    """One `.gitignore`: its rules, and what to put before or cut off a path to apply them."""

    rules: GitIgnoreSpec
    cut: int
    before: str = ""

    def verdict(self, path: str) -> bool | None:
        return self.rules.check_file(self.before + path[self.cut :]).include


class Walk:
    """One walk over a tree."""

    def __init__(
        self,
        root: Path,
        table: ParserTable,
        *,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        leave_out: Collection[Path] = (),
        ignore: bool = True,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Take where and what.

        Args:
            root: an existing directory, absolute.
            table: the parsers to choose from.
            include: patterns of which a path, or its last part, must match one; none means all.
            exclude: patterns of which it must match none.
            leave_out: absolute folders that are not looked into, such as the target.
            ignore: whether `.gitignore` files and the names of tool folders count.
            progress: called with the number of files seen so far.
        """
        self.root, self.table = root, table
        self.leave_out = {str(path) for path in leave_out}
        self.ignore, self.progress = ignore, progress
        self.selection = Selection()
        self._included = matcher(include) if include else None
        self._excluded = matcher(exclude)
        self._seen = 0
        self._in_repository = False

    def run(self) -> Selection:
        """Walk the whole tree."""
        repository = _repository_of(self.root)
        self._in_repository = repository is not None
        above = _rules_above(self.root, repository) if self.ignore and repository else []
        pending: list[tuple[str, list[_Ignored]]] = [("", above)]
        while pending:
            folder, rules = pending.pop()
            pending += self._visit(folder, rules)
        self._refuse_covered()
        self.selection.files.sort()
        self.selection.refused.sort(key=lambda outcome: outcome.path)
        self.selection.ignored = dict(sorted(self.selection.ignored.items()))
        self.selection.others = Counter(dict(sorted(self.selection.others.items())))
        return self.selection

    def _refuse_covered(self) -> None:
        """Refuse sources below `a.py.json/` beside a source `a.py`, whose artifact is that name."""
        if not any(".json/" in file.path for file in self.selection.files):
            return
        artifacts = {f"{file.path}.json" for file in self.selection.files}
        kept = []
        for file in self.selection.files:
            above = (str(folder) for folder in PurePosixPath(file.path).parents)
            if (cover := next((path for path in above if path in artifacts), None)) is None:
                kept.append(file)
                continue
            message = (
                f"The artifact of {cover.removesuffix('.json')} stands where its folder would."
            )
            self._refuse(file.path, file.parser.language, "UNWRITABLE_ARTIFACT", message)
        self.selection.files = kept

    def _visit(self, folder: str, rules: list[_Ignored]) -> Iterator[tuple[str, list[_Ignored]]]:
        try:
            with os.scandir(self.root / folder) as listing:
                entries = list(listing)
        except OSError as error:
            message = f"The folder cannot be listed ({error.strerror}); files in it were not seen."
            self._refuse(f"{folder}/", "", "DIRECTORY_UNREADABLE", message)
            return
        names = {entry.name for entry in entries}
        if self.ignore and ".gitignore" in names:
            own = _rules_of(self.root / folder / ".gitignore", cut=len(folder) + bool(folder))
            rules = [*rules, own] if own else rules
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if reason := self._reason_for_folder(entry, path, names, rules):
                    self.selection.ignored[f"{printable(path)}/"] = reason
                else:
                    yield path, rules
            else:
                self._take(entry, path, rules)

    def _reason_for_folder(
        self, entry: os.DirEntry[str], path: str, beside: set[str], rules: list[_Ignored]
    ) -> str:
        if entry.name.startswith("."):
            return "hidden"
        if entry.path in self.leave_out:
            return "holds artifacts"
        if not self.ignore:
            return ""
        if entry.name in TOOL_FOLDERS:
            return "filled by a tool"
        inside = Path(entry.path)
        if _exists(inside / "pyvenv.cfg") or _exists(inside / "CACHEDIR.TAG"):
            return "filled by a tool"
        if (
            not self._in_repository
            and beside & BUILD_FOLDERS.get(entry.name, frozenset())
            and not _exists(inside / "__init__.py")
        ):
            return "written by a build"
        return ".gitignore" if _is_ignored(f"{path}/", rules) else ""

    def _take(self, entry: os.DirEntry[str], path: str, rules: list[_Ignored]) -> None:
        self._seen += 1
        if self.progress and self._seen % _TELL_EVERY == 0:
            self.progress(self._seen)
        shown = printable(path)
        if entry.name.startswith("."):
            self.selection.ignored[shown] = "hidden"
            return
        if not self.table.candidates(entry.name):
            self.selection.others[os.path.splitext(entry.name)[1] or "(none)"] += 1  # noqa: PTH122
            return
        if self._excluded(shown) or (self._included and not self._included(shown)):
            self.selection.ignored[shown] = "patterns"
            return
        if self.ignore and _is_ignored(path, rules):
            self.selection.ignored[shown] = ".gitignore"
            return
        self._take_source(entry, path, shown)

    def _take_source(self, entry: os.DirEntry[str], path: str, shown: str) -> None:
        language = self.table.candidates(entry.name)[-1].language
        if path != shown:
            self._refuse(shown, language, "PATH_ENCODING", "The name is not valid UTF-8.")
            return
        try:
            stat = entry.stat()
            is_file = entry.is_file()
        except OSError as error:
            code = "LINK_BROKEN" if entry.is_symlink() else "FILE_UNREADABLE"
            why = f"Its size cannot be read ({error.strerror})."
            self._refuse(path, language, code, why)
            return
        if not is_file:
            linked = entry.is_symlink() and entry.is_dir()
            self.selection.ignored[path] = "link to a folder" if linked else "no file"
            return
        parser = self.table.parser_for(entry.name, entry.path)
        if parser is None:
            self.selection.others[os.path.splitext(entry.name)[1]] += 1  # noqa: PTH122
            return
        self.selection.files.append(SourceFile(path, stat.st_size, parser))

    def _refuse(self, path: str, language: str, code: str, message: str) -> None:
        self.selection.refused.append(
            Outcome(path, language, "refused", code=code, message=message)
        )


def _is_ignored(path: str, rules: list[_Ignored]) -> bool:
    """Ask the nearest `.gitignore` first; the first that says anything decides."""
    for each in reversed(rules):
        if (verdict := each.verdict(path)) is not None:
            return verdict
    return False


def _rules_of(file: Path, *, cut: int = 0, before: str = "") -> _Ignored | None:
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return None
    return _Ignored(GitIgnoreSpec.from_lines(text.splitlines()), cut, before)


def _repository_of(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if _exists(folder / ".git")), None)


def _rules_above(root: Path, top: Path) -> list[_Ignored]:
    """Return the rules of the git repository `top` that hold for `root`, outermost first.

    None if they leave out `root` itself: whoever names it wants it.
    """
    found = [_rules_of(top / ".git" / "info" / "exclude", before=_between(top, root))]
    folder = top
    for part in root.relative_to(top).parts:
        found.append(_rules_of(folder / ".gitignore", before=_between(folder, root)))
        folder /= part
    rules = [each for each in found if each is not None]
    return [] if root != top and _is_ignored("", rules) else rules


def _between(upper: Path, lower: Path) -> str:
    between = lower.relative_to(upper).as_posix()
    return "" if between == "." else f"{between}/"


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - pathlib's raises where it may not look

"""What a folder of artifacts was made of.

Belongs here: the manifest, its journal, and the lock on a folder. Does not: parsing, walking.

`DIR/.snake-pipe-parse/` holds `manifest.json` (of each source file: hashes of it and of its artifact,
the parser's version, what was noted) and `journal.ndjson`, one line for each artifact that the parse
under way has written. The manifest is replaced when a parse ends, and the journal removed; after a
kill the next parse reads both, so that nothing is parsed twice. `partial/` holds artifacts while
they are written, before they are renamed into their place.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any

from snake_pipe_core.backends.locks import let_go, try_hold
from snake_pipe_core.errors import TerminalError, TransientError
from snake_pipe_core.parse.outcome import Outcome

HOME = ".snake-pipe-parse"
FORMAT = 1
_KEPT = {each.name: each.default for each in fields(Outcome) if each.name not in {"path", "state"}}


class TargetError(TerminalError):
    """A folder that artifacts must not be written into."""


class TargetBusyError(TransientError):
    """A folder that another command writes artifacts into."""


class Manifest:
    """What is in one folder of artifacts; use it within `writing`."""

    def __init__(self, folder: Path, root: Path, outcomes: dict[str, Outcome]) -> None:
        """Take the folder, where its sources lie, and what is known of each source's artifact."""
        self.folder, self.root, self.outcomes = folder, root, outcomes
        self._journal: IO[str] | None = None

    @property
    def partial(self) -> Path:
        """Where artifacts are written before they are renamed."""
        return self.folder / HOME / "partial"

    def artifact(self, path: str) -> Path:
        """Return where the artifact of a source file lies."""
        return self.folder / f"{path}.json"

    def note(self, outcome: Outcome) -> None:
        """Remember an artifact at once: a line of the journal."""
        if self._journal is None:
            self._journal = (self.folder / HOME / "journal.ndjson").open("a", encoding="utf-8")
        line = json.dumps({"path": outcome.path, **_record(outcome)}, separators=(",", ":"))
        self._journal.write(line + "\n")
        self._journal.flush()
        self.outcomes[outcome.path] = outcome

    def forget(self, path: str) -> bool:
        """Remove a source's artifact, and folders that are empty then; say whether it was there."""
        self.outcomes.pop(path, None)
        artifact = self.artifact(path)
        existed = artifact.exists()
        artifact.unlink(missing_ok=True)
        for folder in artifact.parents:
            if folder == self.folder:
                break
            try:
                folder.rmdir()
            except OSError:
                break
        return existed

    def save(self) -> None:
        """Replace the manifest by what is known now, and remove the journal."""
        content = {
            "format": FORMAT,
            "root": str(self.root),
            "artifacts": {path: _record(o) for path, o in sorted(self.outcomes.items())},
        }
        home = self.folder / HOME
        fresh = home / "manifest.json.partial"
        with fresh.open("w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(home / "manifest.json")
        self.close()
        (home / "journal.ndjson").unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None


@contextmanager
def writing(folder: Path, root: Path, *, moved: bool) -> Iterator[Manifest]:
    """Hold `folder` for one parse of `root` and yield its manifest; make the folder if need be.

    Raises:
        TargetError: the folder holds something else, or the artifacts of another root (unless
            `moved`), or a manifest that cannot be read.
        TargetBusyError: another command writes there.
    """
    home = folder / HOME
    _check_target(folder, root)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = home / "lock"
        descriptor = try_hold(lock)
    except OSError as error:
        raise TargetError(
            f"{folder} cannot be written ({error.strerror}).",
            remedy="Name a folder that you may write.",
            state="Nothing was written.",
        ) from error
    if descriptor is None:
        raise TargetBusyError(
            f"Another command writes artifacts into {folder}.",
            remedy="Wait for it to end, then parse again.",
            state="Nothing was changed.",
        )
    try:
        manifest = Manifest(folder, root, _known(home, root, moved=moved))
        shutil.rmtree(manifest.partial, ignore_errors=True)
        manifest.partial.mkdir()
        if not (home / "manifest.json").exists() or (home / "journal.ndjson").exists():
            manifest.save()  # a line that a kill cut off must not be gone on with
        try:
            yield manifest
        finally:
            manifest.close()
            shutil.rmtree(manifest.partial, ignore_errors=True)
    finally:
        let_go(lock, descriptor)


def _check_target(folder: Path, root: Path) -> None:
    if root.is_relative_to(folder):
        raise TargetError(
            f"The artifacts of {root} cannot lie in {folder}, which holds the sources.",
            remedy="Name a folder beside or below the sources with --out.",
            state="Nothing was read or written.",
        )
    try:
        names = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise TargetError(
            f"{folder} is no folder that can be listed ({error.strerror}).",
            remedy="Name another one with --out.",
            state="Nothing was read or written.",
        ) from error
    if names and HOME not in names:
        raise TargetError(
            f"{folder} holds files that `snake-pipe parse` did not write.",
            remedy="Name a new or empty folder with --out.",
            state="Nothing was read or written.",
        )


def _known(home: Path, root: Path, *, moved: bool) -> dict[str, Outcome]:
    """Return what the manifest and the journal say."""
    try:
        content = json.loads((home / "manifest.json").read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}")
        made_of, records = content["root"], content["artifacts"]
        known = {path: Outcome(path=path, state="parsed", **r) for path, r in records.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TargetError(
            f"{home / 'manifest.json'} cannot be read ({error}).",
            remedy=f"Delete {home.parent} and parse again: everything in it can be made anew.",
            state="Nothing was changed.",
        ) from error
    if made_of != str(root) and not moved:
        raise TargetError(
            f"{home.parent} holds the artifacts of {made_of}, not of {root}; going on would replace "
            "them.",
            remedy="Name another folder with --out (of `run --parse`: another source with --source), or "
            "say --moved if it is the same source in a new place.",
            state="Nothing was changed.",
        )
    return known | _journaled(home / "journal.ndjson")


def _journaled(file: Path) -> dict[str, Outcome]:
    """Return what the journal says; a line that a kill cut off is left out."""
    known = {}
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return {}
    for line in lines:
        try:
            outcome = Outcome(state="parsed", **json.loads(line))
        except (ValueError, TypeError):
            continue
        known[outcome.path] = outcome
    return known


def _record(outcome: Outcome) -> dict[str, Any]:
    """Return what is kept of an outcome: what differs from the defaults."""
    values = asdict(outcome)
    return {name: values[name] for name, usual in _KEPT.items() if values[name] != usual}

"""Run one subject in a subprocess of its own and say what it cost.

Belongs here: clocks, processor time, memory, repetitions. Does not: what is measured, how it is
printed.

The clock is the subject's own and starts after its imports. Processor time counts every descendant
(an embedded server too) and excludes imports. Peak memory is the larger of the subject's own
high-water mark and the largest sample of all its descendants' private pages together with the
largest shared part among them; it includes the interpreter and its libraries.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SAMPLING_SECONDS = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PR_SET_CHILD_SUBREAPER = 36


class SubjectError(RuntimeError):
    """A subject that ended with an error; its output is the message."""


@dataclass(frozen=True)
class Measurement:
    """What one run of one subject cost."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    files: int
    size_bytes: int
    nodes: int
    detail: dict[str, Any] = field(default_factory=dict)


def adopt_orphans() -> None:
    """Become the parent of daemons that subjects start, so that their cost is counted (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def measure(name: str, artifacts: Path, workspace: Path, *, cores: int) -> Measurement:
    """Run subject `name` over `artifacts` on at most `cores` processors.

    Raises `SubjectError` if it fails.
    """
    command = [sys.executable, "-m", "benchmarks.subjects", name, str(artifacts), str(workspace)]
    before = _children_seconds()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parent.parent,
        env={**os.environ, "POLARS_MAX_THREADS": str(cores), "SNAKE_PIPE_BENCH_CORES": str(cores)},
    ) as running:
        sampler = _Sampler()
        sampler.start()
        output, errors = running.communicate()
        sampler.stop()
    _reap()
    if running.returncode:
        raise SubjectError(f"The subject {name} failed with {running.returncode}:\n{errors}")
    told = json.loads(output.splitlines()[-1])
    return Measurement(
        told["seconds"],
        _children_seconds() - before - told["cpu_before"],
        max(told["peak_bytes"], sampler.peak_bytes),
        told["files"],
        told["size_bytes"],
        told["nodes"],
        told["detail"],
    )


@dataclass(frozen=True)
class Summary:
    """Several measurements of one subject."""

    seconds: Sequence[float]
    cpu_seconds: float
    peak_bytes: int
    files: int
    size_bytes: int
    nodes: int
    detail: dict[str, Any]

    @property
    def fastest(self) -> float:
        """The least seconds of any repetition."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds)


def summarize(measurements: Sequence[Measurement]) -> Summary:
    """Return the summary: times of each, median processor time, the highest peak."""
    last = measurements[-1]
    return Summary(
        [m.seconds for m in measurements],
        statistics.median(m.cpu_seconds for m in measurements),
        max(m.peak_bytes for m in measurements),
        last.files,
        last.size_bytes,
        last.nodes,
        last.detail,
    )


class _Sampler(threading.Thread):
    """Looks at the memory of all descendants of this process until stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self._ended = threading.Event()

    def run(self) -> None:
        if not Path("/proc/self/statm").exists():
            return
        while not self._ended.wait(SAMPLING_SECONDS):
            pages = [_pages(pid) for pid in _descendants(os.getpid())]
            if pages:
                private = sum(resident - shared for resident, shared in pages)
                total = (private + max(shared for _, shared in pages)) * _PAGE
                self.peak_bytes = max(self.peak_bytes, total)

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _descendants(pid: int) -> Iterator[int]:
    for task in _entries(Path(f"/proc/{pid}/task")):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []


def _pages(pid: int) -> tuple[int, int]:
    """Return resident and shared pages; a process that has ended has none."""
    try:
        numbers = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0, 0
    return int(numbers[1]), int(numbers[2])


def _reap() -> None:
    """Collect adopted processes that have ended, so that their processor time is counted."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

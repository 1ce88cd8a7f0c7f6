"""Processes that parse side by side.

Belongs here: starting them, giving them work, and going on when one dies. Does not: what they do
(`worker`).

A parser is native code that is given whatever files there are. When it crashes, or takes longer than
allowed, its process dies; the file that it was at is refused, and a new process takes up the rest.
When the parent is killed, its workers end after the file that they are at.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from snake_pipe_core.errors import TerminalError
from snake_pipe_core.parse.outcome import Outcome
from snake_pipe_core.parse.worker import Place, Task, serve

_STATE = "The artifacts written until then are whole and stay; the next parse goes on from them."
_TASKS_AT_ONCE = 8
_FILES_PER_WORKER = 16
"""Files that are worth another process, which takes a fifth of a second to start."""


class ParseError(TerminalError):
    """A parse that cannot go on: a full disk, a parser that cannot be loaded."""


@dataclass
class _Worker:
    process: SpawnProcess
    connection: Connection
    under_way: deque[Task] = field(default_factory=deque)
    is_ready: bool = False


class Workers:
    """Up to `jobs` processes; use within `with`, which ends them."""

    def __init__(self, place: Place, jobs: int) -> None:
        """Take where to work and how many processes; none is started yet."""
        self.place, self.jobs = place, jobs
        self._workers: list[_Worker] = []

    def __enter__(self) -> Workers:
        """Return the workers."""
        return self

    def __exit__(self, *error: object) -> None:
        """End all processes, at once if they are at work still."""
        for worker in self._workers:
            worker.connection.close()
            if worker.under_way:
                worker.process.kill()  # a child of `nohup` and the like may ignore SIGTERM
        for worker in self._workers:
            worker.process.join()

    def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Yield one outcome a task, as they come.

        Raises:
            ParseError: artifacts cannot be written, or a parser cannot be loaded.
        """
        waiting = deque(tasks)
        count = min(self.jobs, -(-len(waiting) // _FILES_PER_WORKER))
        self._workers = [self._start() for _ in range(count)]
        for worker in self._workers:
            _give(worker, waiting)
        while busy := {each.connection: each for each in self._workers if each.under_way}:
            for ready in wait(list(busy)):
                worker = busy[ready]  # type: ignore[index]
                try:
                    answer = worker.connection.recv()
                except (EOFError, ConnectionResetError) as error:
                    if not worker.is_ready:
                        raise _not_started() from error
                    yield self._refused(worker)
                    waiting.extendleft(reversed(worker.under_way))
                    self._workers.remove(worker)
                    if waiting:
                        worker = self._start()
                        self._workers.append(worker)
                        _give(worker, waiting)
                    continue
                if answer is None:
                    worker.is_ready = True
                    continue
                if isinstance(answer, str):
                    raise _ended(answer)
                worker.under_way.popleft()
                yield answer
                if not worker.under_way:
                    _give(worker, waiting)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self.place), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _refused(self, worker: _Worker) -> Outcome:
        """Return what is said of the file that a worker died at."""
        task = worker.under_way.popleft()
        worker.process.join()
        worker.connection.close()
        code = worker.process.exitcode or 0
        if code == -signal.SIGPROF:
            why = "TOO_SLOW"
            message = f"The parser took more than {self.place.seconds:g} s of processor time."
        else:
            why = "CRASHED_PARSER"
            message = f"The parser's process died ({_ending(code)})."
        with suppress(OSError):
            os.unlink(os.path.join(self.place.partial, str(worker.process.pid)))  # noqa: PTH108, PTH118
        return Outcome(
            task.path, task.language, "refused", parser=task.parser, code=why, message=message
        )


def _give(worker: _Worker, waiting: deque[Task]) -> None:
    tasks = [waiting.popleft() for _ in range(min(_TASKS_AT_ONCE, len(waiting)))]
    if tasks:
        worker.under_way.extend(tasks)
        with suppress(BrokenPipeError, ConnectionResetError):  # it died: reading will tell
            worker.connection.send(tasks)


def _not_started() -> ParseError:
    return ParseError(
        "A process that parses did not come up; what it said stands above.",
        remedy="In a script, parse under `if __name__ == '__main__':`, for the script is loaded again "
        "in each process. Else make room for more processes and memory.",
        state=_STATE,
    )


def _ended(where: str) -> ParseError:
    return ParseError(
        f"The parse ended at {where}.",
        remedy="Make room or install what is missing, then parse again.",
        state=_STATE,
    )


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"

"""How far a stage is, as lines in the run's log.

Belongs here: saying it rarely enough. Does not: counting; the pipeline does.
"""

import logging
import time

EVERY_SECONDS = 5.0


class LoggedProgress:
    """Hears the pipeline's progress; logs a line every few seconds and one when a stage ends."""

    def __init__(self, log: logging.Logger) -> None:
        """Take a logger, such as `context.log`."""
        self._log, self._next, self._ended = log, 0.0, set[str]()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take a report of the pipeline; `total` is None while nobody knows."""
        now = time.monotonic()
        ends = total is not None and done >= total
        if ends and stage not in self._ended:
            self._ended.add(stage)
        elif ends or now < self._next:
            return
        self._next = now + EVERY_SECONDS
        share = f" of {total:,} ({100 * done // total} %)" if total else ""
        self._log.info("%s: %s%s", stage, f"{done:,}", share)

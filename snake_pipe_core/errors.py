"""Every exception of Snake-Pipe.

Belongs here: one root, with terminal and transient branches that decide about retries. Does not:
bad input, which is a finding row and never an exception.
"""

from __future__ import annotations


class SnakePipeError(Exception):
    """Root of all errors. `remedy` says what to do; `state` says what was left behind."""

    def __init__(self, message: str, *, remedy: str = "", state: str = "") -> None:
        """Keep the parts; `str()` joins them to sentences."""
        super().__init__(message, remedy, state)
        self.message, self.remedy, self.state = message, remedy, state

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by state, so that subclasses with other signatures survive process borders."""
        return (_rebuild, (type(self), self.args, self.__dict__))

    def __str__(self) -> str:
        """Return message, remedy and state as sentences."""
        return " ".join(part for part in (self.message, self.remedy, self.state) if part)


def _rebuild(
    cls: type[SnakePipeError], args: tuple[object, ...], state: dict[str, object]
) -> SnakePipeError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class TerminalError(SnakePipeError):
    """Trying again cannot help: configuration, code or input must change first."""


class TransientError(SnakePipeError):
    """The same call may succeed later: a lock, a server, a full disk."""


class InvalidSourceNameError(TerminalError):
    """A source name that is not a slug."""

    def __init__(self, name: str) -> None:
        """Name the offender and the rule."""
        super().__init__(
            f"{name!r} cannot name a source.",
            remedy="Use 1 to 200 letters, digits, dots, underscores or hyphens, beginning with a "
            "letter or digit.",
            state="Nothing was read or written.",
        )


class SourceNotFoundError(TerminalError):
    """A source that is not there, neither in the lake nor on disk."""


class SourceMovedError(TerminalError):
    """A source name that another directory was loaded under."""


class SourceChangingError(TransientError):
    """Files that changed again and again while they were read."""


class MappingError(TerminalError):
    """A dialect's mapping or schema that the engine cannot compile."""


class LakeError(TerminalError):
    """The lake cannot be read or written as asked."""


class BrokenTablesError(LakeError):
    """Tables of the lake that break a rule which every later stage relies on."""


class BackendError(TerminalError):
    """A backend refused; what was published before stays visible."""


class BackendUnavailableError(TransientError):
    """A backend cannot be reached or is locked right now."""


class VerificationError(BackendError):
    """What a backend holds differs from what was sent; it was not published."""


class QualityGateError(TerminalError):
    """A source below the quality gate, which therefore does not reach the backends."""

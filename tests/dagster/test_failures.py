"""Which errors are tried again.

Belongs here: the border between errors and Dagster's failures. Does not: whole runs.
"""

from __future__ import annotations

import dagster as dg
import pytest

from snake_pipe_core.errors import BackendError, BackendUnavailableError
from snake_pipe_dagster.failures import told_failures


@pytest.mark.parametrize(
    ("error", "is_retried"),
    [
        (BackendUnavailableError("It is locked.", remedy="Wait."), True),
        (BackendError("It refused.", remedy="Mend it."), False),
        (OSError(28, "No space left on device"), True),
        (KeyError("nobody foresaw this"), False),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(error: Exception, is_retried: bool) -> None:
    with pytest.raises(dg.Failure) as caught, told_failures():
        raise error
    assert caught.value.allow_retries is is_retried
    assert caught.value.metadata["error"].value == type(error).__name__
    assert caught.value.metadata["what_to_do"].value
    assert caught.value.__cause__ is error

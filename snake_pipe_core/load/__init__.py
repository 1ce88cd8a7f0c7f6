"""Tables to backends: apply, verify, publish, record.

Belongs here: the order of the steps, what a version is, what happens when a backend fails. Does not:
how any store does its step.
"""

from snake_pipe_core.load.parity import Parity, backend_parity
from snake_pipe_core.load.publish import LoadReport, content_version, drop_source, load_slice

__all__ = [
    "LoadReport",
    "Parity",
    "backend_parity",
    "content_version",
    "drop_source",
    "load_slice",
]

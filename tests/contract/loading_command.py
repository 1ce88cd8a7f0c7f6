"""A load in a process of its own, which a test may kill; run as a program.

Prints one word per step that it has come to, so that the test knows when to strike.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from snake_pipe_core.backends.registry import open_backend
from snake_pipe_core.settings import Settings
from tests.slices import make_slice


def main(backend_name: str, workspace: str, what: str, arguments: str) -> None:
    with open_backend(backend_name, Settings(workspace=Path(workspace))) as backend:
        if what == "look":
            source, collection = json.loads(arguments)
            seen = {
                "published": dict(backend.published()),
                "rows": sum(1 for _ in backend.rows(source, collection)),
            }
            print(json.dumps(seen), flush=True)
            return
        slice_ = make_slice(**json.loads(arguments))
        print("applying", flush=True)
        backend.apply(slice_)
        print("applied", flush=True)
        if what == "apply":
            time.sleep(600)
        backend.publish(slice_.source, slice_.version)
        print("published", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

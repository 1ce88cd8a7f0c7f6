"""Whether a backend shows what the lake holds.

Belongs here: comparing versions, counts and sampled ids of one source. Does not: repairing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from snake_pipe_core.backends.base import Slice
from snake_pipe_core.backends.registry import open_backend
from snake_pipe_core.lake import Lake
from snake_pipe_core.load.publish import content_version, slice_frames
from snake_pipe_core.settings import Settings


@dataclass(frozen=True)
class Parity:
    """What a backend shows of a source: version, rows per collection, and what is wrong."""

    version: str
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def backend_parity(settings: Settings, lake: Lake, source: str, backend_name: str) -> Parity:
    """Compare one backend's published version of a source with the lake's head."""
    head = lake.head(source)
    expected = content_version(head)
    with open_backend(backend_name, settings) as backend:
        shown = backend.published().get(source, "")
        if shown != expected:
            return Parity(
                shown,
                problems=(
                    (
                        f"{backend_name} shows version {shown or 'none'} of {source!r}, the lake "
                        f"is at {expected}."
                    ),
                ),
            )
        slice_ = Slice(source, expected, slice_frames(lake, head, backend))
        held = backend.verify(slice_)
        problems = []
        if not held.ok:
            problems.append(f"{len(held.missing_ids)} of the sampled ids are missing.")
        for name in sorted(slice_.frames.keys() & held.counts.keys()):
            rows = slice_.frames[name].select(pl.len()).collect().item()
            if rows != held.counts[name]:
                problems.append(f"{name} has {held.counts[name]} rows, the lake {rows}.")
    return Parity(shown, dict(held.counts), tuple(problems))

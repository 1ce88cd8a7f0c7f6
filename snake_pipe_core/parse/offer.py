"""A folder that is given to `run` and holds source code instead of AST JSON.

Belongs here: telling that it is one. Does not: asking the user, parsing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import batched
from pathlib import Path

from snake_pipe_core.native import Engine
from snake_pipe_core.parse.languages import ParserTable
from snake_pipe_core.parse.mirror import languages_in

_AT_ONCE = 64
_MAX_BYTES = 1 << 26
"""Larger JSON is not looked into: a folder with sources whose every artifact is larger is unlikely."""


def unparsed_languages(root: Path, engine: Engine) -> Mapping[str, int]:
    """Return source files by language if the folder holds sources and no artifact; else nothing.

    A folder of artifacts costs a walk over its names, no more.
    """
    table = ParserTable()
    if not any(table.candidates(os.path.basename(path)) for path in _paths(root)):  # noqa: PTH119
        return {}
    for path in _paths(root, (".json.gz", ".json.zst")):
        if table.candidates(os.path.basename(path).rsplit(".json.", 1)[0]):  # noqa: PTH119
            return {}  # a compressed artifact by its name
    for paths in batched(_paths(root, (".json",)), _AT_ONCE):
        found = engine.inspect(paths, files=paths, max_bytes=_MAX_BYTES)
        if any(each.dialect for each in found):
            return {}
    return languages_in(root)


def _paths(root: Path, endings: tuple[str, ...] = ("",)) -> Iterator[str]:
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and name.endswith(endings):
                yield os.path.join(folder, name)  # noqa: PTH118

"""Make the standard workload: CPython's own library, dumped with ast2json.

Belongs here: which sources, how they are dumped, and counts to compare with. Does not: timing.

Sources: every `.py` file of the standard library of the Python that runs this, except installed
packages (`site-packages`, `dist-packages`, `ensurepip/_bundled`) and CPython's own test suite
(`test/`); tests inside packages (`idlelib/idle_test`, `lib2to3/tests`, `unittest/test`) stay in.
Files that this Python cannot parse (lib2to3's bad examples) are skipped and counted. JSON is what
`json.dumps(ast2json(tree))` writes, blanks after separators included.

CPython 3.12.1 gives 751 files, 127.9 MB and 1.22 million nodes. Older libraries are larger (3.11 has
`distutils`, `asynchat` and others still): the project's speed targets were set on about 860 files,
113 MB and 1.37 million nodes. Compare per megabyte, or with `orjson.loads` over the same files.

    python -m benchmarks.workload --out DIR [--jobs N]
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import sysconfig
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

LEFT_OUT = frozenset({"site-packages", "dist-packages", "_bundled", "__pycache__"})


def sources(library: Path) -> list[Path]:
    """Return the library's files that belong to the workload, sorted, relative to it."""
    found = (path.relative_to(library) for path in library.rglob("*.py"))
    return sorted(
        path for path in found if path.parts[0] != "test" and not LEFT_OUT & set(path.parts)
    )


def dump(source: Path, target: Path) -> int:
    """Write one file's tree as JSON; return its size in bytes, or 0 if it cannot be parsed."""
    from ast2json import ast2json

    sys.setrecursionlimit(20_000)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.read_bytes(), filename=str(source))
    except (SyntaxError, ValueError):
        return 0
    text = json.dumps(ast2json(tree))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return len(text)


def make(out: Path, jobs: int | None = None) -> tuple[int, int, int]:
    """Dump the whole workload below `out`; return (files, bytes, sources skipped)."""
    library = Path(sysconfig.get_paths()["stdlib"])
    paths = sources(library)
    with ProcessPoolExecutor(jobs) as pool:
        sizes = list(
            pool.map(
                dump,
                [library / path for path in paths],
                [out / f"{path}.json" for path in paths],
                chunksize=8,
            )
        )
    return sum(1 for size in sizes if size), sum(sizes), sizes.count(0)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Dump CPython's library as AST JSON.")
    parser.add_argument("--out", type=Path, required=True, help="directory to write into")
    parser.add_argument("--jobs", type=int, default=None, help="processes (default: all cores)")
    arguments = parser.parse_args()
    files, size, skipped = make(arguments.out, arguments.jobs)
    print(f"{files} files, {size / 1e6:.1f} MB, {skipped} sources skipped (no valid Python)")


if __name__ == "__main__":
    main()

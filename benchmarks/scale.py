"""What a source of many small files costs, per file, beside one of fewer.

Belongs here: making the files, running each stage in a process of its own, and ratios. Does not: the
standard workload, whose files are large.

    python -m benchmarks.scale [--files 10000 100000] [--resolve]

Prints, per size: seconds of discovery, processor seconds per 1,000 files of a first scan, of a scan
after which nothing changed and of one after one file changed, and the peak of resident memory; then
the ratio of the cost per file of the largest size to that of the smallest.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden"
TEMPLATES = ("python-ast/ast2json-lines", "estree/acorn-lines", "estree/acorn-reexports")
FILES_PER_FOLDER = 100
STEPS = ("discover", "first", "again", "changed", "resolve")
_CHANGED = "f0/m0"


def make(root: Path, count: int) -> None:
    """Write `count` artifacts, copies of small goldens, each a document of its own."""
    contents = []
    for name in TEMPLATES:
        (path,) = (GOLDEN / name).glob("source.*.json")
        contents.append((path.name.removeprefix("source"), path.read_bytes()))
    for number in range(count):
        folder = root / f"f{number // FILES_PER_FOLDER}"
        if number % FILES_PER_FOLDER == 0:
            folder.mkdir(parents=True)
        suffix, content = contents[number % len(contents)]
        (folder / f"m{number}{suffix}").write_bytes(content)


def step(name: str, root: Path, workspace: Path) -> dict[str, float]:
    """Do one step in this process; return its seconds, processor seconds and peak memory."""
    from snake_pipe_core.pipeline import Pipeline
    from snake_pipe_core.settings import Settings
    from snake_pipe_core.sources.directory import DirectorySource

    pipeline = Pipeline(Settings(workspace=workspace))
    source = DirectorySource(root)
    if name == "changed":
        (path,) = root.glob(f"{_CHANGED}.*")
        path.write_bytes(path.read_bytes() + b"\n")
    if name in ("first", "again", "changed"):
        _ = pipeline.scanner
    before, started = _processor_seconds(), time.monotonic()
    if name == "discover":
        source.discover()
    elif name == "resolve":
        pipeline.resolve("scale")
    else:
        pipeline.scan("scale", source)
    return {
        "seconds": time.monotonic() - started,
        "processor_seconds": _processor_seconds() - before,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(count: int, steps: list[str]) -> dict[str, dict[str, float]]:
    """Return what each step costs on a source of `count` files."""
    place = Path(tempfile.mkdtemp(prefix="snake-pipe-scale-"))
    try:
        make(place / "files", count)
        found = {}
        for name in steps:
            run = [sys.executable, "-m", "benchmarks.scale", "--step", name, str(place)]
            told = subprocess.run(run, check=True, capture_output=True, text=True).stdout
            found[name] = json.loads(told)
            print(
                f"{count:>9,} files  {name:<9} {found[name]['seconds']:8.2f} s"
                f"  {found[name]['processor_seconds'] / count * 1000:8.4f} CPU-s per 1,000 files"
                f"  {found[name]['peak_mib']:8.0f} MiB",
                flush=True,
            )
        return found
    finally:
        shutil.rmtree(place)


def main() -> None:
    """Measure every size and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--resolve", action="store_true", help="resolve, too")
    parser.add_argument("--step", nargs=2, metavar=("NAME", "PLACE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        name, place = arguments.step
        print(json.dumps(step(name, Path(place) / "files", Path(place) / "workspace")))
        return
    steps = [name for name in STEPS if name != "resolve" or arguments.resolve]
    sizes = sorted(arguments.files)
    found = {count: measure(count, steps) for count in sizes}
    few, many = sizes[0], sizes[-1]
    for name in steps:
        costs = [found[count][name]["processor_seconds"] / count for count in (few, many)]
        print(f"{name}: a file of {many:,} costs {costs[1] / costs[0]:.2f} times one of {few:,}")


if __name__ == "__main__":
    main()

"""`python -m benchmarks`: the standard workload, measured in one run beside the alternatives.

Belongs here: arguments, the order of runs. Does not: measuring, subjects, the page.

Subjects take turns, so that whatever else the machine does meets all of them alike. `--write`
rewrites `docs/reference/benchmarks.md` and the figures of the README.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import report, subjects, workload
from benchmarks.measure import Measurement, Summary, adopt_orphans, measure, summarize

CACHE = Path(__file__).resolve().parent / ".data"
QUICK_FILES = 100
LOADS = ("load-postgres", "load-ladybug", "load-chroma", "load-tantivy")


def standard_workload(cache: Path) -> Path:
    """Return the directory of the standard workload, made on first use for this Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    made = cache / f"cpython-{version}"
    if not made.is_dir():
        print(f"Making the workload of CPython {version} (once) ...", file=sys.stderr)
        partial = cache / f"cpython-{version}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        workload.make(partial)
        partial.rename(made)
    return made


def copy_of(artifacts: Path, target: Path, files: int | None = None) -> Path:
    """Link the artifacts (evenly chosen `files` of them) into a tree of their own; return it."""
    paths = subjects.files_of(artifacts)
    if files is not None and files < len(paths):
        paths = [paths[index * len(paths) // files] for index in range(files)]
    for path in paths:
        link = target / path.relative_to(artifacts)
        link.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, link)
        except OSError:  # another file system
            shutil.copy2(path, link)
    return target


def change_one(artifacts: Path) -> str:
    """Add a function to one artifact of about median size; return its path."""
    paths = sorted(subjects.files_of(artifacts), key=lambda path: path.stat().st_size)
    candidates = paths[len(paths) // 2 :] + paths[: len(paths) // 2]
    for path in candidates:
        tree = json.loads(path.read_bytes())
        functions = [node for node in tree["body"] if node["_type"] == "FunctionDef"]
        if functions:
            tree["body"].append({**functions[0], "name": "added_by_the_benchmark"})
            path.unlink()  # the link: the workload itself stays as it is
            path.write_text(json.dumps(tree), encoding="utf-8")
            return path.relative_to(artifacts).as_posix()
    raise LookupError("No artifact of the workload holds a function.")


def run(
    artifacts: Path, work: Path, *, repetitions: int, cores: int, say: Callable[[str], None]
) -> dict[str, Summary]:
    """Measure every subject `repetitions` times, in turns; return the summaries by name."""
    taken: dict[str, list[Measurement]] = {}

    def take(name: str, subject: str, source: Path, workspace: Path, on: int = cores) -> None:
        say(name)
        taken.setdefault(name, []).append(measure(subject, source, workspace, cores=on))

    for repetition in range(repetitions):
        say(f"-- {repetition + 1} of {repetitions}")
        staged, other = work / f"staged-{repetition}", work / f"other-{repetition}"
        take("scan", "scan", artifacts, staged)
        take("orjson", "orjson", artifacts, other, 1)
        take("orjson-reading", "orjson-reading", artifacts, other, 1)
        take("resolve", "resolve", artifacts, staged)
        take("embeddings", "embeddings", artifacts, staged)
        for load in LOADS:
            take(load, load, artifacts, staged)
        subjects.clear(staged)
        ours, changing = work / f"whole-{repetition}", work / f"artifacts-{repetition}"
        copy_of(artifacts, changing)
        take("whole", "whole", changing, ours)
        take("unchanged", "whole", changing, ours)
        change_one(changing)
        take("one-changed", "whole", changing, ours)
        take("further", "further", artifacts, ours)
        subjects.clear(ours)
        subjects.clear(changing)
        take("python-walk", "python-walk", artifacts, other)
        take("duckdb", "duckdb", artifacts, other)
        subjects.clear(other)
    return {name: summarize(measurements) for name, measurements in taken.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_FILES} files, one repetition")
    parser.add_argument("--files", type=int, help="only so many files, evenly chosen")
    parser.add_argument("--repetitions", type=int, help="rounds (default 3)")
    parser.add_argument("--cores", type=int, default=2, help="processors to use (default 2)")
    parser.add_argument("--artifacts", type=Path, help="other artifacts than the workload")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the workload is kept")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--write", action="store_true", help="rewrite the page and README's figures"
    )
    given = parser.parse_args(arguments)
    cores = min(given.cores, report.available_cores())
    files = given.files or (QUICK_FILES if given.quick else None)
    repetitions = given.repetitions or (1 if given.quick else 3)
    if given.write and (files or given.artifacts):
        parser.error("--write states figures of the whole standard workload: leave out the rest")

    def say(what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    adopt_orphans()
    load_before = report.load_average()
    given.cache.mkdir(parents=True, exist_ok=True)
    artifacts = given.artifacts or standard_workload(given.cache)
    # Beside the workload: hard links, and the same disk for everyone.
    with tempfile.TemporaryDirectory(dir=given.cache) as folder:
        work = Path(folder)
        if files:
            artifacts = copy_of(artifacts, work / "artifacts", files)
        summaries = run(artifacts, work, repetitions=repetitions, cores=cores, say=say)
    result = report.result(summaries, cores=cores, load_before=load_before)
    if given.json:
        print(json.dumps(result, indent=2))
    else:
        print(report.text(result))
    if given.write:
        report.PAGE.write_text(report.page(result), encoding="utf-8")
        readme = report.README.read_text(encoding="utf-8")
        report.README.write_text(report.with_figures(readme, result), encoding="utf-8")
        say("wrote docs/reference/benchmarks.md and the figures of README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())

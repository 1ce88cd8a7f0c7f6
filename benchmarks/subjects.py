"""What is measured: the stages of Snake-Pipe, and what else reads the same files.

Belongs here: one function per subject, run in its own process by `measure`. Does not: repetitions,
printing, judging.

    python -m benchmarks.subjects NAME ARTIFACTS WORKSPACE

A subject is a function of (artifacts, workspace) that imports what it needs and returns the work
to be timed: a function without arguments that returns counts, at least `nodes`. The files are in
the page cache before the clock starts.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = Callable[[], dict[str, Any]]
SOURCE = "benchmark"
PARTS = 200_000
"""Rows that the Python walk collects before it writes them."""


def files_of(artifacts: Path) -> list[Path]:
    """Return the artifacts, sorted."""
    return sorted(artifacts.rglob("*.json"))


# ---- Snake-Pipe --------------------------------------------------------------------------------


def _settings(workspace: Path) -> Any:
    from snake_pipe_core.settings import Settings

    cores = int(os.environ.get("SNAKE_PIPE_BENCH_CORES", "0"))
    return Settings(workspace=workspace, workers=cores)


def _pipeline(workspace: Path) -> Any:
    from snake_pipe_core.pipeline import Pipeline

    return Pipeline(_settings(workspace))


def scan(artifacts: Path, workspace: Path) -> Work:
    """Read, validate, normalize and write the lake, into an empty workspace."""
    from snake_pipe_core.sources.directory import DirectorySource

    pipeline, source = _pipeline(workspace), DirectorySource(artifacts)

    def work() -> dict[str, Any]:
        report = pipeline.scan(SOURCE, source)
        return {"nodes": report.counts.nodes, "rows": dict(report.rows),
                "outcomes": dict(report.outcomes)}  # fmt: skip

    return work


def resolve(artifacts: Path, workspace: Path) -> Work:
    """Link the symbols of a scanned workspace across files."""
    import snake_pipe_core.resolve  # noqa: F401  (imports are not timed)

    pipeline = _pipeline(workspace)

    def work() -> dict[str, Any]:
        pipeline.resolve(SOURCE)
        lake = pipeline.lake
        return {"nodes": _rows(lake, "nodes"), "edges": _rows(lake, "edges"),
                "unresolved": _rows(lake, "unresolved")}  # fmt: skip

    return work


def embeddings(artifacts: Path, workspace: Path) -> Work:
    """Make the embeddings of a scanned workspace, in memory."""
    from snake_pipe_core.embeddings.registry import open_provider
    from snake_pipe_core.embeddings.rows import embedding_frame

    lake = _pipeline(workspace).lake

    def work() -> dict[str, Any]:
        tables = ("documents", "symbols", "references", "nodes")
        frame = embedding_frame({t: lake.scan(t, SOURCE) for t in tables}, open_provider())
        return {"nodes": _rows(lake, "nodes"), "embeddings": frame.height}

    return work


def _load(backend: str) -> Callable[[Path, Path], Work]:
    def load(artifacts: Path, workspace: Path) -> Work:
        from snake_pipe_core.load import load_slice
        from snake_pipe_core.pipeline import silent

        settings, lake = _settings(workspace), _pipeline(workspace).lake

        def work() -> dict[str, Any]:
            (report,) = load_slice(
                settings, lake, lake.head(SOURCE), backends=[backend], progress=silent
            )
            if report.state != "published":
                raise RuntimeError(f"{backend} ended as {report.state}: {report.error}")
            return {"nodes": _rows(lake, "nodes"), "rows": dict(report.counts),
                    "opened_to_published_seconds": report.seconds}  # fmt: skip

        return work

    load.__doc__ = f"Load a resolved workspace into {backend}, whose store is empty."
    return load


def further(artifacts: Path, workspace: Path) -> Work:
    """Everything, for one more source of a workspace whose stores exist already."""
    return whole(artifacts, workspace, "further")


def whole(artifacts: Path, workspace: Path, name: str = SOURCE) -> Work:
    """Everything, from AST JSON to all backends; on an old workspace, what has changed."""
    import snake_pipe_core.load
    import snake_pipe_core.resolve  # noqa: F401  (imports are not timed)
    from snake_pipe_core.sources.directory import DirectorySource

    pipeline, source = _pipeline(workspace), DirectorySource(artifacts)

    def work() -> dict[str, Any]:
        report = pipeline.run(name, source)
        if not report.ok:
            raise RuntimeError(f"The run failed: {[load.error for load in report.loads]}")
        return {
            "nodes": _rows(pipeline.lake, "nodes", name),
            "states": dict(report.scan.states),
            "scan_seconds": report.scan.seconds,
            "loads": {r.backend: {"state": r.state, "seconds": r.seconds} for r in report.loads},
        }

    return work


def _rows(lake: Any, table: str, name: str = SOURCE) -> int:
    import polars as pl

    return int(lake.scan(table, name).select(pl.len()).collect().item())


# ---- what else reads such files ----------------------------------------------------------------


def orjson_loads(artifacts: Path, workspace: Path) -> Work:
    """Only `orjson.loads`, one core; reading is not timed and the collector is off, in its favour."""
    import orjson

    paths = files_of(artifacts)

    def work() -> dict[str, Any]:
        gc.disable()
        spent = reading = 0.0
        for path in paths:
            began = time.perf_counter()
            content = path.read_bytes()
            read = time.perf_counter()
            tree = orjson.loads(content)
            del tree
            spent += time.perf_counter() - read
            reading += read - began
        return {"nodes": 0, "seconds": spent, "reading_seconds": reading}

    return work


def orjson_reading(artifacts: Path, workspace: Path) -> Work:
    """Reading the files and `orjson.loads`, one core, as a program does it."""
    import orjson

    paths = files_of(artifacts)

    def work() -> dict[str, Any]:
        for path in paths:
            orjson.loads(path.read_bytes())
        return {"nodes": 0}

    return work


def python_walk(artifacts: Path, workspace: Path) -> Work:
    """`orjson`, a walk in Python, Polars and Parquet: the node table alone, unchecked."""
    import orjson
    import polars as pl

    paths = files_of(artifacts)
    schema = {
        "path": pl.String, "node": pl.Int32, "parent": pl.Int32, "kind": pl.String,
        "field": pl.String, "position": pl.Int32, "name": pl.String, "start_line": pl.Int32,
        "start_column": pl.Int32, "end_line": pl.Int32, "end_column": pl.Int32,
    }  # fmt: skip

    def walk(path: str, tree: Any, rows: list[tuple[Any, ...]]) -> None:
        stack: list[tuple[Any, int | None, str, int | None]] = [(tree, None, "", None)]
        number = 0
        while stack:
            node, parent, field, position = stack.pop()
            get = node.get
            name = get("name") or get("id") or get("attr") or get("arg")
            rows.append((path, number, parent, node["_type"], field, position,
                         name if isinstance(name, str) else None, get("lineno"),
                         get("col_offset"), get("end_lineno"), get("end_col_offset")))  # fmt: skip
            below: list[tuple[Any, int | None, str, int | None]] = []
            for key, value in node.items():
                if isinstance(value, dict):
                    if "_type" in value:
                        below.append((value, number, key, None))
                elif isinstance(value, list):
                    below += [
                        (item, number, key, index)
                        for index, item in enumerate(value)
                        if isinstance(item, dict) and "_type" in item
                    ]
            stack.extend(reversed(below))
            number += 1

    def work() -> dict[str, Any]:
        rows: list[tuple[Any, ...]] = []
        nodes = part = 0
        workspace.mkdir(parents=True, exist_ok=True)

        def write() -> None:
            nonlocal nodes, part
            frame = pl.DataFrame(rows, schema=schema, orient="row")
            frame.write_parquet(workspace / f"part-{part}.parquet", compression="lz4")
            nodes, part = nodes + len(rows), part + 1
            rows.clear()

        for path in paths:
            walk(str(path), orjson.loads(path.read_bytes()), rows)
            if len(rows) > PARTS:
                write()
        write()
        return {"nodes": nodes}

    return work


def duckdb_json_tree(artifacts: Path, workspace: Path) -> Work:
    """DuckDB's `json_tree` over the files, to Parquet: every JSON value a row, unchecked."""
    import duckdb

    paths = [str(path) for path in files_of(artifacts)]
    cores = int(os.environ.get("SNAKE_PIPE_BENCH_CORES", "0"))

    def work() -> dict[str, Any]:
        workspace.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(config={"threads": cores} if cores else {}) as connection:
            target = workspace / "tree.parquet"
            connection.execute(
                "copy (select filename, tree.* from read_text(?) as file, "
                "json_tree(file.content) as tree) to "
                f"'{target}' (format parquet, compression lz4)",
                [paths],
            )
            values = connection.execute(f"select count(*) from '{target}'").fetchall()[0][0]
        return {"nodes": 0, "json_values": values}

    return work


SUBJECTS: dict[str, Callable[[Path, Path], Work]] = {
    "scan": scan,
    "resolve": resolve,
    "embeddings": embeddings,
    "load-postgres": _load("postgres"),
    "load-ladybug": _load("ladybug"),
    "load-chroma": _load("chroma"),
    "load-tantivy": _load("tantivy"),
    "whole": whole,
    "further": further,
    "orjson": orjson_loads,
    "orjson-reading": orjson_reading,
    "python-walk": python_walk,
    "duckdb": duckdb_json_tree,
}
"""Every subject by name."""


def peak_bytes() -> int:
    """Return this process's high-water mark of resident memory."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        # macOS counts in bytes; there is no /proc.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Run one subject and print what it cost as one line of JSON."""
    name, artifacts, workspace = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    cores = int(os.environ.get("SNAKE_PIPE_BENCH_CORES", "0"))
    if cores and hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[:cores])
    work = SUBJECTS[name](artifacts, workspace)
    paths = files_of(artifacts)
    size = sum(len(path.read_bytes()) for path in paths)  # warms the page cache
    used = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    detail = work()
    seconds = time.perf_counter() - began
    told = {
        "seconds": detail.pop("seconds", seconds),
        "cpu_before": used.ru_utime + used.ru_stime,
        "peak_bytes": peak_bytes(),
        "files": len(paths),
        "size_bytes": size,
        "nodes": detail.pop("nodes"),
        "detail": detail,
    }
    print(json.dumps(told))


def clear(workspace: Path) -> None:
    """Remove a workspace."""
    shutil.rmtree(workspace, ignore_errors=True)


if __name__ == "__main__":
    main()

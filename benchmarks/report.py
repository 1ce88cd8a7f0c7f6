"""What a run of the benchmarks says: a result for programs, tables for people, a page.

Belongs here: figures per minute and ratios, and how they are written. Does not: measuring.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import Summary

_PROJECT = Path(__file__).resolve().parent.parent
PAGE = _PROJECT / "docs" / "reference" / "benchmarks.md"
README = _PROJECT / "README.md"
FIGURES = ("<!-- figures: written by `python -m benchmarks --write` -->", "<!-- end of figures -->")
"""Where the README's figures begin and end."""
TITLES = {
    "scan": "scan: read, validate, normalize, write the lake",
    "resolve": "resolve",
    "embeddings": "embeddings alone (part of load chroma)",
    "load-postgres": "load postgres (with making and starting the server)",
    "load-ladybug": "load ladybug",
    "load-chroma": "load chroma (with embeddings)",
    "load-tantivy": "load tantivy",
    "whole": "the whole, into four empty stores",
    "further": "the whole, one more source in stores that exist",
    "unchanged": "the whole again, nothing changed",
    "one-changed": "the whole again, one file changed",
    "orjson": "`orjson.loads` alone, 1 core (reading not counted)",
    "orjson-reading": "reading and `orjson.loads`, 1 core",
    "python-walk": "orjson, walk in Python, Polars, Parquet (nodes only)",
    "duckdb": "DuckDB `json_tree` to Parquet (JSON values only)",
}
"""What each subject is called in tables, in their order."""
ALTERNATIVES = ("orjson", "orjson-reading", "python-walk", "duckdb")
PACKAGES = ("polars", "deltalake", "orjson", "duckdb", "ladybug", "chromadb", "tantivy")


def available_cores() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def load_average() -> float:
    """Return how many programs wanted a processor over the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def result(
    summaries: Mapping[str, Summary], *, cores: int, load_before: float = 0.0
) -> dict[str, Any]:
    """Return everything measured and derived, as plain values.

    Keys: `environment`, `workload` (files, size_bytes, nodes), `subjects` (by name: seconds_min,
    seconds_median, files_per_minute, mb_per_second, nodes_per_second, cpu_seconds, peak_mib,
    repetitions, detail; rates follow from the median), `ratios` (how many times as fast as each
    alternative, by the medians and by the minima).
    """
    scan = summaries["scan"]
    return {
        "environment": {**_environment(cores), "load_before": round(load_before, 1)},
        "workload": {
            "files": scan.files, "size_bytes": scan.size_bytes, "nodes": scan.nodes,
            "outcomes": scan.detail["outcomes"], "rows": scan.detail["rows"],
        },
        "subjects": {name: _figures(summaries[name]) for name in TITLES},
        "ratios": {
            f"{ours} to {theirs}": {
                "median": round(summaries[theirs].median / summaries[ours].median, 2),
                "min": round(summaries[theirs].fastest / summaries[ours].fastest, 2),
            }
            for ours in ("scan", "whole")
            for theirs in ALTERNATIVES
        },
    }  # fmt: skip


def _figures(summary: Summary) -> dict[str, Any]:
    seconds = summary.median
    return {
        "seconds_min": round(summary.fastest, 4),
        "seconds_median": round(seconds, 4),
        "files_per_minute": round(summary.files * 60 / seconds),
        "mb_per_second": round(summary.size_bytes / 1e6 / seconds, 1),
        "nodes_per_second": round(summary.nodes / seconds) if summary.nodes else None,
        "cpu_seconds": round(summary.cpu_seconds, 2),
        "peak_mib": round(summary.peak_bytes / 2**20),
        "repetitions": len(summary.seconds),
        "detail": summary.detail,
    }


def _environment(cores: int) -> dict[str, Any]:
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cores": cores,
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "snake-pipe": importlib.metadata.version("snake-pipe"),
        **{name: importlib.metadata.version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cells(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    header = ("", "files/min", "MB/s", "nodes/s", "seconds (min)", "CPU s", "peak MiB")
    rows: list[tuple[str, ...]] = [header]
    for name, title in TITLES.items():
        one = result["subjects"][name]
        rate = name not in ("unchanged", "one-changed")
        rows.append(
            (
                title,
                f"{one['files_per_minute']:,}" if rate else "",
                f"{one['mb_per_second']:,}" if rate else "",
                f"{one['nodes_per_second']:,}" if rate and one["nodes_per_second"] else "",
                f"{one['seconds_median']:.2f} ({one['seconds_min']:.2f})",
                f"{one['cpu_seconds']:.2f}",
                f"{one['peak_mib']:,}",
            )
        )
    return rows


def _ratio_cells(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("times as fast as", "scan", "the whole")]
    for name in ALTERNATIVES:
        rows.append(
            (
                TITLES[name],
                *(
                    f"{ratio['median']:.2f} ({ratio['min']:.2f})"
                    for ratio in (
                        result["ratios"][f"{ours} to {name}"] for ours in ("scan", "whole")
                    )
                ),
            )
        )
    return rows


def _machine(result: Mapping[str, Any]) -> str:
    environment, workload = result["environment"], result["workload"]
    return (
        f"{workload['files']:,} files, {workload['size_bytes'] / 1e6:.1f} MB, "
        f"{workload['nodes']:,} nodes; {environment['cores']} cores of {environment['processor']}, "
        f"{environment['system']}, Python {environment['python']}, "
        + ", ".join(f"{name} {environment[name]}" for name in ("snake-pipe", *PACKAGES))
        + f"; {environment['date']}. Load average of the machine before: {environment['load_before']}."
    )


def text(result: Mapping[str, Any]) -> str:
    """Return the tables for a terminal."""
    parts = [_machine(result)]
    for rows in (_cells(result), _ratio_cells(result)):
        widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
        lines = [
            row[0].ljust(widths[0])
            + "".join(
                "  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
            )
            for row in rows
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def page(result: Mapping[str, Any]) -> str:
    """Return the page of the reference."""
    tables = []
    for rows in (_cells(result), _ratio_cells(result)):
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        lines.insert(1, "|---|" + "---:|" * (len(rows[0]) - 1))
        tables.append("\n".join(lines))
    repetitions = result["subjects"]["scan"]["repetitions"]
    return f"""<!-- Written by `python -m benchmarks --write`. Run that, do not edit. -->

# Benchmarks

The standard workload is CPython's own library, dumped with `ast2json`: anybody can make it, and
`make bench` does. {_machine(result)}

Rates and seconds are medians of {repetitions} rounds in which the subjects took turns, each in a
process of its own with the files in the page cache; the fastest round stands in brackets. Clocks
start after imports. Processor time and memory include every descendant, such as the embedded
server. Peak memory includes the interpreter and its libraries.

{tables[0]}

{tables[1]}

The stages above are single runs over a workspace that the stage before made. *The whole* runs the
four loads side by side, so it takes less than their sum. The alternatives do less: `orjson.loads`
keeps nothing, the walk in Python writes an unchecked node table without symbols, and `json_tree`
writes JSON values that are no nodes yet.

Only ratios within one run mean something elsewhere: `make bench` prints them for your machine.
"""


def figures(result: Mapping[str, Any]) -> str:
    """Return the README's short table."""
    environment, workload = result["environment"], result["workload"]
    ratios = {name: result["ratios"][f"scan to {name}"]["median"] for name in ALTERNATIVES}
    rows = []
    for name in ("scan", "whole", "further", *ALTERNATIVES):
        one = result["subjects"][name]
        rows.append(
            f"| {TITLES[name]} | {one['files_per_minute']:,} | {one['cpu_seconds']:.2f} | "
            f"{one['peak_mib']:,} MiB |"
        )
    table = "\n".join(rows)
    return f"""Measured on {environment["cores"]} cores over the trees of CPython's own library
({workload["files"]:,} files, {workload["size_bytes"] / 1e6:.0f} MB, {workload["nodes"]:,} nodes), \
{environment["date"]}, medians of one run of `make bench`:

| | files a minute | CPU s | peak memory |
|---|---:|---:|---:|
{table}

In that run scan was {ratios["orjson"]:.2f} times as fast as `orjson.loads` alone, \
{ratios["orjson-reading"]:.2f} times as reading and `orjson.loads`,
{ratios["python-walk"]:.1f} times as a walk
in Python and {ratios["duckdb"]:.1f} times as DuckDB's `json_tree`. Every stage and backend:
[benchmarks](docs/reference/benchmarks.md)."""


def with_figures(readme: str, result: Mapping[str, Any]) -> str:
    """Return the README with its figures replaced."""
    begin, end = FIGURES
    before, _, rest = readme.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"README.md lacks the lines {begin!r} and {end!r}.")
    return f"{before}{begin}\n\n{figures(result)}\n\n{end}{after}"

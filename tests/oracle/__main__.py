"""`python -m tests.oracle DIR --out DIR`: scan a directory slowly, write Parquet per table.

Belongs here: reading files and writing tables. Does not: any decision about AST JSON.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pyarrow.parquet as pq

from tests.oracle.scan import load_mappings, scan


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("directory", type=Path, help="where the artifacts lie")
    parser.add_argument("--out", type=Path, required=True, help="where the tables go")
    parser.add_argument("--mappings", type=Path, help="JSON of the mappings; else the registry's")
    parser.add_argument("--source", default="oracle", help="name of the source")
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.directory.rglob("*.json") if path.is_file())
    artifacts = [
        (path.relative_to(arguments.directory).as_posix(), path.read_bytes()) for path in files
    ]
    text = arguments.mappings.read_text() if arguments.mappings else None
    tables = scan(arguments.source, artifacts, load_mappings(text))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, arguments.out / f"{name}.parquet")
        print(f"{name}: {table.num_rows} rows")
    outcomes = tables["artifacts"].column("outcome").to_pylist()
    for outcome in sorted(set(outcomes)):
        print(f"outcome {outcome}: {outcomes.count(outcome)}")
    for row in tables["findings"].to_pylist()[:20]:
        print(f"{row['path']} {row['code']} {row['pointer']}: {row['message']}")


if __name__ == "__main__":
    main()

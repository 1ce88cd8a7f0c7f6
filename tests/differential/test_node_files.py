"""The engine's Parquet files hold what its Arrow tables hold, whoever reads them.

Belongs here: `node_file` of the scan, by four readers. Does not: what the rows say.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from snake_pipe_core.dialects.registry import load_registry
from snake_pipe_core.lake import Lake
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.native import Engine
from tests.differential.artifacts import example_artifacts, golden_artifacts

_NODES = TABLES["nodes"]
_COLUMNS = [name for name in _NODES.names if name != "source"]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_registry().mappings_json())


def _constant(value: Any, line: int | None = 1) -> dict[str, Any]:
    return {"_type": "Constant", "value": value, "lineno": line, "col_offset": 0}


def _module(*values: Any) -> bytes:
    body = [{"_type": "Expr", "value": _constant(value)} for value in values]
    return json.dumps({"_type": "Module", "body": body, "type_ignores": []}).encode()


def _both(
    engine: Engine, artifacts: list[tuple[str, bytes]], file: Path, workers: int = 2
) -> pl.DataFrame:
    """Return the Arrow rows, having written the same nodes to `file`."""
    paths, contents = [path for path, _ in artifacts], [content for _, content in artifacts]
    tables = engine.scan("s", paths, contents=contents, workers=workers)
    engine.scan("s", paths, contents=contents, workers=workers, node_file=str(file))
    frames = [pl.DataFrame(batch) for batch in tables["nodes"]]
    return pl.concat(frames).cast(_NODES.polars_schema).drop("source")


@pytest.fixture(scope="module")
def real(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Path]:
    """Every golden and example of every dialect, many times the smallest task."""
    file = tmp_path_factory.mktemp("real") / "nodes.parquet"
    artifacts = [*golden_artifacts(), *example_artifacts()]
    many = [(f"{turn}/{path}", content) for turn in range(3) for path, content in artifacts]
    return _both(engine, many, file), file


def test_every_reader_sees_the_arrow_rows(real: tuple[pl.DataFrame, Path]) -> None:
    rows, file = real
    by = ["document_id", "node"]
    assert pl.read_parquet(file).equals(rows)
    assert pl.DataFrame(pq.read_table(file)).equals(rows)
    found = pl.DataFrame(duckdb.execute(f"select * from read_parquet('{file}')").to_arrow_table())
    assert found.sort(by).equals(rows.sort(by))
    assert pq.ParquetFile(file).num_row_groups > 1
    assert rows["name"].null_count()
    assert 0 < rows["start_byte"].null_count() < rows.height


def test_the_file_states_the_declared_columns(real: tuple[pl.DataFrame, Path]) -> None:
    _, file = real
    fields = [pq.read_schema(file).field(name) for name in _COLUMNS]
    assert pq.read_schema(file).names == _COLUMNS
    for field in fields:
        declared = _NODES.schema.field(field.name)
        assert field.nullable == declared.nullable
        assert field.type == (pa.string() if declared.type == pa.large_string() else declared.type)


def test_delta_readers_take_the_file(real: tuple[pl.DataFrame, Path], tmp_path: Path) -> None:
    rows, file = real
    lake = Lake(tmp_path)
    with lake.writing("shop") as writer:
        part = writer.part("nodes", 0)
        part.write_bytes(file.read_bytes())
        writer.take("nodes", part, rows.height, 0)
        writer.publish(writer.commit({"nodes": None}))
    assert lake.row_count("nodes", "shop") == rows.height
    assert lake.scan("nodes", "shop").drop("source").collect().equals(rows)
    table = DeltaTable(str(tmp_path / "nodes"))
    found = pl.DataFrame(table.to_pyarrow_table()).select(_COLUMNS)
    assert found.sort("document_id", "node").equals(rows.sort("document_id", "node"))


@pytest.mark.parametrize(
    "contents",
    [
        [_module()],
        [_module("x")],
        [_module(*range(8))],
        [_module(*(f"name {n}" for n in range(700)))],
        [_module(*("é" * n for n in range(1200)))],
        [_module(1), b"broken", _module(2), b"{}", _module(*range(127))],
        [_module(-(2**70), 2**70, None, True, "")],
        [_module(*range(size)) for size in (30, 31, 32, 33, 62, 63, 64, 65, 126, 128, 129)],
    ],
)
def test_small_and_odd_tables(engine: Engine, tmp_path: Path, contents: list[bytes]) -> None:
    """Sizes around the blocks of the encodings; documents that fail between others."""
    file = tmp_path / "nodes.parquet"
    artifacts = [(f"{number}.py.json", content) for number, content in enumerate(contents)]
    rows = _both(engine, artifacts, file, workers=1)
    assert pl.read_parquet(file).equals(rows)
    assert pl.DataFrame(pq.read_table(file)).equals(rows)


def test_positions_from_end_to_end_of_their_range(engine: Engine, tmp_path: Path) -> None:
    lines = [2**31 - 1, 1, None, 2**31 - 1, 1, 2**31 - 1, 5]
    body = [{"_type": "Expr", "value": _constant(0, line)} for line in lines]
    content = json.dumps({"_type": "Module", "body": body, "type_ignores": []}).encode()
    file = tmp_path / "nodes.parquet"
    rows = _both(engine, [("m.py.json", content)], file)
    assert set(rows["start_line"].to_list()) == {1, 5, 2**31 - 1, None}
    assert pl.read_parquet(file).equals(rows)
    assert pl.DataFrame(pq.read_table(file)).equals(rows)


def test_no_nodes_no_file(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "nodes.parquet"
    tables = engine.scan("s", ["a.json"], contents=[b"broken"], node_file=str(file))
    assert "nodes" not in tables
    assert not file.exists()


def test_a_file_that_cannot_be_written_is_an_error(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "absent" / "nodes.parquet"
    with pytest.raises(FileNotFoundError, match="nodes cannot be written"):
        engine.scan("s", ["a.json"], contents=[_module(1)], node_file=str(file))

"""The lake: slices replace slices, heads pin versions, nothing half-written is seen.

Belongs here: the store and its heads on real Delta tables. Does not: what rows mean.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from snake_pipe_core.errors import InvalidSourceNameError, LakeError, SourceNotFoundError
from snake_pipe_core.lake import Lake
from snake_pipe_core.lake.store import shard_count, shard_of
from snake_pipe_core.model.tables import TABLES

SCHEMA = TABLES["imports"].polars_schema


def imports(*modules: str, source: str = "shop") -> pl.DataFrame:
    rows = [
        {
            "source": source,
            "document_id": 1,
            "node": index,
            "scope_id": 0,
            "symbol_id": 2,
            "module": module,
            "imported_name": "",
            "alias": "",
            "level": 0,
            "kind": "module",
            "is_conditional": False,
        }
        for index, module in enumerate(modules)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def write(
    lake: Lake, parts: dict[int, pl.DataFrame], source: str = "shop", shards: int = 4
) -> None:
    with lake.writing(source) as writer:
        for shard, frame in parts.items():
            writer.add("imports", frame, shard)
        writer.publish(writer.commit({"imports": parts}), shards=shards)


def modules(lake: Lake, source: str = "shop", generation: int | None = None) -> list[str]:
    head = lake.head(source, generation)
    return sorted(lake.scan("imports", source, head=head).collect()["module"])


def test_a_slice_reads_back_with_the_declared_columns(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a", "b")})
    frame = lake.scan("imports", "shop").collect()
    assert frame.schema == SCHEMA
    assert frame.sort("node").equals(imports("a", "b"))


def test_a_commit_replaces_the_touched_shards_and_nothing_else(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a"), 1: imports("b")})
    write(lake, {0: imports("z", source="other")}, source="other")
    write(lake, {1: imports("c")})
    assert modules(lake) == ["a", "c"]
    assert modules(lake, "other") == ["z"]


def test_an_empty_shard_removes_its_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a"), 1: imports("b")})
    write(lake, {0: imports()})
    assert modules(lake) == ["b"]


def test_earlier_generations_stay_readable(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a")})
    write(lake, {0: imports("b")})
    assert [modules(lake, generation=number) for number in (1, 2)] == [["a"], ["b"]]
    assert [head.generation for head in lake.heads.history("shop")] == [1, 2]


def test_what_was_committed_but_not_published_is_not_seen(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a")})
    with lake.writing("shop") as writer:
        writer.add("imports", imports("half"), 0)
        writer.commit({"imports": [0]})
    assert modules(lake) == ["a"]
    write(lake, {0: imports("whole")})
    assert modules(lake) == ["whole"]


def test_discarded_parts_are_not_committed(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.writing("shop") as writer:
        writer.add("imports", imports("a"), 0)
        writer.add("imports", imports("b"), 1)
        writer.discard("imports", [0])
        writer.publish(writer.commit({"imports": [0, 1]}))
    assert modules(lake) == ["b"]


def test_others_read_the_tables_without_our_code(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a"), 3: imports("b")})
    by_polars = pl.read_delta(str(tmp_path / "imports"))
    assert sorted(by_polars["module"]) == ["a", "b"]
    assert set(by_polars["shard"]) == {0, 3}
    files = lake.files("imports", "shop")
    count = duckdb.execute(f"select count(*) from read_parquet({files!r})").fetchall()
    assert count == [(2,)]


def test_a_writer_knows_the_files_that_a_reader_finds(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a"), 1: imports("b", "c")}, shards=2)
    write(lake, {0: imports("z", source="other")}, source="other")
    write(lake, {1: imports("d")}, shards=2)
    for generation in (1, 2):
        head = lake.head("shop", generation)
        for table in head.tables:
            known = lake._slice(table, "shop", head).sort("path")
            assert known.equals(Lake(tmp_path)._slice(table, "shop", head).sort("path"))
    assert lake.row_count("imports", "shop", head=lake.head("shop", 1)) == 3
    assert lake.row_count("imports", "shop") == 2


def test_dropping_a_source_leaves_the_others(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a")})
    write(lake, {0: imports("z", source="other")}, source="other")
    lake.drop("shop")
    assert lake.heads.sources() == ["other"]
    assert modules(lake, "other") == ["z"]
    assert pl.read_delta(str(tmp_path / "imports")).height == 1
    with pytest.raises(SourceNotFoundError, match="known: other"):
        lake.head("shop")


def test_vacuum_removes_only_what_no_kept_version_needs(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a")})
    write(lake, {0: imports("b")})
    assert lake.vacuum(keep_days=1) == 0
    assert modules(lake, generation=1) == ["a"]
    assert lake.vacuum(keep_days=0) == 1
    assert modules(lake) == ["b"]


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    pl.DataFrame({"source": ["x"], "odd": [1]}).write_delta(str(tmp_path / "imports"))
    with pytest.raises(LakeError, match="other columns"):
        write(lake, {0: imports("a")})


def test_a_broken_head_says_where_its_history_lies(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write(lake, {0: imports("a")})
    (tmp_path / "_heads" / "shop.json").write_text("{")
    with pytest.raises(LakeError, match="Restore it from the newest file"):
        lake.head("shop")


def test_no_lock_is_left_behind(tmp_path: Path) -> None:
    write(Lake(tmp_path), {0: imports("a")})
    assert list((tmp_path / "_heads").glob("*.[lw]*")) == []


def test_names_that_are_no_slugs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSourceNameError), Lake(tmp_path).writing("../escape"):
        pass
    assert not (tmp_path.parent / "escape").exists()


def test_shards_grow_with_the_source_and_paths_keep_theirs() -> None:
    sizes = (0, 1024, 1025, 10_000, 1_000_000)
    assert [shard_count(files, per_shard=512) for files in sizes] == [1, 1, 2, 16, 1024]
    present = [shard_count(files, 16, per_shard=512) for files in (4095, 4096, 32_768, 32_769)]
    assert present == [4, 16, 16, 64]
    paths = [f"a/{number}.json" for number in range(2000)]
    spread = pl.Series([shard_of(path, 8) for path in paths]).value_counts()["count"]
    assert spread.min() > 150  # type: ignore[operator]
    assert [shard_of(path, 8) for path in paths] == [shard_of(path, 16) % 8 for path in paths]

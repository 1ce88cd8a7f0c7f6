"""What PostgreSQL does beyond the contract: consistent readers, small loads, publications."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from snake_pipe_core.backends.base import Slice
from snake_pipe_core.backends.relational import postgres
from snake_pipe_core.backends.relational.postgres import COLLECTIONS, PostgresBackend
from snake_pipe_core.errors import BackendError, BackendUnavailableError
from snake_pipe_core.model.tables import PUBLICATIONS, TABLES
from tests.slices import make_slice


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[PostgresBackend]:
    with PostgresBackend(tmp_path / "postgres") as backend:
        yield backend


def publish(backend: PostgresBackend, slice_: Slice) -> None:
    backend.apply(slice_)
    assert backend.verify(slice_).ok
    backend.publish(slice_.source, slice_.version)


def chunks(backend: PostgresBackend) -> dict[str, int]:
    """Return the rows of each table that a load has made."""
    with psycopg.connect(backend.url) as connection:
        names = connection.execute(
            "select relname from pg_class where relkind = 'r' and relname ~ '__[0-9]+$'"
        ).fetchall()
        return {
            name: connection.execute(f'select count(*) from snake_pipe_data."{name}"').fetchall()[
                0
            ][0]
            for (name,) in names
        }


def test_every_symbol_and_source_table_has_a_view() -> None:
    wanted = {t.name for t in TABLES.values() if t.level in ("symbol", "source")} - {"publications"}
    assert set(COLLECTIONS) == wanted


def test_views_have_the_declared_columns_and_types(backend: PostgresBackend) -> None:
    publish(backend, make_slice())
    with backend.reading() as connection:
        for name in COLLECTIONS:
            found = connection.execute(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute "
                "where attrelid = %s::regclass and attnum > 0 order by attnum",
                (f'snake_pipe."{name}"',),
            ).fetchall()
            types = {"timestamptz": "timestamp with time zone"}
            declared = [column.postgres.split(" not null")[0] for column in TABLES[name].columns]
            assert [f'"{column}" {type_}' for column, type_ in found] == [
                " ".join(types.get(word, word) for word in column.split(" ")) for column in declared
            ]


def test_columns_and_views_carry_their_meaning(backend: PostgresBackend) -> None:
    with backend.reading() as connection:
        assert connection.execute(
            "select obj_description('snake_pipe.edges'::regclass)"
        ).fetchone() == (TABLES["edges"].meaning,)


def test_a_change_of_one_document_writes_only_its_part(backend: PostgresBackend) -> None:
    old = make_slice(documents=300, symbols_per_document=5, dimensions=0)
    new = make_slice(documents=300, symbols_per_document=5, dimensions=0, changed=[17])
    publish(backend, old)
    before = chunks(backend)
    publish(backend, new)
    added = {name: rows for name, rows in chunks(backend).items() if name not in before}
    # Content hash and docstrings differ; references and edges do not.
    assert {name.split("__")[0] for name in added} == {"artifacts", "documents", "symbols"}
    assert sum(added.values()) < sum(before.values()) / 20


def test_many_small_loads_are_rewritten_at_last(backend: PostgresBackend) -> None:
    slices = [
        make_slice(documents=40, symbols_per_document=3, dimensions=0, changed=range(number))
        for number in range(postgres.MAX_CHUNKS + 3)
    ]
    for slice_ in slices:
        publish(backend, slice_)
        backend.collect(keep=1)
    loads = {name.split("__")[1] for name in chunks(backend)}
    assert 1 <= len(loads) <= postgres.MAX_CHUNKS
    assert sorted(row["subtree_hash"] for row in backend.rows("alpha", "symbols")) == sorted(
        slices[-1].frames["symbols"].collect()["subtree_hash"].to_list()
    )


def test_collect_and_drop_remove_tables(backend: PostgresBackend) -> None:
    publish(backend, make_slice())
    first = set(chunks(backend))
    publish(backend, make_slice(seed=5, documents=20))
    backend.collect(keep=1)
    assert not first & set(chunks(backend))
    backend.drop("alpha")
    assert chunks(backend) == {}


def test_a_reader_sees_one_version_throughout(backend: PostgresBackend) -> None:
    old, new = make_slice(), make_slice(removed=range(6))
    publish(backend, old)
    backend.apply(new)
    count = "select count(*) from symbols"
    with backend.reading() as reader:
        before = reader.execute(count).fetchone()
        backend.publish("alpha", new.version)
        edges = reader.execute("select count(*) from edges").fetchone()
        assert reader.execute(count).fetchone() == before == (_height(old, "symbols"),)
        assert edges == (_height(old, "edges"),)
    with backend.reading() as reader:
        assert reader.execute(count).fetchone() == (_height(new, "symbols"),)


def test_readers_never_see_half_while_versions_come_and_go(backend: PostgresBackend) -> None:
    slices = [make_slice(documents=30, removed=range(number * 3)) for number in range(4)]
    whole = {
        tuple(_height(slice_, name) for name in ("documents", "symbols", "edges"))
        for slice_ in slices
    }
    publish(backend, slices[0])
    seen: set[Any] = set()
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                with backend.reading() as connection:
                    counts = [
                        connection.execute(f"select count(*) from {name}").fetchall()[0][0]
                        for name in ("documents", "symbols", "edges")
                    ]
                seen.add(tuple(counts))
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for slice_ in (slices * 2)[1:]:
        publish(backend, slice_)
        backend.collect(keep=2)
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert seen <= whole
    assert len(seen) > 1


def test_a_reader_cannot_write(backend: PostgresBackend) -> None:
    with pytest.raises(BackendError, match="read-only"), backend.reading() as connection:
        connection.execute("delete from snake_pipe_data.current")


def test_a_long_reader_neither_blocks_nor_loses_its_rows(
    backend: PostgresBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_DETACH_SECONDS", 1)
    old = make_slice()
    publish(backend, old)
    with backend.reading() as reader:
        reader.execute("select 1")
        for seed in range(1, 4):
            publish(backend, make_slice(seed=seed, documents=20))
        backend.collect(keep=1)
        assert reader.execute("select count(*) from symbols").fetchone() == (
            _height(old, "symbols"),
        )
    backend.collect(keep=1)
    assert len({name.split("__")[1] for name in chunks(backend)}) == 1


def test_queries_use_the_indexes(backend: PostgresBackend) -> None:
    publish(backend, make_slice(documents=150, symbols_per_document=40, dimensions=0))
    symbol = next(backend.rows("alpha", "symbols"))
    lookups = {
        "symbols where symbol_id = %s": symbol["symbol_id"],
        "symbols where name = %s": symbol["name"],
        "symbols where document_id = %s": symbol["document_id"],
        "edges where dst_id = %s and kind = 'CALLS'": symbol["symbol_id"],
        "edges where src_id = %s": symbol["symbol_id"],
    }
    with backend.reading() as connection:
        for lookup, value in lookups.items():
            plan = connection.execute(f"explain select * from {lookup}", (value,)).fetchall()
            text = "\n".join(line for (line,) in plan)
            table = lookup.split(" ")[0]
            assert f"Seq Scan on {table}__" not in text, text


def test_another_source_is_not_read(backend: PostgresBackend) -> None:
    publish(backend, make_slice("alpha"))
    publish(backend, make_slice("beta"))
    with backend.reading() as connection:
        plan = connection.execute("explain select * from symbols where source = 'beta'").fetchall()
    assert len([line for (line,) in plan if " on symbols__" in line]) == 1


def test_keys_are_unique_in_the_store(backend: PostgresBackend) -> None:
    slice_ = make_slice()
    doubled = dict(slice_.frames)
    doubled["symbols"] = pl.concat([slice_.frames["symbols"], slice_.frames["symbols"].head(1)])
    with pytest.raises(BackendError, match=r"duplicate key|could not create unique index"):
        backend.apply(Slice("alpha", "d" * 32, doubled))
    assert chunks(backend) == {}
    publish(backend, slice_)


def test_publications_are_recorded_and_replaced(backend: PostgresBackend) -> None:
    began = datetime(2026, 5, 1, 12, tzinfo=UTC)
    row = {
        "source": "alpha", "backend": "chroma", "version": "1", "state": "failed", "counts": "{}",
        "digest": "", "location": "", "error": "no \0 room", "started_at": began,
    }  # fmt: skip
    backend.record(row)
    backend.record(row | {"state": "published", "error": None, "published_at": began})
    backend.record(row | {"source": "beta"})
    found = backend.publications()
    assert found.columns == PUBLICATIONS.names
    assert found.select("source", "state", "error").rows() == [
        ("alpha", "published", None),
        ("beta", "failed", "no  room"),
    ]
    assert found["published_at"].to_list() == [began, None]
    backend.forget("beta")
    assert backend.publications()["source"].to_list() == ["alpha"]
    with pytest.raises(BackendError, match="colour"):
        backend.record(row | {"colour": "red"})


def test_an_empty_record_has_its_columns(backend: PostgresBackend) -> None:
    assert backend.publications().schema == pl.DataFrame(PUBLICATIONS.schema.empty_table()).schema


def test_it_works_on_a_server_given_by_url(backend: PostgresBackend, tmp_path: Path) -> None:
    slice_ = make_slice()
    publish(backend, slice_)
    with PostgresBackend(tmp_path / "unused", backend.url) as other:
        assert other.published() == {"alpha": slice_.version}
        assert "server by URL" in other.health().detail
    assert not (tmp_path / "unused").exists()
    assert backend.health().ok


def test_an_unreachable_server_is_transient(tmp_path: Path) -> None:
    url = f"postgresql:///postgres?host={tmp_path}&connect_timeout=2"
    with pytest.raises(BackendUnavailableError, match="SNAKE_PIPE_POSTGRES_URL"):
        PostgresBackend(tmp_path, url).__enter__()
    assert not PostgresBackend(tmp_path, url).health().ok


@pytest.mark.parametrize("url", ["host secret", "postgresql://user:sec ret%zz@host/database"])
def test_what_is_no_url_is_refused_without_repeating_its_password(tmp_path: Path, url: str) -> None:
    with (
        pytest.raises(BackendError, match="is no connection string") as refused,
        PostgresBackend(tmp_path, url),
    ):
        pass
    assert "sec" not in str(refused.value)


def test_a_server_that_dies_under_a_load_is_transient(backend: PostgresBackend) -> None:
    old, new = make_slice(dimensions=0), make_slice(seed=1, documents=60, dimensions=0)
    publish(backend, old)
    assert backend._embedded is not None
    pid = backend._embedded.server_pid()
    assert pid is not None
    frames = dict(new.frames)

    def kill_it(frame: pl.DataFrame) -> pl.DataFrame:
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        return frame

    frames["edges"] = frames["edges"].map_batches(kill_it)
    with pytest.raises(BackendUnavailableError):
        backend.apply(Slice("alpha", "e" * 32, frames))
    assert not backend.health().ok
    with PostgresBackend(backend._embedded.directory) as again:
        assert again.published() == {"alpha": old.version}
        publish(again, new)
        assert again.published() == {"alpha": new.version}


def test_tables_of_another_layout_are_not_touched(backend: PostgresBackend) -> None:
    slice_ = make_slice()
    publish(backend, slice_)
    with psycopg.connect(backend.url) as connection:
        connection.execute("update snake_pipe_data.layout set digest = 'older'")
    with pytest.raises(BackendError, match="load every source again"):
        PostgresBackend(Path("unused"), backend.url).__enter__()
    assert backend.published() == {"alpha": slice_.version}


def test_two_first_comers_make_the_tables_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def enter() -> None:
        try:
            with PostgresBackend(tmp_path / "postgres") as backend:
                backend.published()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=enter) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_unknown_collections_are_named(backend: PostgresBackend) -> None:
    with pytest.raises(BackendError, match="nodes"):
        next(backend.rows("alpha", "nodes"))


def _height(slice_: Slice, name: str) -> int:
    return slice_.frames[name].collect().height

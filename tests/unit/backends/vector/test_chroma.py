"""The vector store: right answers, Chroma's own format, no network, nothing left open."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from snake_pipe_core.backends.base import Slice
from snake_pipe_core.backends.vector import chroma
from snake_pipe_core.backends.vector.base import HIT_SCHEMA
from snake_pipe_core.backends.vector.chroma import ChromaBackend
from snake_pipe_core.errors import BackendError, BackendUnavailableError
from snake_pipe_core.settings import Settings
from tests.slices import make_slice
from tests.unit.backends.vector import no_network

PROJECT = Path(__file__).resolve().parents[4]


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[ChromaBackend]:
    with ChromaBackend(tmp_path) as backend:
        yield backend


def show(backend: ChromaBackend, slice_: Slice) -> Slice:
    counts = backend.apply(slice_)
    verification = backend.verify(slice_)
    assert verification.ok
    assert verification.counts == counts
    backend.publish(slice_.source, slice_.version)
    return slice_


def matrix(slice_: Slice) -> tuple[list[int], NDArray[np.float32]]:
    frame = slice_.frames["embeddings"].collect()
    return frame["id"].to_list(), np.array(frame["vector"].to_list(), np.float32)


def with_vectors(slice_: Slice, version: str, made: list[list[float]]) -> Slice:
    frame = slice_.frames["embeddings"].collect().head(len(made))
    frame = frame.with_columns(pl.Series("vector", made, pl.List(pl.Float32)))
    return Slice(slice_.source, version, {**slice_.frames, "embeddings": frame.lazy()})


def test_the_nearest_are_those_of_a_full_comparison(vectors: ChromaBackend) -> None:
    slice_ = show(vectors, make_slice(documents=150))
    ids, stored = matrix(slice_)
    generator = np.random.default_rng(1)
    found = wanted = 0
    for number in generator.integers(0, len(ids), 100):
        question = stored[number] + generator.normal(0, 0.02, (1, stored.shape[1]))[0]
        question /= np.linalg.norm(question)
        likeness = stored @ question
        threshold = np.sort(likeness)[-10] - 1e-5  # equal vectors may stand in for each other
        hits = vectors.similar("alpha", question.tolist())
        assert hits.schema == HIT_SCHEMA
        assert hits["distance"].is_sorted()
        of = dict(zip(ids, likeness, strict=True))
        for id_, distance in hits.select("id", "distance").iter_rows():
            assert distance == pytest.approx(1 - of[id_], abs=1e-4)
        found += sum(of[id_] >= threshold for id_ in hits["id"])
        wanted += 10
    assert found / wanted >= 0.95


def test_like_an_id_leaves_the_id_out(vectors: ChromaBackend) -> None:
    slice_ = show(vectors, make_slice())
    ids, stored = matrix(slice_)
    hits = vectors.similar("alpha", ids[0], k=5)
    assert hits.height == 5
    assert ids[0] not in hits["id"].to_list()
    best = np.argsort(-(stored @ stored[0]))[1]
    assert hits["distance"][0] == pytest.approx(1 - float(stored[best] @ stored[0]), abs=1e-4)


def test_filters(vectors: ChromaBackend) -> None:
    slice_ = show(vectors, make_slice())
    ids, _ = matrix(slice_)
    assert set(vectors.similar("alpha", ids[0], where={"kind": "class"})["kind"]) == {"class"}
    hits = vectors.similar(
        "alpha", ids[0], k=500, where={"kind": ["class", "document"], "language": "java"}
    )
    documents = slice_.frames["documents"].filter(language="java").collect()
    classes = (
        slice_.frames["symbols"]
        .filter(pl.col("document_id").is_in(documents["document_id"].to_list()), kind="class")
        .collect()
    )
    assert set(hits["id"]) == {*documents["document_id"], *classes["symbol_id"]} - {ids[0]}
    assert set(hits["language"]) == {"java"}


def test_a_language_that_comes_with_the_rows_is_kept(vectors: ChromaBackend) -> None:
    slice_ = make_slice()
    embeddings = slice_.frames["embeddings"].with_columns(language=pl.lit("cobol"))
    show(vectors, Slice("alpha", "v", {"embeddings": embeddings}))
    ids, _ = matrix(slice_)
    assert set(vectors.similar("alpha", ids[0])["language"]) == {"cobol"}


def test_tables_and_interface_make_the_same_store(
    vectors: ChromaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown version of Chroma is loaded through its interface, with the same result."""
    slice_ = show(vectors, make_slice(documents=40))
    ids, _ = matrix(slice_)
    fast = sorted(vectors.rows("alpha", "embeddings"), key=lambda row: row["id"])
    digest = vectors.verify(slice_).digest
    near = [set(vectors.similar("alpha", id_)["id"]) for id_ in ids[:50]]
    vectors.drop("alpha")
    monkeypatch.setattr(chroma, "TESTED_MIGRATIONS", "of another version")
    monkeypatch.setattr(chroma, "BATCH", 100)
    show(vectors, slice_)
    slow = sorted(vectors.rows("alpha", "embeddings"), key=lambda row: row["id"])
    assert fast == slow
    assert vectors.verify(slice_).digest == digest
    again = [set(vectors.similar("alpha", id_)["id"]) for id_ in ids[:50]]
    # Indexing in parallel is not repeatable to the last neighbour.
    assert sum(len(a & b) for a, b in zip(near, again, strict=True)) >= 0.9 * 500


def test_the_installed_chroma_is_loaded_the_fast_way(
    vectors: ChromaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = chroma._write_tables

    def watched(directory: Path, collection: str, ids: list[str], *rest: Any) -> None:
        written.append(len(ids))
        write(directory, collection, ids, *rest)

    monkeypatch.setattr(chroma, "_write_tables", watched)
    count = vectors.apply(make_slice())["embeddings"]
    assert written == [count - 1]


def assert_same(shown: list[Any], full: ChromaBackend) -> None:
    """Compare rows; an index that was persisted normalizes once more, which moves a last bit."""
    wanted = sorted(full.rows("alpha", "embeddings"), key=lambda row: row["id"])
    assert [{**row, "vector": None} for row in shown] == [{**row, "vector": None} for row in wanted]
    found, sent = (np.array([row["vector"] for row in rows]) for rows in (shown, wanted))
    np.testing.assert_allclose(found, sent, atol=1e-6)


def test_few_changes_make_the_same_store_as_a_full_load(
    vectors: ChromaBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "LEAST_TO_CHANGE", 2)
    monkeypatch.setattr(chroma, "MOST_TO_CHANGE", 0.5)
    written: list[int] = []
    write = ChromaBackend._write

    def watched(self: ChromaBackend, directory: Path, rows: pl.DataFrame, *rest: Any) -> None:
        written.append(rows.height)
        write(self, directory, rows, *rest)

    monkeypatch.setattr(ChromaBackend, "_write", watched)
    show(vectors, make_slice(documents=30))
    assert len(written) == 1
    for removed in ([1], [1, 2], [2], [], range(20)):
        slice_ = make_slice(documents=30, removed=removed)
        # Names that changed with the ids kept, too.
        embeddings = slice_.frames["embeddings"].with_columns(
            name=pl.when(pl.col("id") % 20 == len(removed))
            .then(pl.lit("renamed"))
            .otherwise("name")
        )
        version = f"step{len(removed)}{removed}".replace(" ", "")
        slice_ = Slice("alpha", version, {**slice_.frames, "embeddings": embeddings})
        show(vectors, slice_)
        shown = sorted(vectors.rows("alpha", "embeddings"), key=lambda row: row["id"])
        with ChromaBackend(tmp_path / version) as full:
            show(full, slice_)
            assert_same(shown, full)
        ids, _ = matrix(slice_)
        for id_ in ids[::10]:
            assert set(vectors.similar("alpha", id_)["id"]) <= set(ids)
    assert len(written) == 1 + 5 + 1, "only the last step removed too much"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_vectors(vectors: ChromaBackend, count: int) -> None:
    slice_ = with_vectors(make_slice(), "few", [[1.0, float(n)] for n in range(count)])
    show(vectors, slice_)
    ids, _ = matrix(slice_)
    assert vectors.similar("alpha", [1.0, 0.0], k=10)["id"][0] == ids[0]
    assert vectors.similar("alpha", ids[0], k=10).height == count - 1


def test_a_zero_vector_does_no_harm(vectors: ChromaBackend) -> None:
    slice_ = show(vectors, with_vectors(make_slice(), "zero", [[0.0, 0.0], [1.0, 0.0]]))
    assert vectors.similar("alpha", [1.0, 0.0], k=1)["id"][0] == matrix(slice_)[0][1]


def test_an_empty_source_has_nothing_similar(vectors: ChromaBackend) -> None:
    slice_ = make_slice()
    empty = slice_.frames["embeddings"].head(0)
    show(vectors, Slice("alpha", "v", {**slice_.frames, "embeddings": empty}))
    assert vectors.similar("alpha", [1.0]).is_empty()


def test_what_cannot_be_asked_is_refused(vectors: ChromaBackend) -> None:
    show(vectors, make_slice())
    with pytest.raises(BackendError, match="length 2 cannot be compared"):
        vectors.similar("alpha", [1.0, 2.0])
    with pytest.raises(BackendError, match="no vector with id 42"):
        vectors.similar("alpha", 42)
    with pytest.raises(BackendError, match="filtered by colour"):
        vectors.similar("alpha", [1.0], where={"colour": "red"})
    with pytest.raises(BackendError, match="shows no source 'beta'"):
        vectors.similar("beta", [1.0])
    with pytest.raises(BackendError, match="no collection 'symbols'"):
        list(vectors.rows("alpha", "symbols"))


def test_vectors_of_several_lengths_are_refused(vectors: ChromaBackend) -> None:
    with pytest.raises(BackendError, match="differ in length"):
        vectors.apply(with_vectors(make_slice(), "v", [[1.0], [1.0, 2.0]]))
    assert vectors.published() == {}


def test_a_broken_version_is_written_again(vectors: ChromaBackend, tmp_path: Path) -> None:
    slice_ = show(vectors, make_slice())
    (tmp_path / "alpha" / slice_.version / "chroma.sqlite3").unlink()
    with pytest.raises(BackendError, match="not in the vector store"):
        vectors.verify(slice_)
    show(vectors, slice_)


def test_any_chroma_client_reads_and_writes_the_store(
    vectors: ChromaBackend, tmp_path: Path
) -> None:
    slice_ = show(vectors, make_slice())
    ids, stored = matrix(slice_)
    program = f"""
import chromadb, json
client = chromadb.PersistentClient({str(tmp_path / "alpha" / slice_.version)!r})
code = client.get_collection("code", embedding_function=None)
found = code.query(query_embeddings=[{stored[7].tolist()}], n_results=1, include=["metadatas"])
keys = sorted(found["metadatas"][0][0])
before = code.count()
code.delete([found["ids"][0][0]])
print(json.dumps([before, code.count(), found["ids"][0][0], keys]))
"""
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    count, then, nearest, keys = json.loads(ran.stdout)
    assert (count, then) == (len(ids), len(ids) - 1)
    assert stored[ids.index(int(nearest))] @ stored[7] == pytest.approx(1, abs=1e-5)
    assert keys == ["kind", "language", "name", "path"]


LOAD_AND_ASK = """
import sys
sys.path.insert(0, {project!r})
from pathlib import Path
from snake_pipe_core.backends.registry import open_backend
from snake_pipe_core.settings import Settings
from tests.slices import make_slice
slice_ = make_slice()
with open_backend("chroma", Settings(workspace=Path({workspace!r}))) as backend:
    assert backend.health().ok
    counts = backend.apply(slice_)
    verification = backend.verify(slice_)
    assert verification.ok
    assert verification.counts == counts
    backend.publish("alpha", slice_.version)
    id_ = slice_.frames["embeddings"].collect()["id"][0]
    assert backend.similar("alpha", id_, where={{"kind": "class"}}).height
assert not {{"chromadb", "onnxruntime"}} & sys.modules.keys()
"""


def without_internet(program: str) -> int:
    return subprocess.run([sys.executable, no_network.__file__, program], check=False).returncode


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in no_network.SOCKET_CALL,
    reason="the kernel's filter of system calls is written for Linux on x86-64 and ARM",
)
def test_no_socket_to_anywhere(tmp_path: Path) -> None:
    assert without_internet("import socket; socket.socket(socket.AF_UNIX)") == 0
    assert without_internet("import socket; socket.socket()") == -signal.SIGSYS
    program = LOAD_AND_ASK.format(project=str(PROJECT), workspace=str(tmp_path))
    assert without_internet(program) == 0


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_leaving_closes_every_file(tmp_path: Path) -> None:
    def opened() -> list[str]:
        links = (_target(link) for link in Path("/proc/self/fd").iterdir())
        return [target for target in links if str(tmp_path) in target]

    with ChromaBackend(tmp_path) as backend:
        for seed in range(3):
            slice_ = show(backend, make_slice(seed=seed))
            assert backend.similar("alpha", matrix(slice_)[0][0]).height
        assert opened()
    deadline = time.monotonic() + 10
    while opened() and time.monotonic() < deadline:
        time.sleep(0.01)  # the library closes its files behind our back
    assert opened() == []


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


def test_the_driver_is_named_when_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "chromadb_rust_bindings", None)
    with pytest.raises(BackendUnavailableError, match="pip install chromadb"):
        ChromaBackend(tmp_path).__enter__()


def test_settings_choose_place_and_threads(tmp_path: Path) -> None:
    backend: Any = ChromaBackend.from_settings(Settings(workspace=tmp_path, workers=3))
    assert backend._versions.root == tmp_path / "backends" / "chroma"
    assert backend._threads == 3


@pytest.mark.parametrize("name", ["a b", "x[1]*?", 'it\'s "so"', "back\\slash", "per%20cent", "ü#"])
def test_any_directory_will_do(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma, "LEAST_TO_CHANGE", 2)
    with ChromaBackend(tmp_path / name) as backend:
        show(backend, make_slice(documents=30))
        slice_ = show(backend, make_slice(documents=30, removed=[1]))
        assert backend.similar("alpha", matrix(slice_)[0][0]).height == 10

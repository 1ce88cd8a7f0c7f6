"""Version directories: what is sealed, shown and removed."""

from __future__ import annotations

from pathlib import Path

from snake_pipe_core.backends.versions import VersionDirectories, write_atomically


def write(store: VersionDirectories, source: str, version: str) -> None:
    (store.begin(source, version) / "content").write_text(version)
    store.seal(source, version)


def test_readers_follow_the_pointer(tmp_path: Path) -> None:
    store = VersionDirectories(tmp_path / "store")
    assert store.published() == {}
    write(store, "alpha", "1")
    assert store.published() == {}
    store.publish("alpha", "1")
    write(store, "beta", "1")
    store.publish("beta", "1")
    write(store, "alpha", "2")
    assert VersionDirectories(tmp_path / "store").published() == {"alpha": "1", "beta": "1"}
    store.publish("alpha", "2")
    assert store.published() == {"alpha": "2", "beta": "1"}
    assert (store.path("alpha", "2") / "content").read_text() == "2"


def test_begin_and_abandon_remove_an_earlier_attempt(tmp_path: Path) -> None:
    store = VersionDirectories(tmp_path)
    (store.begin("alpha", "1") / "half").write_text("")
    assert list(store.begin("alpha", "1").iterdir()) == []
    store.abandon("alpha", "1")
    store.abandon("alpha", "1")
    assert list((tmp_path / "alpha").iterdir()) == []


def test_withdraw(tmp_path: Path) -> None:
    store = VersionDirectories(tmp_path)
    for source in ("alpha", "beta"):
        write(store, source, "1")
        store.publish(source, "1")
    store.withdraw("alpha")
    store.withdraw("never-there")
    assert store.published() == {"beta": "1"}
    assert not (tmp_path / "alpha").exists()


def test_collect_keeps_the_published_version_however_old(tmp_path: Path) -> None:
    store = VersionDirectories(tmp_path)
    for version in ("1", "2", "3"):
        write(store, "alpha", version)
    store.publish("alpha", "1")
    store.begin("alpha", "4")
    removed = store.collect(keep=1)
    assert sorted(path.name for path in removed) == ["2", "3", "4.partial"]
    assert [path.name for path in (tmp_path / "alpha").iterdir()] == ["1"]
    assert store.collect(keep=1) == []


def test_the_writer_lock_leaves_no_file(tmp_path: Path) -> None:
    store = VersionDirectories(tmp_path / "store")
    with store.lock():
        assert [path.name for path in (tmp_path / "store").iterdir()] == ["writer.lock"]
    assert list((tmp_path / "store").iterdir()) == []


def test_writing_replaces_at_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"one")
    with path.open("rb") as reader:
        write_atomically(path, b"two")
        assert reader.read() == b"one"
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]

"""Walking a directory: patterns, links, names, trouble.

Belongs here: what the directory source sees. Does not: JSON.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.sources.directory import DirectorySource


def make(root: Path, *paths: str) -> None:
    for path in paths:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("{}")


def taken(source: DirectorySource) -> list[str]:
    files = source.discover().files
    return files.filter(~files["is_skipped"])["path"].to_list()


def codes(source: DirectorySource) -> dict[str, str]:
    return dict(source.discover().findings.select("path", "code").iter_rows())


def test_files_are_found_in_sorted_order_with_size_and_time(tmp_path: Path) -> None:
    make(tmp_path, "b/x.json", "a.json", "b/a.json")
    files = DirectorySource(tmp_path).discover().files
    assert files["path"].to_list() == ["a.json", "b/a.json", "b/x.json"]
    assert files["size_bytes"].to_list() == [2, 2, 2]
    assert files["mtime_ns"][0] == (tmp_path / "a.json").stat().st_mtime_ns


def test_patterns_choose_and_say_what_they_leave_out(tmp_path: Path) -> None:
    make(tmp_path, "a.json", "a.txt", "vendor/b.json", "src/vendor.json")
    source = DirectorySource(tmp_path, exclude=["vendor/*"])
    assert taken(source) == ["a.json", "src/vendor.json"]
    assert codes(source) == {"a.txt": "PATTERN_EXCLUDED", "vendor/b.json": "PATTERN_EXCLUDED"}
    assert taken(DirectorySource(tmp_path, include=["*.txt"])) == ["a.txt"]


def test_hidden_files_are_not_part_of_the_source(tmp_path: Path) -> None:
    make(tmp_path, ".git/a.json", ".b.json", "c.json")
    assert DirectorySource(tmp_path).discover().files["path"].to_list() == ["c.json"]


def test_links_to_files_are_followed_and_links_to_directories_are_told(tmp_path: Path) -> None:
    make(tmp_path, "d/a.json")
    (tmp_path / "link.json").symlink_to(tmp_path / "d" / "a.json")
    (tmp_path / "d" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    source = DirectorySource(tmp_path)
    assert taken(source) == ["d/a.json", "link.json"]
    assert codes(source) == {"d/loop": "LINK_TO_DIRECTORY", "gone.json": "LINK_BROKEN"}


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    assert codes(DirectorySource(tmp_path)) == {"pipe.json": "NOT_A_FILE"}


def test_names_that_are_not_text_are_told(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff.json")).write_text("{}")
    source = DirectorySource(tmp_path)
    assert taken(source) == []
    assert codes(source) == {"bad\ufffd.json": "PATH_ENCODING"}


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="cannot be listed as a directory"):
        DirectorySource(tmp_path / "absent")


def test_the_fingerprint_follows_content_changes_and_nothing_else(tmp_path: Path) -> None:
    make(tmp_path, "a.json", "b.json")
    source = DirectorySource(tmp_path)
    before = source.fingerprint()
    assert source.fingerprint() == before
    make(tmp_path, "note.txt")
    assert source.fingerprint() == before
    os.utime(tmp_path / "a.json", ns=(1, 1))
    changed = source.fingerprint()
    assert changed != before
    (tmp_path / "b.json").rename(tmp_path / "c.json")
    assert source.fingerprint() not in (before, changed)


def test_progress_hears_of_many_files(tmp_path: Path) -> None:
    make(tmp_path, *[f"{number}.json" for number in range(2100)])
    heard: list[int] = []
    DirectorySource(tmp_path).discover(heard.append)
    assert heard[:2] == [0, 1000]


def test_bytes_and_local_paths_agree(tmp_path: Path) -> None:
    make(tmp_path, "d/a.json")
    source = DirectorySource(tmp_path)
    local = source.local_path("d/a.json")
    assert local is not None
    assert Path(local).read_bytes() == source.read("d/a.json") == b"{}"

"""`run` and `inspect` on what is no directory.

Belongs here: locations, options and configured sources as a user says them. Does not: the kinds of
source themselves.
"""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import document, run_command
from tests.contract.media import artifact


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "dump.zip"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(3):
            made.writestr(f"m{number}.py.json", artifact(number))
    return path


def test_run_reads_an_archive_and_names_the_source_after_it(archive: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    result = run_command("run", archive, "-w", workspace, "--scan-only", "--format", "json")
    assert result.exit_code == 0, result.stderr
    summary = document(result)
    assert (summary["source"], summary["outcomes"]) == ("dump", {"loaded": 3})
    again = run_command("run", archive, "-w", workspace, "--scan-only", "--format", "json")
    assert document(again)["files"] == {"unchanged": 3}


def test_inspect_takes_options(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("create table asts (file text, ast text)")
        row = ("a.py.json", artifact(1).decode())
        connection.execute("insert into asts values (?, ?)", row)
    connection.close()
    options = ("--option", "table=asts", "-o", "path=file", "-o", "content=ast")
    result = run_command("inspect", f"sqlite:///{tmp_path / 'x.db'}", *options, "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert document(result)["outcomes"] == {"loaded": 1}


def test_a_configured_source_needs_no_location(archive: Path, tmp_path: Path) -> None:
    config = tmp_path / "snake-pipe.toml"
    config.write_text('[sources.shop]\nlocation = "dump.zip"\nexclude = ["m0*"]\n')
    given = ("--config", config, "-w", tmp_path / "w", "--scan-only", "--format", "json")
    result = run_command("run", "--source", "shop", *given)
    assert result.exit_code == 0, result.stderr
    assert document(result)["outcomes"] == {"loaded": 2, "skipped": 1}
    assert (
        document(run_command("inspect", "--source", "shop", *given[:2], *given[-2:]))["files"] == 2
    )
    unknown = run_command("run", "--source", "absent", *given)
    assert unknown.exit_code == 1
    assert "there are shop" in unknown.stderr + unknown.stdout

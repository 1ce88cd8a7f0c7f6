"""Settings come from a file, variables and arguments, in this order, and say what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from snake_pipe_core.settings import DEFAULT_MEMORY_BUDGET_BYTES, Settings, SettingsError


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.load(environment={})
    assert settings == Settings()
    assert settings.lake == Path(".snake-pipe/lake")
    assert settings.store("tantivy") == Path(".snake-pipe/backends/tantivy")
    assert settings.memory_budget_bytes == DEFAULT_MEMORY_BUDGET_BYTES
    assert 1 <= settings.worker_count <= (os.cpu_count() or 1)
    assert Settings(workers=7).worker_count == 7


def test_arguments_beat_variables_beat_the_file(tmp_path: Path) -> None:
    file = tmp_path / "any.toml"
    file.write_text(
        'workspace = "here"\nworkers = 1\nmemory_budget_bytes = "512 MiB"\npostgres_url = "f"\n'
    )
    environment = {"SNAKE_PIPE_WORKERS": "2", "SNAKE_PIPE_POSTGRES_URL": "v", "OTHER": "x"}
    settings = Settings.load(file, environment, workers=3, workspace=None)
    assert settings == Settings(
        workspace=tmp_path / "here", workers=3, memory_budget_bytes=512 << 20, postgres_url="v"
    )


def test_the_file_in_the_current_directory_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snake-pipe.toml").write_text("workers = 4\n")
    assert Settings.load(environment={}).workers == 4
    monkeypatch.setenv("SNAKE_PIPE_WORKERS", "5")
    assert Settings.load().workers == 5


def test_variables_of_others_and_empty_ones_do_not_count() -> None:
    environment = {"SNAKE_PIPE_POSTGRES_URL": "", "SNAKE_PIPE_HOME": "x"}
    assert Settings.load(environment=environment) == Settings()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("speed = 9", "no setting 'speed'"),
        ("workers = -1", "workers is -1"),
        ("workers = 1.5", "workers is 1.5"),
        ('workers = "many"', "whole number"),
        ("workers = true", "whole number"),
        ("workspace = 3", "a path"),
        ("postgres_url = 3", "connection string"),
        ("memory_budget_bytes = 10", "at least 1 MiB"),
        ('memory_budget_bytes = "1 parsec"', "GiB"),
        ("workers = ", "cannot be read"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, content: str, match: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=match):
        Settings.load(file, {})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no settings file"):
        Settings.load(tmp_path / "absent.toml", {})


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GiB", 2 << 30), ("1048576", 1 << 20), ("3 mib", 3 << 20), ("2097152 B", 2 << 20)],
)
def test_sizes(text: str, size: int) -> None:
    settings = Settings.load(environment={"SNAKE_PIPE_MEMORY_BUDGET_BYTES": text})
    assert settings.memory_budget_bytes == size


def test_nothing_is_read_at_import() -> None:
    environment = {**os.environ, "SNAKE_PIPE_WORKERS": "not a number"}
    done = subprocess.run(
        [sys.executable, "-c", "import snake_pipe_core.settings"], env=environment, check=False
    )
    assert done.returncode == 0

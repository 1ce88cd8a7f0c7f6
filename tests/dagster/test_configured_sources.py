"""Sources that `snake-pipe.toml` names, beside the landing folder.

Belongs here: their names, partitions and assets, and how often a sensor looks. Does not: the
landing folder itself.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import dagster as dg
import pytest

from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import LANDING_VARIABLE, Landing
from snake_pipe_dagster.sensors import landing_sensor
from tests.contract.media import Api, artifact, serving


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    (tmp_path / "landing" / "here").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "dump.zip", "w") as archive:
        archive.writestr("a.py.json", artifact(1))
    return Landing(
        path=str(tmp_path / "landing"), sources={"there": {"location": str(tmp_path / "dump.zip")}}
    )


def tick(instance: dg.DagsterInstance, landing: Landing, cursor: str | None) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"landing": landing}
    )
    result = landing_sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def told(result: dg.SensorResult) -> list[str | None]:
    return [event.partition for event in result.asset_events]


def test_the_settings_name_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "snake-pipe.toml").write_text('[sources.there]\nlocation = "dump.zip"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(LANDING_VARIABLE, raising=False)
    found = Landing.from_environment()
    assert found.sources == {"there": {"location": str(tmp_path / "dump.zip")}}


def test_a_configured_source_becomes_a_partition(
    quick_instance: dg.DagsterInstance, landing: Landing
) -> None:
    assert landing.names() == ["here", "there"]
    first = tick(quick_instance, landing, None)
    second = tick(quick_instance, landing, first.cursor)
    assert sorted(map(str, told(second))) == ["here", "there"]
    (request,) = second.dynamic_partitions_requests or []
    assert request.partitions_def_name == SOURCES.name
    with landing.source("there") as source:
        assert source.discover().files["path"].to_list() == ["a.py.json"]


def test_one_out_of_reach_is_left_as_it_was(
    quick_instance: dg.DagsterInstance, landing: Landing, tmp_path: Path
) -> None:
    sources = {
        **landing.sources,
        "down": {"location": "http://127.0.0.1:9/asts", "options": {"attempts": 0}},
        "wrong": {"location": "ftp://host/asts"},
    }
    both = Landing(path=landing.path, sources=sources)
    first = tick(quick_instance, both, None)
    second = tick(quick_instance, both, first.cursor)
    assert sorted(map(str, told(second))) == ["here", "there"]
    assert not second.run_requests


def served(api: Api, landing: Landing) -> Landing:
    api.items = [{"path": "a.py.json", "content": artifact(1).decode()}]
    return Landing(path=landing.path, sources={"api": {"location": f"{api.url}/asts"}})


def test_an_api_is_not_asked_at_every_tick(
    quick_instance: dg.DagsterInstance, landing: Landing
) -> None:
    with serving() as api:
        remote = served(api, landing)
        cursor = None
        for _ in range(2):
            cursor = tick(quick_instance, remote, cursor).cursor
        asked = len(api.seen)
        for _ in range(5):
            cursor = tick(quick_instance, remote, cursor).cursor
        assert len(api.seen) == asked
    assert "api" in json.loads(cursor or "")["told"]

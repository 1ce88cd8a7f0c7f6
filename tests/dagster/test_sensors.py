"""The landing sensor and the removal of sources.

Belongs here: ticks, cursors, what two ticks must agree on, removals. Does not: automation
conditions; a running daemon.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing, Workspace
from snake_pipe_dagster.sensors import landing as module
from snake_pipe_dagster.sensors import landing_sensor

Land = Callable[..., Path]


class Ticks:
    """A sensor daemon by hand: keeps the cursor and stores what ticks emit."""

    def __init__(self, instance: dg.DagsterInstance, landing: Landing) -> None:
        self.instance, self.landing = instance, landing
        self.cursor: str | None = None

    def __call__(self) -> dg.SensorResult:
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"landing": self.landing}
        )
        result = landing_sensor(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        for request in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions(str(SOURCES.name), list(request.partition_keys))
        return result

    def settle(self) -> dg.SensorResult:
        """Tick twice: the second tick reports what the first one saw."""
        assert changed(self()) == []
        return self()


def reason(result: dg.SensorResult) -> str:
    assert isinstance(result.skip_reason, dg.SkipReason)
    return str(result.skip_reason.skip_message)


def changed(result: dg.SensorResult) -> list[str | None]:
    return [event.partition for event in result.asset_events]


@pytest.fixture
def tick(quick_instance: dg.DagsterInstance, landing: Landing) -> Ticks:
    return Ticks(quick_instance, landing)


def test_new_sources_become_partitions_and_are_reported_once(tick: Ticks, land: Land) -> None:
    land("shop-python")
    land("shop-python", "second")
    result = tick.settle()
    assert changed(result) == ["second", "shop-python"]
    assert tick.instance.get_dynamic_partitions(str(SOURCES.name)) == ["second", "shop-python"]
    again = tick()
    assert changed(again) == []
    assert reason(again) == "Nothing changed in 2 sources."


def test_a_report_says_where_the_files_are_and_how_many(tick: Ticks, land: Land) -> None:
    target = land("shop-python")
    (event,) = tick.settle().asset_events
    assert isinstance(event, dg.AssetMaterialization)
    metadata = {name: value.value for name, value in event.metadata.items()}
    assert metadata["directory"] == str(target)
    assert metadata["dagster/partition_row_count"] == len(list(target.rglob("*.json")))


def test_a_source_that_is_being_written_waits_until_it_rests(tick: Ticks, land: Land) -> None:
    target = land("shop-python")
    artifact = next(target.rglob("*.json"))
    tick()
    for moment in range(1, 4):
        os.utime(artifact, ns=(moment, moment))
        result = tick()
        assert changed(result) == []
        assert reason(result) == "Waiting until shop-python rests."
    assert changed(tick()) == ["shop-python"]


def test_only_what_changed_is_reported_with_a_new_data_version(tick: Ticks, land: Land) -> None:
    target = land("shop-python")
    land("shop-python", "second")
    first = tick.settle()
    os.utime(next(target.rglob("*.json")), ns=(1, 1))
    second = tick.settle()
    assert changed(second) == ["shop-python"]
    marks = {
        (event.tags or {})["dagster/data_version"]
        for event in [*first.asset_events, *second.asset_events]
        if isinstance(event, dg.AssetMaterialization) and event.partition == "shop-python"
    }
    assert len(marks) == 2


def test_the_cursor_holds_one_hash_a_source_and_no_file(tick: Ticks, land: Land) -> None:
    land("shop-python")
    tick.settle()
    cursor = json.loads(tick.cursor or "")
    assert list(cursor["told"]) == ["shop-python"]
    assert ".json" not in json.dumps(cursor)


def test_a_tick_past_its_deadline_leaves_the_rest_to_the_next(
    tick: Ticks, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        land("shop-python", name)
    monkeypatch.setattr(module, "DEADLINE_SECONDS", -1.0)
    assert changed(tick.settle()) == []
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_CHANGES", 2)
    assert changed(tick.settle()) == ["a", "b"]
    assert changed(tick()) == ["c"]


def test_names_that_cannot_be_sources_are_passed_over(
    tick: Ticks, land: Land, landing: Landing
) -> None:
    shutil.move(land("shop-python"), Path(landing.path) / "not a slug")
    (Path(landing.path) / ".half-landed").mkdir()
    (Path(landing.path) / "a-file").touch()
    assert changed(tick.settle()) == []


def test_a_source_that_is_replaced_is_not_removed(tick: Ticks, land: Land) -> None:
    target = land("shop-python")
    land("shop-python", "second")
    tick.settle()
    away = target.rename(target.with_name(".away"))
    assert not tick().run_requests
    away.rename(target)
    result = tick.settle()
    assert not result.run_requests
    assert changed(result) == []


def test_a_landing_folder_that_is_not_there_removes_nothing(
    tick: Ticks, land: Land, landing: Landing
) -> None:
    land("shop-python")
    tick.settle()
    before = tick.cursor
    shutil.rmtree(landing.path)
    with pytest.raises(SourceNotFoundError, match="No source was added, changed or removed"):
        tick()
    assert tick.cursor == before


def test_sources_that_vanish_all_at_once_are_kept(tick: Ticks, land: Land) -> None:
    targets = [land("shop-python"), land("shop-python", "second")]
    tick.settle()
    for target in targets:
        shutil.rmtree(target)
    result = tick.settle()
    assert not result.run_requests
    assert "All 2 sources vanished at once" in reason(result)


def test_each_removal_of_one_source_has_its_own_key(tick: Ticks, land: Land) -> None:
    keys = []
    for _ in range(2):
        target = land("shop-python")
        tick.settle()
        shutil.rmtree(target)
        (request,) = tick.settle().run_requests or []
        keys.append(request.run_key)
    assert len(set(keys)) == 2


def test_a_source_that_is_gone_is_removed_everywhere(
    instance: dg.DagsterInstance, landing: Landing, workspace: Workspace, land: Land,
    run: Callable[..., dg.ExecuteInProcessResult], definitions: dg.Definitions,
) -> None:  # fmt: skip
    tick = Ticks(instance, landing)
    target = land("shop-python")
    land("shop-python", "second")
    tick.settle()
    assert run("shop-python").success
    assert run("second").success
    shutil.rmtree(target)
    (request,) = tick.settle().run_requests or []
    job = definitions.resolve_job_def("remove_source")
    assert job.execute_in_process(run_config=request.run_config, instance=instance).success
    assert instance.get_dynamic_partitions(str(SOURCES.name)) == ["second"]
    assert workspace.pipeline().lake.heads.sources() == ["second"]
    for name in backends():
        with open_backend(name, workspace.settings()) as backend:
            assert list(backend.published()) == ["second"]
    assert changed(tick()) == []


def test_removing_what_is_still_there_or_never_was_scanned_harms_nothing(
    quick_instance: dg.DagsterInstance, land: Land, definitions: dg.Definitions,
    workspace: Workspace, landing: Landing,
) -> None:  # fmt: skip
    land("shop-python")
    tick = Ticks(quick_instance, landing)
    tick.settle()
    quick_instance.add_dynamic_partitions(str(SOURCES.name), ["never-scanned"])
    workspace.pipeline().scan("shop-python", landing.source("shop-python"))
    job = definitions.resolve_job_def("remove_source")
    for source in ("shop-python", "never-scanned"):
        config = {"ops": {"remove": {"config": {"source": source}}}}
        assert job.execute_in_process(run_config=config, instance=quick_instance).success
    assert workspace.pipeline().lake.heads.sources() == ["shop-python"]
    assert quick_instance.get_dynamic_partitions(str(SOURCES.name)) == ["shop-python"]

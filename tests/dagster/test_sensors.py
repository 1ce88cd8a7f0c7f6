"""The landing sensor and what follows from it.

Belongs here: ticks, cursors, removals, automation conditions. Does not: a running daemon.
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
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing, Workspace
from snake_pipe_dagster.sensors import landing as module
from snake_pipe_dagster.sensors import landing_sensor

Land = Callable[[str], Path]


def tick(
    instance: dg.DagsterInstance, landing: Landing, cursor: str | None = None
) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"landing": landing}
    )
    result = landing_sensor(context)
    assert isinstance(result, dg.SensorResult)
    for request in result.dynamic_partitions_requests or []:
        instance.add_dynamic_partitions(str(SOURCES.name), list(request.partition_keys))
    return result


def changed(result: dg.SensorResult) -> list[str | None]:
    return [event.partition for event in result.asset_events]


def test_new_sources_become_partitions_and_are_reported_once(
    instance: dg.DagsterInstance, landing: Landing, land: Land
) -> None:
    land("shop-python")
    land("shop-go")
    first = tick(instance, landing)
    assert changed(first) == ["shop-go", "shop-python"]
    assert instance.get_dynamic_partitions(str(SOURCES.name)) == ["shop-go", "shop-python"]
    second = tick(instance, landing, first.cursor)
    assert changed(second) == []
    assert second.skip_reason is not None


def test_only_what_changed_is_reported_with_a_new_data_version(
    instance: dg.DagsterInstance, landing: Landing, land: Land
) -> None:
    land("shop-python")
    target = land("shop-go")
    first = tick(instance, landing)
    artifact = next(target.rglob("*.json"))
    os.utime(artifact, ns=(1, 1))
    second = tick(instance, landing, first.cursor)
    assert changed(second) == ["shop-go"]
    marks = [e.tags["dagster/data_version"] for r in (first, second) for e in r.asset_events
             if e.partition == "shop-go"]  # fmt: skip
    assert len(set(marks)) == 2


def test_the_cursor_holds_one_hash_a_source_and_no_file(
    instance: dg.DagsterInstance, landing: Landing, land: Land
) -> None:
    land("shop-python")
    cursor = json.loads(tick(instance, landing).cursor or "")
    assert list(cursor["fingerprints"]) == ["shop-python"]
    assert ".json" not in json.dumps(cursor)


def test_a_tick_past_its_deadline_leaves_the_rest_to_the_next(
    instance: dg.DagsterInstance, landing: Landing, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shop-go", "shop-java", "shop-python"):
        land(name)
    monkeypatch.setattr(module, "MOST_CHANGES", 2)
    first = tick(instance, landing)
    assert changed(first) == ["shop-go", "shop-java"]
    second = tick(instance, landing, first.cursor)
    assert changed(second) == ["shop-python"]
    monkeypatch.setattr(module, "DEADLINE_SECONDS", -1.0)
    assert changed(tick(instance, landing)) == []


def test_names_that_cannot_be_sources_are_passed_over(
    instance: dg.DagsterInstance, landing: Landing, land: Land
) -> None:
    shutil.move(land("shop-go"), Path(landing.path) / "not a slug")
    (Path(landing.path) / ".half-landed").mkdir()
    assert changed(tick(instance, landing)) == []


def test_a_source_that_is_gone_is_removed_everywhere(
    instance: dg.DagsterInstance, landing: Landing, workspace: Workspace, land: Land,
    run: Callable[..., dg.ExecuteInProcessResult], definitions: dg.Definitions,
) -> None:  # fmt: skip
    target = land("shop-go")
    land("shop-java")
    first = tick(instance, landing)
    assert run("shop-go").success
    assert run("shop-java").success
    shutil.rmtree(target)
    second = tick(instance, landing, first.cursor)
    assert changed(second) == ["shop-go"]
    (request,) = second.run_requests or []
    job = definitions.resolve_job_def("drop_job")
    assert job.execute_in_process(run_config=request.run_config, instance=instance).success
    assert instance.get_dynamic_partitions(str(SOURCES.name)) == ["shop-java"]
    assert workspace.pipeline().lake.heads.sources() == ["shop-java"]
    for name in backends():
        with open_backend(name, workspace.settings()) as backend:
            assert list(backend.published()) == ["shop-java"]
    assert changed(tick(instance, landing, second.cursor)) == []


def test_a_source_that_came_back_is_not_removed(
    instance: dg.DagsterInstance, landing: Landing, land: Land, definitions: dg.Definitions,
    run: Callable[..., dg.ExecuteInProcessResult], workspace: Workspace,
) -> None:  # fmt: skip
    land("shop-go")
    assert run("shop-go").success
    config = dg.RunConfig(ops={"drop_gone_source": module.DropConfig(source="shop-go")})
    job = definitions.resolve_job_def("drop_job")
    assert job.execute_in_process(run_config=config, instance=instance).success
    assert workspace.pipeline().lake.heads.sources() == ["shop-go"]


class Automation:
    """Ticks of the automation conditions, and the runs they ask for."""

    def __init__(
        self, definitions: dg.Definitions, instance: dg.DagsterInstance,
        run: Callable[..., dg.ExecuteInProcessResult],
    ) -> None:  # fmt: skip
        self.definitions, self.instance, self.run = definitions, instance, run
        self.cursor = None
        self.tick()

    def tick(self) -> set[str]:
        """Evaluate once; return the keys requested."""
        result = dg.evaluate_automation_conditions(
            defs=self.definitions, instance=self.instance, cursor=self.cursor
        )
        self.cursor = result.cursor
        keys = self.definitions.resolve_asset_graph().get_all_asset_keys()
        return {key.to_user_string() for key in keys if result.get_num_requested(key)}


def test_a_landed_source_is_carried_to_the_backends_by_itself_and_once(
    instance: dg.DagsterInstance, landing: Landing, land: Land, definitions: dg.Definitions,
    run: Callable[..., dg.ExecuteInProcessResult],
) -> None:  # fmt: skip
    automation = Automation(definitions, instance, run)
    land("shop-go")
    for event in tick(instance, landing).asset_events:
        instance.report_runless_asset_event(event)
    asked = automation.tick()
    assert asked == {"validated_asts", "normalized_asts"}
    assert run("shop-go", *asked).success
    asked = automation.tick()
    assert asked == {"cross_file_graph"}
    assert run("shop-go", *asked).success
    asked = automation.tick()
    assert {key.split("/")[0] for key in asked} == set(backends())
    assert run("shop-go", *asked).success
    assert automation.tick() == set()


def test_automation_holds_back_what_failed_its_gate(
    instance: dg.DagsterInstance, landing: Landing, land: Land, definitions: dg.Definitions,
    run: Callable[..., dg.ExecuteInProcessResult],
) -> None:  # fmt: skip
    automation = Automation(definitions, instance, run)
    land("shop-damaged")
    for event in tick(instance, landing).asset_events:
        instance.report_runless_asset_event(event)
    asked = automation.tick()
    assert asked == {"validated_asts", "normalized_asts"}
    assert not run("shop-damaged", *asked).success
    assert automation.tick() == set()

"""What Dagster starts by itself.

Belongs here: automation conditions, tick by tick, and the freshness sensor. Does not: noticing
files; a running daemon.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from snake_pipe_core.backends.registry import backends
from snake_pipe_dagster.assets import load
from snake_pipe_dagster.assets.load import face_of
from snake_pipe_dagster.checks import backends as backend_checks
from snake_pipe_dagster.freshness import RAW, lateness
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing, Workspace
from snake_pipe_dagster.sensors import freshness_sensor

Land = Callable[..., Path]
MORNING = datetime.datetime(2026, 1, 5, 8, 0, tzinfo=datetime.UTC)


class Automation:
    """The automation daemon by hand; a clock of its own, ten seconds a tick."""

    def __init__(self, definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.definitions, self.instance = definitions, instance
        self.cursor: Any = None
        self.time = MORNING
        self.keys = definitions.resolve_asset_graph().get_all_asset_keys()
        self.job = definitions.resolve_implicit_global_asset_job_def()

    def tick(self, *, later: datetime.timedelta | None = None) -> dict[str, set[str]]:
        """Return the assets that are asked for, by source."""
        self.time += later or datetime.timedelta(seconds=10)
        result = dg.evaluate_automation_conditions(
            defs=self.definitions, instance=self.instance, cursor=self.cursor,
            evaluation_time=self.time,
        )  # fmt: skip
        self.cursor = result.cursor
        asked: dict[str, set[str]] = {}
        for key in self.keys:
            for source in result.get_requested_partitions(key):
                asked.setdefault(str(source), set()).add(key.to_user_string())
        return asked

    def report(self, source: str, version: str) -> None:
        """Do what the landing sensor does when files change."""
        self.instance.add_dynamic_partitions(str(SOURCES.name), [source])
        self.instance.report_runless_asset_event(
            dg.AssetMaterialization(RAW, partition=source, tags={"dagster/data_version": version})
        )

    def run(self, source: str, asked: set[str]) -> dg.ExecuteInProcessResult:
        """Do what the daemon does with a request: one run, with the checks of its assets."""
        return self.job.execute_in_process(
            instance=self.instance, partition_key=source, raise_on_error=False,
            asset_selection=[dg.AssetKey(name.split("/")) for name in asked],
        )  # fmt: skip


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let steps try again at once."""
    at_once = dg.RetryPolicy(max_retries=1, delay=0)
    for module in (load, backend_checks):
        monkeypatch.setattr(module, "RETRIES", at_once)


@pytest.fixture
def automation(definitions: dg.Definitions, quick_instance: dg.DagsterInstance) -> Automation:
    made = Automation(definitions, quick_instance)
    assert made.tick() == {}
    return made


def test_a_landed_source_is_carried_through_all_stages_by_one_run_and_once(
    automation: Automation, land: Land
) -> None:
    land("shop-python")
    automation.report("shop-python", "1")
    asked = automation.tick()
    made = {key.to_user_string() for key in automation.keys} - {"raw_ast_files"}
    assert asked == {"shop-python": made}
    assert automation.run("shop-python", made).success
    assert automation.tick() == {}
    automation.report("shop-python", "2")
    assert automation.tick() == {"shop-python": made}


def test_what_landed_before_automation_began_is_not_forgotten(
    definitions: dg.Definitions, quick_instance: dg.DagsterInstance
) -> None:
    automation = Automation(definitions, quick_instance)
    automation.report("early", "1")
    made = {key.to_user_string() for key in automation.keys} - {"raw_ast_files"}
    assert automation.tick() == {"early": made}
    assert automation.tick() == {}


def test_a_source_below_the_gate_is_held_back_and_others_flow(
    automation: Automation, land: Land
) -> None:
    for name in ("shop-damaged", "shop-python"):
        land(name)
        automation.report(name, "1")
    asked = automation.tick()
    assert set(asked) == {"shop-damaged", "shop-python"}
    assert not automation.run("shop-damaged", asked["shop-damaged"]).success
    assert automation.run("shop-python", asked["shop-python"]).success
    for _ in range(2):
        assert automation.tick() == {}
    assert automation.tick(later=datetime.timedelta(hours=2)) == {}


def test_passing_the_gate_by_hand_lets_the_rest_follow(
    automation: Automation, land: Land, landing: Landing
) -> None:
    target = land("shop-damaged")
    automation.report("shop-damaged", "1")
    automation.run("shop-damaged", automation.tick()["shop-damaged"])
    assert automation.tick() == {}
    (target / "catalog" / "truncated.py.json").unlink()
    assert automation.run("shop-damaged", {"validated_asts", "normalized_asts"}).success
    asked = automation.tick()["shop-damaged"]
    assert "cross_file_graph" in asked
    assert "validated_asts" not in asked
    assert automation.run("shop-damaged", asked).success


@pytest.mark.usefixtures("impatient")
def test_a_backend_that_fails_is_tried_again_every_hour_and_alone(
    automation: Automation, land: Land, workspace: Workspace
) -> None:
    land("shop-python")
    automation.report("shop-python", "1")
    store = workspace.settings().store("tantivy")
    store.parent.mkdir(parents=True)
    store.write_text("a file where the index's directory should be")
    assert not automation.run("shop-python", automation.tick()["shop-python"]).success
    assert automation.tick() == {}
    asked = automation.tick(later=datetime.timedelta(hours=1))
    assert asked == {"shop-python": {"tantivy/symbols", "tantivy/documents"}}
    store.unlink()
    assert automation.run("shop-python", asked["shop-python"]).success
    assert automation.tick(later=datetime.timedelta(hours=1)) == {}


def test_a_source_is_late_only_if_it_landed_and_was_not_published_since(
    quick_instance: dg.DagsterInstance, automation: Automation
) -> None:
    published = face_of(backends()["tantivy"])
    automation.report("waiting", "1")
    automation.report("shown", "1")
    quick_instance.report_runless_asset_event(dg.AssetMaterialization(published, partition="shown"))
    now = datetime.datetime.now(datetime.UTC).timestamp()

    def late(minutes: float) -> dict[str, str]:
        return lateness(
            quick_instance, published, {"waiting", "shown", "absent"},
            within_minutes=15, now=now + 60 * minutes,
        )  # fmt: skip

    assert late(14) == {}
    assert list(late(20)) == ["waiting"]
    assert "landed 20 minutes ago" in late(20)["waiting"]


def test_lateness_is_told_once_by_the_check_of_each_backend(
    quick_instance: dg.DagsterInstance, automation: Automation, landing: Landing
) -> None:
    automation.report("waiting", "1")
    impatient = Landing(path=landing.path, publish_within_minutes=-1)

    def tick(cursor: str | None) -> dg.SensorResult:
        context = dg.build_sensor_context(
            instance=quick_instance, cursor=cursor, resources={"landing": impatient}
        )
        result = freshness_sensor(context)
        assert isinstance(result, dg.SensorResult)
        return result

    first = tick(None)
    told = {(e.asset_key, e.partition) for e in first.asset_events}
    assert told == {(face_of(spec), "waiting") for spec in backends().values()}
    assert all(isinstance(e, dg.AssetCheckEvaluation) and not e.passed for e in first.asset_events)
    second = tick(first.cursor)
    assert second.asset_events == []
    assert isinstance(second.skip_reason, dg.SkipReason)
    assert second.skip_reason.skip_message == "Nothing became late; 1 source is late already."
    assert set(json.loads(second.cursor or "")) == set(backends())

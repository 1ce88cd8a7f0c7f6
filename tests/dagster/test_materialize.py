"""Runs of one source through all assets and checks, on real artifacts and real stores.

Belongs here: what a run writes, shows, blocks and retries. Does not: sensors and automation.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.lake import Lake
from snake_pipe_dagster.resources import Workspace

Run = Callable[..., dg.ExecuteInProcessResult]
Land = Callable[[str], Path]


def metadata_of(result: dg.ExecuteInProcessResult, key: str) -> dict[str, object]:
    for event in result.get_asset_materialization_events():
        if event.asset_key == dg.AssetKey(key.split("/")):
            return {name: value.value for name, value in event.materialization.metadata.items()}
    raise AssertionError(f"{key} was not materialized")


def verdicts(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {
        f"{e.asset_key.to_user_string()}:{e.check_name}": e.passed
        for e in result.get_asset_check_evaluations()
    }


def versions(workspace: Workspace) -> dict[str, dict[str, str]]:
    found = {}
    for name in backends():
        with open_backend(name, workspace.settings()) as backend:
            found[name] = dict(backend.published())
    return found


def test_a_run_carries_a_source_to_all_backends(run: Run, land: Land, workspace: Workspace) -> None:
    land("shop-python")
    result = run("shop-python")
    assert result.success
    assert all(verdicts(result).values()), verdicts(result)
    assert len(verdicts(result)) == 6 + 2 * len(backends())
    published = versions(workspace)
    assert {version for shown in published.values() for version in shown.values()} == {
        metadata_of(result, "tantivy/symbols")["version"]
    }
    validated = metadata_of(result, "validated_asts")
    assert validated["dagster/partition_row_count"] == validated["files_new"] == validated["valid"]
    assert "data:image/svg+xml;base64," in str(validated["outcomes_plot"])
    symbols = metadata_of(result, "normalized_asts")["symbols"]
    assert metadata_of(result, "postgres/symbols")["dagster/partition_row_count"] == symbols


def test_running_again_publishes_nothing_new(run: Run, land: Land, workspace: Workspace) -> None:
    land("shop-python")
    run("shop-python")
    before = versions(workspace)
    result = run("shop-python")
    assert result.success
    assert versions(workspace) == before
    assert metadata_of(result, "ladybug/edges")["state"] == "unchanged"
    assert metadata_of(result, "validated_asts")["files_scanned"] == 0


def test_a_source_below_the_gate_reaches_no_backend(
    run: Run, land: Land, workspace: Workspace
) -> None:
    land("shop-damaged")
    result = run("shop-damaged")
    assert not result.success
    assert verdicts(result)["validated_asts:quality_gate"] is False
    assert metadata_of(result, "validated_asts")["valid"] == 2
    with pytest.raises(AssertionError, match="not materialized"):
        metadata_of(result, "cross_file_graph")
    assert all(shown == {} for shown in versions(workspace).values())


def test_launching_a_backend_by_hand_does_not_get_past_the_gate(
    run: Run, land: Land, workspace: Workspace
) -> None:
    land("shop-damaged")
    run("shop-damaged")
    result = run("shop-damaged", "tantivy/symbols", "tantivy/documents")
    assert not result.success
    failures = [e for e in result.all_events if e.is_step_failure]
    failure = failures[0].step_failure_data.error_display_string
    assert "stays out of the backends" in failure
    assert not any(event.event_type_value == "STEP_UP_FOR_RETRY" for event in result.all_events)
    assert all(shown == {} for shown in versions(workspace).values())


def test_a_source_that_never_landed_fails_with_what_to_do(run: Run) -> None:
    result = run("absent")
    assert not result.success
    failures = [e for e in result.all_events if e.is_step_failure]
    assert "Nothing was read or written" in failures[0].step_failure_data.error_display_string


def test_tables_can_be_read_back_through_the_io_manager(
    run: Run, land: Land, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    land("shop-python")
    result = run("shop-python")
    with definitions.get_asset_value_loader(instance) as loader:
        frame = loader.load_asset_value(
            dg.AssetKey(["postgres", "documents"]), partition_key="shop-python"
        )
    assert frame.height == metadata_of(result, "normalized_asts")["documents"]


def test_a_profile_tells_what_is_unusual_beside_the_last(
    run: Run, land: Callable[[str], Path], workspace: Workspace
) -> None:
    folder = land("shop-python")
    stages = ("validated_asts", "normalized_asts", "source_profile")
    first = run("shop-python", *stages)
    assert first.success
    shown = metadata_of(first, "source_profile")
    assert (shown["anomaly_count"], shown["valid_share"]) == (0, 1)
    assert 90 < float(str(shown["score"])) <= 100
    module = b'{"_type": "Module", "body": [], "type_ignores": []}'
    for number in range(40):
        (folder / f"more{number}.py.json").write_bytes(module)
    second = run("shop-python", *stages)
    assert second.success
    assert int(str(metadata_of(second, "source_profile")["anomaly_count"])) > 0
    kept = Lake(workspace.settings().lake).profiles.last("shop-python")
    assert kept["version"].n_unique() == 2

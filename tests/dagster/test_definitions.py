"""The shape of the code location: keys, lineage, groups, checks, sensors.

Belongs here: what can be told without running anything. Does not: materializing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from snake_pipe_core.backends.registry import backends
from snake_pipe_core.model.tables import TABLES

SNAPSHOT = Path(__file__).with_name("asset_graph.json")


def described(definitions: dg.Definitions) -> dict[str, object]:
    graph = definitions.resolve_asset_graph()
    return {
        key.to_user_string(): {
            "deps": sorted(dep.to_user_string() for dep in graph.get(key).parent_keys),
            "group": graph.get(key).group_name,
            "kinds": sorted(graph.get(key).kinds),
            "checks": sorted(check.name for check in graph.get(key).check_keys),
            "automatic": graph.get(key).automation_condition is not None,
        }
        for key in sorted(graph.get_all_asset_keys())
    }


def test_the_asset_graph_is_the_one_on_record(
    definitions: dg.Definitions, *, update_golden: bool
) -> None:
    found = described(definitions)
    if update_golden:
        SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(SNAPSHOT.read_text())


def test_all_jobs_and_sensors_resolve(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)
    repository = definitions.get_repository_def()
    assert {job.name for job in repository.get_all_jobs()} >= {"publish_source", "remove_source"}
    assert {sensor.name for sensor in repository.sensor_defs} == {
        "automation", "freshness", "landing"
    }  # fmt: skip


def test_every_backend_has_its_assets_and_its_io_manager(definitions: dg.Definitions) -> None:
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    for name in backends():
        assert any(key.path[0] == name for key in keys)
        assert f"{name}_io" in (definitions.resources or {})


def test_every_asset_says_who_what_and_how(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        assert node.kinds, key
        assert node.partitions_def is not None, key


def test_relational_assets_show_the_declared_columns(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for name, table in TABLES.items():
        key = dg.AssetKey(["postgres", name])
        if graph.has(key):
            schema = graph.get(key).metadata["dagster/column_schema"]
            assert [column.name for column in schema.columns] == table.names


def test_definitions_validate_as_the_commands_of_dagster_see_them(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("variable", ["SNAKE_PIPE_WORKSPACE", "SNAKE_PIPE_LANDING"])
def test_places_come_from_the_environment_when_built(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from snake_pipe_dagster.resources import Landing, Workspace

    monkeypatch.setenv(variable, str(tmp_path))
    made = Workspace if variable.endswith("WORKSPACE") else Landing
    assert made.from_environment().path == str(tmp_path)

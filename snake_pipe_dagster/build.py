"""Put the definitions together.

Belongs here: one function that makes a fresh `Definitions`, with places that tests can change.
Does not: reading the environment at import; `definitions` decides the defaults.
"""

import dagster as dg

from snake_pipe_core.backends.registry import backends
from snake_pipe_dagster.assets.extract import raw_ast_files
from snake_pipe_dagster.assets.load import backend_assets, io_manager_key
from snake_pipe_dagster.assets.profile import profile_asset
from snake_pipe_dagster.assets.resolve import graph_asset
from snake_pipe_dagster.assets.scan import scan_asset
from snake_pipe_dagster.checks import backend_checks, lake_checks
from snake_pipe_dagster.io_managers import BackendIOManager
from snake_pipe_dagster.resources import Landing, Workspace
from snake_pipe_dagster.sensors import freshness_sensor, landing_sensor, remove_source


def build_definitions(workspace: Workspace, landing: Landing) -> dg.Definitions:
    """Return assets, checks, sensors, jobs and resources over a workspace and a landing folder."""
    assets = [scan_asset(), profile_asset(), graph_asset(), *backend_assets()]
    return dg.Definitions(
        assets=[raw_ast_files, *assets],
        asset_checks=[*lake_checks(), *backend_checks()],
        jobs=[
            dg.define_asset_job(
                "publish_source",
                selection=dg.AssetSelection.assets(*assets),
                description="Carry one source through all stages into all backends.",
            ),
            remove_source,
        ],
        sensors=[
            landing_sensor,
            freshness_sensor,
            dg.AutomationConditionSensorDefinition(
                "automation",
                target=dg.AssetSelection.all(),
                description="Starts one run for each source that changed, and hourly retries of "
                "backends that failed.",
                minimum_interval_seconds=10,
                default_status=dg.DefaultSensorStatus.RUNNING,
                emit_backfills=False,
            ),
        ],
        resources={
            "workspace": workspace,
            "landing": landing,
            **{
                io_manager_key(name): BackendIOManager(backend=name, workspace=workspace)
                for name in backends()
            },
        },
        executor=dg.in_process_executor,
    )

"""The landing sensor: which sources are new, changed or gone.

Belongs here: one fingerprint per source in the cursor, a deadline, changes alone. Does not: runs of
the pipeline; automation conditions start them.

Dagster gives a tick 60 s. A tick therefore stops at a deadline and the next one goes on where it
stopped. A source that is gone is reported once, and a run removes it everywhere.
"""

import json
import time

import dagster as dg

from snake_pipe_core.errors import InvalidSourceNameError, SourceNotFoundError
from snake_pipe_core.load import drop_source
from snake_pipe_core.model.ids import check_source_name
from snake_pipe_dagster.failures import RETRIES, told_failures
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing, Workspace

DEADLINE_SECONDS = 40.0
MOST_CHANGES = 500
REMOVED = "removed"


class DropConfig(dg.Config):
    """Which source is gone."""

    source: str


@dg.op(retry_policy=RETRIES)
def drop_gone_source(
    context: dg.OpExecutionContext, config: DropConfig, workspace: Workspace, landing: Landing
) -> None:
    """Remove a source from every backend, the lake and the partitions, unless it came back."""
    if config.source in landing.names():
        context.log.info("%s is there again; nothing is removed.", config.source)
        return
    with told_failures():
        drop_source(workspace.settings(), workspace.pipeline().lake, config.source)
    context.instance.delete_dynamic_partition(str(SOURCES.name), config.source)


@dg.job(description="Remove a source that vanished from the landing folder.")
def drop_job() -> None:
    """Run the one op."""
    drop_gone_source()


@dg.sensor(
    name="landing",
    minimum_interval_seconds=10,
    job=drop_job,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches the landing folder: every directory in it is a source.",
)
def landing_sensor(context: dg.SensorEvaluationContext, landing: Landing) -> dg.SensorResult:
    """Report what changed since the cursor."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    cursor = json.loads(context.cursor or "{}")
    known: dict[str, str] = dict(cursor.get("fingerprints", {}))
    position = int(cursor.get("position", 0))
    names, refused = _valid(landing.names())
    for name in refused:
        context.log.warning("The directory %r cannot be a source: its name is no slug.", name)
    changed: dict[str, str] = {}
    looked_at = 0
    for looked_at in range(len(names)):
        if time.monotonic() > deadline or len(changed) >= MOST_CHANGES:
            break
        name = names[(position + looked_at) % len(names)]
        try:
            fingerprint = landing.source(name).fingerprint()
        except SourceNotFoundError:
            continue  # gone since it was listed; the next tick reports it
        if known.get(name) != fingerprint:
            changed[name] = fingerprint
    else:
        looked_at = len(names)
    gone = sorted(known.keys() - set(names))
    fingerprints = {name: mark for name, mark in (known | changed).items() if name not in gone}
    existing = set(context.instance.get_dynamic_partitions(str(SOURCES.name)))
    new = sorted(set(changed) - existing)
    return dg.SensorResult(
        cursor=json.dumps(
            {
                "fingerprints": fingerprints,
                "position": (position + looked_at) % len(names) if names else 0,
            }
        ),
        skip_reason=None if changed or gone else "Nothing changed.",
        dynamic_partitions_requests=[SOURCES.build_add_request(new)] if new else [],
        asset_events=[_event(name, mark) for name, mark in changed.items()]
        + [_event(name, REMOVED) for name in gone if name in existing],
        run_requests=[
            dg.RunRequest(
                run_key=f"drop-{name}-{known[name]}-{int(time.time())}",
                run_config=dg.RunConfig(ops={"drop_gone_source": DropConfig(source=name)}),
                tags={"dagster/partition": name},
            )
            for name in gone
        ],
    )


def _valid(names: list[str]) -> tuple[list[str], list[str]]:
    valid, refused = [], []
    for name in names:
        try:
            valid.append(check_source_name(name))
        except InvalidSourceNameError:
            refused.append(name)
    return valid, refused


def _event(name: str, data_version: str) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        "raw_ast_files", partition=name, tags={"dagster/data_version": data_version}
    )

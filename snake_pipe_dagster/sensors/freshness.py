"""The freshness sensor: which sources landed long ago and are still not published.

Belongs here: telling each lateness once, as the verdict of a check. Does not: runs; a source that
is late has a reason, and the next run of it judges anew.
"""

import json
import time

import dagster as dg

from snake_pipe_core.backends.registry import backends
from snake_pipe_dagster.assets.load import face_of
from snake_pipe_dagster.freshness import FRESHNESS, lateness
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing


@dg.sensor(
    name="freshness",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Warns when a source landed but was not published in time, by the check "
    "`freshness` of each backend. Starts no run.",
)
def freshness_sensor(context: dg.SensorEvaluationContext, landing: Landing) -> dg.SensorResult:
    """Report sources that became late since the last tick."""
    told: dict[str, list[str]] = json.loads(context.cursor or "{}")
    sources = set(context.instance.get_dynamic_partitions(str(SOURCES.name)))
    events, cursor = [], {}
    for name, spec in backends().items():
        face = face_of(spec)
        late = lateness(
            context.instance, face, sources,
            within_minutes=landing.publish_within_minutes, now=time.time(),
        )  # fmt: skip
        cursor[name] = sorted(late)
        events += [
            dg.AssetCheckEvaluation(
                asset_key=face,
                check_name=FRESHNESS,
                passed=False,
                severity=dg.AssetCheckSeverity.WARN,
                description=late[source],
                partition=source,
            )
            for source in sorted(late.keys() - set(told.get(name, [])))
        ]
    return dg.SensorResult(
        cursor=json.dumps(cursor),
        asset_events=events,
        skip_reason=None if events else f"Nothing became late; {_counted(cursor)} late already.",
    )


def _counted(cursor: dict[str, list[str]]) -> str:
    late = {source for sources in cursor.values() for source in sources}
    return f"{len(late)} source{' is' if len(late) == 1 else 's are'}"

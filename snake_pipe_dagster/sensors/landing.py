"""The landing sensor: which sources are new, changed or gone.

Belongs here: one fingerprint per source in the cursor, a deadline, changes alone. Does not: runs of
the pipeline; automation conditions start them.

A source is reported when two ticks in a row saw the same new state of it, so that one that is still
being written is left alone, and one that is being replaced is not taken for removed. Dagster gives
a tick 60 s: a tick stops at a deadline of its own, and the next one goes on where it stopped.
"""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

import dagster as dg

from snake_pipe_core.errors import InvalidSourceNameError, SourceNotFoundError
from snake_pipe_core.model.ids import check_source_name
from snake_pipe_core.sources.base import SourceOptionError, SourceUnreachableError
from snake_pipe_dagster.freshness import RAW
from snake_pipe_dagster.metadata import landed_metadata
from snake_pipe_dagster.partitions import SOURCES
from snake_pipe_dagster.resources import Landing
from snake_pipe_dagster.sensors.removal import RemovalConfig, remove_source

DEADLINE_SECONDS = 40.0
MOST_CHANGES = 500
GONE = "gone"


@dataclass
class Cursor:
    """What the sensor remembers between ticks; nothing in it is per file."""

    told: dict[str, str] = field(default_factory=dict)
    """Fingerprint of each source as it was last reported."""
    seen: dict[str, str] = field(default_factory=dict)
    """What the last tick saw and did not report yet: a fingerprint, or `gone`."""
    position: int = 0
    """Where the next tick begins, in the sorted list of names."""
    looked: dict[str, float] = field(default_factory=dict)
    """When a source was last looked at that is costly to look at, seconds since 1970."""
    removals: int = 0
    """Sources removed so far; keeps the keys of removal runs apart."""


@dg.sensor(
    name="landing",
    minimum_interval_seconds=5,
    job=remove_source,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches the landing folder, in which every directory is a source. A new or changed "
    "one becomes a new version of `raw_ast_files`; one that is gone is removed everywhere.",
)
def landing_sensor(context: dg.SensorEvaluationContext, landing: Landing) -> dg.SensorResult:
    """Report what changed since the cursor."""
    cursor = Cursor(**json.loads(context.cursor or "{}"))
    names, refused = _valid(landing.names())
    for name in refused:
        context.log.warning("The directory %r cannot be a source: its name is no slug.", name)
    changed = _settled(context, landing, names, cursor)
    gone = _gone(names, cursor)
    if len(gone) > 1 and len(gone) == len(cursor.told):
        # An unmounted disk looks like this. Deleting everything must not be that easy.
        return dg.SensorResult(
            cursor=json.dumps(asdict(cursor)),
            skip_reason=f"All {len(gone)} sources vanished at once, so none is removed. If that is "
            "what you want, launch the job remove_source for each.",
        )
    cursor.told = {name: mark for name, mark in (cursor.told | changed).items() if name not in gone}
    requests = [_removal(name, number) for number, name in enumerate(gone, cursor.removals)]
    cursor.removals += len(gone)
    existing = set(context.instance.get_dynamic_partitions(str(SOURCES.name)))
    new = sorted(changed.keys() - existing)
    return dg.SensorResult(
        cursor=json.dumps(asdict(cursor)),
        skip_reason=None if changed or gone else _nothing(names, cursor),
        dynamic_partitions_requests=[SOURCES.build_add_request(new)] if new else [],
        asset_events=[_landed(landing, name, mark) for name, mark in sorted(changed.items())],
        run_requests=requests,
    )


def _settled(
    context: dg.SensorEvaluationContext, landing: Landing, names: Sequence[str], cursor: Cursor
) -> dict[str, str]:
    """Return the sources that changed and rest; keep in mind those that may still be written."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    settled: dict[str, str] = {}
    looked_at = 0
    for looked_at in range(len(names)):
        if time.monotonic() > deadline or len(settled) >= MOST_CHANGES:
            break
        name = names[(cursor.position + looked_at) % len(names)]
        try:
            if not _is_due(landing, name, cursor):
                continue
            with landing.source(name) as source:
                mark = source.fingerprint()
        except SourceNotFoundError:
            continue  # gone since it was listed; the next tick sees that
        except (SourceUnreachableError, SourceOptionError) as error:
            context.log.warning("The source %s is left as it was. %s", name, error)
            continue
        before = cursor.seen.pop(name, None)
        if mark == cursor.told.get(name):
            continue
        if mark == before:
            settled[name] = mark
        else:
            cursor.seen[name] = mark
    else:
        looked_at = len(names)
    cursor.position = (cursor.position + looked_at) % len(names) if names else 0
    return settled


def _is_due(landing: Landing, name: str, cursor: Cursor) -> bool:
    """Return whether to look at a source now: a costly one rarely, but twice when it changed."""
    wait = landing.poll_seconds(name)
    if not wait:
        return True
    now = time.time()
    if name not in cursor.seen and now - cursor.looked.get(name, 0.0) < wait:
        return False
    cursor.looked[name] = now
    return True


def _gone(names: Sequence[str], cursor: Cursor) -> list[str]:
    """Return the sources that two ticks missed."""
    missing = sorted(cursor.told.keys() - set(names))
    gone = [name for name in missing if cursor.seen.get(name) == GONE]
    present = set(names)
    cursor.seen = {name: mark for name, mark in cursor.seen.items() if name in present}
    cursor.seen |= dict.fromkeys(set(missing) - set(gone), GONE)
    return gone


def _nothing(names: Sequence[str], cursor: Cursor) -> str:
    waiting = sorted(cursor.seen)
    if waiting:
        return f"Waiting until {', '.join(waiting[:5])} {_rest(len(waiting))}."
    return f"Nothing changed in {len(names)} source{'' if len(names) == 1 else 's'}."


def _rest(count: int) -> str:
    more = f"and {count - 5} more " if count > 5 else ""
    return f"{more}{'rests' if count == 1 else 'rest'}"


def _valid(names: Iterable[str]) -> tuple[list[str], list[str]]:
    valid, refused = [], []
    for name in names:
        try:
            valid.append(check_source_name(name))
        except InvalidSourceNameError:
            refused.append(name)
    return valid, refused


def _landed(landing: Landing, name: str, mark: str) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        RAW,
        partition=name,
        description="The files of this source changed.",
        metadata=landed_metadata(landing.source(name), mark),
        tags={"dagster/data_version": mark},
    )


def _removal(name: str, number: int) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=f"removal-{number}-{name}",
        run_config=dg.RunConfig(ops={"remove": RemovalConfig(source=name)}),
        # The tag makes it wait for a run of the same source; see dagster.yaml.
        tags={"dagster/partition": name},
    )

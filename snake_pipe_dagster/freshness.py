"""Whether what landed was published soon enough.

Belongs here: comparing two events in Dagster's log. Does not: looking at files or backends.

Dagster's own freshness policies ask when an asset was last made. A source that nobody changes need
not be made again, so that question would call every quiet source stale. Here a source is late only
if it landed, time has passed, and nothing was published since.
"""

import dagster as dg

RAW = dg.AssetKey("raw_ast_files")
FRESHNESS = "freshness"
"""Name of the check, on one asset of each backend."""


def lateness(
    instance: dg.DagsterInstance,
    published: dg.AssetKey,
    sources: set[str],
    *,
    within_minutes: int,
    now: float,
) -> dict[str, str]:
    """Return a sentence for each source that is late in the asset `published`.

    Args:
        instance: whose event log tells.
        published: asset that shows the sources.
        sources: partitions to judge.
        within_minutes: time allowed between landing and publishing.
        now: the time, in seconds since the epoch.
    """
    made = dg.DagsterEventType.ASSET_MATERIALIZATION
    landed = instance.get_latest_storage_id_by_partition(RAW, made, sources)
    shown = instance.get_latest_storage_id_by_partition(published, made, sources)
    late = {}
    for source in sorted(landed):
        if shown.get(source, -1) > landed[source]:
            continue
        minutes = (now - _landed_at(instance, source)) / 60
        if minutes > within_minutes:
            late[source] = (
                f"{source} landed {minutes:.0f} minutes ago and is not shown here; "
                f"{within_minutes} are allowed. See whether its run failed, was held back by a "
                "check or waits for another."
            )
    return late


def _landed_at(instance: dg.DagsterInstance, source: str) -> float:
    newest = dg.AssetRecordsFilter(asset_key=RAW, asset_partitions=[source])
    return instance.fetch_materializations(newest, limit=1).records[0].timestamp

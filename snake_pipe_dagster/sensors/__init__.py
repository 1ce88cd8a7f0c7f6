"""The sensors.

Belongs here: cursors, deadlines and what a tick emits. Does not: scanning.
"""

from snake_pipe_dagster.sensors.freshness import freshness_sensor
from snake_pipe_dagster.sensors.landing import landing_sensor
from snake_pipe_dagster.sensors.removal import remove_source

__all__ = ["freshness_sensor", "landing_sensor", "remove_source"]

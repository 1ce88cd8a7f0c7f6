"""The sensors.

Belongs here: cursors, deadlines and what a tick emits. Does not: scanning.
"""

from snake_pipe_dagster.sensors.landing import drop_job, landing_sensor

__all__ = ["drop_job", "landing_sensor"]

"""Profiles: what a source holds, in figures, and what is unusual about it.

Belongs here: distributions, the quality score, and comparing a profile with earlier ones. Does not:
scanning (`normalize`), keeping profiles (`lake`), printing them (`cli`).
"""

from snake_pipe_core.profile.anomalies import anomalies
from snake_pipe_core.profile.measure import Profile, Profiler

__all__ = ["Profile", "Profiler", "anomalies"]

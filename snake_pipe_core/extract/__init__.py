"""Find artifacts and tell what changed since the last run.

Belongs here: the comparison of a discovery with the manifest. Does not: reading contents.
"""

from snake_pipe_core.extract.manifest import Plan, plan

__all__ = ["Plan", "plan"]

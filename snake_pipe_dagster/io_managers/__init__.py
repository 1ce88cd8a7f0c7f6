"""How outputs reach the databases: one IO manager per database.

Belongs here: persistence through the core's load protocol. Does not: computing what is persisted.
"""

from snake_pipe_dagster.io_managers.backend import BackendIOManager, BackendOutput

__all__ = ["BackendIOManager", "BackendOutput"]

"""Questions to the published picture: find, search, similar, impact, cycles, status.

Belongs here: one query model over the roles, for the command line and whatever comes after it. Does
not: printing, or any store's language.
"""

from snake_pipe_core.query.asking import Answers, Status, SymbolRow

__all__ = ["Answers", "Status", "SymbolRow"]

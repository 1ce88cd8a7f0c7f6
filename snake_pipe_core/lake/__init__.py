"""The lake: every table as a Delta Lake table, and one head per source.

Belongs here: files, transactions, versions, reading a source as of a generation. Does not: what the
rows mean, or which rows to write.
"""

from snake_pipe_core.lake.heads import Head
from snake_pipe_core.lake.store import Lake, SourceWriter

__all__ = ["Head", "Lake", "SourceWriter"]

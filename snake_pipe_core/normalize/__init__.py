"""Artifacts to documents, nodes, symbols, imports, exports and references.

Belongs here: calling the one native pass (which validates and normalizes) chunk by chunk, and
storing what it gives. Does not: finding files, judging outcomes, binding across files.
"""

from snake_pipe_core.normalize.scan import ScanCounts, Scanner, chunks, scan_shards

__all__ = ["ScanCounts", "Scanner", "chunks", "scan_shards"]

"""`raw_ast_files`: what landed, observed and not made by us.

Belongs here: the external asset. Does not: looking at files; the landing sensor does.
"""

import dagster as dg

from snake_pipe_dagster.partitions import SOURCES

OWNERS = ["team:data-engineering"]

raw_ast_files = dg.AssetSpec(
    "raw_ast_files",
    description="AST JSON files as parsers wrote them into the landing folder, one directory a "
    "source. Not made here: the sensor `landing` reports a new version when files change.",
    partitions_def=SOURCES,
    group_name="extract",
    kinds={"file", "json"},
    owners=OWNERS,
)

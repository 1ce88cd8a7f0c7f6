"""Everything about Snake-Pipe that is true without Dagster.

Belongs here: the five stages (extract, validate, normalize, resolve, load), the plug-in kinds
(sources, dialects, backends), the tables they meet in, and the command line.
Does not: orchestration. `snake_pipe_dagster` wires these functions into assets.
"""

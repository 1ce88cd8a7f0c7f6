"""Snake-Pipe as Dagster assets, checks, sensors and resources.

Belongs here: wiring only; an asset takes resources, calls one core function, returns metadata.
Does not: anything that would also be true without Dagster; that is `snake_pipe_core`.
"""

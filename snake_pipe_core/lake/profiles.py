"""Profiles that were kept: one set of rows for each version of a source.

Belongs here: the Delta table `profiles`, which only grows. Does not: measuring or comparing.

The table is beside those that heads name: a profile is a record of what was, not a part of what a
source is now, so that replacing or undoing a generation leaves it alone.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake

from snake_pipe_core.model.tables import PROFILES


class ProfileHistory:
    """The kept profiles of all sources, in `<lake>/profiles`."""

    def __init__(self, root: Path) -> None:
        """Take the lake's directory; the table is made when the first profile is kept."""
        self.path = root / PROFILES.name

    def keep(self, rows: pl.DataFrame) -> bool:
        """Add one profile (rows of `profiles`), unless its version is kept already.

        Returns whether it was added.
        """
        source, version = rows.row(0, named=True)["source"], rows["version"][0]
        if self.last(source, limit=None).filter(pl.col("version") == version).height:
            return False
        table = rows.select(PROFILES.names).to_arrow().cast(PROFILES.schema)
        write_deltalake(str(self.path), table, mode="append", partition_by=["source"])
        return True

    def last(self, source: str, limit: int | None = 20) -> pl.DataFrame:
        """Return the rows of the newest `limit` profiles of a source (None: of all)."""
        schema = PROFILES.polars_schema
        if not DeltaTable.is_deltatable(str(self.path)):
            return pl.DataFrame(schema=schema)
        added = pl.DataFrame(DeltaTable(str(self.path)).get_add_actions(flatten=True))
        mine = added.filter(pl.col("partition.source") == source)
        files = [f"{self.path}/{path}" for path in mine["path"]]
        if not files:
            return pl.DataFrame(schema=schema)
        rows = (
            pl.scan_parquet(files, glob=False, hive_partitioning=False)
            .with_columns(source=pl.lit(source))
            .select(PROFILES.names)
            .collect()
            .cast(schema)
        )
        if limit is None:
            return rows
        newest = rows.select("version", "profiled_at").unique().sort("profiled_at").tail(limit)
        return rows.join(newest.select("version"), on="version", how="semi")

    def forget(self, source: str) -> None:
        """Remove all profiles of a source."""
        if DeltaTable.is_deltatable(str(self.path)):
            DeltaTable(str(self.path)).delete(f"source = '{source}'")

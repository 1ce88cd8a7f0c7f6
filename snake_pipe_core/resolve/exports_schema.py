"""The two shapes that names are collected in before they are closed.

Belongs here: columns of terminals and pointers; see `exports`. Does not: rows.
"""

from __future__ import annotations

import polars as pl

TERMINAL = {
    "owner": pl.Int64, "name": pl.String, "target_id": pl.Int64, "external": pl.String,
    "strength": pl.Int64, "rank": pl.UInt8,
}  # fmt: skip
POINTER = {
    "owner": pl.Int64, "name": pl.String, "to_owner": pl.Int64, "to_name": pl.String,
    "rank": pl.UInt8,
}  # fmt: skip

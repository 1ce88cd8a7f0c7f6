"""The ledger: one terminal outcome for every file, and the gate computed from it.

Belongs here: claims of two artifacts on one document, sums, the 99.9 % gate in integers. Does not:
finding or scanning files.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from snake_pipe_core.model.kinds import Outcome

GATE_NUMERATOR = 999
GATE_DENOMINATOR = 1000
_VALID = [outcome.value for outcome in Outcome if outcome.is_valid]
_LOSER = "document_conflict"


def claims(ledger: pl.DataFrame) -> pl.DataFrame:
    """Return `path, winner, is_equal` of every artifact that lost its document to another.

    Artifacts that scan accepted and that state one document path compete; the first path in sorted
    order wins, whatever order they were scanned in. `is_equal` tells whether the bytes are equal.
    An earlier loser still competes: its ledger row keeps `document_path` and `content_hash`.
    """
    accepted = pl.col("outcome").is_in(_VALID) | (
        (pl.col("outcome") == Outcome.SKIPPED.value) & pl.col("duplicate_of").is_not_null()
    )
    ranked = (
        ledger.filter(accepted & pl.col("document_path").is_not_null())
        .sort("path")
        .select(
            "path",
            winner=pl.col("path").first().over("document_path"),
            is_equal=pl.col("content_hash") == pl.col("content_hash").first().over("document_path"),
        )
    )
    return ranked.filter(pl.col("path") != pl.col("winner"))


def settle(ledger: pl.DataFrame, findings: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give losing claimants their outcome and count findings; return both tables anew.

    A loser with the winner's bytes is a `duplicate`, any other is `skipped` with the finding
    `DOCUMENT_CONFLICT`. Losers keep no other findings and no node counts, since none of their rows
    are kept.
    """
    losers = claims(ledger)
    lost = losers.select("path")
    conflicts = losers.filter(~pl.col("is_equal")).select(
        path="path",
        code=pl.lit("DOCUMENT_CONFLICT"),
        severity=pl.lit("warning"),
        pointer=pl.lit(""),
        message=pl.format(
            "The artifact describes the same document as {}, which comes first; only that one is "
            "loaded.",
            "winner",
        ),
        hint=pl.lit("Remove one of the two, or put them in sources of their own."),
        start_byte=pl.lit(None, dtype=pl.Int64),
        end_byte=pl.lit(None, dtype=pl.Int64),
    )
    if ledger.height:
        conflicts = conflicts.with_columns(source=pl.lit(ledger["source"][0]))
    else:
        conflicts = conflicts.with_columns(source=pl.lit(""))
    findings = pl.concat(
        [findings.join(lost, on="path", how="anti"), conflicts.select(findings.columns)]
    )
    counted = findings.group_by("path").agg(count=pl.len().cast(pl.Int64))
    is_lost = pl.col("winner").is_not_null()
    settled = (
        ledger.join(losers, on="path", how="left")
        .join(counted, on="path", how="left")
        .with_columns(
            outcome=pl.when(is_lost & pl.col("is_equal"))
            .then(pl.lit(Outcome.DUPLICATE.value))
            .when(is_lost)
            .then(pl.lit(Outcome.SKIPPED.value))
            .otherwise("outcome"),
            duplicate_of=pl.col("winner"),
            node_count=pl.when(is_lost).then(0).otherwise("node_count"),
            unknown_count=pl.when(is_lost).then(0).otherwise("unknown_count"),
            finding_count=pl.col("count").fill_null(0),
        )
        .select(ledger.columns)
    )
    return settled, findings


@dataclass(frozen=True)
class QualityGate:
    """The gate of one source: `valid` of `expected` artifacts (those that should be valid)."""

    valid: int
    expected: int

    @property
    def passed(self) -> bool:
        """Whether at least 99.9 % are valid; a source without any valid artifact fails."""
        return self.valid > 0 and (self.valid * GATE_DENOMINATOR >= self.expected * GATE_NUMERATOR)

    def __str__(self) -> str:
        """Return the figures as a sentence."""
        verdict = "passed" if self.passed else "failed"
        return (
            f"The quality gate {verdict}: {self.valid} of {self.expected} artifacts are valid "
            f"(at least {GATE_NUMERATOR}/{GATE_DENOMINATOR} must be)."
        )


def quality_gate(outcomes: dict[str, int]) -> QualityGate:
    """Compute the gate from counts per outcome.

    Artifacts that should be valid are those accepted and those quarantined. Files that are no AST
    JSON of a known dialect (`unsupported`) or were left out by policy (`skipped`) are not.
    """
    valid = sum(count for outcome, count in outcomes.items() if outcome in _VALID)
    return QualityGate(valid, valid + outcomes.get(Outcome.QUARANTINED.value, 0))


def check_ledger_adds_up(
    ledger: pl.DataFrame, documents: pl.DataFrame, nodes_per_document: pl.DataFrame
) -> list[str]:
    """Return sentences on every sum that does not hold; none means that the ledger adds up.

    `documents` needs `path, document_id, node_count`, `nodes_per_document` needs `document_id, len`.
    """
    problems = []
    twice = ledger.filter(pl.col("path").is_duplicated())["path"].unique()
    if len(twice):
        problems.append(f"{len(twice)} paths have more than one outcome, such as {twice[0]}.")
    unknown = set(ledger["outcome"].unique()) - {outcome.value for outcome in Outcome}
    if unknown:
        problems.append(f"There are outcomes that are none: {sorted(unknown)}.")
    loaded = ledger.filter(
        pl.col("outcome").is_in([Outcome.LOADED.value, Outcome.LOADED_WITH_WARNINGS.value])
    )
    without = loaded.join(documents, on="path", how="anti").height
    strays = documents.join(loaded, on="path", how="anti").height
    if without or strays:
        problems.append(
            f"{without} loaded artifacts have no document and {strays} documents no loaded artifact."
        )
    off = (
        loaded.select("path", expected="node_count")
        .join(documents.select("path", "document_id"), on="path")
        .join(nodes_per_document, on="document_id", how="left")
        .group_by("path", "expected", maintain_order=True)
        .agg(pl.col("len").fill_null(0).cast(pl.Int64).sum())
        .filter(pl.col("expected") != pl.col("len"))
    )
    if off.height:
        problems.append(
            f"{off.height} artifacts hold another number of nodes than the ledger says, such as "
            f"{off['path'][0]}."
        )
    return problems

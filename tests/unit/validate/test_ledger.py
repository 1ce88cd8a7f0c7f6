"""Outcomes, claims and the gate.

Belongs here: what the ledger's rules say. Does not: scanning.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snake_pipe_core.model.kinds import Outcome
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.validate import QualityGate, check_ledger_adds_up, quality_gate, settle

LEDGER = TABLES["artifacts"].polars_schema
FINDINGS = TABLES["findings"].polars_schema


def ledger(*rows: tuple[str, str | None, str, str]) -> pl.DataFrame:
    """Make ledger rows of (path, document_path, content_hash, outcome)."""
    return pl.DataFrame(
        [
            {
                "source": "s", "path": path, "document_path": document, "content_hash": content,
                "outcome": outcome, "node_count": 3, "unknown_count": 0, "finding_count": 0,
            }
            for path, document, content, outcome in rows
        ],
        schema=LEDGER,
    )  # fmt: skip


def finding(path: str, code: str = "KIND_UNKNOWN") -> pl.DataFrame:
    row = {"source": "s", "path": path, "code": code, "severity": "warning", "pointer": "",
           "message": "m", "hint": "h"}  # fmt: skip
    return pl.DataFrame([row], schema=FINDINGS)


NONE = pl.DataFrame(schema=FINDINGS)


def test_equal_bytes_for_one_document_are_a_duplicate_of_the_first_path() -> None:
    settled, findings = settle(
        ledger(("b", "x.py", "1", "loaded"), ("a", "x.py", "1", "loaded")), NONE
    )
    outcomes = {row["path"]: row for row in settled.to_dicts()}
    assert outcomes["a"]["outcome"] == "loaded"
    assert (outcomes["b"]["outcome"], outcomes["b"]["duplicate_of"]) == ("duplicate", "a")
    assert outcomes["b"]["node_count"] == 0
    assert findings.is_empty()


def test_equal_bytes_for_different_documents_are_both_loaded() -> None:
    rows = ledger(("a", "p/__init__.py", "1", "loaded"), ("b", "q/__init__.py", "1", "loaded"))
    settled, _ = settle(rows, NONE)
    assert settled["outcome"].to_list() == ["loaded", "loaded"]


def test_other_bytes_for_one_document_are_skipped_with_a_finding() -> None:
    rows = ledger(("a", "x.py", "1", "loaded"), ("b", "x.py", "2", "loaded_with_warnings"))
    settled, findings = settle(rows, finding("b"))
    assert settled.sort("path")["outcome"].to_list() == ["loaded", "skipped"]
    assert findings.select("path", "code").to_dicts() == [
        {"path": "b", "code": "DOCUMENT_CONFLICT"}
    ]
    assert settled.sort("path")["finding_count"].to_list() == [0, 1]


def test_a_rejected_artifact_claims_nothing() -> None:
    rows = ledger(("a", "x.py", "1", "quarantined"), ("b", "x.py", "2", "loaded"))
    settled, _ = settle(rows, NONE)
    assert settled.sort("path")["outcome"].to_list() == ["quarantined", "loaded"]


def test_settling_again_with_the_winner_gone_promotes_the_next() -> None:
    settled, findings = settle(
        ledger(("a", "x.py", "1", "loaded"), ("b", "x.py", "1", "loaded"),
               ("c", "x.py", "2", "loaded")), NONE,
    )  # fmt: skip
    rest = settled.filter(pl.col("path") != "a")
    again, _ = settle(rest, findings)
    assert again.sort("path").select("path", "duplicate_of").rows() == [("b", None), ("c", "b")]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("xyz"), st.sampled_from("12")),
                unique_by=lambda row: row[0]))  # fmt: skip
def test_every_document_has_exactly_one_owner(rows: list[tuple[int, str, str]]) -> None:
    made = ledger(*[(f"p{n}", document, content, "loaded") for n, document, content in rows])
    settled, _ = settle(made, NONE)
    owners = settled.filter(pl.col("outcome") == "loaded")["document_path"].to_list()
    assert sorted(owners) == sorted({document for _, document, _ in rows})
    assert settled.height == made.height


@pytest.mark.parametrize(
    ("valid", "expected", "passed"),
    [(999, 1000, True), (998, 999, False), (1998, 2000, True), (1997, 2000, False), (0, 0, False),
     (1, 1, True), (9_989_999, 10_000_000, False), (9_990_000, 10_000_000, True)],
)  # fmt: skip
def test_the_gate_counts_in_integers(valid: int, expected: int, *, passed: bool) -> None:
    assert QualityGate(valid, expected).passed is passed


def test_only_what_should_be_valid_counts_for_the_gate() -> None:
    outcomes = {"loaded": 5, "loaded_with_warnings": 2, "duplicate": 1, "quarantined": 1,
                "unsupported": 50, "skipped": 70}  # fmt: skip
    assert quality_gate(outcomes) == QualityGate(8, 9)
    assert set(outcomes) == {outcome.value for outcome in Outcome}


def test_sums_that_do_not_hold_are_told() -> None:
    rows = ledger(("a", "x.py", "1", "loaded"), ("b", "y.py", "2", "loaded"))
    documents = pl.DataFrame({"path": ["a"], "document_id": [7], "node_count": [3]})
    nodes = pl.DataFrame(
        {"document_id": [7], "len": [2]}, schema={"document_id": pl.Int64, "len": pl.UInt32}
    )
    problems = check_ledger_adds_up(rows, documents, nodes)
    assert [problem.split()[0] for problem in problems] == ["1", "1"]
    assert check_ledger_adds_up(
        rows.head(1), documents, nodes.with_columns(len=pl.lit(3, dtype=pl.UInt32))
    ) == []  # fmt: skip
    twice = check_ledger_adds_up(pl.concat([rows, rows.head(1)]), documents, nodes)
    assert "more than one outcome" in twice[0]

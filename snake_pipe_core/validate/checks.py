"""What must hold of the lake's tables, as rules that say what does not.

Belongs here: rules over whole tables of one source. Does not: who runs them or what follows.

A rule takes the lake and a source and returns sentences; none means that it holds.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from snake_pipe_core.lake import Lake
from snake_pipe_core.model.ids import package_id
from snake_pipe_core.model.kinds import EDGE_KINDS, RESOLUTIONS, UNRESOLVED_REASONS, Outcome
from snake_pipe_core.model.tables import SCAN_TABLES, TABLES
from snake_pipe_core.validate.ledger import check_ledger_adds_up

Rule = Callable[[Lake, str], list[str]]

_TOLD = ("code", "severity", "pointer", "message", "hint")
_TAKEN = [outcome.value for outcome in Outcome
          if outcome not in (Outcome.QUARANTINED, Outcome.UNSUPPORTED)]  # fmt: skip


def broken_rules(lake: Lake, source: str) -> list[str]:
    """Return what is wrong with a resolved source, by every rule of this module."""
    return [problem for rule in RULES for problem in rule(lake, source)]


def outcomes(lake: Lake, source: str) -> dict[str, int]:
    """Return how many files of the source have each outcome."""
    ledger = lake.scan("artifacts", source)
    return dict(ledger.group_by("outcome").len().sort("outcome").collect().iter_rows())


def kept_out(lake: Lake, source: str) -> pl.DataFrame:
    """Return what was kept out, a row a finding.

    Columns: `path, outcome, code, severity, pointer, message, hint`.
    Empty for a source that was never scanned.
    """
    if source not in lake.heads.sources():
        return pl.DataFrame(schema=dict.fromkeys(("path", "outcome", *_TOLD), pl.String))
    ledger = lake.scan("artifacts", source).filter(~pl.col("outcome").is_in(_TAKEN))
    findings = lake.scan("findings", source).filter(pl.col("severity") != "info")
    return (
        ledger.select("path", "outcome")
        .join(findings.select("path", *_TOLD), on="path", how="left")
        .sort("path", "code", "pointer")
        .collect()
    )


def ledger_adds_up(lake: Lake, source: str) -> list[str]:
    """Every file has one outcome, every loaded one a document with as many nodes as told."""
    nodes = lake.scan("nodes", source).group_by("document_id").len()
    return check_ledger_adds_up(
        lake.scan("artifacts", source).collect(),
        lake.scan("documents", source).select("path", "document_id", "node_count").collect(),
        nodes.collect(),
    )


def ids_unique(lake: Lake, source: str) -> list[str]:
    """No two rows of a table share what identifies them.

    Tables whose key names the row by content (`imports`, `exports`, `references`) may hold equal
    rows for equal code and are not checked.
    """
    problems = []
    for name in SCAN_TABLES:
        key = list(TABLES[name].key)
        if not {"symbol_id", "node", "document_id"} & set(key[-1:]):
            continue
        if name == "nodes" and _nodes_run_on(lake, source):
            continue
        twice = (
            lake.scan(name, source).group_by(key).len().filter(pl.col("len") > 1).limit(1).collect()
        )
        if twice.height:
            row = {column: twice[column][0] for column in key if column != "source"}
            problems.append(f"The table {name} has several rows for {row}.")
    return problems


def _nodes_run_on(lake: Lake, source: str) -> bool:
    """Whether each document's nodes lie together, numbered from 0: then no two are the same.

    Scan writes them so. This takes a sixth of the time of grouping them.
    """
    same = pl.col("document_id") == pl.col("document_id").shift()
    follows = same & (pl.col("node") == pl.col("node").shift() + 1)
    starts = pl.col("node") == 0
    found = (
        lake.scan("nodes", source)
        .select(
            whole=(follows.fill_null(value=False) | starts).all(),
            starts=starts.sum(),
            documents=pl.col("document_id").n_unique(),
        )
        .collect()
    )
    return bool(found["whole"][0]) and bool(found["starts"][0] == found["documents"][0])


def parents_exist(lake: Lake, source: str) -> list[str]:
    """Node indices run from 0 without gaps; every node but the first has a parent before it."""
    broken = (
        lake.scan("nodes", source)
        .group_by("document_id")
        .agg(
            gaps=pl.col("node").max() + 1 != pl.len(),
            roots=pl.col("parent").is_null().sum() != 1,
            after=(pl.col("parent") >= pl.col("node")).any(),
            negative=(pl.col("parent") < 0).any(),
        )
        .filter(pl.any_horizontal("gaps", "roots", "after", "negative"))
        .collect()
    )
    if broken.is_empty():
        return []
    example = broken["document_id"][0]
    return [f"{broken.height} documents lack nodes or parents of nodes, such as {example}."]


def endpoints_exist(lake: Lake, source: str) -> list[str]:
    """Both ends of every edge within the source are symbols, documents or packages."""
    documents = lake.scan("documents", source).select(
        "document_id", "language", "root", "package"
    ).collect()  # fmt: skip
    packages = documents.select("language", "root", "package").unique()
    ids = pl.concat(
        [
            lake.scan("symbols", source).select(id="symbol_id").collect(),
            documents.select(id="document_id"),
            pl.DataFrame(
                {"id": [package_id(*row) for row in packages.iter_rows()]}, schema={"id": pl.Int64}
            ),
        ]
    ).lazy()
    edges = lake.scan("edges", source).select("kind", "src_id", "dst_id", "dst_source")
    problems = []
    for end, rows in (("src", edges), ("dst", edges.filter(pl.col("dst_source") == source))):
        lost = rows.join(ids, left_on=f"{end}_id", right_on="id", how="anti").collect()
        if lost.height:
            problems.append(
                f"{lost.height} edges have no {end}, such as a {lost['kind'][0]} edge with "
                f"{lost[f'{end}_id'][0]}."
            )
    return problems


def edges_explained(lake: Lake, source: str) -> list[str]:
    """Every edge says how sure it is and why, and every unresolved reference why it is none."""
    edges = lake.scan("edges", source)
    fault = (
        ~pl.col("resolution").is_in(RESOLUTIONS)
        | ~pl.col("kind").is_in(EDGE_KINDS)
        | ~pl.col("confidence").is_between(0, 1, closed="right")
        | (pl.col("rule") == "")
        | (pl.col("occurrence_count") < 1)
    )
    unexplained = edges.filter(fault).collect()
    unreasoned = (
        lake.scan("unresolved", source)
        .filter(~pl.col("reason").is_in(UNRESOLVED_REASONS))
        .collect()
    )
    problems = []
    if unexplained.height:
        problems.append(f"{unexplained.height} edges lack a word or number of their evidence.")
    if unreasoned.height:
        problems.append(f"{unreasoned.height} unresolved references have no known reason.")
    return problems


RULES: tuple[Rule, ...] = (
    ledger_adds_up,
    ids_unique,
    parents_exist,
    endpoints_exist,
    edges_explained,
)
"""Every rule; a source that breaks one stays out of the backends."""

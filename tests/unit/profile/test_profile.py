"""Profiles against a plain count in Python, and anomalies in made-up histories.

Belongs here: figures, the quality score, comparing and keeping. Does not: printing (`tests/cli`).
"""

from __future__ import annotations

import datetime
import json
import shutil
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snake_pipe_core.model.tables import PROFILES
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.profile import Profile, Profiler, anomalies
from snake_pipe_core.profile.measure import GROUP, QUALITY_WEIGHTS, UNPLACED_KINDS
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.directory import DirectorySource

PROJECT = Path(__file__).resolve().parents[3]
EXAMPLES = PROJECT / "examples" / "asts"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five languages, one damaged and one foreign file."""
    root = tmp_path_factory.mktemp("mixed") / "in"
    for folder in sorted(EXAMPLES.iterdir()):
        shutil.copytree(folder, root / folder.name)
    return root


@pytest.fixture(scope="module")
def pipeline(mixed: Path) -> Pipeline:
    made = Pipeline(Settings(workspace=mixed.parent / "ws", files_per_shard=8))
    made.scan("mixed", DirectorySource(mixed))
    return made


def counted(pipeline: Pipeline) -> dict[tuple[str, str, str, str], float]:
    """Return what the profile must say of sizes, depths and kinds, counted one by one."""
    documents = {
        row["document_id"]: row for row in pipeline.lake.scan("documents", "mixed").collect().to_dicts()
    }  # fmt: skip
    ledger = pipeline.lake.scan("artifacts", "mixed").collect().to_dicts()
    depth: dict[int, int] = defaultdict(int)
    levels: dict[tuple[int, int], int] = {}
    kinds: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    nodes = pipeline.lake.scan("nodes", "mixed").sort("document_id", "node").collect()
    for row in nodes.iter_rows(named=True):
        document = row["document_id"]
        above = levels[document, row["parent"]] if row["parent"] is not None else 0
        levels[document, row["node"]] = above + 1
        depth[document] = max(depth[document], above + 1)
        kinds[documents[document]["language"], documents[document]["dialect"]][row["kind"]] += 1
    found: dict[tuple[str, str, str, str], float] = {}
    by_path = {row["path"]: depth[key] for key, row in documents.items()}
    for group in {(row["language"], row["dialect"]) for row in documents.values()}:
        sizes = [row["size_bytes"] for row in ledger if (row["language"], row["dialect"]) == group]
        depths = [by_path[r["path"]] for r in ledger
                  if (r["language"], r["dialect"]) == group and r["path"] in by_path]  # fmt: skip
        for measure, values in (("size_bytes", sizes), ("depth", depths)):
            found[*group, measure, "min"] = min(values)
            found[*group, measure, "max"] = max(values)
            found[*group, measure, "sum"] = sum(values)
        total = sum(kinds[group].values())
        for kind, count in kinds[group].items():
            found[*group, "kind_share", kind] = pytest.approx(count / total)  # type: ignore[assignment]
    return found


def told(profile: Profile) -> dict[tuple[str, str, str, str], float]:
    rows = profile.figures.select(*GROUP, "measure", "name", "value").iter_rows()
    return {
        (language, dialect, measure, name): value
        for language, dialect, measure, name, value in rows
    }


def test_figures_are_those_of_a_plain_count(pipeline: Pipeline) -> None:
    profile = pipeline.profile("mixed")
    figures = told(profile)
    wanted = counted(pipeline)
    assert len({key[:2] for key in wanted}) >= 5
    assert {key: figures[key] for key in wanted} == wanted
    ledger = pipeline.lake.scan("artifacts", "mixed").collect()
    assert figures["", "", "nodes", "sum"] == ledger["node_count"].sum()
    for outcome, count in ledger.group_by("outcome").len().iter_rows():
        assert figures["", "", "artifacts", outcome] == count
    bins = profile.figures.filter((pl.col("measure") == "size_bytes_histogram") & (pl.col("dialect") == "") & (pl.col("language") == ""))  # fmt: skip
    assert bins["value"].sum() == ledger.height


def test_the_quality_score_is_the_sum_of_its_shares(pipeline: Pipeline) -> None:
    figures = told(pipeline.profile("mixed"))
    shares = {name: figures["", "", "quality", name] for name in QUALITY_WEIGHTS}
    score = sum(weight * shares[name] for name, weight in QUALITY_WEIGHTS.items())
    assert figures["", "", "quality", "score"] == pytest.approx(score)
    assert sum(QUALITY_WEIGHTS.values()) == 100
    ledger = pipeline.lake.scan("artifacts", "mixed").collect()
    outcomes = Counter(ledger["outcome"])
    valid = outcomes["loaded"] + outcomes["loaded_with_warnings"] + outcomes["duplicate"]
    assert outcomes["quarantined"] == 1
    assert shares["valid_share"] == pytest.approx(valid / (valid + 1))
    nodes = pipeline.lake.scan("nodes", "mixed").collect()
    placeable = nodes.filter(~pl.col("kind").is_in(list(UNPLACED_KINDS)))
    assert shares["position_share"] == pytest.approx(
        placeable["start_line"].is_not_null().sum() / placeable.height
    )


def test_inspecting_and_profiling_the_lake_tell_the_same(pipeline: Pipeline, mixed: Path) -> None:
    inspected = pipeline.inspect(DirectorySource(mixed), profile="mixed")["profile"]
    kept = pipeline.profile("mixed")
    assert told(inspected) == told(kept)
    assert "profile" not in pipeline.inspect(DirectorySource(mixed))


def test_one_profile_of_a_version_is_kept(mixed: Path, tmp_path: Path) -> None:
    root = tmp_path / "in"
    shutil.copytree(mixed / "shop-python", root)
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    pipeline.scan("s", DirectorySource(root))
    first = pipeline.profile("s")
    assert pipeline.profile("s").version == first.version
    next(root.rglob("*.json")).unlink()
    pipeline.scan("s", DirectorySource(root))
    second = pipeline.profile("s")
    kept = pipeline.lake.profiles.last("s")
    assert kept.schema == PROFILES.polars_schema
    assert kept["version"].unique().sort().to_list() == sorted([first.version, second.version])
    assert kept.filter(pl.col("version") == first.version).drop("profiled_at").sort("measure", "name", "language").equals(
        first.rows.drop("profiled_at").sort("measure", "name", "language")
    )  # fmt: skip
    assert pipeline.lake.profiles.last("s", limit=1)["version"].unique().to_list() == [
        second.version
    ]
    assert pipeline.lake.profiles.last("another").is_empty()
    pipeline.lake.drop("s")
    assert pipeline.lake.profiles.last("s").is_empty()


def test_a_source_without_artifacts_has_a_profile(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    profile = pipeline.inspect(DirectorySource(tmp_path / "in"), profile="s")["profile"]
    assert profile.figures.is_empty()
    assert profile.to_dict()["groups"] == []


# ---- depth -----------------------------------------------------------------------------------


@given(st.lists(st.lists(st.integers(0, 10**6), max_size=60), min_size=1, max_size=4), st.randoms())
def test_depths_of_any_trees_in_any_order(choices: list[list[int]], random: Any) -> None:
    rows: list[tuple[int, int, int | None]] = []
    wanted = {}
    for document, picks in enumerate(choices):
        levels = [1]
        rows.append((document, 0, None))
        for node, pick in enumerate(picks, 1):
            parent = pick % node
            levels.append(levels[parent] + 1)
            rows.append((document, node, parent))
        wanted[f"{document}.json"] = float(max(levels))
    if random.random() < 0.5:
        random.shuffle(rows)
    nodes = pl.DataFrame(
        rows, orient="row", schema={"document_id": pl.Int64, "node": pl.Int32, "parent": pl.Int32}
    ).with_columns(kind=pl.lit("block"), native_kind=pl.lit("B"), start_line=pl.lit(1))
    documents = pl.DataFrame(
        {"document_id": range(len(choices)), "path": wanted.keys(), "language": "x", "dialect": "y"}
    )
    ledger = documents.select(
        "path", *GROUP, outcome=pl.lit("loaded"), size_bytes=1, node_count=1, unknown_count=0
    )
    profiler = Profiler()
    profiler.add(nodes, documents)
    findings = pl.DataFrame(schema={"path": pl.String, "code": pl.String})
    figures = told(profiler.profile("s", "v", ledger, findings))
    assert figures["x", "y", "depth", "max"] == max(wanted.values())
    assert figures["x", "y", "depth", "sum"] == sum(wanted.values())


# ---- anomalies -------------------------------------------------------------------------------


def profile_of(version: str, figures: dict[tuple[str, str, str, str], float]) -> Profile:
    rows = [(*key, value) for key, value in figures.items()]
    schema = {**dict.fromkeys((*GROUP, "measure", "name"), pl.String), "value": pl.Float64}
    when = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return Profile("s", version, when, pl.DataFrame(rows, schema=schema, orient="row"))


def history(*sizes: float, **more: float) -> pl.DataFrame:
    return pl.concat([usual(str(number), size, **more).rows for number, size in enumerate(sizes)])


def usual(version: str, size: float, **kinds: float) -> Profile:
    group = ("go", "asty")
    kinds = kinds or {"call": 0.5, "literal": 0.5}
    return profile_of(
        version,
        {
            (*group, "artifacts", "loaded"): 100.0,
            (*group, "size_bytes", "p50"): size,
            **{(*group, "kind_share", kind): share for kind, share in kinds.items()},
        },
    )


def what(found: pl.DataFrame) -> list[tuple[str, str, str]]:
    return found.select("what", "measure", "name").rows()


def test_nothing_is_unusual_beside_nothing_and_beside_itself() -> None:
    now = usual("now", 1000)
    assert anomalies(now, pl.DataFrame(schema=PROFILES.polars_schema)).is_empty()
    assert anomalies(now, now.rows).is_empty()
    assert anomalies(now, history(1000, 1100, 900)).is_empty()


def test_a_jump_is_told_with_the_median() -> None:
    found = anomalies(usual("now", 5000), history(1000, 1020, 980, 1010))
    assert what(found) == [("jump", "size_bytes", "p50")]
    row = found.row(0, named=True)
    sizes = [1000, 1020, 980, 1010]
    assert row["usual"] == statistics.median(sizes)
    spread = statistics.median(abs(size - row["usual"]) for size in sizes)
    assert row["spread"] == pytest.approx(max(1.4826 * spread, 0.05 * row["usual"]))
    assert row["deviation"] == pytest.approx((5000 - row["usual"]) / row["spread"])
    assert "5000" in row["message"]
    assert "1005" in row["message"]


def test_one_bad_profile_among_the_kept_moves_nothing() -> None:
    good = history(1000, 1020, 980, 1010, 990)
    spoilt = pl.concat([good, usual("bad", 10**9).rows])
    assert what(anomalies(usual("now", 1030), spoilt)) == []
    assert what(anomalies(usual("now", 3000), spoilt)) == [("jump", "size_bytes", "p50")]


def test_a_source_that_varies_may_vary() -> None:
    assert what(anomalies(usual("now", 3000), history(500, 1500, 2500, 3500, 1000))) == []


def test_new_and_vanished_kinds_are_told_once() -> None:
    found = anomalies(usual("now", 1000, call=0.499, unknown=0.001), history(1000, 1000, call=0.5, macro=0.002))  # fmt: skip
    assert what(found) == [("new", "kind_share", "unknown"), ("vanished", "kind_share", "macro")]


def test_a_new_dialect_is_one_anomaly_and_not_one_for_each_of_its_kinds() -> None:
    now = usual("now", 1000)
    other = {
        ("go", "goastgen", measure, name): 0.5
        for measure, name in (("artifacts", "loaded"), ("kind_share", "call"))
    }
    both = profile_of("both", {**told(now), **other})
    assert what(anomalies(both, history(1000, 1000))) == [("new", "dialect", "goastgen")]
    kept = pl.concat([both.rows, profile_of("b2", told(both)).rows])
    assert what(anomalies(now, kept)) == [("vanished", "dialect", "goastgen")]


def test_a_real_source_that_lost_a_language_and_grew_is_unusual(
    mixed: Path, tmp_path: Path
) -> None:
    root = tmp_path / "in"
    shutil.copytree(mixed, root)
    pipeline = Pipeline(Settings(workspace=tmp_path / "ws"))
    for number in range(3):
        (root / "shop-python" / f"{number}.py.json").write_text(
            json.dumps({"_type": "Module", "body": [], "type_ignores": []})
        )
        pipeline.scan("s", DirectorySource(root))
        kept = pipeline.lake.profiles.last("s")
        assert what(anomalies(pipeline.profile("s"), kept)) == []
    shutil.rmtree(root / "shop-go")
    for number in range(30):
        shutil.copytree(root / "shop-web-js", root / f"copy{number}" / "shop-web-js")
    pipeline.scan("s", DirectorySource(root))
    kept = pipeline.lake.profiles.last("s")
    found = what(anomalies(pipeline.profile("s"), kept))
    assert found[0][:2] == ("vanished", "dialect")
    assert any(measure == "artifacts" for _, measure, _ in found[1:])

"""What holds of the two tables whatever the program.

Belongs here: keys, order, determinism, accounting. Does not: which edge a construct makes.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from snake_pipe_core.errors import SnakePipeError
from snake_pipe_core.model.ids import package_id
from snake_pipe_core.model.kinds import EDGE_KINDS, RESOLUTIONS, UNRESOLVED_REASONS
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.resolve import check_references_accounted, explain_tables, resolve_tables
from snake_pipe_core.resolve.edges import Outcomes
from snake_pipe_core.resolve.rules import RULES
from snake_pipe_core.resolve.tables import Tables
from tests.unit.resolve.programs import dump_python, resolve, resolve_python, scan
from tests.unit.resolve.test_python_classes import SHAPES


def frames(files: dict[str, str]) -> dict[str, pl.DataFrame]:
    return scan(dump_python(files), "python-ast")


def packages_of(documents: pl.DataFrame) -> set[int]:
    """Ids of the packages that are vertices: those that a document states."""
    return {package_id(*row) for row in documents.select("language", "root", "package").iter_rows()}


def test_packages_without_documents_are_no_ends_of_edges() -> None:
    program = resolve_python(
        {
            "space/part/deep/tool.py": "def f(): ...\n",
            "main.py": "import space.part\nimport space.part.deep.tool\nspace.part.deep.tool.f()\n",
        }
    )
    edges = program.resolved.edges
    known = set(program.names) | packages_of(program.tables["documents"])
    assert set(edges["src_id"]) | set(edges["dst_id"]) <= known
    assert program.edges("CALLS") == {("main/", "space/part/deep/tool/f().")}
    assert program.unresolved("missing") == {("import", "space.part")}


def test_an_empty_source_gives_empty_tables() -> None:
    edges, unresolved = resolve_tables(
        {name: frame.lazy() for name, frame in frames({}).items()}, "empty"
    )
    assert edges.columns == TABLES["edges"].names
    assert unresolved.columns == TABLES["unresolved"].names
    assert edges.is_empty()
    assert unresolved.is_empty()


def test_keys_are_unique_words_are_known_and_ends_exist() -> None:
    program = resolve_python(SHAPES)
    edges = program.resolved.edges
    assert edges.select(TABLES["edges"].key).is_unique().all()
    unresolved = program.resolved.unresolved
    assert unresolved.select(TABLES["unresolved"].key).is_unique().all()
    assert set(edges["kind"]) <= set(EDGE_KINDS)
    assert set(edges["resolution"]) <= set(RESOLUTIONS)
    assert set(edges["rule"]) <= {rule.name for rule in RULES}
    assert set(unresolved["reason"]) <= set(UNRESOLVED_REASONS)
    ends = set(edges["src_id"]) | set(edges["dst_id"])
    known = set(program.names)
    assert ends <= known | packages_of(program.tables["documents"])
    assert edges["confidence"].is_between(0, 1).all()


def test_the_check_sees_a_lost_reference() -> None:
    tables = {name: frame.lazy() for name, frame in frames(SHAPES).items()}
    outcomes = explain_tables(tables, "program").outcomes
    check_references_accounted(Tables.read(tables), outcomes)
    with pytest.raises(SnakePipeError, match="1 have no outcome"):
        check_references_accounted(
            Tables.read(tables),
            Outcomes(outcomes.references.filter(pl.col("row") != 0), outcomes.imports),
        )


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_of_rows_changes_nothing(random, parts: int) -> None:
    tables = frames(SHAPES)
    expected = resolve(tables).resolved
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=random.randrange(1 << 30))
        for name, frame in tables.items()
    }
    cut = {
        name: pl.concat([frame[start::parts] for start in range(parts)])
        for name, frame in shuffled.items()
    }
    found = resolve(cut).resolved
    assert_frame_equal(found.edges, expected.edges)
    assert_frame_equal(found.unresolved, expected.unresolved)


@settings(max_examples=10)
@given(st.permutations(["alpha", "beta", "gamma"]))
def test_names_of_files_do_not_matter(names: list[str]) -> None:
    """Renaming modules consistently renames the ends of edges and changes nothing else."""
    base, middle, main = names
    files = {
        f"{base}.py": SHAPES["base.py"],
        f"{middle}.py": SHAPES["round.py"].replace("base", base),
        f"{main}.py": SHAPES["main.py"].replace("from round", f"from {middle}"),
    }
    program = resolve_python(files)
    renamed = {f"{base}/": "base/", f"{middle}/": "round/", f"{main}/": "main/"}

    def original(name: str) -> str:
        head, slash, rest = name.partition("/")
        return renamed.get(head + slash, head + slash) + rest

    kinds = ("CALLS", "INHERITS", "IMPORTS", "INSTANTIATES", "READS", "HAS_TYPE", "DEPENDS_ON")
    found = {(original(a), original(b)) for a, b in program.edges(*kinds)}
    assert found == resolve_python(SHAPES).edges(*kinds)


def test_size_of_batches_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {name: frame.lazy() for name, frame in frames(SHAPES).items()}
    expected = resolve_tables(tables, "program")
    monkeypatch.setattr("snake_pipe_core.resolve.source.BATCH_REFERENCES", 3)
    edges, unresolved = resolve_tables(tables, "program")
    assert_frame_equal(edges, expected[0])
    assert_frame_equal(unresolved, expected[1])


def _produced(keys: dict[str, str], wanted: str) -> set[tuple[str, str, str, float]]:
    """Edges of calls of `f` in one file, when symbols have these keys and the call wants one."""
    tables = frames({"a.py": "def f(): ...\n", "b.py": "def f(): ...\n", "c.py": "box.f()\n"})
    symbol = pl.col("symbol")
    named = pl.lit(None, pl.String)
    for text, key in keys.items():
        named = pl.when(symbol.str.contains(text, literal=True)).then(pl.lit(key)).otherwise(named)
    tables["symbols"] = tables["symbols"].with_columns(producer_key=named)
    is_call = pl.col("role") == "call"
    tables["references"] = tables["references"].with_columns(
        target_key=pl.when(is_call).then(pl.lit(wanted))
    )
    edges, _ = resolve_tables({name: frame.lazy() for name, frame in tables.items()}, "made")
    calls = edges.filter(pl.col("kind") == "CALLS").join(
        tables["symbols"].select("symbol", dst_id="symbol_id"), on="dst_id"
    )
    return set(calls.select("symbol", "rule", "resolution", "confidence").iter_rows())


def test_what_the_producer_resolved_is_exact() -> None:
    found = _produced({"a/f": "7", "b/f": "8"}, "7")
    assert found == {("python . a/f().", "producer", "exact", 1.0)}


def test_keys_that_recur_or_disagree_with_the_name_are_not_believed() -> None:
    assert _produced({"a/f": "7", "b/f": "7"}, "7") == set()
    assert _produced({"a/": "7"}, "7") == {("python . a/f().", "producer", "exact", 1.0)}
    assert _produced({"b/": "9", "a/f": "8"}, "7") == set()

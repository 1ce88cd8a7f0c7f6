"""The graph's answers, compared with plain walks over the same edges."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snake_pipe_core.backends.base import Slice
from snake_pipe_core.backends.graph.base import (
    CYCLE_SCHEMA,
    NEIGHBOUR_SCHEMA,
    REACHED_SCHEMA,
    STEP_SCHEMA,
)
from snake_pipe_core.backends.graph.ladybug import LadybugBackend
from snake_pipe_core.errors import BackendError
from snake_pipe_core.model.ids import package_id
from tests.slices import as_slice, frame_of, make_slice

KINDS = ("CALLS", "INHERITS", "IMPORTS")
Edge = tuple[str, int, int]


def slice_of(edges: Sequence[Edge], *, vertices: int = 10, documents: int = 3) -> Slice:
    """Return symbols 0..vertices-1 spread over documents 1000.., two of them in one package."""
    document = [
        {
            "source": "s", "document_id": 1000 + number, "path": f"{number}.json",
            "document_path": f"{number}.py", "language": "python", "dialect": "python-ast",
            "root": ".", "package": f"p{number // 2}", "module": f"m{number}",
            "module_symbol_id": number, "position_encoding": "utf8", "node_count": 1,
            "symbol_count": 1, "content_hash": "",
        }
        for number in range(documents)
    ]  # fmt: skip
    symbol = [
        {
            "source": "s", "symbol_id": number, "symbol": f"python . m/{number}",
            "document_id": 1000 + number % documents, "node": number, "kind": "function",
            "name": f"f{number}", "qualified_name": f"m.f{number}", "visibility": "public",
            "flags": "", "subtree_hash": 0,
        }
        for number in range(vertices)
    ]  # fmt: skip
    rows = [
        {
            "source": "s", "kind": kind, "src_id": src, "dst_id": dst,
            "dst_source": "s" if dst < 2000 else "elsewhere", "resolution": "exact",
            "confidence": 1.0, "rule": "test", "document_id": 1000, "node": 0,
            "occurrence_count": 2,
        }
        for kind, src, dst in sorted(set(edges))
    ]  # fmt: skip
    return as_slice(
        "s",
        {
            "documents": frame_of("documents", document),
            "symbols": frame_of("symbols", symbol),
            "edges": frame_of("edges", rows),
        },
    )


def distances(edges: Sequence[Edge], start: int, *, backwards: bool, depth: int) -> dict[int, int]:
    """Walk breadth first: the answer that the graph must give."""
    following: dict[int, set[int]] = defaultdict(set)
    for _, src, dst in edges:
        following[dst if backwards else src].add(src if backwards else dst)
    found, queue = {start: 0}, deque([start])
    while queue:
        here = queue.popleft()
        if found[here] == depth:
            continue
        for there in following[here] - found.keys():
            found[there] = found[here] + 1
            queue.append(there)
    del found[start]
    return found


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[LadybugBackend]:
    with LadybugBackend(tmp_path) as backend:
        yield backend


def show(graph: LadybugBackend, slice_: Slice) -> None:
    graph.apply(slice_)
    assert graph.verify(slice_).ok
    graph.publish(slice_.source, slice_.version)


def column(frame: pl.DataFrame, name: str) -> list[Any]:
    return frame[name].to_list()


edge_lists = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 9), st.integers(0, 9)), max_size=40
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=edge_lists, start=st.integers(0, 9), depth=st.integers(1, 12))
def test_reach_equals_a_walk(
    graph: LadybugBackend, edges: list[Edge], start: int, depth: int
) -> None:
    show(graph, slice_of(edges))
    for query, backwards in ((graph.impact, True), (graph.dependencies, False)):
        found = query("s", start, depth=depth)
        wanted = distances(edges, start, backwards=backwards, depth=depth)
        assert dict(zip(column(found, "id"), column(found, "distance"), strict=True)) == wanted
        pairs = {(dst, src) if backwards else (src, dst) for _, src, dst in edges}
        for id_, distance, via in found.select("id", "distance", "via").iter_rows():
            chain = [start, *via, id_]
            assert len(chain) == distance + 1
            assert all(step in pairs for step in pairwise(chain))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=edge_lists, start=st.integers(0, 9), end=st.integers(0, 9))
def test_shortest_path_equals_a_walk(
    graph: LadybugBackend, edges: list[Edge], start: int, end: int
) -> None:
    show(graph, slice_of(edges))
    steps = graph.shortest_path("s", start, end)
    wanted = distances(edges, start, backwards=False, depth=30) | {start: 0}
    assert steps.schema == STEP_SCHEMA
    if end not in wanted:
        assert steps.is_empty()
        return
    chain = column(steps, "id")
    assert (chain[0], chain[-1], len(chain)) == (start, end, wanted[end] + 1)
    for src, dst, kind in zip(chain, chain[1:], column(steps, "edge")[1:], strict=False):
        assert (kind, src, dst) in edges


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=edge_lists)
def test_cycles_are_what_reaches_itself(graph: LadybugBackend, edges: list[Edge]) -> None:
    show(graph, slice_of(edges))
    found = graph.cycles("s", level="symbol", kinds=KINDS)
    assert found.schema == CYCLE_SCHEMA
    reach = {v: distances(edges, v, backwards=False, depth=99).keys() for v in range(10)}
    wanted = {
        (src, dst, kind) for kind, src, dst in edges if src != dst and src in reach[dst]
    }  # fmt: skip
    assert set(found.select("src_id", "dst_id", "kind").iter_rows()) == wanted
    for src, dst, cycle, size in found.select("src_id", "dst_id", "cycle", "size").iter_rows():
        members = {src} | {v for v in reach[src] if src in reach[v]}
        assert size == len(members)
        assert set(column(found.filter(cycle=cycle), "src_id")) == members
        assert dst in members


def test_cycles_by_module_and_package(graph: LadybugBackend) -> None:
    # Symbols 0 and 3 lie in document 1000, 1 and 4 in 1001 (same package), 2 in 1002 (another).
    show(graph, slice_of([("CALLS", 0, 1), ("CALLS", 1, 3), ("CALLS", 0, 2)]))
    modules = graph.cycles("s", kinds=["CALLS"])
    assert set(modules.select("src", "dst").iter_rows()) == {("0.py", "1.py"), ("1.py", "0.py")}
    assert column(modules, "size") == [2, 2]
    assert column(modules, "occurrence_count") == [2, 2]
    assert graph.cycles("s", level="symbol").is_empty()
    assert graph.cycles("s", level="package", kinds=["CALLS"]).is_empty()
    show(graph, slice_of([("CALLS", 0, 2), ("CALLS", 2, 4)]))
    packages = graph.cycles("s", level="package", kinds=["CALLS"])
    assert set(packages.select("src", "dst").iter_rows()) == {("p0", "p1"), ("p1", "p0")}


def test_an_edge_to_another_source_ends_in_a_stub(graph: LadybugBackend) -> None:
    slice_ = slice_of([("CALLS", 0, 5000), ("CALLS", 1, 0)])
    assert graph.apply(slice_)["externals"] == 1
    show(graph, slice_)
    assert column(graph.neighbours("s", 0, direction="out"), "id") == [5000]
    assert list(graph.rows("s", "externals")) == [{"source": "elsewhere", "id": 5000}]
    assert sorted(row["dst_id"] for row in graph.rows("s", "edges")) == [0, 5000]
    assert column(graph.impact("s", 5000), "id") == [0, 1]


def test_packages_are_vertices(graph: LadybugBackend) -> None:
    package = package_id("python", ".", "p0")
    show(graph, slice_of([("CONTAINS", package, 1000), ("DEFINES", 1000, 0)]))
    found = graph.neighbours("s", 1000)
    assert found.schema == NEIGHBOUR_SCHEMA
    assert set(found.select("direction", "edge", "id", "label").iter_rows()) == {
        ("in", "CONTAINS", package, "package"),
        ("out", "DEFINES", 0, "symbol"),
    }


def test_impact_names_what_it_found(graph: LadybugBackend) -> None:
    show(graph, slice_of([("CALLS", 1, 0), ("CALLS", 2, 1)]))
    found = graph.impact("s", 0)
    assert found.schema == REACHED_SCHEMA
    assert found.row(1, named=True) == {
        "id": 2, "label": "symbol", "symbol": "python . m/2", "kind": "function", "name": "f2",
        "path": "2.py", "distance": 2, "via": [1],
    }  # fmt: skip
    assert graph.impact("s", 0, kinds=["INHERITS"]).is_empty()
    assert graph.impact("s", 424242).is_empty()


def test_a_query_sees_the_version_published_when_it_begins(graph: LadybugBackend) -> None:
    show(graph, slice_of([("CALLS", 1, 0)]))
    assert column(graph.impact("s", 0), "id") == [1]
    show(graph, slice_of([("CALLS", 2, 0)]))
    assert column(graph.impact("s", 0), "id") == [2]


def test_what_cannot_be_asked_is_refused(graph: LadybugBackend) -> None:
    show(graph, slice_of([("CALLS", 1, 0)]))
    with pytest.raises(BackendError, match="No edge kind is called KNOWS"):
        graph.impact("s", 0, kinds=["KNOWS"])
    with pytest.raises(BackendError, match="depth of 0"):
        graph.impact("s", 0, depth=0)
    with pytest.raises(BackendError, match="no level 'planet'"):
        graph.cycles("s", level="planet")  # type: ignore[arg-type]
    with pytest.raises(BackendError, match="shows no source 'other'"):
        graph.impact("other", 0)
    with pytest.raises(BackendError, match="no collection 'users'"):
        list(graph.rows("s", "users"))


def test_an_edge_kind_that_could_be_code_is_refused(graph: LadybugBackend) -> None:
    with pytest.raises(BackendError, match="cannot be the kind"):
        graph.apply(slice_of([("A(FROM x TO y); DROP", 0, 1)]))
    assert graph.published() == {}


def test_a_broken_version_is_written_again(graph: LadybugBackend, tmp_path: Path) -> None:
    slice_ = make_slice()
    counts = graph.apply(slice_)
    (tmp_path / slice_.source / slice_.version / "graph.lbug").write_bytes(b"broken")
    assert graph.apply(slice_) == counts
    assert graph.verify(slice_).ok


def test_the_driver_is_named_when_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from snake_pipe_core.errors import BackendUnavailableError

    monkeypatch.setitem(sys.modules, "ladybug", None)
    with pytest.raises(BackendUnavailableError, match="pip install ladybug"):
        LadybugBackend(tmp_path).__enter__()


@pytest.mark.parametrize("name", ["a b", "x[1]*?", 'it\'s "so"', "back\\slash", "{a,b}", "ünï"])
def test_any_directory_will_do(tmp_path: Path, name: str) -> None:
    with LadybugBackend(tmp_path / name) as backend:
        show(backend, make_slice())
        assert sum(1 for _ in backend.rows("alpha", "symbols")) > 0

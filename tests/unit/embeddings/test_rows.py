"""What is embedded, and that a row depends on its own document alone."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from snake_pipe_core.embeddings import rows as rows_module
from snake_pipe_core.embeddings.feature_hash import FeatureHash
from snake_pipe_core.embeddings.rows import embedding_frame, embedding_input
from snake_pipe_core.model.tables import TABLES
from tests.slices import EMBEDDINGS_SCHEMA, empty_slice, frame_of, make_slice, nasty_slice

PROJECT = Path(__file__).resolve().parents[3]
Frames = Mapping[str, pl.LazyFrame]
Tree = tuple[str, list[Any]]


def with_nodes(frames: Frames) -> dict[str, pl.LazyFrame]:
    """Add a tree to each document: its symbols' nodes with a call and a literal below each."""
    symbols = frames["symbols"].collect().sort("document_id", "node")
    rows = []
    for document in symbols["document_id"].unique(maintain_order=True):
        number = 0
        for kind in symbols.filter(document_id=document)["kind"]:
            for parent, name in ((0 if number else None, kind), (0, "call"), (1, "literal")):
                rows.append(
                    {
                        "source": "alpha", "document_id": document, "node": number,
                        "parent": None if parent is None else number - number % 3 + parent
                        if number % 3 else 0, "kind": name, "native_kind": name, "field": "",
                        "subtree_hash": 0,
                    }
                )  # fmt: skip
                number += 1
    nodes = frame_of("nodes", rows)
    position = pl.int_range(pl.len(), dtype=pl.Int32).over("document_id") * 3
    return {**frames, "symbols": symbols.with_columns(node=position).lazy(), "nodes": nodes.lazy()}


def vectors(frames: Frames) -> dict[int, NDArray[np.float32]]:
    frame = embedding_frame(frames, FeatureHash())
    return dict(zip(frame["id"], frame["vector"].to_numpy(), strict=True))


def features_of(frames: Frames, id_: int) -> dict[str, float]:
    """Return the counted features of one row, by name."""
    rows, batch = embedding_input(frames)
    row = rows["id"].to_list().index(id_)
    return {
        batch.vocabulary[feature]: weight
        for feature, weight in batch.features.filter(row=row)
        .select("feature", "weight")
        .iter_rows()
    }


def one_module(**columns: list[Any]) -> dict[str, pl.LazyFrame]:
    """Return a module (symbol 1) that holds `f` (2), which holds `inner` (3) and variable `v` (4)."""
    told: dict[str, list[Any]] = {
        "symbol_id": [1, 2, 3, 4], "node": [0, 1, 3, 5], "container_id": [None, 1, 2, 2],
        "kind": ["module", "function", "function", "variable"], "name": ["mod", "f", "inner", "v"],
        "qualified_name": ["mod", "mod.f", "mod.f.inner", "mod.f.v"],
    }  # fmt: skip
    symbols = {**told, **columns}
    filled = [
        {
            "source": "s", "symbol": "", "document_id": 9, "visibility": "public", "flags": "",
            "subtree_hash": 0,
        }
        | {name: values[number] for name, values in symbols.items()}
        for number in range(4)
    ]  # fmt: skip
    document = {
        "source": "s", "document_id": 9, "path": "mod.json", "document_path": "mod.py",
        "language": "python", "dialect": "d", "root": ".", "package": "", "module": "mod",
        "module_symbol_id": 1, "position_encoding": "utf8", "node_count": 6, "symbol_count": 4,
        "content_hash": "",
    }  # fmt: skip
    reference = {
        "source": "s", "document_id": 9, "scope_id": 0, "role": "call", "binding": "unbound",
        "binding_name": "", "member_path": "",
    }  # fmt: skip
    references = [
        reference | {"node": 2, "symbol_id": 2, "name": "readLine"},
        reference | {"node": 4, "symbol_id": 3, "name": "close"},
        reference | {"node": 5, "symbol_id": 4, "name": "openFile"},
        reference | {"node": 6, "symbol_id": 4, "name": "openFile"},
        reference | {"node": 7, "symbol_id": 1, "name": "main"},
    ]
    node = {"source": "s", "document_id": 9, "native_kind": "", "field": "", "subtree_hash": 0}
    nodes = [
        node | {"node": number, "parent": parent, "kind": kind}
        for number, (parent, kind) in enumerate(
            [
                (None, "module"), (0, "function"), (1, "call"), (1, "function"), (3, "call"),
                (1, "variable"), (0, "call"),
            ]
        )
    ]  # fmt: skip
    return {
        "symbols": frame_of("symbols", filled).lazy(),
        "documents": frame_of("documents", [document]).lazy(),
        "references": frame_of("references", references).lazy(),
        "nodes": frame_of("nodes", nodes).lazy(),
    }


def test_one_row_per_callable_type_and_document() -> None:
    slice_ = make_slice()
    frame = embedding_frame(slice_.frames, FeatureHash())
    symbols = slice_.frames["symbols"].filter(pl.col("kind") != "module").collect()
    documents = slice_.frames["documents"].collect()
    assert set(frame["id"]) == {*symbols["symbol_id"], *documents["document_id"]}
    assert frame["id"].is_unique().all()
    assert dict(frame.schema) == dict(EMBEDDINGS_SCHEMA) | {"language": pl.String}
    assert frame.null_count().sum_horizontal().item() == 0
    document = frame.filter(id=documents["document_id"][0]).row(0, named=True)
    assert document["kind"] == "document"
    assert document["path"] == documents["document_path"][0]


def test_features_of_a_row() -> None:
    assert features_of(one_module(), 2) == {
        "word:function": 1, "word:mod": 1, "word:f": 4, "word:inner": 1, "word:v": 1,
        "word:read": 1, "word:line": 1, "word:open": 2, "word:file": 2,
        "kinds:function>call": 1, "kinds:function>function": 1, "kinds:function>variable": 1,
    }  # fmt: skip
    assert features_of(one_module(), 3) == {
        "word:function": 1, "word:mod": 1, "word:f": 1, "word:inner": 4, "word:close": 1,
        "kinds:function>call": 1,
    }  # fmt: skip
    assert features_of(one_module(), 9) == {
        "word:document": 1, "word:mod": 4, "word:f": 1, "word:main": 1,
        "kinds:module>function": 1, "kinds:module>call": 1,
    }  # fmt: skip


def test_signature_and_documentation_count() -> None:
    frames = one_module(
        signature=[None, "(userName)", None, None], docstring=["Tools.", "The parser.", None, None]
    )
    assert {"word:user", "word:name", "word:parser"} <= features_of(frames, 2).keys()
    assert "word:the" not in features_of(frames, 2)
    assert "word:tools" in features_of(frames, 9)
    rows, _ = embedding_input(frames)
    assert rows.filter(id=2)["text"].item() == "function mod.f(userName)\nThe parser."


def test_a_row_depends_on_its_own_document_alone() -> None:
    frames = with_nodes(make_slice().frames)
    whole = vectors(frames)
    document = frames["documents"].collect()["document_id"][3]
    alone = vectors({n: f.filter(pl.col("document_id") == document) for n, f in frames.items()
                     if "document_id" in TABLES.get(n, TABLES["artifacts"]).names})  # fmt: skip
    assert 1 < len(alone) < len(whole)
    for id_, vector in alone.items():
        assert np.array_equal(vector, whole[id_])


def test_portions_of_nodes_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = with_nodes(make_slice().frames)
    whole = vectors(frames)
    monkeypatch.setattr(rows_module, "NODES_AT_ONCE", 7)
    portions = vectors(frames)
    assert all(np.array_equal(whole[id_], portions[id_]) for id_ in whole)


def test_the_order_of_tables_does_not_matter() -> None:
    frames = with_nodes(make_slice().frames)
    whole = vectors(frames)
    shuffled = {
        name: frame.collect().sample(fraction=1, shuffle=True, seed=4).lazy()
        for name, frame in frames.items()
    }
    mixed = vectors(shuffled)
    assert whole.keys() == mixed.keys()
    assert all(np.array_equal(whole[id_], mixed[id_]) for id_ in whole)


def test_nodes_are_optional_but_count() -> None:
    frames = one_module()
    without = vectors({name: frame for name, frame in frames.items() if name != "nodes"})
    assert not np.array_equal(without[2], vectors(frames)[2])


@pytest.mark.parametrize("slice_", [empty_slice(), nasty_slice(long_text=5000)])
def test_empty_and_nasty_sources(slice_: Any) -> None:
    nodes = frame_of("nodes", []).lazy()
    frame = embedding_frame({**slice_.frames, "nodes": nodes}, FeatureHash())
    lengths = [np.linalg.norm(vector) for vector in frame["vector"].to_list()]
    assert lengths == pytest.approx([1.0] * frame.height, abs=1e-6)


def test_vectors_are_the_same_in_every_process() -> None:
    """The pinned digest must hold on every machine; change it only with the provider's version."""
    program = "import tests.unit.embeddings.test_rows as t; print(t.digest_of_vectors())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads, "PYTHONPATH": str(PROJECT)},
            cwd=PROJECT, capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed, threads in (("1", "1"), ("2", "4"))
    }  # fmt: skip
    assert seen == {"83a66a13b922231f"}


def digest_of_vectors() -> str:
    made = vectors(with_nodes(make_slice().frames))
    return hashlib.sha256(b"".join(made[id_].tobytes() for id_ in sorted(made))).hexdigest()[:16]


def test_likeness_follows_meaning() -> None:
    """A renamed copy is nearer than another use of the same words, and that than the unrelated."""
    names = ["read_config_file", "load_config_file", "write_config_file", "render_triangle_mesh"]
    used = [
        ["open", "path", "parse", "close", "settings"],
        ["open", "path", "parse", "close", "settings"],
        ["open", "path", "dump", "flush", "settings"],
        ["vertex", "shader", "draw", "buffer", "normal"],
    ]
    base = one_module()
    symbol = base["symbols"].collect().row(1, named=True)
    reference = base["references"].collect().row(0, named=True)
    symbols = [base["symbols"].collect().row(0, named=True)] + [
        symbol | {"symbol_id": 10 + n, "node": 10 * n + 1, "name": name, "qualified_name": name}
        for n, name in enumerate(names)
    ]
    references = [
        reference | {"symbol_id": 10 + n, "node": 100 * n + m, "name": name}
        for n, some in enumerate(used)
        for m, name in enumerate(some)
    ]
    made = vectors(
        {
            "documents": base["documents"],
            "symbols": frame_of("symbols", symbols).lazy(),
            "references": frame_of("references", references).lazy(),
        }
    )
    likeness = [float(made[10] @ made[10 + n]) for n in range(4)]
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[1] > 0.7
    assert likeness[3] < 0.4

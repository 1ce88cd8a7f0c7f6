"""Strongly connected components of an edge list.

Belongs here: the algorithm and its numbering. Does not: which edges count, or where they lie.

`rustworkx` computes them: maintained, two megabytes, only NumPy beneath it, and without recursion,
so a chain of a million calls cannot exhaust the stack. SciPy would do as well at twenty times the
size; networkx walks in Python.
"""

from __future__ import annotations

import numpy as np
import polars as pl


def cyclic_components(edges: pl.DataFrame) -> pl.DataFrame:
    """Return `id`, `cycle` and `size` of every vertex in a component of at least two.

    `edges` has `src_id` and `dst_id`. `cycle` numbers components from 1, largest first, equal
    sizes by their smallest id, so that the numbers are the same on every run.
    """
    import rustworkx

    ids = np.unique(np.concatenate([edges["src_id"].to_numpy(), edges["dst_id"].to_numpy()]))
    graph: rustworkx.PyDiGraph[None, None] = rustworkx.PyDiGraph(multigraph=True)
    graph.add_nodes_from([None] * len(ids))
    sources = np.searchsorted(ids, edges["src_id"].to_numpy())
    targets = np.searchsorted(ids, edges["dst_id"].to_numpy())
    graph.add_edges_from_no_data(list(zip(sources.tolist(), targets.tolist(), strict=True)))
    found = [sorted(c) for c in rustworkx.strongly_connected_components(graph) if len(c) > 1]
    found.sort(key=lambda component: (-len(component), component[0]))
    return pl.DataFrame(
        {
            "id": ids[[vertex for component in found for vertex in component]],
            "cycle": [n for n, component in enumerate(found, 1) for _ in component],
            "size": [len(component) for component in found for _ in component],
        },
        schema={"id": pl.Int64, "cycle": pl.Int64, "size": pl.Int64},
    )

"""Ladybug: the embedded graph, one database file per version.

Belongs here: how the tables become node and relationship tables of Ladybug, and the role's queries
in its Cypher. Does not: graph algorithms, or when to load.

Each edge kind is a relationship table of its own, because typed patterns (`-[:CALLS]->`) are what
people write, and they load and query as fast as one table with a kind column would (measured on
150,000 vertices and 393,000 edges: 1.1 s against 0.8 s; reverse reachability the same).

Workarounds, all measured with Ladybug 0.22.0: COPY reads Parquet files only, since copying the
same Python object twice kills the process; the buffer pool is always bounded, since it would take
80 % of the memory; no database is open for writing twice in one process, since the library does
not notice.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import polars as pl

from snake_pipe_core.backends.base import Capabilities, Health, Slice, Verification
from snake_pipe_core.backends.digests import sample, set_digest
from snake_pipe_core.backends.graph.base import (
    DEPENDENCY_KINDS,
    NEIGHBOUR_SCHEMA,
    REACHED_SCHEMA,
    STEP_SCHEMA,
    Direction,
    GraphBackend,
    check_edge_kinds,
)
from snake_pipe_core.backends.versions import VersionDirectories, write_atomically
from snake_pipe_core.errors import BackendError, BackendUnavailableError
from snake_pipe_core.model.ids import content_hash, package_id
from snake_pipe_core.model.kinds import EDGE_KINDS

if TYPE_CHECKING:
    import ladybug

    from snake_pipe_core.settings import Settings

LAYOUT = 1
"""Raise when vertices, edges or their properties change: versions written before are rebuilt."""
DATABASE = "graph.lbug"
BUFFER_POOL_BYTES = 512 << 20

VERTICES: dict[str, dict[str, str]] = {
    "symbol": {
        "id": "INT64", "source": "STRING", "symbol": "STRING", "kind": "STRING", "name": "STRING",
        "qualified_name": "STRING", "visibility": "STRING", "path": "STRING",
        "document_id": "INT64", "start_line": "INT32", "cyclomatic_complexity": "INT32",
        "line_count": "INT32", "external": "BOOL",
    },
    "document": {
        "id": "INT64", "source": "STRING", "path": "STRING", "name": "STRING",
        "language": "STRING", "package_id": "INT64", "line_count": "INT32", "external": "BOOL",
    },
    "package": {
        "id": "INT64", "source": "STRING", "name": "STRING", "language": "STRING",
        "root": "STRING", "external": "BOOL",
    },
}  # fmt: skip
"""Properties of each vertex label. `external` marks a stub for what another source holds."""
EDGE_PROPERTIES: dict[str, str] = {
    "dst_source": "STRING", "resolution": "STRING", "confidence": "DOUBLE", "rule": "STRING",
    "document_id": "INT64", "node": "INT32", "occurrence_count": "INT32",
}  # fmt: skip
ROWS: dict[str, str] = {
    "symbols": "MATCH (v:symbol) WHERE NOT v.external RETURN v.source AS source, "
    "v.id AS symbol_id, v.symbol AS symbol, v.kind AS kind, v.name AS name, "
    "v.qualified_name AS qualified_name, v.visibility AS visibility, "
    "v.document_id AS document_id, v.start_line AS start_line, "
    "v.cyclomatic_complexity AS cyclomatic_complexity, v.line_count AS line_count",
    "documents": "MATCH (v:document) RETURN v.source AS source, v.id AS document_id, "
    "v.path AS document_path, v.name AS module, v.language AS language, "
    "v.line_count AS line_count",
    "packages": "MATCH (v:package) RETURN v.source AS source, v.id AS package_id, "
    "v.name AS package, v.language AS language, v.root AS root",
    "externals": "MATCH (v:symbol) WHERE v.external RETURN v.source AS source, v.id AS id",
}
"""Queries behind `rows`, one per collection of vertices; the fifth collection is `edges`."""
VERTEX_LIST: dict[str, str] = {
    "symbol": "MATCH (v:symbol) OPTIONAL MATCH (d:document {id: v.document_id}) "
    "RETURN v.id AS id, 'symbol' AS label, v.symbol AS text, "
    "v.document_id AS document_id, d.package_id AS package_id",
    "document": "MATCH (v:document) RETURN v.id AS id, 'document' AS label, v.path AS text, "
    "v.id AS document_id, v.package_id AS package_id",
    "package": "MATCH (v:package) RETURN v.id AS id, 'package' AS label, v.name AS text, "
    "CAST(NULL AS INT64) AS document_id, v.id AS package_id",
}
"""Queries behind `vertex_list`, one per label."""
_TABLE_NAME = re.compile(r"[A-Z][A-Z_]{0,63}")
# One database open for writing per process, whatever the store: see the module's docstring.
_WRITING = threading.Lock()


class LadybugBackend(GraphBackend):
    """The graph in files below `root`; needs no server."""

    name = "ladybug"
    capabilities = Capabilities(
        role="graph",
        transactional=False,
        concurrent_writers=False,
        embedded=True,
        tables=("symbols", "documents", "edges"),
    )

    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        """Take the store's directory; nothing is opened or made yet."""
        self._versions = VersionDirectories(root)
        self._threads = settings.worker_count if settings else 0
        self._readers: dict[str, tuple[str, ladybug.Database]] = {}
        self._reading = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return the backend whose directory the settings name."""
        return cls(settings.store(cls.name), settings)

    def __enter__(self) -> Self:
        """Load the library; raise `BackendUnavailableError` where it is not installed."""
        try:
            import ladybug  # noqa: F401
        except ImportError as error:
            raise BackendUnavailableError(
                f"The graph library cannot be loaded: {error}.",
                remedy="Install it: pip install ladybug==0.22.0",
                state="Nothing was changed.",
            ) from error
        return self

    def __exit__(self, *exc: object) -> None:
        """Close every database that a query opened."""
        with self._reading:
            for _, database in self._readers.values():
                database.close()
            self._readers.clear()

    def health(self) -> Health:
        """Say whether the library answers a query."""
        import ladybug

        try:
            with ladybug.Database(":memory:", buffer_pool_size=32 << 20) as database:
                ladybug.Connection(database, num_threads=1).execute("RETURN 1")
        except RuntimeError as error:
            return Health(False, f"The graph library fails: {error}", str(ladybug.__version__))
        return Health(True, f"Graph files in {self._versions.root}", str(ladybug.__version__))

    # ---- loading

    def apply(self, slice_: Slice) -> Mapping[str, int]:
        """Write the version's database file, unless a whole one is there already."""
        with self._versions.lock(), _WRITING:
            counts = self._sealed_counts(slice_)
            if counts is None:
                directory = self._versions.begin(slice_.source, slice_.version)
                counts, kinds = self._write(directory, slice_)
                manifest = {"layout": LAYOUT, "counts": counts, "kinds": kinds}
                write_atomically(directory / "manifest.json", json.dumps(manifest).encode())
                self._versions.seal(slice_.source, slice_.version)
            return counts

    def _sealed_counts(self, slice_: Slice) -> dict[str, int] | None:
        """Return the counts of a sealed version that still holds what it was sealed with."""
        directory = self._versions.path(slice_.source, slice_.version)
        try:
            manifest = _manifest(directory)
            if manifest["layout"] != LAYOUT:
                return None
            with self._opened(directory) as connection:
                held = _counts(connection, manifest["kinds"])
        except (FileNotFoundError, RuntimeError, ValueError, KeyError):
            return None
        return held if held == manifest["counts"] else None

    def _write(self, directory: Path, slice_: Slice) -> tuple[dict[str, int], list[str]]:
        import ladybug

        vertices = _vertex_frames(slice_)
        edges = slice_.frames["edges"].select("src_id", "dst_id", "kind", *EDGE_PROPERTIES)
        edges_ = edges.collect()
        label_type = pl.Enum(list(VERTICES))
        labels = pl.concat(
            vertices[label].select("id", label=pl.lit(label, label_type)) for label in VERTICES
        ).unique("id", keep="first")
        stubs = _stubs(edges_, labels, slice_.source)
        vertices["symbol"] = pl.concat([vertices["symbol"], stubs], how="diagonal")
        labels = pl.concat([labels, stubs.select("id", label=pl.lit("symbol", label_type))])
        with (
            _staging(directory) as staging,
            # Nothing reads it before the one checkpoint below, and a killed one is thrown away.
            ladybug.Database(
                directory / DATABASE, buffer_pool_size=BUFFER_POOL_BYTES, auto_checkpoint=False
            ) as database,
        ):
            connection = ladybug.Connection(database, num_threads=self._threads)
            for label, properties in VERTICES.items():
                columns = ", ".join(f"{name} {type_}" for name, type_ in properties.items())
                connection.execute(f"CREATE NODE TABLE {label}({columns}, PRIMARY KEY(id))")
                _copy(connection, label, vertices[label].select(list(properties)), staging)
            kinds = _copy_edges(connection, edges_, labels, staging)
            connection.execute("CHECKPOINT")
            counts = _counts(connection, kinds)
            connection.close()
        sent = sum(frame.height for frame in vertices.values()) + edges_.height
        if sum(counts.values()) != sent:
            raise BackendError(
                f"The graph of {slice_.source} holds {sum(counts.values())} vertices and edges "
                f"after {sent} were copied.",
                remedy="Check the disk for free space, then run again.",
                state="What was published before stays visible.",
            )
        return counts, kinds

    def verify(self, slice_: Slice) -> Verification:
        """Count again in the sealed file and look up sampled vertices and edges."""
        directory = self._versions.path(slice_.source, slice_.version)
        try:
            kinds = _manifest(directory)["kinds"]
        except FileNotFoundError as error:
            raise BackendError(
                f"Version {slice_.version} of {slice_.source} is not in the graph.",
                remedy="Apply it before verifying.",
                state="What was published before stays visible.",
            ) from error
        missing: list[int] = []
        with self._opened(directory) as connection:
            counts = _counts(connection, kinds)
            for table, column, label in (
                ("symbols", "symbol_id", "symbol"),
                ("documents", "document_id", "document"),
            ):
                wanted = sample(slice_.frames[table], column)[column].to_list()
                held = connection.execute(
                    f"MATCH (v:{label}) WHERE list_contains($ids, v.id) RETURN v.id AS id",
                    {"ids": wanted},
                )
                missing += sorted(set(wanted) - set(_one(held).get_as_pl()["id"]))
            for kind, src, dst in sample(
                slice_.frames["edges"].with_columns(pl.col("kind").cast(pl.String)),
                "kind",
                "src_id",
                "dst_id",
            ).iter_rows():
                found = connection.execute(
                    f"MATCH (a {{id: $src}})-[e:{kind}]->(b {{id: $dst}}) RETURN count(*)",
                    {"src": src, "dst": dst},
                )
                if _number(found) != 1:
                    missing.append(src)
            digests = {}
            for collection, query in ROWS.items():
                ids = connection.execute(re.sub(r"RETURN .*", "RETURN v.id AS id", query))
                digests[collection] = set_digest(_one(ids).get_as_pl()["id"])
            for kind in kinds:
                ends = connection.execute(f"MATCH (a)-[e:{kind}]->(b) RETURN a.id AS a, b.id AS b")
                digests[kind] = set_digest(*_one(ends).get_as_pl())
        digest = content_hash(json.dumps(digests, sort_keys=True).encode())
        return Verification(counts, digest, tuple(missing))

    def publish(self, source: str, version: str) -> str:
        """Point readers at a sealed version; return its database file."""
        directory = self._versions.path(source, version)
        if not (directory / "manifest.json").exists():
            raise BackendError(
                f"Version {version} of {source} is not in the graph, so it cannot be published.",
                remedy="Apply it first.",
                state="What was published before stays visible.",
            )
        with self._versions.lock():
            self._versions.publish(source, version)
        return str(directory / DATABASE)

    def published(self) -> Mapping[str, str]:
        """Return the visible version of each source."""
        return self._versions.published()

    def drop(self, source: str) -> None:
        """Remove a source and all its versions."""
        with self._reading:
            if opened := self._readers.pop(source, None):
                opened[1].close()
        with self._versions.lock():
            self._versions.withdraw(source)

    def collect(self, keep: int = 2) -> None:
        """Remove unpublished remains and old versions; open readers keep what they read."""
        with self._versions.lock():
            self._versions.collect(keep)

    def rows(self, source: str, collection: str) -> Iterator[Mapping[str, Any]]:
        """Yield published rows of `symbols`, `documents`, `packages`, `externals` or `edges`."""
        if collection in ROWS:
            queries = [ROWS[collection]]
        elif collection == "edges":
            properties = ", ".join(f"e.{name} AS {name}" for name in EDGE_PROPERTIES)
            queries = [
                f"MATCH (a)-[e:{kind}]->(b) RETURN '{source}' AS source, '{kind}' AS kind, "
                f"a.id AS src_id, b.id AS dst_id, {properties}"
                for kind in (self._kinds(source) if source in self.published() else ())
            ]
        else:
            raise BackendError(
                f"The graph has no collection {collection!r}.",
                remedy=f"Choose from {', '.join([*ROWS, 'edges'])}.",
                state="Nothing was read.",
            )
        if source not in self.published():
            return
        with self._connection(source) as connection:
            for query in queries:
                result = _one(connection.execute(query))
                names = result.get_column_names()
                while result.has_next():
                    yield dict(zip(names, cast(list[Any], result.get_next()), strict=True))

    # ---- queries

    def impact(
        self,
        source: str,
        vertex_id: int,
        *,
        depth: int = 5,
        kinds: Sequence[str] = DEPENDENCY_KINDS,
    ) -> pl.DataFrame:
        """Return what reaches the vertex; see `GraphBackend.impact`."""
        return self._reached(source, vertex_id, depth, kinds, "<-[e:{kinds}* SHORTEST 1..{depth}]-")

    def dependencies(
        self,
        source: str,
        vertex_id: int,
        *,
        depth: int = 5,
        kinds: Sequence[str] = DEPENDENCY_KINDS,
    ) -> pl.DataFrame:
        """Return what the vertex reaches; see `GraphBackend.dependencies`."""
        return self._reached(source, vertex_id, depth, kinds, "-[e:{kinds}* SHORTEST 1..{depth}]->")

    def neighbours(
        self,
        source: str,
        vertex_id: int,
        *,
        direction: Direction = "both",
        kinds: Sequence[str] = EDGE_KINDS,
    ) -> pl.DataFrame:
        """Return the edges at a vertex; see `GraphBackend.neighbours`."""
        asked = "|".join(self._existing(source, kinds))
        frames = [pl.DataFrame(schema=NEIGHBOUR_SCHEMA)]
        for word, pattern in (("out", f"-[e:{asked}]->"), ("in", f"<-[e:{asked}]-")):
            if not asked or direction not in (word, "both"):
                continue
            query = (
                f"MATCH (a {{id: $id}}){pattern}(b) RETURN {_VERTEX}, '{word}' AS direction, "
                "label(e) AS edge, e.resolution AS resolution, e.confidence AS confidence, "
                "e.rule AS rule, e.occurrence_count AS occurrence_count"
            )
            frames.append(self._frame(source, query, {"id": vertex_id}, NEIGHBOUR_SCHEMA))
        return pl.concat(frames).sort("direction", "edge", "id")

    def shortest_path(
        self,
        source: str,
        from_id: int,
        to_id: int,
        *,
        depth: int = 30,
        kinds: Sequence[str] = DEPENDENCY_KINDS,
    ) -> pl.DataFrame:
        """Return one shortest chain of edges; see `GraphBackend.shortest_path`."""
        asked = "|".join(self._existing(source, kinds))
        with self._connection(source) as connection:
            if from_id == to_id:
                ids, edges = [from_id], [None]
            elif not asked:
                return pl.DataFrame(schema=STEP_SCHEMA)
            else:
                found = _one(
                    connection.execute(
                        f"MATCH (a {{id: $a}})-[e:{asked}* SHORTEST 1..{_depth(depth)}]->"
                        "(b {id: $b}) RETURN properties(nodes(e), 'id'), "
                        "list_transform(rels(e), r -> label(r)) LIMIT 1",
                        {"a": from_id, "b": to_id},
                    )
                ).get_all()
                if not found:
                    return pl.DataFrame(schema=STEP_SCHEMA)
                row = cast(list[list[Any]], found[0])
                ids, edges = [from_id, *row[0], to_id], [None, *row[1]]
        query = f"MATCH (b) WHERE list_contains($ids, b.id) RETURN {_VERTEX}"
        schema = pl.Schema({n: t for n, t in STEP_SCHEMA.items() if n not in ("step", "edge")})
        vertices = self._frame(source, query, {"ids": ids}, schema)
        steps = pl.DataFrame(
            {"step": range(len(ids)), "id": ids, "edge": edges},
            schema={name: STEP_SCHEMA[name] for name in ("step", "id", "edge")},
        )
        return steps.join(vertices, on="id").select(list(STEP_SCHEMA)).sort("step")

    def edge_list(self, source: str, *, kinds: Sequence[str] = EDGE_KINDS) -> pl.DataFrame:
        """Return all published edges of these kinds; see `GraphBackend.edge_list`."""
        schema = pl.Schema(
            {
                "src_id": pl.Int64,
                "dst_id": pl.Int64,
                "kind": pl.String,
                "occurrence_count": pl.Int32,
            }
        )
        frames = [pl.DataFrame(schema=schema)]
        for kind in self._existing(source, kinds):
            query = (
                f"MATCH (a)-[e:{kind}]->(b) RETURN a.id AS src_id, b.id AS dst_id, "
                f"'{kind}' AS kind, e.occurrence_count AS occurrence_count"
            )
            frames.append(self._frame(source, query, {}, schema))
        return pl.concat(frames)

    def vertex_list(self, source: str) -> pl.DataFrame:
        """Return all published vertices; see `GraphBackend.vertex_list`."""
        schema = pl.Schema(
            {
                "id": pl.Int64, "label": pl.String, "text": pl.String,
                "document_id": pl.Int64, "package_id": pl.Int64,
            }
        )  # fmt: skip
        queries = VERTEX_LIST.values()
        return pl.concat([self._frame(source, query, {}, schema) for query in queries])

    def _reached(
        self, source: str, vertex_id: int, depth: int, kinds: Sequence[str], pattern: str
    ) -> pl.DataFrame:
        _depth(depth)
        asked = "|".join(self._existing(source, kinds))
        if not asked:
            return pl.DataFrame(schema=REACHED_SCHEMA)
        query = (
            f"MATCH (a {{id: $id}}){pattern.format(kinds=asked, depth=depth)}(b) "
            f"WHERE b.id <> $id RETURN {_VERTEX}, length(e) AS distance, "
            "properties(nodes(e), 'id') AS via"
        )
        return self._frame(source, query, {"id": vertex_id}, REACHED_SCHEMA).sort("distance", "id")

    def _frame(
        self, source: str, query: str, parameters: dict[str, Any], schema: pl.Schema
    ) -> pl.DataFrame:
        with self._connection(source) as connection:
            found = _one(connection.execute(query, parameters)).get_as_pl()
        return found.select(pl.col(name).cast(dtype) for name, dtype in schema.items())

    def _visible(self, source: str) -> str:
        """Return the published version of a source; raise `BackendError` if there is none."""
        published = self.published()
        if source not in published:
            raise BackendError(
                f"The graph shows no source {source!r}.",
                remedy="Run the pipeline over it, or choose from "
                f"{', '.join(sorted(published)) or 'none yet'}.",
                state="Nothing was read.",
            )
        return published[source]

    def _kinds(self, source: str) -> list[str]:
        kinds: list[str] = _manifest(self._versions.path(source, self._visible(source)))["kinds"]
        return kinds

    def _existing(self, source: str, kinds: Sequence[str]) -> list[str]:
        """Return those of `kinds` that the published version has a table for."""
        asked, present = check_edge_kinds(kinds), set(self._kinds(source))
        return [kind for kind in asked if kind in present]

    @contextmanager
    def _opened(self, directory: Path) -> Iterator[ladybug.Connection]:
        """Open one version's database for reading, for the length of the block."""
        import ladybug

        path = directory / DATABASE
        if not path.exists():
            raise FileNotFoundError(path)
        with ladybug.Database(path, buffer_pool_size=BUFFER_POOL_BYTES, read_only=True) as database:
            connection = ladybug.Connection(database)
            try:
                yield connection
            finally:
                connection.close()

    @contextmanager
    def _connection(self, source: str) -> Iterator[ladybug.Connection]:
        """Connect to the published version, opening it once for all queries."""
        import ladybug

        with self._reading:
            version = self._visible(source)
            known = self._readers.get(source)
            if known is None or known[0] != version:
                database = ladybug.Database(
                    self._versions.path(source, version) / DATABASE,
                    buffer_pool_size=BUFFER_POOL_BYTES,
                    read_only=True,
                )
                self._readers[source] = known = (version, database)
            connection = ladybug.Connection(known[1])
        try:
            yield connection
        finally:
            connection.close()


_VERTEX = (
    "b.id AS id, label(b) AS label, b.symbol AS symbol, b.kind AS kind, b.name AS name, "
    "b.path AS path"
)


def _manifest(directory: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_bytes())
    return manifest


def _depth(depth: int) -> int:
    if depth < 1:
        raise BackendError(
            f"A depth of {depth} reaches nothing.",
            remedy="Ask for 1 or more.",
            state="Nothing was read.",
        )
    return depth


def _one(result: ladybug.QueryResult | list[ladybug.QueryResult]) -> ladybug.QueryResult:
    """Return the result of a text that is a single statement."""
    return result[0] if isinstance(result, list) else result


def _number(result: ladybug.QueryResult | list[ladybug.QueryResult]) -> int:
    """Return the only number of a result, such as a count."""
    return int(cast(list[Any], _one(result).get_next())[0])


def _vertex_frames(slice_: Slice) -> dict[str, pl.DataFrame]:
    """Return the vertices of each label, columns at least those of `VERTICES`."""
    documents = (
        slice_.frames["documents"]
        .select(
            "source", "language", "root", "package", "line_count",
            id="document_id", path="document_path", name="module", external=pl.lit(False),
        )
        .collect()
    )  # fmt: skip
    packages = documents.select(
        "source", "language", "root", "package", name="package", external=pl.lit(False)
    ).unique(["language", "root", "package"], maintain_order=True)
    ids = [package_id(*row) for row in packages.select("language", "root", "package").iter_rows()]
    packages = packages.with_columns(id=pl.Series(ids, dtype=pl.Int64))
    documents = documents.join(
        packages.select("language", "root", "package", package_id="id"),
        on=["language", "root", "package"], how="left", maintain_order="left",
    )  # fmt: skip
    paths = documents.select("path", document_id="id").lazy()
    symbols = (
        slice_.frames["symbols"]
        .select(
            "source", "symbol", "kind", "name", "qualified_name", "visibility", "document_id",
            "start_line", "cyclomatic_complexity", "line_count",
            id="symbol_id", external=pl.lit(False),
        )
        .join(paths, on="document_id", how="left")
        .collect()
    )  # fmt: skip
    return {"symbol": symbols, "document": documents, "package": packages}


def _stubs(edges: pl.DataFrame, labels: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return a vertex for every end of an edge that the source's own tables do not hold."""
    ends = pl.concat(
        [
            edges.select(id="dst_id", source="dst_source"),
            edges.select(id="src_id", source=pl.lit(source)),
        ]
    )
    return (
        ends.join(labels, on="id", how="anti")
        .unique("id", keep="first", maintain_order=True)
        .with_columns(kind=pl.lit("unknown"), external=pl.lit(True))
    )


@contextmanager
def _staging(directory: Path) -> Iterator[Path]:
    """Make a directory for Parquet files whose path COPY does not take for a pattern."""
    if set("*?[]{}") & set(str(directory)):
        staging = Path(tempfile.mkdtemp(prefix="snake-pipe-"))
    else:
        staging = directory / "staging"
        staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging)


def _copy(
    connection: ladybug.Connection, table: str, rows: pl.DataFrame, staging: Path, options: str = ""
) -> None:
    """Copy rows into a table by way of a Parquet file, the only source that is safe."""
    if rows.is_empty():
        return
    path = staging / "rows.parquet"
    rows.write_parquet(path, compression="uncompressed")
    connection.execute(f"COPY {table} FROM {_quoted(str(path))}{options}")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _copy_edges(
    connection: ladybug.Connection, edges: pl.DataFrame, labels: pl.DataFrame, staging: Path
) -> list[str]:
    """Make a relationship table per kind of edge and fill it; return the kinds, sorted."""
    labelled = edges.join(
        labels.select(src_id="id", src_label="label"), on="src_id", how="left"
    ).join(labels.select(dst_id="id", dst_label="label"), on="dst_id", how="left")
    properties = ", ".join(f"{name} {type_}" for name, type_ in EDGE_PROPERTIES.items())
    parts = labelled.partition_by("kind", as_dict=True, include_key=False)
    for (kind,), rows in sorted(parts.items()):
        if not _TABLE_NAME.fullmatch(kind):
            raise BackendError(
                f"{kind!r} cannot be the kind of an edge.",
                remedy=f"Use one of {', '.join(EDGE_KINDS)}.",
                state="What was published before stays visible.",
            )
        pairs = rows.partition_by("src_label", "dst_label", as_dict=True, include_key=False)
        ends = ", ".join(f"FROM {src} TO {dst}" for src, dst in pairs)
        connection.execute(f"CREATE REL TABLE {kind}({ends}, {properties})")
        for (src, dst), part in pairs.items():
            columns = part.select("src_id", "dst_id", *EDGE_PROPERTIES)
            _copy(connection, kind, columns, staging, f" (from='{src}', to='{dst}')")
    return sorted(kind for (kind,) in parts)


def _counts(connection: ladybug.Connection, kinds: Sequence[str]) -> dict[str, int]:
    """Count what a database holds, by collection."""
    counts = {}
    for collection, query in ROWS.items():
        counting = re.sub(r"RETURN .*", "RETURN count(*)", query)
        counts[collection] = _number(connection.execute(counting))
    counts["edges"] = sum(
        _number(connection.execute(f"MATCH ()-[e:{kind}]->() RETURN count(*)")) for kind in kinds
    )
    return counts

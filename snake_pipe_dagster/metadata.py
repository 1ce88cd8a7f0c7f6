"""From core reports to Dagster metadata.

Belongs here: column schemas, counts, throughput and plots as `MetadataValue`s. Does not: computing
any of them.
"""

import base64
from collections.abc import Mapping
from html import escape
from typing import Any

import dagster as dg
import polars as pl

from snake_pipe_core.load import LoadReport
from snake_pipe_core.model.kinds import RESOLUTIONS
from snake_pipe_core.model.tables import PROFILES, TABLES
from snake_pipe_core.pipeline import ScanReport
from snake_pipe_core.profile import Profile
from snake_pipe_core.profile.measure import GROUP
from snake_pipe_core.resolve import ResolveReport
from snake_pipe_core.sources.base import Source

Metadata = dict[str, Any]

_BAR, _ROW, _LABEL, _WIDTH = 14, 22, 150, 440
_MOST_FINDINGS = 50
_COLORS = ("#4f43dd", "#2a9d8f", "#e9a23b", "#d1495b", "#6c757d", "#3a86ff")


def column_schema(*tables: str) -> dg.TableSchema:
    """Return the columns of a table, or of several with the table's name in front."""
    columns = [
        dg.TableColumn(
            f"{table}.{column.name}" if len(tables) > 1 else column.name,
            column.type,
            description=column.meaning,
            constraints=dg.TableColumnConstraints(nullable=column.nullable),
        )
        for table in tables
        for column in {**TABLES, PROFILES.name: PROFILES}[table].columns
    ]
    return dg.TableSchema(columns)


def bar_chart(title: str, values: Mapping[str, int]) -> dg.MarkdownMetadataValue:
    """Return a horizontal bar chart of counts, as an image in Markdown."""
    largest = max(values.values(), default=0) or 1
    height = _ROW * (len(values) + 1) + 8
    rows = []
    for index, (name, value) in enumerate(values.items()):
        y = _ROW * (index + 1)
        width = max(1, round((_WIDTH - _LABEL - 90) * value / largest))
        color = _COLORS[index % len(_COLORS)]
        rows.append(
            f'<text x="{_LABEL - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{_LABEL}" y="{y}" width="{width}" height="{_BAR}" rx="2" fill="{color}"/>'
            f'<text x="{_LABEL + width + 6}" y="{y + 12}">{value:,}</text>'
        )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>'
        f'<text x="8" y="15" font-weight="bold">{escape(title)}</text>{"".join(rows)}</svg>'
    )
    image = base64.b64encode(svg.encode()).decode()
    return dg.MetadataValue.md(f"![{title}](data:image/svg+xml;base64,{image})")


def _counts_table(key: str, values: Mapping[str, int]) -> dg.TableMetadataValue:
    records = [dg.TableRecord({key: name, "count": count}) for name, count in values.items()]
    columns = [dg.TableColumn(key, "string"), dg.TableColumn("count", "int")]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


def findings_table(kept_out: pl.DataFrame) -> dg.TableMetadataValue:
    """Return the first findings on artifacts that were kept out, as a table to read."""
    names = ("path", "code", "severity", "pointer", "message", "hint")
    titles = ("artifact", "code", "severity", "at", "what is wrong", "what to do")
    rows = kept_out.select(names).fill_null("").head(_MOST_FINDINGS).rows()
    return dg.MetadataValue.table(
        [dg.TableRecord(dict(zip(titles, row, strict=True))) for row in rows],
        dg.TableSchema([dg.TableColumn(title, "string") for title in titles]),
    )


def landed_metadata(source: Source, fingerprint: str) -> Metadata:
    """Return where a source lies and how many files of which size it holds."""
    with source:
        files = source.discover().files.filter(~pl.col("is_skipped"))
    return {
        "dagster/partition_row_count": files.height,
        "directory": dg.MetadataValue.path(source.location),
        "megabytes": round(int(files["size_bytes"].sum() or 0) / 1e6, 3),
        "fingerprint": fingerprint,
    }


def validated_metadata(report: ScanReport) -> Metadata:
    """Return outcomes, the gate's integers, throughput and a plot."""
    counts = report.counts
    seconds = counts.seconds or report.seconds or 1e-9
    return {
        "dagster/partition_row_count": report.rows.get("artifacts", 0),
        "outcomes": _counts_table("outcome", report.outcomes),
        "outcomes_plot": bar_chart("Files by outcome", report.outcomes),
        "valid": report.gate.valid,
        "should_be_valid": report.gate.expected,
        "findings": report.rows.get("findings", 0),
        "files_scanned": counts.files,
        "megabytes_scanned": round(counts.size_bytes / 1e6, 3),
        "files_per_minute": round(counts.files / seconds * 60),
        "scan_seconds": round(report.seconds, 3),
        **{f"files_{state}": count for state, count in report.states.items()},
        "lake_generation": report.head.generation,
        "engine_version": report.head.engine_version,
    }


def normalized_metadata(report: ScanReport) -> Metadata:
    """Return rows per table, nodes a second and a plot."""
    seconds = report.counts.seconds or report.seconds or 1e-9
    rows = {
        name: report.rows.get(name, 0)
        for name in ("documents", "nodes", "symbols", "imports", "exports", "references")
    }
    return {
        "dagster/partition_row_count": sum(rows.values()),
        **rows,
        "rows_plot": bar_chart("Rows by table", rows),
        "nodes_per_second": round(report.counts.nodes / seconds),
        "lake_generation": report.head.generation,
    }


def profile_metadata(profile: Profile, anomalies: pl.DataFrame) -> Metadata:
    """Return the quality score, the distributions, the greatest shares of kinds and anomalies."""
    whole = profile.to_dict()["whole"]
    kinds = {kind: round(1000 * share) for kind, share in list(whole["kind_share"].items())[:10]}
    statistics = ("size_bytes", "depth", "nodes")
    table = (
        profile.figures.filter(pl.col("measure").is_in(statistics) & (pl.col("language") != ""))
        .pivot("name", index=[*GROUP, "measure"], values="value")
        .select(*GROUP, "measure", "min", "p50", "p95", "p99", "max")
    )
    return {
        "dagster/partition_row_count": profile.figures.height,
        **{name: round(value, 4) for name, value in whole.get("quality", {}).items()},
        "distributions": _rows_table(table),
        "kinds_plot": bar_chart("Nodes in a thousand, by kind", kinds),
        "anomalies": _rows_table(anomalies.select("what", "deviation", "message")),
        "anomaly_count": anomalies.height,
    }


def _rows_table(rows: pl.DataFrame) -> dg.TableMetadataValue:
    shown = rows.head(_MOST_FINDINGS).fill_null("")
    types = {name: "float" if kind.is_float() else "string" for name, kind in rows.schema.items()}
    return dg.MetadataValue.table(
        [dg.TableRecord(row) for row in shown.to_dicts()],
        dg.TableSchema([dg.TableColumn(name, kind) for name, kind in types.items()]),
    )


def graph_metadata(report: ResolveReport) -> Metadata:
    """Return edges by kind and resolution, references by reason, and a plot."""
    kinds = {kind: sum(counts.values()) for kind, counts in report.edges.items()}
    resolutions = {
        name: sum(counts.get(name, 0) for counts in report.edges.values()) for name in RESOLUTIONS
    }
    return {
        "dagster/partition_row_count": report.rows["edges"],
        "edges_by_kind": _counts_table("kind", kinds),
        "edges_plot": bar_chart("Edges by kind", kinds),
        **{f"edges_{name}": count for name, count in resolutions.items()},
        **{f"unresolved_{reason}": count for reason, count in report.unresolved.items()},
        "resolve_seconds": round(report.seconds, 3),
    }


def published_metadata(report: LoadReport, collection: str) -> Metadata:
    """Return what one collection of a backend now holds of the source."""
    rows = report.counts.get(collection)
    found: Metadata = {
        "state": report.state,
        "version": report.version,
        "load_seconds": round(report.seconds, 3),
    }
    if report.location:
        found["location"] = dg.MetadataValue.path(report.location)
    if rows is not None:
        found["dagster/partition_row_count"] = rows
        found["rows_per_second"] = round(rows / report.seconds) if report.seconds else 0
    return found

"""Tantivy: an embedded full-text index, one directory per version of a source.

Belongs here: the index's fields, how tables become documents, how queries become Tantivy's.
Does not: what a user may write (`query`), or how words are split (`model.subtokens`).

Each source has an index of its own, so scores count how rare a word is within its source. Hits of
several sources are merged by score all the same: a word that is common in a large source and rare
in a small one ranks the small one's hits higher than one index over both would.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import polars as pl

from snake_pipe_core.backends.base import Capabilities, Health, Slice, Verification
from snake_pipe_core.backends.digests import sample, set_digest
from snake_pipe_core.backends.search import query as ast
from snake_pipe_core.backends.search.base import Hit, SearchBackend, SearchResult
from snake_pipe_core.backends.versions import VersionDirectories, write_atomically
from snake_pipe_core.errors import BackendError, BackendUnavailableError
from snake_pipe_core.model.subtokens import split, subtokens

if TYPE_CHECKING:
    import tantivy

    from snake_pipe_core.settings import Settings

COLLECTIONS = ("documents", "symbols")
LAYOUT = 1
"""Changes with the fields, so that an index with others is built again."""
SUMMARY = "snake-pipe.json"
HEAP_BYTES = 64_000_000
BATCH_ROWS = 20_000
SNIPPET_CHARACTERS = 160
# A name that is the query beats one that contains it, which beats its surroundings and its text.
BOOST_NAME, BOOST_WORD, BOOST_QUALIFIED, BOOST_PATH, BOOST_DOCSTRING = 12.0, 4.0, 1.5, 1.0, 1.0
WORD_FIELDS = {
    "words": BOOST_WORD,
    "qualified_words": BOOST_QUALIFIED,
    "path_words": BOOST_PATH,
    "docstring": BOOST_DOCSTRING,
}
# A term of Tantivy's is at most 65,530 bytes long; nobody searches for a name beyond this.
_NAME_CHARACTERS = 1_000
_FACETS = ("kind", "language")
_OPTIONAL = ("docstring", "start_line")
# tantivy's default analyzer: runs of letters and digits, lower case, at most 40 bytes
# https://docs.rs/tantivy/latest/tantivy/tokenizer/index.html
_PLAIN_WORD = re.compile(r"[^\W_]+")


class TantivyBackend(SearchBackend):
    """The search backend that needs no server. Its methods may be called from several threads."""

    name = "tantivy"
    capabilities = Capabilities(
        role="search",
        transactional=False,
        concurrent_writers=False,
        embedded=True,
        tables=COLLECTIONS,
    )

    def __init__(self, directory: Path) -> None:
        """Take the store's directory; it is made when first written to."""
        self._versions = VersionDirectories(directory)
        self._opened: dict[Path, tantivy.Index] = {}
        self._guard = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings) -> TantivyBackend:
        """Return the backend that the settings describe."""
        return cls(settings.store(cls.name))

    def __enter__(self) -> Self:
        """Load the library; raise `BackendUnavailableError` where it is not installed."""
        try:
            import tantivy  # noqa: F401
        except ImportError as error:
            raise BackendUnavailableError(
                f"The library tantivy cannot be loaded: {error}.",
                remedy="Run `pip install tantivy==0.27.0`.",
                state="Nothing was read or written.",
            ) from error
        return self

    def __exit__(self, *exc: object) -> None:
        """Close all indexes."""
        with self._guard:
            self._opened.clear()

    def health(self) -> Health:
        """Open every published index."""
        published = self._versions.published()
        try:
            documents = sum(
                self._index(source, version).searcher().num_docs
                for source, version in published.items()
            )
        except (BackendError, ValueError, OSError) as error:
            return Health(ok=False, detail=f"{self._versions.root}: {error}")
        detail = f"{self._versions.root}, {len(published)} sources, {documents} documents published"
        return Health(ok=True, detail=detail, version=installed_version("tantivy"))

    def apply(self, slice_: Slice) -> Mapping[str, int]:
        """Build the version's index beside the published one; keep it if it is there already."""
        with self._versions.lock():
            summary = _summary(self._versions.path(slice_.source, slice_.version))
            if summary is None:
                directory = self._versions.begin(slice_.source, slice_.version)
                try:
                    summary = self._build(directory, slice_)
                except BaseException as error:
                    self._versions.abandon(slice_.source, slice_.version)
                    if isinstance(error, OSError | ValueError):
                        # Tantivy raises ValueError for everything, a full disk included.
                        raise BackendUnavailableError(
                            f"The search index of {slice_.source!r} could not be written: {error}.",
                            remedy="Free the cause it names, then run again.",
                            state="What was published before stays visible.",
                        ) from error
                    raise
                self._versions.seal(slice_.source, slice_.version)
        counts: dict[str, int] = summary["counts"]
        return counts

    def verify(self, slice_: Slice) -> Verification:
        """Count the version's documents, digest their ids and look sampled ones up."""
        import tantivy

        index = self._index(slice_.source, slice_.version)
        searcher = index.searcher()
        counts: dict[str, int] = {}
        missing: list[int] = []
        digests: dict[str, str] = {}
        for collection in COLLECTIONS:
            within = tantivy.Query.term_query(index.schema, "collection", collection)
            hits, counts[collection] = _hits(searcher, within, max(1, searcher.num_docs))
            ids = searcher.fast_field_values("id", [address for _, address in hits])
            digests[collection] = set_digest(pl.Series(ids, dtype=pl.Int64))
            wanted_ids = sample(slice_.frames[collection], _ID[collection])
            for identity in wanted_ids.to_series():
                wanted = tantivy.Query.term_query(index.schema, "id", identity)
                both = _all_of([within, wanted])
                if _hits(searcher, both, 1)[1] != 1:
                    missing.append(identity)
        return Verification(counts, json.dumps(digests, sort_keys=True), tuple(missing))

    def publish(self, source: str, version: str) -> str:
        """Point readers at the version's index."""
        directory = self._versions.path(source, version)
        if _summary(directory) is None:
            raise _not_applied(source, version)
        with self._versions.lock():
            self._versions.publish(source, version)
        return str(directory)

    def published(self) -> Mapping[str, str]:
        """Return the visible version of each source."""
        return self._versions.published()

    def drop(self, source: str) -> None:
        """Stop showing the source and remove its indexes."""
        with self._versions.lock():
            self._versions.withdraw(source)
        self._close_removed()

    def collect(self, keep: int = 2) -> None:
        """Remove unfinished indexes and all but the newest versions."""
        with self._versions.lock():
            self._versions.collect(keep)
        self._close_removed()

    def rows(self, source: str, collection: str) -> Iterator[Mapping[str, Any]]:
        """Yield what the published index stores of each document, under the table's names."""
        import tantivy

        if collection not in COLLECTIONS:
            raise BackendError(
                f"The search backend has no collection {collection!r}.",
                remedy=f"Collections are {', '.join(COLLECTIONS)}.",
            )
        version = self._versions.published().get(source)
        if version is None:
            return
        index = self._index(source, version)
        searcher = index.searcher()
        within = tantivy.Query.term_query(index.schema, "collection", collection)
        for _, address in searcher.search(within, limit=max(1, searcher.num_docs)).hits:
            stored = searcher.doc(address)
            columns = _ROW_COLUMNS[collection]
            yield {"source": source} | {
                column: stored.get_first(field) for field, column in columns.items()
            }

    def search(self, query: ast.Query | str, limit: int = 20, offset: int = 0) -> SearchResult:
        """Return the page of best hits among the published sources; text is parsed first."""
        tree = ast.parse(query) if isinstance(query, str) else query
        total = 0
        facets: dict[str, Counter[str]] = {facet: Counter() for facet in _FACETS}
        candidates: list[tuple[float, str, int, _Found]] = []
        for source, version in self._versions.published().items():
            index = self._index(source, version)
            searcher = index.searcher()
            compiled = _Compiler(index.schema, source).compile(tree)
            hits, count = _hits(searcher, compiled, max(1, limit + offset))
            total += count
            spread = searcher.aggregate(
                compiled, {f: {"terms": {"field": f, "size": 1000}} for f in _FACETS}
            )
            for facet in _FACETS:
                for bucket in spread[facet]["buckets"]:
                    facets[facet][bucket["key"]] += bucket["doc_count"]
            for rank, (score, address) in enumerate(hits):
                place = _Found(index, searcher, compiled, address)
                candidates.append((-round(score, 4), source, rank, place))
        # Equal scores keep the index's order, so that pages neither overlap nor leave a hit out.
        best = sorted(candidates, key=lambda candidate: candidate[:3])
        return SearchResult(
            hits=tuple(
                place.hit(source, -negative)
                for negative, source, _, place in best[offset : offset + limit]
            ),
            total=total,
            facets={facet: dict(counts.most_common()) for facet, counts in facets.items()},
        )

    def _build(self, directory: Path, slice_: Slice) -> dict[str, Any]:
        import tantivy

        folder = directory / "index.partial"
        folder.mkdir()
        index = tantivy.Index(_schema(), path=str(folder))
        # One thread: one segment, the same on every run; other backends load beside it.
        writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
        counts = dict.fromkeys(COLLECTIONS, 0)
        for collection, frame in _frames(slice_).items():
            for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                for document in _as_json(batch):
                    writer.add_json(document)
                counts[collection] += batch.height
        writer.commit()
        writer.wait_merging_threads()
        del writer
        sealed = folder.rename(directory / "index")
        # Now no thread of Tantivy's can make another: each knows the folder by its old name.
        for lock in sealed.glob("*.lock"):
            lock.unlink()
        summary = {"layout": LAYOUT, "counts": counts}
        write_atomically(directory / SUMMARY, json.dumps(summary).encode())
        return summary

    def _index(self, source: str, version: str) -> tantivy.Index:
        directory = self._versions.path(source, version)
        with self._guard:
            index = self._opened.get(directory)
            if index is None:
                if _summary(directory) is None:
                    raise _not_applied(source, version)
                try:
                    index = _open_sealed(directory / "index")
                except (OSError, ValueError) as error:
                    raise BackendError(
                        f"The search index in {directory} cannot be opened: {error}.",
                        remedy=f"Remove {directory} and load {source!r} again.",
                        state="Nothing was changed.",
                    ) from error
                self._opened[directory] = index
        return index

    def _close_removed(self) -> None:
        with self._guard:
            for directory in [path for path in self._opened if not path.exists()]:
                del self._opened[directory]


class _Found:
    """Where a hit lies, and how to read it once it is known to be on the page."""

    def __init__(
        self,
        index: tantivy.Index,
        searcher: tantivy.Searcher,
        query: tantivy.Query,
        address: tantivy.DocAddress,
    ) -> None:
        self._index, self._searcher, self._query = index, searcher, query
        self._address = address

    def hit(self, source: str, score: float) -> Hit:
        import tantivy

        stored: Any = self._searcher.doc(self._address)
        snippet = ""
        highlights: tuple[tuple[int, int], ...] = ()
        if stored.get_first("docstring"):
            generator = tantivy.SnippetGenerator.create(
                self._searcher, self._query, self._index.schema, "docstring"
            )
            generator.set_max_num_chars(SNIPPET_CHARACTERS)
            made = generator.snippet_from_doc(stored)
            snippet = made.fragment()
            highlights = _in_characters(snippet, [(r.start, r.end) for r in made.highlighted()])
        return Hit(
            source=source,
            collection=stored.get_first("collection"),
            id=stored.get_first("id"),
            kind=stored.get_first("kind"),
            language=stored.get_first("language"),
            name=stored.get_first("name"),
            qualified_name=stored.get_first("qualified_name"),
            path=stored.get_first("path"),
            start_line=stored.get_first("start_line"),
            score=score,
            snippet=snippet,
            highlights=highlights,
        )


class _Compiler:
    """Turns the query tree into Tantivy's queries, for the index of one source."""

    def __init__(self, schema: tantivy.Schema, source: str) -> None:
        import tantivy

        self._make = tantivy.Query
        self._must, self._should = tantivy.Occur.Must, tantivy.Occur.Should
        self._must_not = tantivy.Occur.MustNot
        self._schema = schema
        self._source = source

    def compile(self, query: ast.Query) -> tantivy.Query:
        match query:
            case ast.Everything():
                return self._make.const_score_query(self._make.all_query(), 0.0)
            case ast.Term(text):
                return self._term(text)
            case ast.Phrase(text):
                return self._phrase(text)
            case ast.Prefix(text):
                return self._prefix(text)
            case ast.Fuzzy(text, edits):
                return self._fuzzy(text, edits)
            case ast.Filter(field, values):
                return self._make.const_score_query(self._filter(field, values), 0.0)
            case ast.Not(part):
                return self._make.boolean_query(
                    [
                        (self._must, self.compile(ast.Everything())),
                        (self._must_not, self.compile(part)),
                    ]
                )
            case ast.And(parts):
                return self._all([self.compile(part) for part in parts])
            case ast.Or(parts):
                return self._any([self.compile(part) for part in parts])

    def _term(self, text: str) -> tantivy.Query:
        """Match the name as a whole, or each of its words in any field."""
        whole = self._boosted("name_exact", _exact(text), BOOST_NAME)
        plain = [self._word("docstring", word) for word in _plain_words(text)]
        words = [
            self._any([self._boosted(field, word, boost) for field, boost in WORD_FIELDS.items()])
            for word in split(text)
        ]
        either = [whole]
        if words:
            either.append(self._all(words))
        if plain:
            either.append(self._all(plain))
        return self._any(either)

    def _phrase(self, text: str) -> tantivy.Query:
        """Match the words side by side in one field."""
        either = [self._boosted("name_exact", _exact(text), BOOST_NAME)]
        words, plain = split(text), _plain_words(text)
        for field, boost in WORD_FIELDS.items():
            wanted = plain if field == "docstring" else words
            if wanted:
                either.append(self._make.boost_query(self._side_by_side(field, wanted), boost))
        return self._any(either)

    def _side_by_side(self, field: str, words: Sequence[str]) -> tantivy.Query:
        if len(words) == 1:
            return self._word(field, words[0])
        return self._make.phrase_query(self._schema, field, list(words))

    def _prefix(self, text: str) -> tantivy.Query:
        """Match names that begin with the text, or words that do, those before it in full."""
        whole = self._regex("name_exact", re.escape(_exact(text)) + ".*")
        either = [self._make.boost_query(whole, BOOST_WORD)]
        *before, last = split(text) or ("",)
        if last:
            words = [
                self._any([self._boosted(field, word, 1.0) for field in WORD_FIELDS])
                for word in before
            ]
            beginning = re.escape(last) + ".*"
            words.append(self._any([self._regex(field, beginning) for field in WORD_FIELDS]))
            either.append(self._all(words))
        return self._any(either)

    def _fuzzy(self, text: str, edits: int) -> tantivy.Query:
        """Match names, or each word of them, within some edits."""
        whole = self._make.fuzzy_term_query(
            self._schema, "name_exact", _exact(text), distance=edits
        )
        either = [self._make.boost_query(whole, BOOST_WORD)]
        words = [
            self._any(
                [
                    self._make.fuzzy_term_query(self._schema, field, word, distance=edits)
                    for field in WORD_FIELDS
                ]
            )
            for word in split(text)
        ]
        if words:
            either.append(self._all(words))
        return self._any(either)

    def _filter(self, field: str, values: Sequence[str]) -> tantivy.Query:
        if field == "source":
            return self._make.all_query() if self._source in values else self._make.empty_query()
        if field == "path":
            return self._any([self._path(value) for value in values])
        return self._any([self._word(field, value.lower()) for value in values])

    def _path(self, value: str) -> tantivy.Query:
        """Match a pattern against the whole path, or words side by side within it."""
        if "*" in value:
            return self._regex("path", ".*".join(map(re.escape, value.split("*"))))
        words = split(value)
        return self._side_by_side("path_words", words) if words else self._make.empty_query()

    def _boosted(self, field: str, word: str, boost: float) -> tantivy.Query:
        return self._make.boost_query(self._word(field, word), boost)

    def _word(self, field: str, word: str) -> tantivy.Query:
        return self._make.term_query(self._schema, field, word)

    def _regex(self, field: str, pattern: str) -> tantivy.Query:
        return self._make.regex_query(self._schema, field, pattern)

    def _all(self, parts: Sequence[tantivy.Query]) -> tantivy.Query:
        return _all_of(parts)

    def _any(self, parts: Sequence[tantivy.Query]) -> tantivy.Query:
        if len(parts) == 1:
            return parts[0]
        return self._make.boolean_query([(self._should, part) for part in parts])


_ID = {"documents": "document_id", "symbols": "symbol_id"}
# Stored fields and the columns of the tables that they hold, unchanged.
_ROW_COLUMNS = {
    "documents": {
        "id": "document_id", "language": "language", "qualified_name": "module",
        "path": "document_path",
    },
    "symbols": {
        "id": "symbol_id", "kind": "kind", "name": "name", "qualified_name": "qualified_name",
        "docstring": "docstring", "start_line": "start_line",
    },
}  # fmt: skip


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, indexed=True, fast=True)
    for name in ("collection", *_FACETS):
        builder.add_text_field(
            name, stored=True, fast=True, tokenizer_name="raw", index_option="basic"
        )
    for name in ("name", "qualified_name"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("path", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("name_exact", tokenizer_name="raw", index_option="basic")
    for name in ("words", "qualified_words", "path_words"):
        builder.add_text_field(name, tokenizer_name="whitespace")
    builder.add_text_field("docstring", stored=True)
    builder.add_integer_field("start_line", stored=True)
    return builder.build()


def _frames(slice_: Slice) -> dict[str, pl.LazyFrame]:
    """Return one row per document of the index, by collection."""
    # Many symbols share a path: its words are split once.
    documents = slice_.frames["documents"].with_columns(_words("path_words", "document_path"))
    files = documents.select(
        "language",
        "path_words",
        id=pl.col("document_id"),
        collection=pl.lit("documents"),
        kind=pl.lit("file"),
        name=pl.col("document_path").str.split("/").list.last(),
        qualified_name=pl.col("module"),
        path=pl.col("document_path"),
        docstring=pl.lit(None, dtype=pl.String),
        start_line=pl.lit(None, dtype=pl.Int32),
    )
    symbols = (
        slice_.frames["symbols"]
        .select(
            "document_id", "symbol_id", "kind", "name", "qualified_name", "docstring", "start_line"
        )
        .join(
            documents.select("document_id", "document_path", "language", "path_words"),
            on="document_id",
            how="left",
            maintain_order="left",
        )
        .select(
            id=pl.col("symbol_id"),
            collection=pl.lit("symbols"),
            kind=pl.col("kind"),
            language=pl.col("language").fill_null(""),
            name=pl.col("name"),
            qualified_name=pl.col("qualified_name"),
            path=pl.col("document_path").fill_null(""),
            path_words=pl.col("path_words").fill_null(""),
            docstring=pl.col("docstring"),
            start_line=pl.col("start_line"),
        )
    )
    name = pl.col("name").str.slice(0, _NAME_CHARACTERS)
    searched = (
        name.str.normalize("NFKC").str.to_lowercase().alias("name_exact"),
        _words("words", "name"),
        _words("qualified_words", "qualified_name"),
    )
    return {
        "documents": files.with_columns(searched),
        "symbols": symbols.with_columns(searched),
    }


def _words(field: str, column: str) -> pl.Expr:
    return subtokens(pl.col(column)).list.join(" ").alias(field)


def _as_json(batch: pl.DataFrame) -> pl.Series:
    """Return one JSON object per row, without the keys whose value is null."""
    rows = batch.select(
        pl.struct(pl.exclude(_OPTIONAL)).struct.json_encode().str.strip_suffix("}").alias("all"),
        *(
            pl.when(pl.col(name).is_not_null())
            .then(pl.struct(name).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}"))
            .otherwise(None)
            .alias(name)
            for name in _OPTIONAL
        ),
    )
    joined = pl.concat_str(pl.all(), separator=",", ignore_nulls=True)
    return rows.select(pl.concat_str(joined, pl.lit("}"))).to_series()


def _exact(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_NAME_CHARACTERS]).lower()


def _plain_words(text: str) -> list[str]:
    return [word.lower() for word in _PLAIN_WORD.findall(text)]


def _hits(
    searcher: tantivy.Searcher, query: tantivy.Query, limit: int
) -> tuple[list[tuple[float, tantivy.DocAddress]], int]:
    """Return the best hits, equal scores in the index's order, and the number of all."""
    found: Any = searcher.search(query, limit=limit)  # `count` is missing in tantivy.pyi
    return found.hits, found.count


def _all_of(parts: Sequence[tantivy.Query]) -> tantivy.Query:
    import tantivy

    if len(parts) == 1:
        return parts[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def _in_characters(text: str, ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Turn offsets in UTF-8 into offsets in characters."""
    encoded = text.encode()
    return tuple(
        (len(encoded[:first].decode(errors="ignore")), len(encoded[:after].decode(errors="ignore")))
        for first, after in ranges
    )


def _summary(directory: Path) -> dict[str, Any] | None:
    """Return what `_build` wrote last into a version, None if it is not whole or of another kind."""
    try:
        summary: dict[str, Any] = json.loads((directory / SUMMARY).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return summary if summary.get("layout") == LAYOUT else None


def _open_sealed(folder: Path) -> tantivy.Index:
    """Open a sealed index and leave no trace in its folder, which may be read-only.

    Opening takes a lock file and starts a thread that watches `meta.json`; its first look may take
    the lock again, at any later time. So Tantivy is given a folder of links, which goes once every
    file is mapped: what is mapped stays, and the thread has nothing to look at any more. Locks keep
    writers from each other and readers from a clean-up; a sealed index sees neither.
    """
    import tantivy

    try:
        links = Path(tempfile.mkdtemp(prefix="snake-pipe-"))
    except OSError as error:
        raise BackendUnavailableError(
            f"No temporary folder can be made, which opening a search index needs: {error}.",
            remedy="Let TMPDIR name a folder that can be written to.",
            state="Nothing was changed.",
        ) from error
    try:
        for path in folder.resolve().iterdir():
            (links / path.name).symlink_to(path)
        index = tantivy.Index.open(str(links))
        index.config_reader("manual")
    finally:
        shutil.rmtree(links, ignore_errors=True)
        if links.exists():  # the thread made its lock file meanwhile, and makes but one
            shutil.rmtree(links)
    return index


def _not_applied(source: str, version: str) -> BackendError:
    return BackendError(
        f"Version {version} of {source!r} is not in the search index.",
        remedy="Apply it first.",
        state="What was published before stays visible.",
    )

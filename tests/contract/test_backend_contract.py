"""The contract that every registered backend keeps, whatever its role."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from snake_pipe_core.backends.base import Backend, Slice
from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.errors import BackendError
from snake_pipe_core.model.tables import TABLES
from snake_pipe_core.settings import Settings
from tests.contract import loading_command
from tests.contract.remains import processes_in, remains_in
from tests.slices import empty_slice, make_slice, nasty_slice

PROJECT = Path(__file__).resolve().parents[2]
# Long enough for a kill to strike in the middle, short enough to be done often.
KILLED: dict[str, Any] = {"source": "alpha", "documents": 90, "symbols_per_document": 30}


def load(backend: Backend, slice_: Slice) -> Mapping[str, int]:
    """Do what the load stage does with a backend."""
    counts = backend.apply(slice_)
    verification = backend.verify(slice_)
    assert verification.ok, verification
    assert dict(verification.counts) == dict(counts)
    assert backend.publish(slice_.source, slice_.version)
    assert backend.published()[slice_.source] == slice_.version
    return counts


def assert_shows(backend: Backend, slice_: Slice) -> None:
    """Compare every collection that stems from a table with the table, row for row."""
    counts = backend.apply(slice_)  # applied already: tells the counts, changes nothing
    for collection, count in counts.items():
        rows = list(backend.rows(slice_.source, collection))
        assert len(rows) == count, collection
        if collection in slice_.frames and rows:
            assert_rows(rows, slice_.frames[collection], collection)


def assert_rows(rows: list[Mapping[str, Any]], frame: pl.LazyFrame, collection: str) -> None:
    columns = list(rows[0])
    key = TABLES[collection].key if collection in TABLES else ("source", "id")
    assert set(key) <= set(columns) or collection == "documents", (collection, columns)
    wanted = frame.select(columns).collect().to_dicts()
    exact = [column for column in columns if column != "vector"]
    found, sent = (
        sorted(table, key=lambda row: _comparable(row[c] for c in exact))
        for table in (rows, wanted)
    )
    assert [_comparable(row[c] for c in exact) for row in found] == [
        _comparable(row[c] for c in exact) for row in sent
    ]
    if "vector" in columns:
        # A store may normalize once more, which moves the last bit.
        np.testing.assert_allclose(
            np.array([row["vector"] for row in found]),
            np.array([row["vector"] for row in sent]),
            atol=1e-6,
        )


def _comparable(row: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(_as_text, row))


def _as_text(value: Any) -> str:
    """Return a value as sortable text, without NUL characters."""
    match value:
        case str():
            return repr(value.replace("\0", ""))
        case datetime():
            return value.isoformat()
        case _:
            return repr(value)


def tables_of(backend: Backend) -> list[str]:
    return [name for name in backend.capabilities.tables if name in make_slice().frames]


def test_says_what_it_is(backend: Backend, backend_name: str) -> None:
    spec = backends()[backend_name]
    assert backend.name == backend_name
    assert backend.capabilities.role == spec.role
    assert tables_of(backend)


def test_health_names_a_version(backend: Backend) -> None:
    health = backend.health()
    assert health.ok, health.detail
    assert health.version
    assert health.detail


def test_round_trip(backend: Backend) -> None:
    slice_ = make_slice()
    counts = load(backend, slice_)
    assert sum(counts.values()) > 0
    assert_shows(backend, slice_)


def test_every_row_of_its_tables_arrives(backend: Backend) -> None:
    slice_ = make_slice()
    counts = load(backend, slice_)
    for collection in set(counts) & set(slice_.frames):
        assert counts[collection] == slice_.frames[collection].collect().height, collection


def test_loading_twice_changes_nothing(backend: Backend) -> None:
    slice_ = make_slice()
    first = load(backend, slice_)
    digest = backend.verify(slice_).digest
    assert load(backend, slice_) == first
    assert backend.verify(slice_).digest == digest
    assert_shows(backend, slice_)


def test_two_sources_coexist(backend: Backend) -> None:
    alpha, beta = make_slice("alpha"), make_slice("beta", seed=1, documents=5)
    load(backend, alpha)
    load(backend, beta)
    assert backend.published() == {"alpha": alpha.version, "beta": beta.version}
    assert_shows(backend, alpha)
    assert_shows(backend, beta)


def test_a_new_version_replaces_the_old_one(backend: Backend) -> None:
    old = make_slice()
    new = make_slice(changed=[0, 3], removed=[5])
    load(backend, old)
    load(backend, new)
    assert_shows(backend, new)


def test_a_version_can_come_back(backend: Backend) -> None:
    old, new = make_slice(), make_slice(changed=[2], removed=[0])
    load(backend, old)
    load(backend, new)
    load(backend, old)
    assert_shows(backend, old)


def test_many_small_changes(backend: Backend) -> None:
    slice_ = make_slice()
    for document in range(5):
        slice_ = make_slice(changed=range(document), removed=[11 - document])
        load(backend, slice_)
        backend.collect(keep=1)
    assert_shows(backend, slice_)


def test_an_empty_slice(backend: Backend) -> None:
    slice_ = empty_slice()
    counts = load(backend, slice_)
    assert set(counts.values()) <= {0}
    for collection in counts:
        assert list(backend.rows("alpha", collection)) == []


def test_a_source_may_become_empty(backend: Backend) -> None:
    load(backend, make_slice())
    counts = load(backend, empty_slice())
    for collection in counts:
        assert list(backend.rows("alpha", collection)) == []


def test_nasty_text_and_extreme_ids(backend: Backend) -> None:
    slice_ = nasty_slice()
    load(backend, slice_)
    assert_shows(backend, slice_)


def test_an_unpublished_version_is_invisible(backend: Backend) -> None:
    old, new = make_slice(), make_slice(changed=range(12), documents=14)
    load(backend, old)
    backend.apply(new)
    assert backend.published() == {"alpha": old.version}
    assert_shows(backend, old)
    load(backend, new)
    assert_shows(backend, new)


def test_nothing_is_visible_before_the_first_publication(backend: Backend) -> None:
    slice_ = make_slice()
    counts = backend.apply(slice_)
    assert backend.published() == {}
    for collection in counts:
        assert list(backend.rows("alpha", collection)) == []


def test_publishing_what_was_not_applied_is_refused(backend: Backend) -> None:
    slice_ = make_slice()
    load(backend, slice_)
    with pytest.raises(BackendError):
        backend.publish("alpha", "0" * 32)
    assert_shows(backend, slice_)


def test_drop_removes_one_source(backend: Backend) -> None:
    alpha, beta = make_slice("alpha"), make_slice("beta")
    counts = load(backend, alpha)
    load(backend, beta)
    backend.drop("alpha")
    backend.drop("alpha")
    backend.drop("never-there")
    assert backend.published() == {"beta": beta.version}
    for collection in counts:
        assert list(backend.rows("alpha", collection)) == []
    assert_shows(backend, beta)
    load(backend, alpha)
    assert_shows(backend, alpha)


def test_collect_keeps_what_is_published(backend: Backend) -> None:
    slices = [make_slice(seed=seed) for seed in range(3)]
    for slice_ in slices:
        load(backend, slice_)
    backend.apply(make_slice(seed=99))
    backend.publish("alpha", slices[1].version)
    backend.collect(keep=1)
    backend.collect(keep=1)
    assert backend.published() == {"alpha": slices[1].version}
    assert_shows(backend, slices[1])


def test_loads_of_two_sources_at_once(backend: Backend) -> None:
    from concurrent.futures import ThreadPoolExecutor

    slices = [make_slice("alpha"), make_slice("beta", seed=3)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda slice_: load(backend, slice_), slices))
    for slice_ in slices:
        assert_shows(backend, slice_)


def test_wrong_columns_are_refused_and_leave_nothing(backend: Backend) -> None:
    good = make_slice()
    load(backend, good)
    broken = {
        name: frame.drop("id" if name == "embeddings" else TABLES[name].key[1])
        for name, frame in good.frames.items()
    }
    with pytest.raises((pl.exceptions.ColumnNotFoundError, BackendError)):
        backend.apply(Slice("alpha", "f" * 32, broken))
    assert_shows(backend, good)
    new = make_slice(changed=[1])
    load(backend, new)
    assert_shows(backend, new)


def test_it_can_be_opened_again(backend_name: str, settings: Settings) -> None:
    slice_ = make_slice()
    with open_backend(backend_name, settings) as backend:
        load(backend, slice_)
    assert processes_in(settings.workspace) == []
    assert remains_in(settings.workspace) == []
    with open_backend(backend_name, settings) as backend:
        assert_shows(backend, slice_)


def test_a_fresh_process_sees_what_is_published(backend_name: str, settings: Settings) -> None:
    slice_ = make_slice()
    with open_backend(backend_name, settings) as backend:
        counts = load(backend, slice_)
        collection = max(counts, key=lambda name: counts[name])
    with started(backend_name, settings, "look", ["alpha", collection]) as process:
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert json.loads(output) == {
        "published": {"alpha": slice_.version},
        "rows": counts[collection],
    }


def test_slices_with_any_text(backend: Backend) -> None:
    """A drawn name and docstring for each symbol; few examples, since each is a load."""
    from hypothesis import HealthCheck, given
    from hypothesis import settings as hypothesis_settings

    from tests.slices import small_slices

    @hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
    @given(small_slices())
    def check(slice_: Slice) -> None:
        load(backend, slice_)
        assert_shows(backend, slice_)

    check()


@pytest.mark.parametrize(
    "times", [pytest.param(2, id="fast"), pytest.param(10, id="slow", marks=pytest.mark.slow)]
)
def test_killed_while_applying(backend_name: str, settings: Settings, times: int) -> None:
    dice = random.Random(f"{backend_name} {times}")
    seconds = published_with_duration(backend_name, settings)
    for attempt in range(times):
        with started(backend_name, settings, "publish", KILLED | {"seed": attempt + 1}) as process:
            wait_for(process, "applying")
            time.sleep(dice.random() * seconds)
            process.kill()
    assert_recovers(backend_name, settings, maybe=range(1, times + 1))


@pytest.mark.parametrize(
    "times", [pytest.param(2, id="fast"), pytest.param(10, id="slow", marks=pytest.mark.slow)]
)
def test_killed_between_apply_and_publish(
    backend_name: str, settings: Settings, times: int
) -> None:
    published_with_duration(backend_name, settings)
    for attempt in range(times):
        with started(backend_name, settings, "apply", KILLED | {"seed": attempt + 1}) as process:
            wait_for(process, "applied")
            process.kill()
    assert_recovers(backend_name, settings, maybe=())


def published_with_duration(backend_name: str, settings: Settings) -> float:
    """Publish the version that no kill may touch; return how long a load takes, in seconds."""
    with open_backend(backend_name, settings) as backend:
        began = time.monotonic()
        load(backend, make_slice(**KILLED))
        return time.monotonic() - began


def assert_recovers(backend_name: str, settings: Settings, maybe: Any) -> None:
    """Find the old version, or one whose load had come to its end, whole; then load anew."""
    candidates = [make_slice(**KILLED)] + [make_slice(**KILLED, seed=seed) for seed in maybe]
    with open_backend(backend_name, settings) as backend:
        shown = backend.published()["alpha"]
        assert shown in [candidate.version for candidate in candidates]
        old = next(candidate for candidate in candidates if candidate.version == shown)
        counts = backend.verify(old).counts
        for collection in counts:
            rows = list(backend.rows("alpha", collection))
            assert len(rows) == counts[collection]
            if collection in old.frames and rows:
                assert_rows(rows, old.frames[collection], collection)
        new = make_slice(**KILLED, seed=1)
        load(backend, new)
        assert_shows(backend, new)
        backend.collect(keep=1)
        assert_shows(backend, new)
    assert processes_in(settings.workspace) == []
    assert remains_in(settings.workspace) == []


def started(
    backend_name: str, settings: Settings, what: str, arguments: Any
) -> subprocess.Popen[str]:
    """Start a load in a process of its own."""
    return subprocess.Popen(
        [
            sys.executable, loading_command.__file__, backend_name, str(settings.workspace), what,
            json.dumps(arguments),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == word:
            return
    raise AssertionError(f"the load ended before it was {word}: {process.wait()}")

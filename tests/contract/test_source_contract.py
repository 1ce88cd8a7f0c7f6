"""What every kind of source must do, on the same files in every medium.

Belongs here: assertions that hold for all kinds. Does not: what one medium alone can do wrong; that
is in `tests/unit/sources`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.errors import SnakePipeError
from snake_pipe_core.model.tables import SCAN_TABLES
from snake_pipe_core.pipeline import Pipeline
from snake_pipe_core.settings import Settings
from snake_pipe_core.sources.base import Source, UnreadableArtifactError
from snake_pipe_core.sources.registry import open_origin, source_kinds
from tests.contract.media import KINDS, LOCAL, S3, Directory, Http, Medium, artifact, serving

TREE = {f"pkg{number % 3}/m{number:02d}.py.json": artifact(number) for number in range(23)}
TWICE = json.dumps(
    {
        "dialect": "tree-sitter", "language": "python", "path": "twice.py",
        "root": {
            "type": "module", "named": True, "field": None, "start_byte": 0, "end_byte": 0,
            "start_point": [0, 0], "end_point": [0, 0], "children": [],
        },
    }
).encode()  # fmt: skip
FILES = {
    **TREE, "first.json": TWICE, "pkg0/second.json": TWICE, "broken.json": b'{"_type": "Module", "body": [',
    "notes/readme.txt": b"no artifact",
}  # fmt: skip
BUCKETS = count()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[tuple[Any, str]]:
    """A real S3 server on loopback, and a client of it."""
    boto3 = pytest.importorskip("boto3", reason="boto3 and moto make the S3 server of this test")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip
    yield client, endpoint
    client.close()
    server.stop()


@pytest.fixture(params=KINDS)
def medium(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Medium]:
    folder = tmp_path / "medium"
    if request.param == "http":
        with serving() as api:
            yield Http(folder, api)
    elif request.param == "object_store":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        client, endpoint = request.getfixturevalue("s3_server")
        yield S3(folder, client, endpoint, f"bucket-{next(BUCKETS)}")
    else:
        yield LOCAL[request.param](folder)


def pipeline(workspace: Path) -> Pipeline:
    return Pipeline(Settings(workspace=workspace, files_per_shard=4, workers=2))


def tables(made: Pipeline) -> dict[str, list[dict[str, Any]]]:
    """Return every table of the lake but for what tells when and how a medium marks a version."""
    found = {}
    for name in ("artifacts", "findings", *SCAN_TABLES):
        frame = made.lake.scan(name, "s").collect().drop("scanned_at", "mtime_ns", strict=False)
        found[name] = frame.sort(frame.columns).to_dicts()
    return found


def test_every_registered_kind_is_under_test() -> None:
    kinds = {name.split("-")[0] for name in KINDS}
    assert kinds == set(source_kinds())


def test_discovery_lists_and_reads_every_file(medium: Medium) -> None:
    medium.write(FILES)
    with medium.open() as source:
        found = source.discover().files
        taken = found.filter(~pl.col("is_skipped"))["path"].to_list()
        assert taken == sorted(path for path in FILES if path.endswith(".json"))
        assert found["path"].to_list() == sorted(found["path"].to_list())
        assert source.read_many(taken) == [FILES[path] for path in taken]


def test_patterns_leave_files_out_and_say_so(medium: Medium) -> None:
    medium.write(FILES)
    with medium.open(include=["*.json"], exclude=["pkg1/*", "broken*"]) as source:
        discovery = source.discover()
    skipped = discovery.files.filter("is_skipped")["path"].to_list()
    out = [path for path in FILES if path.startswith(("pkg1/", "broken", "notes/"))]
    ending = getattr(medium, "ending", "")
    assert sorted(skipped) == sorted(path + ending for path in out)
    assert set(discovery.findings["code"]) == {"PATTERN_EXCLUDED"}


def test_the_lake_holds_what_a_directory_gives(medium: Medium, tmp_path: Path) -> None:
    plain = Directory(tmp_path / "plain")
    files = {path: content for path, content in FILES.items() if path.endswith(".json")}
    plain.write(files)
    medium.write(files)
    ours, theirs = pipeline(tmp_path / "a"), pipeline(tmp_path / "b")
    with medium.open() as source:
        report = ours.scan("s", source)
    with plain.open() as source:
        theirs.scan("s", source)
    assert report.outcomes["duplicate"] == 1
    assert tables(ours) == tables(theirs)


def test_only_what_changed_is_scanned(medium: Medium, tmp_path: Path) -> None:
    made = pipeline(tmp_path / "w")

    def states(files: dict[str, bytes]) -> dict[str, int]:
        medium.write(files)
        with medium.open() as source:
            return dict(made.scan("s", source).states)

    assert states(TREE) == {"new": len(TREE)}
    states(TREE)  # a directory tells two writes within one tick of its clock by scanning again
    assert states(TREE) == {"unchanged": len(TREE)}
    first, second, *_ = TREE
    changed = {path: content for path, content in TREE.items() if path != first}
    changed |= {second: artifact(999), "new.py.json": artifact(1000)}
    after = states(changed)
    assert after == {"changed": 1, "new": 1, "removed": 1, "unchanged": len(TREE) - 2}
    anew = pipeline(tmp_path / "anew")
    with medium.open() as source:
        anew.scan("s", source)
    assert tables(made) == tables(anew)


def test_the_fingerprint_follows_the_content(medium: Medium) -> None:
    medium.write(TREE)
    marks = []
    for files in (TREE, {**TREE, "new.py.json": artifact(77)}):
        medium.write(files)
        with medium.open() as source:
            marks.append(source.fingerprint())
            assert source.fingerprint() == marks[-1]
    assert marks[0] != marks[1]


def test_a_file_that_vanishes_costs_one_file(medium: Medium, tmp_path: Path) -> None:
    if not medium.can_vanish:
        pytest.skip("this medium is read as a snapshot: a file cannot vanish from it")
    medium.write(TREE)
    gone = next(iter(TREE))
    source = medium.open()
    _vanish_after_discovery(source, lambda: medium.vanish(gone))
    made = pipeline(tmp_path / "w")
    with source:
        report = made.scan("s", source)
    assert report.outcomes == {"loaded": len(TREE) - 1, "quarantined": 1}
    findings = made.lake.scan("findings", "s").collect()
    assert findings.select("path", "code").rows() == [(gone, "FILE_UNREADABLE")]


def _vanish_after_discovery(source: Source, act: Any) -> None:
    discover = source.discover

    def then_vanish(progress: Any = None) -> Any:
        found = discover(progress)
        act()
        return found

    source.discover = then_vanish  # type: ignore[method-assign]


def test_a_ruined_source_removes_nothing(medium: Medium, tmp_path: Path) -> None:
    made = pipeline(tmp_path / "w")
    medium.write(TREE)
    with medium.open() as source:
        made.scan("s", source)
    head, before = made.lake.head("s"), tables(made)
    medium.ruin()

    def again() -> None:
        with medium.open() as source:
            made.scan("s", source)

    with pytest.raises(SnakePipeError) as caught:
        again()
    assert caught.value.remedy
    assert caught.value.state
    assert made.lake.head("s") == head
    assert tables(made) == before


def test_the_origin_opens_the_source_again(medium: Medium) -> None:
    medium.write(TREE)
    with medium.open(exclude=["pkg1/*"]) as source, open_origin(source.origin) as again:
        assert again.origin == source.origin
        assert again.location == source.location
        assert again.discover().files.equals(source.discover().files)


def test_an_absent_artifact_is_no_failure_of_the_source(medium: Medium) -> None:
    medium.write(TREE)
    with medium.open() as source:
        source.discover()
        (lost,) = source.read_many(["absent.json"])
    assert isinstance(lost, UnreadableArtifactError)
    assert lost.code == "FILE_UNREADABLE"
    assert lost.hint

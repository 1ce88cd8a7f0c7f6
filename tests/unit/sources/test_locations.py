"""Which kind a location is of, options, secrets, and APIs that make trouble.

Belongs here: the registry and the kinds behind a URL. Does not: what holds for all kinds.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.settings import Settings, SettingsError
from snake_pipe_core.sources import registry
from snake_pipe_core.sources.base import SourceOptionError, SourceUnreachableError
from snake_pipe_core.sources.registry import kind_of, name_for, open_configured, open_source
from tests.contract.media import Api, artifact, serving


@pytest.mark.parametrize(
    ("location", "kind", "name"),
    [
        ("asts", "directory", "asts"),
        ("dump.zip", "zip", "dump"),
        ("a/dump.tar.zst", "tar", "dump"),
        ("dump.tgz", "tar", "dump"),
        ("x.ndjson.gz", "ndjson", "x"),
        ("x.jsonl", "ndjson", "x"),
        ("x.parquet", "parquet", "x"),
        ("s3://bucket/some/prefix/", "object_store", "prefix"),
        ("gs://bucket", "object_store", "bucket"),
        ("az://container/p", "object_store", "p"),
        ("https://host/api/asts?x=1", "http", "asts"),
        ("sqlite:///x.db", "sql", "x.db"),
        ("postgresql+psycopg://u@h/d", "sql", "d"),
    ],
)
def test_a_location_tells_its_kind_and_name(location: str, kind: str, name: str) -> None:
    assert kind_of(location).name == kind
    assert name_for(location) == name


def test_a_directory_is_one_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "odd.zip").mkdir()
    assert kind_of(str(tmp_path / "odd.zip")).name == "directory"


def test_what_nobody_reads_is_refused() -> None:
    with pytest.raises(SourceOptionError, match="ftp://"):
        kind_of("ftp://host/x")
    with pytest.raises(SourceOptionError, match="no kind of source called 'tape'"):
        open_source("x", kind="tape")
    with pytest.raises(SourceOptionError, match="no option wrong"):
        open_source("x.tar", options={"wrong": "1"})
    with pytest.raises(SourceOptionError, match="max_bytes is 'many'"):
        open_source("x.tar", options={"max_bytes": "many"})
    with pytest.raises(SourceNotFoundError):
        open_source("absent.tar")


def test_a_missing_driver_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda _: None)
    with pytest.raises(SourceOptionError, match=r"pip install 'snake-pipe\[objects\]'"):
        open_source("s3://bucket")


def test_listing_kinds_imports_no_driver() -> None:
    import subprocess

    code = (
        "import sys; from snake_pipe_core.sources.registry import source_kinds; source_kinds();"
        "print([n for n in ('obstore', 'sqlalchemy', 'urllib3') if n in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize(
    "location",
    ["https://u:hunter2@host/x", "https://host/x?api_key=hunter2", "s3://hunter2@bucket/x",
     "postgresql://u@h/d?password=hunter2"],
)  # fmt: skip
def test_a_secret_in_a_location_is_refused_and_not_repeated(location: str) -> None:
    with pytest.raises(SourceOptionError) as caught:
        open_source(location, options={"table": "t"} if "sql" in location else {})
    assert "hunter2" not in str(caught.value)


def test_a_database_password_is_used_and_not_kept() -> None:
    source = open_source("postgresql+psycopg://u:hunter2@127.0.0.1:9/d", options={"table": "t"})
    assert source.location == "postgresql+psycopg://u@127.0.0.1:9/d"
    assert "hunter2" not in str(source.origin)
    with pytest.raises(SourceUnreachableError) as caught:
        source.discover()
    assert "hunter2" not in str(caught.value)


def test_names_of_tables_and_columns_are_quoted(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute('create table "odd; table" ("the path" text, "ast""s" text)')
        connection.execute("""insert into "odd; table" values ('a.json', '[1]')""")
    connection.close()
    options = {"table": "odd; table", "path": "the path", "content": 'ast"s'}
    with open_source(f"sqlite:///{tmp_path / 'x.db'}", options=options) as source:
        assert source.discover().files["path"].to_list() == ["a.json"]
        assert source.read("a.json") == b"[1]"


def test_settings_name_sources(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.json").write_text("{}")
    file = tmp_path / "snake-pipe.toml"
    file.write_text('[sources.one]\nlocation = "tree"\nexclude = ["b*"]\n')
    settings = Settings.load(file, {})
    source = open_configured("one", settings.sources)
    assert source.discover().files["path"].to_list() == ["a.json"]
    with pytest.raises(SourceNotFoundError, match="there are one"):
        open_configured("two", settings.sources)
    with pytest.raises(SourceOptionError, match="place"):
        open_configured("x", {"x": {"location": "y", "place": "z"}})
    file.write_text("sources = 3")
    with pytest.raises(SettingsError):
        Settings.load(file, {})


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as server:
        server.items = [
            {"path": f"{n}.json", "content": artifact(n).decode(), "deep": {"ast": {"n": n}}}
            for n in range(12)
        ]
        yield server


def listed(api: Api, **options: Any) -> list[str]:
    with open_source(f"{api.url}/asts", options=options) as source:
        return source.discover().files["path"].to_list()


@pytest.mark.parametrize("paging", ["cursor", "link", "header", "page"])
def test_every_way_of_paging_reaches_the_end(api: Api, paging: str) -> None:
    api.paging = paging
    option = {"header": "link"}.get(paging, paging)
    assert sorted(listed(api, paging=option)) == sorted(f"{n}.json" for n in range(12))
    assert len(api.seen) == (4 if paging == "page" else 3)


def test_fields_may_lie_deep_and_content_may_be_json(api: Api) -> None:
    options = {"content": "deep.ast", "items": "items"}
    with open_source(f"{api.url}/asts", options=options) as source:
        source.discover()
        assert source.read("7.json") == b'{"n":7}'


def test_a_busy_server_is_asked_again(api: Api) -> None:
    api.answers = [(429, {"Retry-After": "0"}), (503, {"Retry-After": "0"})]
    assert len(listed(api)) == 12
    assert len(api.seen) == 5


def test_a_server_that_stays_busy_is_given_up(api: Api) -> None:
    api.answers = [(429, {"Retry-After": "0"})] * 4
    with pytest.raises(SourceUnreachableError, match="429"):
        listed(api, attempts=2)
    assert len(api.seen) == 3


def test_the_token_goes_in_a_header_alone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.token = "hunter2"
    with pytest.raises(SourceUnreachableError, match="401"):
        listed(api)
    monkeypatch.setenv("ASTS_TOKEN", "hunter2")
    with open_source(f"{api.url}/asts", options={"token_env": "ASTS_TOKEN"}) as source:
        assert source.discover().files.height == 12
        assert "hunter2" not in source.location + str(source.origin)
    assert all("hunter2" not in line.split(" ")[0] for line in api.seen)
    with pytest.raises(SourceOptionError, match="NOT_SET"):
        listed(api, token_env="NOT_SET")


def test_a_next_page_elsewhere_is_refused(api: Api) -> None:
    api.paging, api.elsewhere = "link", "http://127.0.0.2:9"
    with pytest.raises(SourceUnreachableError, match="another server"):
        listed(api)


def test_pages_that_never_end_are_given_up(api: Api) -> None:
    with pytest.raises(SourceUnreachableError, match="max_pages"):
        listed(api, max_pages=2)


def test_a_bucket_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    options = {"endpoint": "http://127.0.0.1:9", "region": "us-east-1", "attempts": 0}
    with pytest.raises(SourceUnreachableError) as caught:
        open_source("s3://absent/x", options=options).discover()
    assert len(str(caught.value)) < 700

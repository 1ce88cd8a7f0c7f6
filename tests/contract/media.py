"""The same files in every medium that a source can read, made for tests.

Belongs here: writing a tree of files as a directory, an archive, a bundle, a table, an API and an
object store, and changing it there. Does not: assertions.
"""

from __future__ import annotations

import abc
import gzip
import io
import json
import sqlite3
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from snake_pipe_core.sources.base import Source
from snake_pipe_core.sources.registry import open_source

Files = Mapping[str, bytes]


def artifact(number: int) -> bytes:
    """Return a small artifact of the dialect python-ast; equal numbers give equal bytes."""
    at = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 1}
    value = {"_type": "Constant", "value": number, "kind": None, **at}
    body = [{"_type": "Expr", "value": value, **at}]
    return json.dumps({"_type": "Module", "body": body, "type_ignores": []}).encode()


class Medium(abc.ABC):
    """One place that holds files, and what a source needs to read it."""

    can_vanish = False
    """Whether a file can go while a source that listed it is open."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    @abc.abstractmethod
    def write(self, files: Files) -> None:
        """Make the medium hold these files alone."""

    @abc.abstractmethod
    def location(self) -> str:
        """Return what a user would write."""

    def options(self) -> dict[str, Any]:
        return {}

    def open(self, **patterns: Any) -> Source:
        return open_source(self.location(), options=self.options(), **patterns)

    def vanish(self, path: str) -> None:
        """Remove one file under an open source."""
        raise NotImplementedError

    @abc.abstractmethod
    def ruin(self) -> None:
        """Leave the medium there, but so that it cannot be read to its end."""


class Directory(Medium):
    can_vanish = True
    ending = ""

    def write(self, files: Files) -> None:
        root = self.folder / "tree"
        kept = {root / (path + self.ending) for path in files}
        for old in root.rglob("*") if root.exists() else ():
            if old.is_file() and old not in kept:
                old.unlink()
        for path, content in files.items():
            target = root / (path + self.ending)
            packed = self.pack(content)
            if target.exists() and target.read_bytes() == packed:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(packed)

    def pack(self, content: bytes) -> bytes:
        return content

    def location(self) -> str:
        return str(self.folder / "tree")

    def vanish(self, path: str) -> None:
        (self.folder / "tree" / (path + self.ending)).unlink()

    def ruin(self) -> None:
        (self.folder / "tree").rename(self.folder / "gone")


class GzipFiles(Directory):
    ending = ".gz"

    def pack(self, content: bytes) -> bytes:
        return gzip.compress(content, mtime=0)


class ZstdFiles(Directory):
    ending = ".zst"

    def pack(self, content: bytes) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as stream:
            stream.write(content)
        return bytes(sink.getvalue().to_pybytes())


class OneFile(Medium):
    name = ""

    def location(self) -> str:
        return str(self.folder / self.name)

    def ruin(self) -> None:
        whole = Path(self.location()).read_bytes()
        Path(self.location()).write_bytes(whole[: len(whole) * 2 // 3])


class Zip(OneFile):
    name = "asts.zip"

    def write(self, files: Files) -> None:
        with zipfile.ZipFile(self.location(), "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                archive.writestr(zipfile.ZipInfo(path), content)


class Tar(OneFile):
    name = "asts.tar"
    mode = "w:"

    def write(self, files: Files) -> None:
        with tarfile.open(self.location(), self.mode) as archive:  # type: ignore[call-overload]
            fill(archive, files)


def fill(archive: tarfile.TarFile, files: Files) -> None:
    for path, content in files.items():
        member = tarfile.TarInfo(path)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


class TarGz(Tar):
    name, mode = "asts.tar.gz", "w:gz"


class TarXz(Tar):
    name, mode = "asts.tar.xz", "w:xz"


class TarBz2(Tar):
    name, mode = "asts.tbz2", "w:bz2"


class TarZst(Tar):
    name = "asts.tar.zst"

    def write(self, files: Files) -> None:
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w:") as archive:
            fill(archive, files)
        with pa.CompressedOutputStream(self.location(), "zstd") as stream:
            stream.write(plain.getvalue())


class Ndjson(OneFile):
    name = "asts.ndjson"

    def rows(self, files: Files) -> bytes:
        rows = ({"path": path, "content": content.decode()} for path, content in files.items())
        return b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    def write(self, files: Files) -> None:
        Path(self.location()).write_bytes(self.rows(files))

    def ruin(self) -> None:
        Path(self.location()).unlink()


class NdjsonGz(Ndjson):
    name = "asts.jsonl.gz"

    def write(self, files: Files) -> None:
        Path(self.location()).write_bytes(gzip.compress(self.rows(files)))

    def ruin(self) -> None:
        OneFile.ruin(self)


class Parquet(OneFile):
    name = "asts.parquet"

    def write(self, files: Files) -> None:
        table = pa.table({"file": list(files), "ast": list(files.values())})
        pq.write_table(table, self.location(), row_group_size=7)

    def options(self) -> dict[str, Any]:
        return {"path": "file", "content": "ast"}


class Sqlite(Medium):
    def write(self, files: Files) -> None:
        with sqlite3.connect(self.folder / "x.db") as connection:
            connection.execute("drop table if exists asts")
            connection.execute("create table asts (file text, ast text, is_old int)")
            rows = [(path, content.decode(), 0) for path, content in files.items()]
            connection.executemany("insert into asts values (?, ?, ?)", rows)
            connection.execute("insert into asts values ('old.json', '{}', 1)")
        connection.close()

    def location(self) -> str:
        return f"sqlite:///{self.folder / 'x.db'}"

    def options(self) -> dict[str, Any]:
        return {"table": "asts", "path": "file", "content": "ast", "where": "is_old = 0"}

    def ruin(self) -> None:
        with sqlite3.connect(self.folder / "x.db") as connection:
            connection.execute("drop table asts")
        connection.close()


class Api(ThreadingHTTPServer):
    """A paged JSON API; what it does next is set by whoever tests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.items: list[dict[str, Any]] = []
        self.paging, self.per_page, self.token = "cursor", 5, ""
        self.answers: list[tuple[int, dict[str, str]]] = []
        """Failures to answer with before anything else: status and headers."""
        self.broken_after: int | None = None
        self.elsewhere = ""
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Api

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        api = self.server
        api.seen.append(f"{self.path} {self.headers.get('Authorization', '')}".strip())
        if api.token and self.headers.get("Authorization") != f"Bearer {api.token}":
            return self._send(401, {})
        if api.answers:
            status, headers = api.answers.pop(0)
            return self._send(status, {}, headers)
        query = parse_qs(urlsplit(self.path).query)
        start = int(query.get("cursor", ["0"])[0])
        if api.paging == "page":
            start = (int(query["page"][0]) - 1) * api.per_page
        if api.broken_after is not None and start >= api.broken_after:
            return self._send(404, {})
        stop = start + api.per_page
        body: dict[str, Any] = {"items": api.items[start:stop]}
        headers = {}
        if stop < len(api.items):
            following = f"{api.elsewhere}/asts?cursor={stop}"
            if api.paging == "cursor":
                body["next_cursor"] = str(stop)
            elif api.paging == "link":
                body["next"] = following
            elif api.paging == "header":
                headers["Link"] = f'<{following}>; rel="next", <{api.url}/asts>; rel="first"'
        return self._send(200, body, headers)

    def _send(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        encoded = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


@contextmanager
def serving() -> Iterator[Api]:
    """Serve an API on loopback."""
    api = Api()
    thread = threading.Thread(target=api.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield api
    finally:
        api.shutdown()
        thread.join()
        api.server_close()


class Http(Medium):
    def __init__(self, folder: Path, api: Api) -> None:
        super().__init__(folder)
        self.api = api

    def write(self, files: Files) -> None:
        self.api.items = [{"path": path, "content": text.decode()} for path, text in files.items()]
        self.api.broken_after = None

    def location(self) -> str:
        return f"{self.api.url}/asts"

    def ruin(self) -> None:
        self.api.broken_after = self.api.per_page


class S3(Medium):
    can_vanish = True

    def __init__(self, folder: Path, client: Any, endpoint: str, bucket: str) -> None:
        super().__init__(folder)
        self.client, self.endpoint, self.bucket = client, endpoint, bucket
        client.create_bucket(Bucket=bucket)

    def write(self, files: Files) -> None:
        listed = self.client.list_objects_v2(Bucket=self.bucket, Prefix="asts/").get("Contents", [])
        for item in listed:
            if item["Key"].removeprefix("asts/") not in files:
                self.client.delete_object(Bucket=self.bucket, Key=item["Key"])
        for path, content in files.items():
            self.client.put_object(Bucket=self.bucket, Key=f"asts/{path}", Body=content)
        self.client.put_object(Bucket=self.bucket, Key="other/not-ours.json", Body=b"{}")

    def location(self) -> str:
        return f"s3://{self.bucket}/asts"

    def options(self) -> dict[str, Any]:
        return {"endpoint": self.endpoint, "region": "us-east-1", "attempts": 1}

    def vanish(self, path: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=f"asts/{path}")

    def ruin(self) -> None:
        for item in self.client.list_objects_v2(Bucket=self.bucket)["Contents"]:
            self.client.delete_object(Bucket=self.bucket, Key=item["Key"])
        self.client.delete_bucket(Bucket=self.bucket)


LOCAL: dict[str, type[Medium]] = {
    "directory": Directory, "directory-gz": GzipFiles, "directory-zst": ZstdFiles, "zip": Zip,
    "tar": Tar, "tar-gz": TarGz, "tar-xz": TarXz, "tar-bz2": TarBz2, "tar-zst": TarZst,
    "ndjson": Ndjson, "ndjson-gz": NdjsonGz, "parquet": Parquet, "sql": Sqlite,
}  # fmt: skip
KINDS = (*LOCAL, "http", "object_store")

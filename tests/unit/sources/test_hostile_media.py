"""Archives and bundles that mean harm, or that came to harm.

Belongs here: what one medium alone can do wrong. Does not: what holds for all kinds of source; that
is in `tests/contract/test_source_contract.py`.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from snake_pipe_core.sources.base import (
    Source,
    SourceUnreachableError,
    UnreadableArtifactError,
)
from snake_pipe_core.sources.registry import open_source
from snake_pipe_core.sources.spool import SpoolFullError

NAMES = {
    "../up.json": "PATH_UNSAFE", "a/../../up.json": "PATH_UNSAFE", "/etc/x.json": "PATH_UNSAFE",
    "C:/x.json": "PATH_UNSAFE", "a\\..\\x.json": "PATH_UNSAFE", "a//x.json": "PATH_UNSAFE",
}  # fmt: skip


def found(source: Source) -> tuple[list[str], dict[str, str]]:
    """Return the paths that are taken, and the finding's code of each that is not."""
    discovery = source.discover()
    taken = discovery.files.filter(~pl.col("is_skipped"))["path"].to_list()
    return taken, dict(discovery.findings.select("path", "code").iter_rows())


def code_of(source: Source, path: str) -> str:
    with pytest.raises(UnreadableArtifactError) as caught:
        source.read(path)
    assert caught.value.hint
    return caught.value.code


def make_tar(path: Path, members: list[tuple[tarfile.TarInfo, bytes]], mode: str = "w:") -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def test_names_that_lead_out_are_skipped(tmp_path: Path) -> None:
    make_tar(tmp_path / "a.tar", [(tarfile.TarInfo(n), b"{}") for n in [*NAMES, "ok.json"]])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in [*NAMES, "ok.json"]:
            archive.writestr(zipfile.ZipInfo(name), b"{}")
    rows = [json.dumps({"path": name, "content": "{}"}) for name in [*NAMES, "ok.json"]]
    (tmp_path / "a.ndjson").write_text("\n".join(rows))
    before = sorted(tmp_path.parent.rglob("*"))
    for name in ("a.tar", "a.zip", "a.ndjson"):
        with open_source(str(tmp_path / name)) as source:
            assert found(source) == (["ok.json"], NAMES)
            assert source.read("ok.json") == b"{}"
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    members = [
        (link("s.json", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (link("h.json", tarfile.LNKTYPE, "ok.json"), b""),
        (link("d.json", tarfile.CHRTYPE, ""), b""),
        (tarfile.TarInfo("ok.json"), b"{}"),
    ]
    make_tar(path, members)
    with open_source(str(path)) as source:
        assert found(source) == (
            ["ok.json"],
            {"s.json": "LINK_IN_ARCHIVE", "h.json": "LINK_IN_ARCHIVE", "d.json": "NOT_A_FILE"},
        )
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        info = zipfile.ZipInfo("s.json")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    with open_source(str(tmp_path / "a.zip")) as source:
        assert found(source) == ([], {"s.json": "LINK_IN_ARCHIVE"})


@pytest.mark.parametrize("kind", ["tar", "zip", "ndjson"])
def test_of_two_files_of_one_name_the_last_counts(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "tar":
        make_tar(path, [(tarfile.TarInfo("a.json"), b"[1]"), (tarfile.TarInfo("a.json"), b"[22]")])
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.json", b"[1]")
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr("a.json", b"[22]")
    else:
        path.write_text('{"path":"a.json","content":"[1]"}\n{"path":"a.json","content":"[22]"}\n')
    with open_source(str(path)) as source:
        assert found(source) == (["a.json"], {"a.json (repeated, 1)": "PATH_REPEATED"})
        assert source.read("a.json") == b"[22]"


def test_a_zip_bomb_costs_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b"0" * (100 << 20))
        archive.writestr("ok.json", b"{}")
    assert path.stat().st_size < 1 << 20
    with open_source(str(path)) as source:
        assert found(source)[0] == ["bomb.json", "ok.json"]
        assert code_of(source, "bomb.json") == "COMPRESSION_SUSPECT"
        assert source.read("ok.json") == b"{}"
    with open_source(str(path), options={"max_bytes": "1MiB"}) as source:
        assert code_of(source, "bomb.json") == "FILE_TOO_LARGE"


def test_a_zip_that_understates_sizes_gives_no_more_than_it_states(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b"0" * (10 << 20))
    raw = path.read_bytes().replace(struct.pack("<I", 10 << 20), struct.pack("<I", 100))
    path.write_bytes(raw)
    with open_source(str(path)) as source:
        source.discover()
        assert code_of(source, "bomb.json") == "COMPRESSION_DAMAGED"


def test_zip_members_that_share_bytes_are_suspect(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b"[1]")
        archive.writestr("b.json", b"[1]")
    raw = bytearray(path.read_bytes())
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<I", 3)  # its header now lies inside the first
    path.write_bytes(bytes(raw))
    with open_source(str(path)) as source:
        source.discover()
        assert code_of(source, "a.json") == "COMPRESSION_SUSPECT"
        assert code_of(source, "b.json") == "COMPRESSION_DAMAGED"


def test_an_encrypted_member_costs_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("secret.json", b"{}")
        archive.writestr("ok.json", b"{}")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(raw))
    with open_source(str(path)) as source:
        source.discover()
        assert code_of(source, "secret.json") == "MEMBER_ENCRYPTED"
        assert source.read("ok.json") == b"{}"


def test_a_damaged_member_costs_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bad.json", b'{"here": 1}')
        archive.writestr("ok.json", b"{}")
    path.write_bytes(path.read_bytes().replace(b'{"here": 1}', b'{"here": 2}'))
    with open_source(str(path)) as source:
        source.discover()
        assert code_of(source, "bad.json") == "COMPRESSION_DAMAGED"
        assert source.read("ok.json") == b"{}"


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:xz", "w:bz2"])
def test_a_tar_cut_off_anywhere_is_refused_whole(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.tar"
    members = [(tarfile.TarInfo(f"{n}.json"), b"[%d]" % n * 300) for n in range(5)]
    make_tar(path, members, mode)
    whole = path.read_bytes()
    end = len(whole) - 10_240 if mode == "w:" else len(whole)  # zeros behind the end mark
    cuts = {512, 1024, 1536, end // 3, end // 2, end - 512, end - 1, end - 5} & set(range(1, end))
    for cut in sorted(cuts):
        path.write_bytes(whole[:cut])
        with open_source(str(path)) as source, pytest.raises(SourceUnreachableError):
            source.discover()
    path.write_bytes(whole)
    with open_source(str(path)) as source:
        assert len(found(source)[0]) == 5


def test_a_tar_with_a_broken_header_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    make_tar(path, [(tarfile.TarInfo(f"{n}.json"), b"{}") for n in range(3)])
    raw = bytearray(path.read_bytes())
    raw[1024 + 100] ^= 0xFF
    path.write_bytes(bytes(raw))
    with open_source(str(path)) as source, pytest.raises(SourceUnreachableError, match="broken"):
        source.discover()


def test_a_tar_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    make_tar(path, [(tarfile.TarInfo("bomb.json"), b"0" * (120 << 20))], "w:gz")
    with open_source(str(path)) as source, pytest.raises(SourceUnreachableError, match="max_ratio"):
        source.discover()


def test_a_tar_member_that_is_too_large_costs_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    make_tar(path, [(tarfile.TarInfo("x.json"), b"0" * 4096), (tarfile.TarInfo("y.json"), b"{}")])
    with open_source(str(path), options={"max_bytes": 1000}) as source:
        assert found(source)[0] == ["x.json", "y.json"]
        assert code_of(source, "x.json") == "FILE_TOO_LARGE"
        assert source.read("y.json") == b"{}"


def test_a_tar_header_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    member = tarfile.TarInfo("long")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 5 << 30
    path.write_bytes(member.tobuf(tarfile.GNU_FORMAT) + b"\0" * 20_480)
    with open_source(str(path)) as source, pytest.raises(SourceUnreachableError, match="claims"):
        source.discover()


def test_a_compressed_bomb_in_a_directory_costs_one_file(tmp_path: Path) -> None:
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(b"0" * (100 << 20)))
    whole = gzip.compress(b"[1, 2, 3]" * 100)
    (tmp_path / "cut.json.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "html.json.zst").write_bytes(b"<html>")
    with open_source(str(tmp_path)) as source:
        assert found(source)[0] == ["bomb.json", "cut.json", "html.json"]
        assert code_of(source, "bomb.json") == "COMPRESSION_SUSPECT"
        assert code_of(source, "cut.json") == "COMPRESSION_DAMAGED"
        assert code_of(source, "html.json") == "COMPRESSION_DAMAGED"


def test_beside_its_plain_file_a_compressed_one_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[1]")
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"[2]"))
    with open_source(str(tmp_path)) as source:
        assert found(source) == (["a.json"], {"a.json.gz": "PATH_REPEATED"})
        assert source.read("a.json") == b"[1]"


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    for name in ("a.zip", "a.tar", "a.tar.zst", "a.parquet"):
        (tmp_path / name).write_bytes(b"<html>not found</html>")
        with open_source(str(tmp_path / name)) as source, pytest.raises(SourceUnreachableError):
            source.discover()


def test_bad_rows_cost_a_file_each(tmp_path: Path) -> None:
    rows = [
        "no json", '["a list"]', '{"path": "", "content": "{}"}', '{"path": "a.json"}',
        '{"path": "b.json", "content": {"_type": "Module", "n": 12345678901234567890}}', "",
        '{"path": "c.json", "content": "[1]"}',
    ]  # fmt: skip
    (tmp_path / "a.ndjson").write_text("\n".join(rows))
    with open_source(str(tmp_path / "a.ndjson")) as source:
        taken, findings = found(source)
        assert taken == ["(row 1)", "(row 2)", "(row 3)", "a.json", "b.json", "c.json"]
        assert findings == {}
        assert {code_of(source, path) for path in taken[:4]} == {"ROW_INVALID"}
        assert source.read("b.json") == b'{"_type":"Module","n":12345678901234567890}'


def test_the_spool_keeps_its_bound_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    noise = [random.Random(n).randbytes(500) for n in range(20)]
    members: list[tuple[tarfile.TarInfo, bytes]] = [
        (tarfile.TarInfo(f"{n}.json"), content) for n, content in enumerate(noise)
    ]
    make_tar(tmp_path / "a.tar", members)
    options: dict[str, Any] = {"spool_bytes": 1000}
    with (
        open_source(str(tmp_path / "a.tar"), options=options) as source,
        pytest.raises(SpoolFullError, match="1,000"),
    ):
        source.discover()
    assert list(spool.iterdir()) == []
    with open_source(str(tmp_path / "a.tar")) as source:
        source.discover()
        assert list(spool.iterdir()) == []
        assert [source.read(f"{n}.json") for n in range(20)] == noise

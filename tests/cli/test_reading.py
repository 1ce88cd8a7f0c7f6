"""Commands that read: help, inspect, search, similar, impact, cycles, status, doctor.

Belongs here: what they print, where, and their exit codes. Does not: whether answers are right.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from snake_pipe_core.backends.relational import embedded
from snake_pipe_core.cli import main
from snake_pipe_core.parse.outcome import CODES
from tests.cli.conftest import EXAMPLES, document, run_command
from tests.contract.remains import processes_in, remains_in

READING = {
    "inspect": ("inspect", EXAMPLES / "shop-damaged"),
    "inspect --profile": ("inspect", EXAMPLES / "shop-damaged", "--profile"),
    "search": ("search", "order"),
    "similar": ("similar", "Order"),
    "impact": ("impact", "Order"),
    "cycles": ("cycles",),
    "status": ("status",),
    "doctor": ("doctor",),
    "quarantine list": ("quarantine", "list"),
    "quarantine show": ("quarantine", "show", "settings.json"),
    "vacuum": ("vacuum",),
}


def commands(group: click.Group = main, *above: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        found.append((*above, name))
        if isinstance(command, click.Group):
            found += commands(command, *above, name)
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = run_command(*path, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    assert result.stderr == ""
    leaf = path[-1] != "quarantine"
    assert ("--format" in result.stdout) == leaf


def test_help_loads_neither_tables_nor_bars() -> None:
    program = (
        "import sys; from snake_pipe_core.cli import main\n"
        "try: main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('polars', 'rich', 'deltalake', 'pyarrow') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", READING.values(), ids=list(READING))
def test_json_is_one_document_and_nothing_else(
    workspace: Path, arguments: tuple[object, ...]
) -> None:
    result = run_command(*arguments, "-w", workspace, "--format", "json")
    assert result.exit_code == 0
    assert document(result)
    assert result.stderr == ""


@pytest.mark.parametrize("arguments", READING.values(), ids=list(READING))
def test_tables_are_for_people(workspace: Path, arguments: tuple[object, ...]) -> None:
    result = run_command(*arguments, "-w", workspace)
    assert result.exit_code == 0
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.stdout)
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 160 or (
        arguments[0] == "quarantine"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("run",),
        ("run", EXAMPLES, "--backend", "oracle"),
        ("run", EXAMPLES, "--workers", "0"),
        ("search",),
        ("status", "--format", "xml"),
        ("quarantine", "replay"),
        ("inspect", EXAMPLES, "--keep"),
    ],
    ids=lambda arguments: " ".join(map(str, arguments[-2:])),
)
def test_wrong_usage_is_exit_2(arguments: tuple[object, ...]) -> None:
    result = run_command(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: " in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "no/such/directory"), "cannot be listed as a directory"),
        (("status", "--source", "nobody"), "holds no source 'nobody'; known: shop-"),
        (("quarantine", "list", "--source", "nobody"), "holds no source 'nobody'"),
        (("quarantine", "show", "nothing.json"), "No ledger has an artifact 'nothing.json'"),
        (("quarantine", "replay", "-s", "shop-damaged", "x.json"), "No ledger has an artifact"),
        (("explain", "SCHEMA_VIOLATON"), "No finding has the code 'SCHEMA_VIOLATON'"),
        (("cycles", "--source", "shop-damaged"), "is not published; published: shop-python"),
        (("impact", "Ordr"), "Did you mean Order"),
        (("similar", "no_such_name_at_all"), "No published symbol is called"),
        (("impact", "add"), "names "),
        (("drop", "nobody", "--yes"), "holds no source 'nobody'"),
    ],
)
def test_terminal_errors_say_what_to_do(
    workspace: Path, arguments: tuple[str, ...], told: str
) -> None:
    where = () if arguments[0] == "explain" else ("-w", workspace)
    result = run_command(*arguments, *where)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert told in result.stderr
    assert "\nDo: " in result.stderr
    as_json = run_command(*arguments, *where, "--format", "json")
    assert as_json.exit_code == 1
    assert as_json.stdout == ""
    assert set(json.loads(as_json.stderr)) == {"error", "message", "remedy", "state"}


def test_findings_are_explained_without_the_documents() -> None:
    page = Path("docs/reference/findings/JSON_TRUNCATED.md").read_text(encoding="utf-8")
    told = run_command("explain", "json-truncated").stdout
    assert told.startswith("# JSON_TRUNCATED\n")
    assert page.endswith(told)
    as_json = document(run_command("explain", "JSON_TRUNCATED", "--format", "json"))
    assert as_json["page"] == told
    assert (as_json["severity"], as_json["outcome"]) == ("error", "quarantined")
    listed = document(run_command("explain", "--format", "json"))
    assert {"code": "JSON_TRUNCATED"}.items() <= {row["code"]: row for row in listed}[
        "JSON_TRUNCATED"
    ].items()
    assert "JSON_TRUNCATED" in run_command("explain").stdout


def test_codes_of_parsing_are_explained_beside_those_of_findings() -> None:
    told = run_command("explain", "syntax-error").stdout
    assert told.startswith("# SYNTAX_ERROR\n")
    assert CODES["SYNTAX_ERROR"].remedy in told
    both = run_command("explain", "FILE_TOO_LARGE").stdout
    assert "--max-bytes" in both.partition("## From `snake-pipe parse`")[2]
    assert "memory budget" in both.partition("## From `snake-pipe parse`")[0]
    as_json = document(run_command("explain", "FILE_TOO_LARGE", "--format", "json"))
    assert as_json["severity"] == "error"
    assert as_json["parse"]["remedy"] == CODES["FILE_TOO_LARGE"].remedy
    listed = document(run_command("explain", "--format", "json"))
    assert {row["code"] for row in listed if row["command"] == "parse"} == set(CODES)


@pytest.mark.parametrize("command", ["inspect", "quarantine list", "quarantine show"])
def test_findings_tell_code_severity_pointer_and_hint_everywhere(
    workspace: Path, command: str
) -> None:
    arguments = READING[command]
    if command == "quarantine show":
        arguments = ("quarantine", "show", "catalog/truncated.py.json")
    text = run_command(*arguments, "-w", workspace).stdout
    answer = document(run_command(*arguments, "-w", workspace, "--format", "json"))
    rows = answer["trouble"] if command == "inspect" else answer
    rows = rows[0]["findings"] if command == "quarantine show" else rows
    (row,) = [row for row in rows if row["code"] == "JSON_TRUNCATED"]
    assert row["severity"] == "error"
    for part in ("JSON_TRUNCATED", "error", row["pointer"], row["hint"].split()[0]):
        assert part in text


def test_a_profile_is_compared_with_those_kept_and_only_then_kept(tmp_path: Path) -> None:
    profile = ("-w", tmp_path / "ws", "--profile", "--source", "shop")
    first = run_command("inspect", EXAMPLES / "shop-python", *profile)
    assert first.exit_code == 0
    for part in (
        "Quality score",
        "Distributions",
        "p95",
        "Kinds",
        "identifier",
        "No earlier profile",
    ):
        assert part in first.stdout
    assert not (tmp_path / "ws").exists(), "inspect keeps nothing unless told to"
    as_json = ("--format", "json")
    kept = run_command("inspect", EXAMPLES / "shop-python", *profile, "--keep", *as_json)
    assert document(kept)["profile"]["kept"] is True
    assert document(kept)["profile"]["compared_with"] == 0
    again = run_command("inspect", EXAMPLES / "shop-python", *profile, "--keep", *as_json)
    assert document(again)["profile"]["kept"] is False, "one profile of a version is enough"
    other = run_command("inspect", EXAMPLES / "shop-go", *profile)
    assert "The dialect tree-sitter (go) is here for the first time." in other.stdout
    assert "The dialect python-ast (python) is gone." in other.stdout
    found = document(run_command("inspect", EXAMPLES / "shop-go", *profile, *as_json))["profile"]
    assert found["compared_with"] == 1
    assert {anomaly["what"] for anomaly in found["anomalies"]} >= {"new", "vanished"}
    assert "No trouble" in run_command("inspect", EXAMPLES / "shop-go").stdout
    assert "There are no sources" in run_command("status", "-w", tmp_path / "ws").stdout


def test_an_ambiguous_name_lists_its_candidates(workspace: Path) -> None:
    result = run_command("impact", "add", "-w", workspace)
    assert "shop.orders.models.Order.add (method, shop-python, src/shop/" in result.stderr
    assert "--kind" in result.stderr


@pytest.mark.parametrize("name", ["shop.orders.models.Order.total", "Order.total"])
def test_symbols_are_found_by_their_name_or_its_end(workspace: Path, name: str) -> None:
    result = run_command("impact", name, "-w", workspace)
    assert result.exit_code == 0
    assert "shop.orders.models.Order.total (method" in result.stdout


def test_impact_of_what_nobody_uses_says_so(workspace: Path) -> None:
    unused = next(
        hit
        for hit in document(run_command("search", "kind:function", "-w", workspace, "--format",
                                        "json", "-n", "100"))["hits"]
        if document(run_command("impact", hit["id"], "-w", workspace, "--format", "json")) == []
    )  # fmt: skip
    result = run_command("impact", unused["id"], "-w", workspace)
    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing in shop-python is known to depend on ")


def test_what_has_no_embedding_says_what_is_compared(workspace: Path) -> None:
    hits = document(run_command("search", "kind:module", "-w", workspace, "--format", "json"))[
        "hits"
    ]
    result = run_command("similar", hits[0]["id"], "-w", workspace)
    assert result.exit_code == 1
    assert "is a module, and no embedding of it is published" in result.stderr
    assert "Callables, types and files have one" in result.stderr


def test_an_empty_workspace_says_what_to_run_first(tmp_path: Path) -> None:
    assert "There are no sources yet" in run_command("status", "-w", tmp_path).stdout
    assert document(run_command("status", "-w", tmp_path, "--format", "json")) == []
    result = run_command("search", "order", "-w", tmp_path)
    assert result.exit_code == 1
    assert "Run `snake-pipe run DIRECTORY` first." in result.stderr
    assert "Nothing is in quarantine" in run_command("quarantine", "list", "-w", tmp_path).stdout


CLOSED = "postgresql://user:secret@127.0.0.1:1/database"
"""A server that does not run: nobody listens on port 1."""


def test_status_without_postgresql_shows_what_the_others_say(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = document(run_command("status", "-w", workspace, "--format", "json"))
    monkeypatch.setenv("SNAKE_PIPE_POSTGRES_URL", CLOSED)
    text = run_command("status", "-w", workspace)
    assert text.exit_code == 4
    assert "shop-python: generation " in text.stdout
    assert "26 loaded; the quality gate passed." in text.stdout
    table = {line.split()[0]: line.split()[1:3] for line in text.stdout.splitlines() if line}
    assert table["postgres"] == ["unknown", "unknown"]
    assert table["ladybug"] == table["chroma"] == table["tantivy"] == ["published", "yes"]
    told = text.stderr.splitlines()
    assert [line.partition(":")[0] for line in told] == ["Error", "Do", "State"]
    assert told[0].startswith("Error: postgres could not be asked: PostgreSQL cannot be reached: ")
    assert "Connection refused" in told[0]
    assert told[1] == "Do: Start the server or correct SNAKE_PIPE_POSTGRES_URL."
    assert "secret" not in text.output

    as_json = run_command("status", "-w", workspace, "--format", "json")
    assert as_json.exit_code == 4
    assert json.loads(as_json.stderr)["error"] == "BackendUnavailableError"
    answer = document(as_json)
    without = [{**source, "publications": []} for source in answer]
    assert without == [{**source, "publications": []} for source in recorded]
    for before, now in zip(recorded, answer, strict=True):
        rows = {row["backend"]: row for row in now["publications"]}
        unasked = rows.pop("postgres")
        assert (unasked["state"], unasked["version"], unasked["is_current"]) == (
            "unknown", None, None,
        )  # fmt: skip
        assert "Connection refused" in unasked["error"]
        told_before = {
            row["backend"]: (row["state"], row["version"], row["is_current"])
            for row in before["publications"]
            if row["backend"] != "postgres"
        }
        assert told_before == {
            name: (row["state"], row["version"], row["is_current"]) for name, row in rows.items()
        }


def test_status_tells_of_every_store_that_could_not_be_asked(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(loaded / "lake", tmp_path / "lake")
    monkeypatch.setenv("SNAKE_PIPE_POSTGRES_URL", CLOSED)
    monkeypatch.setattr(
        "snake_pipe_core.backends.search.tantivy.TantivyBackend.published", _raise_a_surprise
    )
    result = run_command("status", "-w", tmp_path, "-s", "shop-python", "--format", "json")
    assert result.exit_code == 4
    told = [json.loads(line) for line in result.stderr.splitlines()]
    assert [error["message"].split()[0] for error in told] == ["postgres", "tantivy"]
    assert told[1]["message"] == "tantivy could not be asked: RuntimeError: a surprise"
    assert "snake-pipe doctor" in told[1]["remedy"]
    (source,) = document(result)
    states = {row["backend"]: row["state"] for row in source["publications"]}
    assert states == {"postgres": "unknown", "tantivy": "unknown"}


def _raise_a_surprise(*_: object) -> None:
    raise RuntimeError("a surprise")


def test_status_with_a_broken_embedded_server(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = tmp_path / "ws"
    shutil.copytree(loaded, workspace)
    data = workspace / "backends" / "postgres" / "data"
    data.chmod(0)
    try:
        closed = run_command("status", "-w", workspace)
    finally:
        data.chmod(0o700)
    assert closed.exit_code == 4
    assert "Error: postgres could not be asked: The embedded PostgreSQL" in closed.stderr
    assert "Permission denied" in closed.stderr
    assert "\nDo: " in closed.stderr
    assert "tantivy   published" in closed.stdout
    assert remains_in(workspace) == []
    assert processes_in(workspace) == []

    monkeypatch.setattr("snake_pipe_core.backends.relational.embedded.find_spec", lambda _: None)
    embedded.binaries.cache_clear()
    try:
        absent = run_command("status", "-w", workspace)
    finally:
        embedded.binaries.cache_clear()
    assert absent.exit_code == 4
    assert "The embedded PostgreSQL is not installed." in absent.stderr
    assert f"Do: Run `{embedded.INSTALL}`" in absent.stderr
    assert "tantivy   published" in absent.stdout

    monkeypatch.undo()
    assert run_command("status", "-w", workspace).exit_code == 0, "nothing was broken by asking"


def test_status_of_an_unknown_source_asks_no_store(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNAKE_PIPE_POSTGRES_URL", CLOSED)
    result = run_command("status", "-w", workspace, "-s", "nobody")
    assert result.exit_code == 1
    assert "PostgreSQL" not in result.stderr


def test_status_of_nothing_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAKE_PIPE_POSTGRES_URL", CLOSED)
    assert run_command("status", "-w", tmp_path / "ws").exit_code == 0
    assert not (tmp_path / "ws").exists()


def test_doctor_names_the_store_that_is_broken(tmp_path: Path) -> None:
    broken = tmp_path / "backends" / "tantivy"
    broken.parent.mkdir()
    broken.write_text("a file where a directory should be")
    result = run_command("doctor", "-w", tmp_path, "--format", "json")
    assert result.exit_code == 1
    works = {row["check"]: row["ok"] for row in document(result)}
    assert works.pop("search: tantivy") is False
    assert all(works.values())


def test_a_directory_that_cannot_be_listed_is_an_error(tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("closed")
    run_command("inspect", folder)  # imports what nobody else could read
    folder.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        result = run_command("inspect", folder)
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o700)
    assert result.exit_code == 1
    assert "cannot be listed as a directory (Permission denied)" in result.stderr


def test_a_profile_of_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    result = run_command("inspect", tmp_path, "--profile", "-w", tmp_path / "ws")
    assert result.exit_code == 0
    assert "nothing to measure" in result.stdout

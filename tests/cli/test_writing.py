"""Commands that change the workspace: run, quarantine replay, drop, vacuum, demo.

Belongs here: what they leave, what they print and their exit codes. Does not: the pipeline's rules.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from snake_pipe_core.cli.output import LOAD_STEPS
from snake_pipe_core.lake import Lake
from tests.cli.conftest import EXAMPLES, document, run_command
from tests.contract.remains import remains_in

SMALL = EXAMPLES / "shop-damaged" / "catalog"


def test_a_run_tells_outcomes_edges_rows_speed_and_what_to_try(tmp_path: Path) -> None:
    result = run_command("run", EXAMPLES / "shop-python", "-w", tmp_path / "ws")
    assert result.exit_code == 0
    for part in (
        "Files by outcome", "Rows in the lake", "Edges by kind and resolution",
        "References without a target", "Rows in the backends", "files and", "nodes a minute",
        "Everything lies in", "snake-pipe search -w",
    ):  # fmt: skip
        assert part in result.stdout
    stages = [line.partition(":")[0] for line in result.stderr.splitlines()]
    assert {"extract", "scan", "resolve"} <= set(stages)
    for backend in ("postgres", "ladybug", "chroma", "tantivy"):
        steps = [line for line in result.stderr.splitlines() if f"load {backend}" in line]
        assert steps == [f"load {backend}: {step}" for step in LOAD_STEPS]
    assert remains_in(tmp_path) == []


def test_a_second_run_says_that_nothing_changed(own: Path) -> None:
    result = run_command("run", own.parent / "shop-python", "-w", own, "--format", "json")
    summary = document(result)
    assert (result.exit_code, result.stderr) == (0, "")
    assert summary["files"] == {"unchanged": 26}
    assert {load["state"] for load in summary["backends"]} == {"unchanged"}
    assert all(load["rows"] for load in summary["backends"])


def test_scan_only_leaves_the_backends_alone(tmp_path: Path) -> None:
    result = run_command("run", EXAMPLES / "shop-python", "-w", tmp_path, "--scan-only", "-q")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "The backends were left alone" in result.stdout
    assert not (tmp_path / "backends").exists()
    status = run_command("status", "-w", tmp_path)
    assert "It was never published." in status.stdout


def test_one_backend_alone(tmp_path: Path) -> None:
    result = run_command(
        "run", EXAMPLES / "shop-python", "-w", tmp_path, "--backend", "tantivy", "--format", "json"
    )
    assert result.exit_code == 0
    assert [load["backend"] for load in document(result)["backends"]] == ["tantivy"]


def test_include_and_exclude_hold_for_a_replay_too(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "shop-damaged", tmp_path / "shop")
    run = ("run", tmp_path / "shop", "-w", tmp_path / "ws", "--exclude", "settings.json",
           "--exclude", "truncated*", "--format", "json")  # fmt: skip
    result = run_command(*run)
    assert result.exit_code == 0
    assert document(result)["outcomes"]["skipped"] == 2
    replayed = run_command(
        "quarantine", "replay", "-s", "shop", "-w", tmp_path / "ws", "--format", "json"
    )
    assert replayed.exit_code == 0
    assert document(replayed)["artifacts"] == []
    assert document(run_command("status", "-w", tmp_path / "ws", "--format", "json"))[0][
        "outcomes"
    ] == {"loaded": 2, "skipped": 2}


@pytest.mark.parametrize("content", [None, "notes"])
def test_a_directory_without_artifacts_is_below_the_gate(
    tmp_path: Path, content: str | None
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    if content:
        (folder / "notes.txt").write_text(content)
    result = run_command("run", folder, "-w", tmp_path / "ws")
    assert result.exit_code == 3
    assert "No file is AST JSON of a known dialect" in result.stdout
    again = run_command("run", folder, "-w", tmp_path / "ws", "--format", "json")
    assert again.exit_code == 3
    assert document(again)["gate"] == {"passed": False, "valid": 0, "expected": 0}


def test_names_with_markup_are_shown_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "[bold]shop"
    folder.mkdir()
    (folder / "[red]a[bold].py.json").write_text('{"_type": "Module", "body": [')
    (folder / "b\\[c].json").write_text("{}")
    result = run_command("run", folder, "-w", tmp_path / "ws")
    assert result.exit_code == 3
    assert "bold-shop" in result.stdout
    listed = run_command("quarantine", "list", "-w", tmp_path / "ws")
    assert "[red]a[bold].py.json" in listed.stdout
    assert "b\\[c].json" in listed.stdout
    inspected = run_command("inspect", folder, "-w", tmp_path / "ws")
    assert "[red]a[bold].py.json" in inspected.stdout
    shown = run_command("quarantine", "show", "[red]a[bold].py.json", "-w", tmp_path / "ws")
    assert "JSON_TRUNCATED" in shown.stdout


def test_another_directory_of_the_same_name_is_refused(own: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "shop-python"
    shutil.copytree(EXAMPLES / "shop-python", elsewhere)
    before = Lake(own / "lake").head("shop-python")
    result = run_command("run", elsewhere, "-w", own)
    assert result.exit_code == 1
    assert "--source NAME" in result.stderr
    assert "--moved" in result.stderr
    assert Lake(own / "lake").head("shop-python") == before
    assert run_command("run", elsewhere, "-w", own, "--moved", "-q").exit_code == 0
    assert Lake(own / "lake").head("shop-python").location == str(elsewhere)
    assert run_command("run", elsewhere, "-w", own, "-q").exit_code == 0


def test_a_mended_artifact_is_replayed_into_the_backends(own: Path) -> None:
    folder = own.parent / "shop-damaged"
    listed = document(run_command("quarantine", "list", "-w", own, "--format", "json"))
    assert {row["path"] for row in listed} == {"catalog/truncated.py.json", "settings.json"}
    same = run_command("quarantine", "replay", "-s", "shop-damaged", "-w", own)
    assert same.exit_code == 3
    assert "The quality gate failed" in same.stdout
    whole = next(path for path in SMALL.glob("*.py.json") if "truncated" not in path.name)
    shutil.copy(whole, folder / "catalog" / "truncated.py.json")
    mended = run_command(
        "quarantine", "replay", "catalog/truncated.py.json", "-s", "shop-damaged", "-w", own,
        "--format", "json",
    )  # fmt: skip
    assert mended.exit_code == 0
    answer = document(mended)
    assert answer["artifacts"] == [
        {"path": "catalog/truncated.py.json", "before": "quarantined", "outcome": "loaded"}
    ]
    assert set(answer["backends"].values()) == {"published"}
    shown = run_command("quarantine", "show", "catalog/truncated.py.json", "-w", own, "--format",
                        "json")  # fmt: skip
    outcomes = [run["outcome"] for run in document(shown)[0]["history"]]
    assert outcomes[0] == "quarantined"
    assert outcomes[-1] == "loaded"


def test_a_sample_is_written_and_listed_with_or_without_pseudonyms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNAKE_PIPE_SAMPLE_KEY", "secret")
    sample = ("sample", EXAMPLES / "shop-python", "-n", "5", "-w", tmp_path / "ws")
    result = run_command(*sample, "--out", tmp_path / "plain")
    assert result.exit_code == 0
    assert "5 artifacts in" in result.stdout
    for name in ("a", "b"):
        hidden = run_command(*sample, "--out", tmp_path / name, "--pseudonymize")
        assert hidden.exit_code == 0
        assert "keep it" in hidden.stdout
    written = [
        {str(path.relative_to(tmp_path / name)): path.read_bytes()
         for path in (tmp_path / name).rglob("*.json")}
        for name in ("plain", "a", "b")
    ]  # fmt: skip
    assert written[1] == written[2], "the same key gives the same pseudonyms"
    assert len(written[0]) == len(written[1]) == 5
    assert not any(b"shop" in content for content in written[1].values())
    monkeypatch.delenv("SNAKE_PIPE_SAMPLE_KEY")
    other = run_command(*sample, "--out", tmp_path / "c", "--pseudonymize", "--format", "json")
    answer = document(other)
    assert answer["left_out"] == {}
    assert not {row["sample"] for row in answer["artifacts"]} & set(written[1])
    again = run_command(*sample, "--out", tmp_path / "plain")
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    assert not (tmp_path / "ws").exists()


def test_a_failing_backend_is_exit_4_and_stays_at_its_last_version(own: Path) -> None:
    place = own / "backends" / "tantivy"
    shutil.move(place, own / "aside")
    place.write_text("in the way")
    changed = own.parent / "shop-python" / "one_more.py.json"
    shutil.copy(next((EXAMPLES / "shop-python").rglob("*.json")), changed)
    result = run_command("run", own.parent / "shop-python", "-w", own, "--format", "json")
    assert result.exit_code == 4
    states = {load["backend"]: load["state"] for load in document(result)["backends"]}
    assert states.pop("tantivy") == "failed"
    assert set(states.values()) == {"published"}
    place.unlink()
    shutil.move(own / "aside", place)
    status = document(run_command("status", "-s", "shop-python", "-w", own, "--format", "json"))
    shown = {(row["backend"], row["state"]): row["is_current"] for row in status[0]["publications"]}
    assert shown["tantivy", "stale"] is False
    assert shown["tantivy", "failed"] is False
    assert shown["postgres", "published"] is True
    told = run_command("status", "-s", "shop-python", "-w", own).stdout
    assert "an older version" in told
    assert "tantivy: " in told
    mended = run_command("run", own.parent / "shop-python", "-w", own, "--format", "json")
    assert mended.exit_code == 0
    states = {load["backend"]: load["state"] for load in document(mended)["backends"]}
    assert states["tantivy"] == "published"
    assert states["postgres"] == "unchanged"


def test_dropping_asks_first_and_then_leaves_nothing(own: Path) -> None:
    asked = run_command("drop", "shop-python", "-w", own)
    assert asked.exit_code == 1
    assert asked.stdout == ""
    assert "Remove shop-python" in asked.stderr
    result = run_command("drop", "shop-python", "-w", own, "--yes", "--format", "json")
    assert (result.exit_code, document(result)) == (0, {"source": "shop-python", "dropped": True})
    assert "shop-python" not in run_command("status", "-w", own).stdout
    assert run_command("impact", "Order", "-w", own).exit_code == 1
    vacuumed = run_command("vacuum", "--keep-days", "0", "-w", own, "--format", "json")
    assert document(vacuumed)["files_deleted"] > 0
    left = Lake(own / "lake").scan("artifacts", "shop-damaged").collect()
    assert left.height == 4


def test_a_lock_that_another_command_holds_is_worth_another_try(tmp_path: Path) -> None:
    from snake_pipe_core.errors import BackendUnavailableError

    with pytest.raises(SystemExit) as ended:
        _tell(BackendUnavailableError("Held.", remedy="Wait.", state="Nothing was changed."))
    assert ended.value.code == 75


def _tell(error: Exception) -> None:
    from snake_pipe_core.cli.output import told_errors

    with told_errors("table"):
        raise error


@pytest.mark.slow
def test_the_demo_loads_all_bundled_sources(tmp_path: Path) -> None:
    result = run_command("demo", "-w", tmp_path / "ws", "-q")
    assert result.exit_code == 0, result.output
    for part in ("Sources", "Files by outcome", "quarantined", "Edges by kind and resolution",
                 "Rows in the backends", "nodes a minute", "make dev"):  # fmt: skip
        assert part in result.stdout
    again = run_command("demo", "-w", tmp_path / "ws", "--format", "json")
    assert again.exit_code == 0
    sources = {summary["source"]: summary for summary in json.loads(again.stdout)}
    assert [s for s in sources.values() if not s["gate"]["passed"]] == [sources["shop-damaged"]]
    assert sources["shop-java"]["files"].keys() == {"unchanged"}

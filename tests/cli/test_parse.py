"""`parse`, and `run` on source code.

Belongs here: what users type and see. Does not: which files are parsed and how, which the unit tests
check.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from snake_pipe_core.lake import Lake
from snake_pipe_core.parse.languages import languages
from tests.cli.conftest import document, run_command

SOURCES = Path(__file__).parents[2] / "examples" / "sources"
COMMAND = [sys.executable, "-c", "from snake_pipe_core.cli import main; main()"]


@pytest.fixture
def polyglot(tmp_path: Path) -> Path:
    """A small tree in five languages."""
    root = tmp_path / "shop"
    for name in ("shop-python", "shop-go", "shop-java", "shop-web-ts", "shop-web-js"):
        shutil.copytree(SOURCES / name, root / name)
    return root


def test_parse_then_run_then_search_finds_symbols_of_every_language(
    polyglot: Path, tmp_path: Path
) -> None:
    out, workspace = tmp_path / "asts", tmp_path / "w"
    parsed = run_command("parse", polyglot, "--out", out)
    assert parsed.exit_code == 0, parsed.stderr
    assert f"snake-pipe run {out}" in parsed.stdout
    ran = run_command("run", out, "-w", workspace, "--backend", "tantivy", "--format", "json")
    assert ran.exit_code == 0, ran.stderr
    assert document(ran)["outcomes"] == {"loaded": 88}
    found = document(run_command("search", "-w", workspace, "kind:class order", "--format", "json"))
    files = {hit["path"] for hit in found["hits"]}
    assert "shop-python/src/shop/orders/models.py" in files
    assert "shop-java/src/main/java/com/example/shop/order/Order.java" in files
    assert "shop-web-ts/src/domain/order.ts" in files


def test_every_language_that_is_offered_goes_from_source_to_table(tmp_path: Path) -> None:
    sources = SOURCES.parents[1] / "tests/golden/generate/sources"
    given = ("--scan-only", "--exclude", "broken*", "-w", tmp_path / "w", "--format", "json")
    result = run_command("run", sources, "--parse", *given)
    assert result.exit_code == 0, result.stdout
    summary = document(result)
    counts = summary["parse"]["languages"]
    assert set(counts) == set(languages()) == {
        "c", "cpp", "csharp", "go", "java", "javascript", "kotlin", "php", "python", "ruby", "rust",
        "swift", "typescript",
    }  # fmt: skip
    assert set(summary["outcomes"]) == {"loaded", "loaded_with_warnings"}
    assert sum(summary["outcomes"].values()) == sum(each["files"] for each in counts.values())
    lake = Lake(tmp_path / "w" / "lake")
    documents = lake.scan("documents", "sources").select("language").collect()
    assert dict(documents.group_by("language").len().iter_rows()) == {
        language: each["files"] for language, each in counts.items()
    }


def test_json_accounts_for_every_file(polyglot: Path, tmp_path: Path) -> None:
    (polyglot / "old.py").write_text("print 'old'\n")
    result = run_command("parse", polyglot, "--out", tmp_path / "asts", "--format", "json")
    assert result.exit_code == 3
    summary = document(result)
    assert summary["files"] == {
        "seen": 92, "parsed": 88, "unchanged": 0, "refused": 1, "without_parser": 3, "ignored": 0,
    }  # fmt: skip
    assert sum(1 for path in polyglot.rglob("*") if path.is_file()) == 92
    (refused,) = summary["refused"]
    assert (refused["path"], refused["code"], refused["line"], refused["column"]) == (
        "old.py", "SYNTAX_ERROR", 1, 0,
    )  # fmt: skip
    assert refused["hint"].startswith("Mend the file")


def test_the_table_names_files_with_line_and_column(tmp_path: Path) -> None:
    root = tmp_path / "src"
    root.mkdir()
    (root / "bad.py").write_text("x = 1\ny = = 2\n")
    (root / "half.js").write_text("let x = ;\n")
    (root / "notes.txt").write_text("nothing")
    result = run_command("parse", root, "--out", tmp_path / "asts", "--quiet")
    assert result.exit_code == 3
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["bad.py", "2", "4", "SYNTAX_ERROR"] in [line[:4] for line in lines]
    assert ["half.js", "1"] in [line[:2] for line in lines]
    assert "1 files without a parser (.txt 1)" in result.stdout


def test_options_choose_what_is_parsed(polyglot: Path, tmp_path: Path) -> None:
    def parsed(name: str, *options: str) -> dict[str, int]:
        given = ("--out", tmp_path / name, "--format", "json", "--jobs", "1", *options)
        counts = document(run_command("parse", polyglot, *given))["languages"]
        return {language: each["files"] for language, each in counts.items()}

    assert parsed("a", "--language", "go", "-l", "java") == {"go": 8, "java": 16}
    assert parsed("b", "--include", "*.py", "--exclude", "*/tests/*") == {"python": 24}
    (polyglot / ".gitignore").write_text("*.go\nshop-web-*/\n")
    assert parsed("c") == {"java": 16, "python": 26}
    assert parsed("d", "--no-ignore")["go"] == 8


def test_wrong_use_is_told(polyglot: Path, tmp_path: Path) -> None:
    unknown = run_command("parse", polyglot, "--out", tmp_path / "a", "--language", "cobol")
    assert unknown.exit_code == 1
    assert "Languages are python, javascript" in unknown.stderr
    inside = run_command("parse", polyglot, "--out", polyglot)
    assert inside.exit_code == 1
    assert "Name a folder beside or below the sources" in inside.stderr


def test_run_on_source_code_says_the_command_and_does_nothing(
    polyglot: Path, tmp_path: Path
) -> None:
    result = run_command("run", polyglot, "-w", tmp_path / "w")
    assert result.exit_code == 1
    assert "26 python" in result.stderr
    assert f"snake-pipe run {polyglot} --parse" in result.stderr
    assert f"snake-pipe parse {polyglot} --out asts" in result.stderr
    assert not (tmp_path / "w").exists()


def test_inspect_of_source_code_says_the_command(polyglot: Path, tmp_path: Path) -> None:
    result = run_command("inspect", polyglot, "-w", tmp_path / "w")
    assert result.exit_code == 0
    assert f"snake-pipe parse {polyglot} --out asts" in result.stdout
    artifacts = run_command("inspect", SOURCES.parent / "asts/shop-go", "-w", tmp_path / "w")
    assert "snake-pipe parse" not in artifacts.stdout


def test_run_parse_makes_the_artifacts_in_the_workspace_and_goes_on_from_them(
    polyglot: Path, tmp_path: Path
) -> None:
    given = ("run", polyglot, "-w", tmp_path / "w", "--parse", "--scan-only", "--format", "json")
    first = document(run_command(*given))
    assert first["source"] == "shop"
    assert first["outcomes"] == {"loaded": 88}
    assert first["parse"]["files"]["parsed"] == 88
    (polyglot / "shop-python/src/shop/money.py").write_text("class Coin: pass\n")
    (polyglot / "shop-go/orders/order.go").unlink()
    second = document(run_command(*given))
    assert second["files"] == {"changed": 1, "removed": 1, "unchanged": 86}
    assert second["parse"]["files"]["unchanged"] == 86
    told = run_command(*given[:-2], "--exclude", "*.go")
    assert told.exit_code == 0
    assert "Not parsed:" in told.stdout


def test_run_parse_stops_below_the_gate_and_goes_on_without_the_file(
    polyglot: Path, tmp_path: Path
) -> None:
    (polyglot / "old.py").write_text("print 'old'\n")
    given = ("run", polyglot, "-w", tmp_path / "w", "--parse", "--scan-only", "-q")
    stopped = run_command(*given)
    assert stopped.exit_code == 3
    assert "88 of 89 source files" in stopped.stdout
    assert stopped.stdout.rstrip().endswith("--exclude old.py")
    assert not (tmp_path / "w" / "lake").exists()
    assert document(run_command(*given, "--format", "json"))["parse"]["passed"] is False
    assert run_command(*given, "--exclude", "old.py").exit_code == 0


def test_run_leaves_directories_with_artifacts_alone(polyglot: Path, tmp_path: Path) -> None:
    artifact = "src/shop/money.py.json"
    shutil.copy(SOURCES.parent / "asts/shop-python" / artifact, polyglot / "money.py.json")
    result = run_command("run", polyglot, "-w", tmp_path / "w", "--scan-only", "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert document(result)["outcomes"]["loaded"] == 1
    refused = run_command("run", polyglot / "money.py.json", "-w", tmp_path / "w", "--parse")
    assert refused.exit_code == 1


def test_no_parse_runs_what_is_there(polyglot: Path, tmp_path: Path) -> None:
    given = ("run", polyglot, "-w", tmp_path / "w", "--scan-only", "--format", "json")
    result = run_command(*given, "--no-parse")
    assert document(result)["gate"]["expected"] == 0


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_at_a_terminal_run_asks(tmp_path: Path, answer: str, code: int) -> None:
    root = tmp_path / "shop"
    shutil.copytree(SOURCES / "shop-go", root)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [*COMMAND, "run", root, "-w", tmp_path / "w", "--scan-only", "-q"],
            stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        asked = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "8 go files) and no AST JSON. Parse it first?" in asked
    assert done.returncode == code
    assert ("8 of 8 artifacts are valid" in done.stdout) == (answer == "y")
    assert (tmp_path / "w/asts/shop").exists() == (answer == "y")

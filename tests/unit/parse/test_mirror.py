"""Parsing a tree of sources: every file accounted for, incremental equal to full, kills survived."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from snake_pipe_core.errors import SourceNotFoundError
from snake_pipe_core.parse.languages import ParserMissingError
from snake_pipe_core.parse.manifest import HOME, TargetBusyError, TargetError, writing
from snake_pipe_core.parse.mirror import ParseOptions, ParseReport, parse_tree
from snake_pipe_core.parse.worker import Place, Task
from snake_pipe_core.parse.workers import Workers

COMMAND = [sys.executable, "-c", "from snake_pipe_core.cli import main; main()", "parse"]
EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "sources"


def parse(root: Path, target: Path, **options: Any) -> ParseReport:
    return parse_tree(root, target, ParseOptions(**options))


def artifacts(target: Path) -> dict[str, bytes]:
    """Every file a reader of the folder sees."""
    return {
        path.relative_to(target).as_posix(): path.read_bytes()
        for path in sorted(target.rglob("*"))
        if path.is_file() and HOME not in path.parts
    }


def states(report: ParseReport) -> dict[str, str]:
    return {outcome.path: outcome.state for outcome in report.outcomes}


def codes(report: ParseReport) -> dict[str, str]:
    return {outcome.path: outcome.code for outcome in report.outcomes if outcome.code}


def write(root: Path, **files: str | bytes) -> None:
    """Write files; `__` in a name is `/`, `_` before the ending is a dot."""
    for name, content in files.items():
        path = root / ".".join(name.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(
        tmp_path / "src", app_py="def f():\n    return 1\n", pkg__a_py="x = 1\n",
        pkg__b_js="let x = 1;\n", pkg__deep__c_ts="type A = number;\n", readme_md="# Hello\n",
    )  # fmt: skip
    return tmp_path / "src"


def test_the_tree_is_mirrored_and_every_file_is_accounted_for(root: Path, tmp_path: Path) -> None:
    write(
        root,
        bad_py="def f(:\n",
        half_js="let x = ;\n",
        null_py=b"x = 1\0\n" + b"y = 2\n" * 20,
        dump_ts=b"G\0@\0",
    )
    report = parse(root, tmp_path / "out")
    assert list(artifacts(tmp_path / "out")) == [
        "app.py.json", "half.js.json", "pkg/a.py.json", "pkg/b.js.json", "pkg/deep/c.ts.json",
    ]  # fmt: skip
    summary = report.summary()
    files = summary["files"]
    assert files == {
        "seen": 9, "parsed": 5, "unchanged": 0, "refused": 3, "without_parser": 1, "ignored": 0,
    }  # fmt: skip
    assert codes(report) == {
        "bad.py": "SYNTAX_ERROR", "dump.ts": "BINARY_CONTENT", "half.js": "PARSER_ERROR_NODE",
        "null.py": "SYNTAX_ERROR",
    }  # fmt: skip
    assert [(r["path"], r["line"], r["column"]) for r in summary["refused"]] == [
        ("bad.py", 1, 6), ("dump.ts", 1, 1), ("null.py", 1, 5),
    ]  # fmt: skip
    assert [(n["path"], n["line"], n["error_count"]) for n in summary["noted"]] == [
        ("half.js", 1, 1)
    ]
    assert not report.passed


def test_artifacts_name_their_language_and_path(root: Path, tmp_path: Path) -> None:
    parse(root, tmp_path / "out")
    wrapper = json.loads((tmp_path / "out/pkg/deep/c.ts.json").read_bytes())
    assert [wrapper[key] for key in ("dialect", "language", "path")] == [
        "tree-sitter", "typescript", "pkg/deep/c.ts",
    ]  # fmt: skip


def test_two_parses_write_equal_bytes_with_any_number_of_processes(tmp_path: Path) -> None:
    one = parse(EXAMPLES, tmp_path / "one", jobs=1)
    three = parse(EXAMPLES, tmp_path / "three", jobs=3)
    assert one.with_tree == len(one.outcomes) > 80
    assert artifacts(tmp_path / "one") == artifacts(tmp_path / "three")
    assert one.outcomes == three.outcomes
    manifests = [tmp_path / each / HOME / "manifest.json" for each in ("one", "three")]
    assert manifests[0].read_bytes() == manifests[1].read_bytes()


def test_after_any_edit_the_folder_is_that_of_a_parse_from_nothing(
    root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    parse(root, out)
    write(root, app_py="def g(): pass\n", pkg__new_py="y = 2\n", pkg__deep__c_ts="type A = ;;\n")
    (root / "pkg/b.js").unlink()
    second = parse(root, out)
    assert states(second) == {
        "app.py": "parsed", "pkg/a.py": "unchanged", "pkg/deep/c.ts": "parsed",
        "pkg/new.py": "parsed",
    }  # fmt: skip
    assert second.removed == ["pkg/b.js"]
    shutil.rmtree(root / "pkg/deep")
    write(root, pkg__a_py="x = = 1\n")
    third = parse(root, out)
    assert third.removed == ["pkg/a.py", "pkg/deep/c.ts"]
    assert not (out / "pkg/deep").exists()
    fresh = parse(root, tmp_path / "fresh")
    assert artifacts(out) == artifacts(tmp_path / "fresh")
    assert codes(third) == codes(fresh) == {"pkg/a.py": "SYNTAX_ERROR"}
    write(root, pkg__a_py="x = 1\n")
    assert states(parse(root, out))["pkg/a.py"] == "parsed"


def test_what_was_noted_is_told_again_when_nothing_changed(root: Path, tmp_path: Path) -> None:
    write(root, half_js="\n\nlet x = ;\n", latin_js=b"\n let x = '\xe9';\n")
    first = parse(root, tmp_path / "out").summary()["noted"]
    assert [(n["path"], n["code"], n["line"], n["column"]) for n in first][1:] == [
        ("latin.js", "ENCODING_INVALID", 2, 10)
    ]
    again = parse(root, tmp_path / "out")
    assert set(states(again).values()) == {"unchanged"}
    assert again.summary()["noted"] == first


def test_an_artifact_that_was_damaged_or_removed_is_written_again(
    root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    parse(root, out)
    good = artifacts(out)
    (out / "app.py.json").write_bytes(good["app.py.json"].replace(b"Module", b"modulE"))
    (out / "pkg/a.py.json").unlink()
    report = parse(root, out)
    assert [path for path, state in states(report).items() if state == "parsed"] == [
        "app.py", "pkg/a.py",
    ]  # fmt: skip
    assert artifacts(out) == good


def test_another_parser_release_parses_again(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parse(root, out)
    manifest = out / HOME / "manifest.json"
    manifest.write_text(manifest.read_text().replace("python-ast 3", "python-ast 2"))
    assert states(parse(root, out)) == {
        "app.py": "parsed", "pkg/a.py": "parsed", "pkg/b.js": "unchanged",
        "pkg/deep/c.ts": "unchanged",
    }  # fmt: skip


def test_leaving_files_out_removes_their_artifacts(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parse(root, out)
    assert parse(root, out, languages=["python"]).removed == ["pkg/b.js", "pkg/deep/c.ts"]
    assert list(artifacts(out)) == ["app.py.json", "pkg/a.py.json"]


def test_sources_in_other_encodings(root: Path, tmp_path: Path) -> None:
    write(
        root,
        wide_js="let \u00e9 = 1;\n".encode("utf-16"),
        latin_py="# coding: latin-1\nx='\u00e9'".encode("latin-1"),
    )
    report = parse(root, tmp_path / "out")
    assert codes(report) == {}
    assert '"text":"\u00e9"' in (tmp_path / "out/wide.js.json").read_text("utf-8")
    assert '"value":"\\u00e9"' in (tmp_path / "out/latin.py.json").read_text("utf-8")


def test_a_null_byte_in_a_text_does_not_make_it_binary(root: Path, tmp_path: Path) -> None:
    write(root, stub_js=b"// stub: json 2.6 lib\0ext\n" + b"let answer = 42;\n" * 5)
    write(root, blob_js=b"\x7fELF\x02\x01\x01\0\0\0let x;\n" * 9, png_py=b"\x89PNG\r\n\x1a\n\0\0")
    report = parse(root, tmp_path / "out")
    assert codes(report) == {
        "blob.js": "BINARY_CONTENT", "png.py": "BINARY_CONTENT", "stub.js": "PARSER_ERROR_NODE",
    }  # fmt: skip
    assert (tmp_path / "out/stub.js.json").read_text().count('"text":"answer"') == 5


def test_a_large_file_is_refused(root: Path, tmp_path: Path) -> None:
    write(root, big_py="x = 1\n" * 100)
    report = parse(root, tmp_path / "out", max_bytes=599)
    assert codes(report) == {"big.py": "FILE_TOO_LARGE"}
    assert codes(parse(root, tmp_path / "out", max_bytes=600)) == {}


def test_a_file_that_cannot_be_read_keeps_its_artifact(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parse(root, out)
    before = artifacts(out)
    # As root every mode is readable; a file that is gone between walk and parse never is.
    place = Place(str(root), str(out), str(out / HOME), 1 << 20, 10.0, 1 << 32)
    task = Task("gone.py", "python", "python", "", "", "p")
    with Workers(place, 1) as workers:
        (outcome,) = workers.run([task])
    assert (outcome.code, outcome.is_known) == ("FILE_UNREADABLE", False)
    assert artifacts(out) == before


def test_what_may_not_be_read_keeps_its_artifacts(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parse(root, out)
    before = artifacts(out)
    (root / "app.py").chmod(0)
    (root / "pkg").chmod(0)
    try:
        if os.access(root / "app.py", os.R_OK):
            pytest.skip("this user may read every file")
        report = parse(root, out)
    finally:
        (root / "app.py").chmod(0o600)
        (root / "pkg").chmod(0o700)
    assert codes(report) == {"app.py": "FILE_UNREADABLE", "pkg/": "DIRECTORY_UNREADABLE"}
    assert report.removed == []
    assert not report.passed
    assert artifacts(out) == before
    assert set(states(parse(root, out)).values()) == {"unchanged"}


def test_a_file_that_takes_too_long_costs_itself_alone(root: Path, tmp_path: Path) -> None:
    write(root, slow_py="x = [" + "1 + a.b(c), " * 300_000 + "]\n")
    report = parse(root, tmp_path / "out", seconds=0.5, jobs=1)
    assert codes(report) == {"slow.py": "TOO_SLOW"}
    assert report.with_tree == 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")
def test_a_file_that_takes_too_much_memory_costs_itself_alone(root: Path, tmp_path: Path) -> None:
    write(root, dense_py="x = [" + "a," * 400_000 + "]\n")
    report = parse(root, tmp_path / "out", memory_bytes=400 << 20, jobs=1)
    assert codes(report) == {"dense.py": "OUT_OF_MEMORY"}
    assert report.with_tree == 4
    assert codes(parse(root, tmp_path / "out")) == {}


def test_a_parser_that_crashes_costs_its_file_alone(root: Path, tmp_path: Path) -> None:
    # A pipe that nobody writes to holds the worker at a known file, where it is killed.
    os.mkfifo(root / "pipe.py")
    out = tmp_path / "out"
    (out / "partial").mkdir(parents=True)
    place = Place(str(root), str(out), str(out / "partial"), 1 << 20, 60.0, 1 << 32)
    names = ["app.py", "pipe.py", "pkg/a.py"]
    tasks = [Task(name, "python", "python", "", "", "p") for name in names]
    with Workers(place, 1) as workers:
        outcomes = workers.run(tasks)
        found = [next(outcomes)]
        pid = workers._workers[0].process.pid
        assert pid
        os.kill(pid, signal.SIGSEGV)
        found += outcomes
    assert [(o.path, o.state, o.code) for o in found] == [
        ("app.py", "parsed", ""), ("pipe.py", "refused", "CRASHED_PARSER"), ("pkg/a.py", "parsed", ""),
    ]  # fmt: skip
    assert "SIGSEGV" in found[1].message
    assert list((out / "partial").iterdir()) == []


def test_a_name_that_leaves_no_place_for_an_artifact_costs_its_file(
    root: Path, tmp_path: Path
) -> None:
    long = "n" * 249 + ".py"
    (root / long).write_text("x = 1\n")
    (root / "app.py.json").mkdir()
    (root / "app.py.json/inner.py").write_text("x = 2\n")
    report = parse(root, tmp_path / "out")
    assert codes(report) == {
        "app.py.json/inner.py": "UNWRITABLE_ARTIFACT", long: "UNWRITABLE_ARTIFACT",
    }  # fmt: skip
    assert report.with_tree == len(artifacts(tmp_path / "out")) == 4


def test_an_artifact_takes_the_place_of_a_folder_that_is_gone(root: Path, tmp_path: Path) -> None:
    (root / "x.py.json").mkdir()
    (root / "x.py.json/inner.py").write_text("x = 2\n")
    assert "x.py.json/inner.py.json" in _parsed(root, tmp_path)
    shutil.rmtree(root / "x.py.json")
    (root / "x.py").write_text("x = 1\n")
    assert "x.py.json" in _parsed(root, tmp_path)
    (root / "x.py").unlink()
    (root / "x.py.json").mkdir()
    (root / "x.py.json/inner.py").write_text("x = 2\n")
    assert "x.py.json/inner.py.json" in _parsed(root, tmp_path)


def _parsed(root: Path, place: Path) -> dict[str, bytes]:
    """Parse into a folder that was parsed into before; it must equal one made from nothing."""
    parse(root, place / "out")
    shutil.rmtree(place / "fresh", ignore_errors=True)
    parse(root, place / "fresh")
    assert artifacts(place / "out") == artifacts(place / "fresh")
    return artifacts(place / "out")


def test_a_disk_that_takes_no_more_ends_the_parse_with_what_to_do(
    root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write(root, zlong_py="x = 1\n" * 2000)
    limits = (50_000, 50_000)  # of one file, which stands for a disk
    failed = subprocess.run(
        [*COMMAND, root, "--out", out, "-q", "--jobs", "1"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
        capture_output=True, text=True,
    )  # fmt: skip
    assert failed.returncode == 1
    assert "The parse ended at zlong.py: " in failed.stderr
    assert "goes on from them" in failed.stderr
    assert len(artifacts(out)) == 4
    report = parse(root, out)
    assert {path for path, state in states(report).items() if state == "parsed"} == {"zlong.py"}


def test_a_script_that_parses_while_it_is_loaded_is_told_how_to(root: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    call = f"parse_tree(Path({str(root)!r}), Path({str(tmp_path / 'out')!r}))"
    lines = ["from pathlib import Path", "from snake_pipe_core.parse.mirror import parse_tree", ""]
    script.write_text("\n".join([*lines, call]))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "if __name__ == '__main__':`" in done.stderr.splitlines()[-1]
    script.write_text("\n".join([*lines, "if __name__ == '__main__':", f"    {call}"]))
    subprocess.run([sys.executable, script], check=True)
    assert len(artifacts(tmp_path / "out")) == 4


@pytest.mark.parametrize("where", ["", "..", "foreign"])
def test_a_folder_that_holds_something_else_is_left_alone(
    root: Path, tmp_path: Path, where: str
) -> None:
    write(tmp_path / "foreign", own_txt="mine")
    target = tmp_path / "foreign" if where == "foreign" else root / where
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TargetError, match="Name a"):
        parse(root, target)
    assert sorted(tmp_path.rglob("*")) == before


def test_artifacts_of_another_root_are_not_replaced_unless_it_moved(
    root: Path, tmp_path: Path
) -> None:
    parse(root, tmp_path / "out")
    shutil.move(root, tmp_path / "elsewhere")
    with pytest.raises(TargetError, match="--moved"):
        parse(tmp_path / "elsewhere", tmp_path / "out")
    report = parse(tmp_path / "elsewhere", tmp_path / "out", moved=True)
    assert set(states(report).values()) == {"unchanged"}


def test_a_target_below_the_sources_is_not_parsed(root: Path) -> None:
    parse(root, root / "asts")
    report = parse(root, root / "asts")
    assert set(states(report).values()) == {"unchanged"}
    assert report.selection.ignored == {"asts/": "holds artifacts"}


def test_a_target_has_one_writer(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with writing(out, root.resolve(), moved=False), pytest.raises(TargetBusyError):
        parse(root, out)
    assert parse(root, out).passed
    assert not (out / HOME / "lock").exists()


def test_a_manifest_that_cannot_be_read_says_what_to_do(root: Path, tmp_path: Path) -> None:
    parse(root, tmp_path / "out")
    (tmp_path / "out" / HOME / "manifest.json").write_text("{")
    with pytest.raises(TargetError, match="Delete"):
        parse(root, tmp_path / "out")


def test_a_root_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError):
        parse(tmp_path / "absent", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_parser_that_is_not_installed_is_named_before_anything_is_written(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This is how the import system itself marks a module that is not there.
    monkeypatch.setitem(sys.modules, "tree_sitter_javascript", None)
    with pytest.raises(ParserMissingError) as error:
        parse(root, tmp_path / "out")
    assert "1 javascript files" in error.value.message
    assert "tree-sitter-javascript" in error.value.message
    assert error.value.remedy == (
        "Run `pip install 'snake-pipe[parse]'`, or leave those files out with "
        "`--language python --language typescript`."
    )
    assert not (tmp_path / "out").exists()
    assert parse(root, tmp_path / "out", languages=["python"]).with_tree == 2


def test_progress_reaches_its_end(root: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    parse_tree(root, tmp_path / "out", progress=lambda *each: told.append(each))
    assert told[0][0] == "find"
    assert told[-1] == ("parse", 4, 4)


def test_an_empty_tree_is_parsed_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    report = parse(tmp_path / "src", tmp_path / "out")
    assert report.passed
    assert report.summary()["files"]["seen"] == 0


@pytest.mark.parametrize("lines", [1, 40, 150])
def test_kill_9_loses_nothing(tmp_path: Path, lines: int) -> None:
    root, out = tmp_path / "src", tmp_path / "out"
    text = (EXAMPLES / "shop-python/src/shop/orders/service.py").read_text()
    for number in range(200):
        write(root, **{f"p{number % 7}__m{number}_py": f"N = {number}\n{text * 3}"})
    clean = parse(root, tmp_path / "clean")
    journal = out / HOME / "journal.ndjson"
    with subprocess.Popen([*COMMAND, root, "--out", out, "--jobs", "2", "-q"]) as killed:
        while killed.poll() is None:
            with suppress(FileNotFoundError):
                if journal.read_bytes().count(b"\n") >= lines:
                    break
            time.sleep(0.002)
        children = Path(f"/proc/{killed.pid}/task/{killed.pid}/children").read_text().split()
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    assert children
    deadline = time.monotonic() + 30
    while left := [pid for pid in children if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, f"workers outlive their parent: {left}"
        time.sleep(0.01)
    expected = artifacts(tmp_path / "clean")
    found = artifacts(out)
    assert lines <= len(found) <= 200
    assert found.items() <= expected.items()
    again = parse(root, out)
    kept = sum(state == "unchanged" for state in states(again).values())
    assert kept >= lines
    assert artifacts(out) == expected
    assert again.with_tree == clean.with_tree == 200
    assert sorted(path.name for path in (out / HOME).iterdir()) == ["manifest.json"]


def test_an_error_in_the_caller_ends_the_workers(root: Path, tmp_path: Path) -> None:
    os.mkfifo(root / "pipe.py")
    place = Place(str(root), str(tmp_path), str(tmp_path), 1 << 20, 60.0, 1 << 32)
    tasks = [Task(name, "python", "python", "", "", "p") for name in ("app.py", "pipe.py")]
    workers = Workers(place, 1)

    def interrupted() -> None:
        with workers:
            for _ in workers.run(tasks):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [worker.process.exitcode for worker in workers._workers] == [-signal.SIGKILL]

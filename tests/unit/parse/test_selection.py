"""Which files of a tree are sources: against git itself, and what git does not know."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from snake_pipe_core.parse.languages import LanguageUnknownError, ParserTable, languages
from snake_pipe_core.parse.selection import Selection, Walk

GITIGNORE = {
    ".gitignore": "*.tmp.py\n/rooted.py\nout/\n!keep.tmp.py\ndeep/**/gone.py\n\\#hash.py\nsp ace.py\n",
    "pkg/.gitignore": "local.py\n!rooted.py\n*.gen.py\n!wanted.gen.py\n",
    "pkg/sub/.gitignore": "!local.py\n",
}
FILES = (
    "a.py", "b.tmp.py", "keep.tmp.py", "rooted.py", "#hash.py", "sp ace.py", "out/a.py",
    "pkg/a.py", "pkg/local.py", "pkg/rooted.py", "pkg/x.gen.py", "pkg/wanted.gen.py",
    "pkg/out/a.py", "pkg/sub/local.py", "pkg/sub/b.tmp.py", "deep/1/2/gone.py", "deep/gone.py",
    "deep/1/stays.py", "notes/excluded.py",
)  # fmt: skip


def write(root: Path, *paths: str, text: str = "x = 1\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def walk(root: Path, *chosen: str, **options: Any) -> Selection:
    return Walk(root, ParserTable(chosen), **options).run()


def paths(selection: Selection) -> list[str]:
    return [file.path for file in selection.files]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for path, text in GITIGNORE.items():
        write(tmp_path, path, text=text)
    write(tmp_path, *FILES)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".git/info/exclude").write_text("notes/excluded.py\n")
    return tmp_path


def by_git(root: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return sorted(path for path in listed.split("\0") if path.endswith(".py"))


@pytest.mark.parametrize("below", ["", "pkg", "pkg/sub", "deep"])
def test_gitignore_means_what_it_means_to_git(repository: Path, below: str) -> None:
    root = repository / below
    assert paths(walk(root)) == by_git(root)
    assert len(paths(walk(root))) < len(list(root.rglob("*.py")))
    every = [p.relative_to(root).as_posix() for p in root.rglob("*.py") if ".git" not in p.parts]
    assert paths(walk(root, ignore=False)) == sorted(every)


def test_a_folder_that_is_ignored_is_read_if_it_is_named(repository: Path) -> None:
    assert paths(walk(repository / "out")) == ["a.py"]


def test_folders_of_tools_and_builds_are_left_out_and_told(tmp_path: Path) -> None:
    write(
        tmp_path, "pyproject.toml", "build/lib/a.py", "node_modules/m/i.js", "env/pyvenv.cfg",
        "env/lib/a.py", "cache/CACHEDIR.TAG", "cache/a.py", ".tox/a.py", "src/build/a.py",
        "src/venv/__init__.py", "src/target/t.py", "src/__pycache__/a.py", ".hidden.py",
    )  # fmt: skip
    selection = walk(tmp_path)
    assert paths(selection) == ["src/build/a.py", "src/target/t.py", "src/venv/__init__.py"]
    assert selection.ignored == {
        ".hidden.py": "hidden", ".tox/": "hidden", "build/": "written by a build",
        "cache/": "filled by a tool", "env/": "filled by a tool",
        "node_modules/": "filled by a tool", "src/__pycache__/": "filled by a tool",
    }  # fmt: skip


def test_in_a_repository_git_alone_knows_what_a_build_writes(tmp_path: Path) -> None:
    write(tmp_path, "package.json", "build/a.js", "dist/a.js")
    assert paths(walk(tmp_path)) == []
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert paths(walk(tmp_path)) == ["build/a.js", "dist/a.js"]
    write(tmp_path, ".gitignore", text="/dist/\n")
    assert paths(walk(tmp_path)) == ["build/a.js"]


def test_sources_that_a_rust_crate_keeps_in_build_are_taken(tmp_path: Path) -> None:
    write(tmp_path, "Cargo.toml", "build/probe.py", "target/debug/a.py")
    assert paths(walk(tmp_path)) == ["build/probe.py"]


def test_a_package_called_build_is_no_build_folder(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "build/__init__.py", "dist/a.py")
    assert paths(walk(tmp_path)) == ["build/__init__.py"]


def test_every_file_is_in_exactly_one_place(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.txt", "Makefile", "c.js", "d.py", "e.ts", ".x.py", "out/old.py")
    (tmp_path / "broken.py").symlink_to("nowhere")
    (tmp_path / "linked.py").symlink_to("a.py")
    (tmp_path / "folder.py").symlink_to(tmp_path / "out")
    os.mkfifo(tmp_path / "pipe.py")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).touch()
    selection = walk(
        tmp_path, "python", exclude=["d.*"], leave_out=[tmp_path / "out"], ignore=False
    )
    assert paths(selection) == ["a.py", "linked.py"]
    assert {o.path: o.code for o in selection.refused} == {
        "broken.py": "LINK_BROKEN", "\ufffd.py": "PATH_ENCODING",
    }  # fmt: skip
    assert selection.ignored == {
        ".x.py": "hidden", "d.py": "patterns", "folder.py": "link to a folder",
        "out/": "holds artifacts", "pipe.py": "no file",
    }  # fmt: skip
    assert selection.others == {".txt": 1, "(none)": 1, ".js": 1, ".ts": 1}
    assert selection.seen == 12


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    write(tmp_path, "shut/a.py", "b.py")
    (tmp_path / "shut").chmod(0)
    try:
        if os.access(tmp_path / "shut", os.R_OK):
            pytest.skip("this user may list every folder")
        selection = walk(tmp_path)
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert [(o.path, o.code) for o in selection.refused] == [("shut/", "DIRECTORY_UNREADABLE")]
    assert paths(selection) == ["b.py"]


def test_patterns_choose_by_path_or_name(tmp_path: Path) -> None:
    write(tmp_path, "src/a.py", "src/b.js", "tests/a.py", "a.py")
    assert paths(walk(tmp_path, include=["src/*"])) == ["src/a.py", "src/b.js"]
    assert paths(walk(tmp_path, include=["*.py"], exclude=["tests/*"])) == ["a.py", "src/a.py"]


def test_a_language_that_no_dialect_reads_is_refused() -> None:
    with pytest.raises(LanguageUnknownError, match="python, javascript, typescript"):
        ParserTable(["cobol"])
    assert {"python", "javascript", "typescript", "java", "go"} <= set(languages())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("#include <stdio.h>\nstruct a { int b; };\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n", "c"),
        ("#pragma once\n#include <vector>\nint f();\n", "cpp"),
        ("namespace a {\nclass B;\n}\n", "cpp"),
        ("template <class T>\nT f(T);\n", "cpp"),
        ("class A {\n public:\n  int x;\n};\n", "cpp"),
        ("typedef struct { int class_; } a;\n/* a class of */\nint namespace_count;\n", "c"),
    ],
)  # fmt: skip
def test_a_header_is_c_unless_it_says_what_c_cannot(
    tmp_path: Path, text: str, language: str
) -> None:
    write(tmp_path, "a.h", text=text)
    table = ParserTable()
    expected = language if language in languages() else None
    found = table.parser_for("a.h", tmp_path / "a.h")
    assert (found.language if found else None) == expected

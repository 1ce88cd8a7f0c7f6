"""That what the documents tell readers to type works, and prints what they say it prints.

A block under `<!-- run -->` is executed, all blocks of a document in one fresh directory that holds
`examples`, with `snake-pipe` and `python` on the path as after activating `.venv`:

- ```console: each line that begins with `$ ` is a command (`> ` goes on with it), and the lines below
  are what it prints. They must appear in this order; `...` stands for any lines between, and at the
  end of a line for the rest of it. Numbers may differ: they are checked where they are made.
- ```sh and ```python: the whole block is a script that must succeed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "docs/tutorial.md")
_BLOCK = re.compile(r"^<!-- run -->\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"\b[0-9a-f]{32}\b|\d[\d.,:]*\d|\d")


@dataclass(frozen=True)
class Step:
    """One command or script, the line it stands on, and what it must print."""

    line: int
    program: str
    script: str
    expected: tuple[str, ...] = ()


def steps(text: str) -> Iterator[Step]:
    """Yield what a document tells readers to run."""
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 3
        kind, content = block.groups()
        if kind != "console":
            yield Step(line, {"sh": "bash", "python": "python"}[kind], content)
            continue
        command: list[str] = []
        expected: list[str] = []
        begins = line
        for number, shown in enumerate(content.splitlines(), line):
            if shown.startswith("$ "):
                if command:
                    yield Step(begins, "bash", "\n".join(command), tuple(expected))
                command, expected, begins = [shown[2:]], [], number
            elif shown.startswith("> ") and not expected:
                command.append(shown[2:])
            else:
                expected.append(shown)
        assert command, f"line {line}: a console block without a command"
        yield Step(begins, "bash", "\n".join(command), tuple(expected))


def plain(line: str) -> str:
    """Return a line without its numbers and the width of its columns."""
    return " ".join(_NUMBER.sub("#", line).split())


def is_shown(printed: str, wanted: str) -> bool:
    """Whether a printed line is the wanted one, or begins like it if that ends in `...`."""
    if wanted.endswith(" ..."):
        return printed.startswith(wanted.removesuffix("..."))
    return printed == wanted


def first_absent(expected: tuple[str, ...], printed: str) -> str | None:
    """Return the first expected line that is not printed after those before it."""
    lines = [plain(line) for line in printed.splitlines()]
    at = 0
    for line in expected:
        wanted = plain(line)
        if wanted in ("...", ""):
            continue
        while at < len(lines) and not is_shown(lines[at], wanted):
            at += 1
        if at == len(lines):
            return line
        at += 1
    return None


def test_the_search_for_blocks_finds_them() -> None:
    text = (
        "a\n<!-- run -->\n```console\n$ one \\\n> two\nout 1\n...\n$ three\n```\n"
        "```console\n$ never\n```\n<!-- run -->\n```sh\nfour\n```\n"
    )
    assert list(steps(text)) == [
        Step(4, "bash", "one \\\ntwo", ("out 1", "...")),
        Step(8, "bash", "three"),
        Step(15, "bash", "four\n"),
    ]


def test_output_is_compared_in_order_without_numbers() -> None:
    printed = "files  12\nloaded   3\nseconds 0.5"
    assert first_absent(("files 7", "...", "seconds 9.25"), printed) is None
    assert first_absent(("seconds 1", "files 7"), printed) == "files 7"
    assert first_absent(("quarantined 1",), printed) == "quarantined 1"
    assert first_absent(("files ...",), printed) is None
    assert first_absent(("fil ...",), printed) == "fil ..."


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_tell_readers_to_run_something(document: str) -> None:
    found = list(steps((PROJECT / document).read_text(encoding="utf-8")))
    assert len(found) > 3
    assert any(step.expected for step in found)


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_says_to_type_works(document: str, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(PROJECT / "examples", target_is_directory=True)
    scripts = Path(sys.executable).parent
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SNAKE_PIPE_")}
    environment |= {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "160"}
    for step in steps((PROJECT / document).read_text(encoding="utf-8")):
        flag = ["-euc"] if step.program == "bash" else ["-c"]
        run = subprocess.run(
            [step.program, *flag, step.script],
            cwd=tmp_path, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        place = f"{document}, line {step.line}"
        assert run.returncode == 0, f"{place}: {step.script}\n{run.stdout}{run.stderr}"
        absent = first_absent(step.expected, run.stdout)
        assert absent is None, f"{place}: {step.script}\ndoes not print: {absent}\n{run.stdout}"

"""kill -9 at any moment of a run costs that run and nothing else.

Belongs here: whole commands killed in every stage, seen from outside. Does not: what a single
backend does when it is killed, which its contract suite checks.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from snake_pipe_core.backends.registry import backends
from snake_pipe_core.lake import Lake
from tests.contract.remains import processes_in, remains_in
from tests.property.lake_rows import LAKE_TABLES, backend_rows, difference, lake_rows
from tests.property.shop_files import Operation, ShopFiles

SOURCE = "shop"
COMMAND = [sys.executable, "-c", "from snake_pipe_core.cli import main; main()"]
CONTENTS = {
    "first": [
        Operation("crowd", number=40),
        Operation("write", "shop/order.py.json", 1),
        Operation("write", "shop/gift.py.json", 2),
        Operation("delete", "shop/price.py.json"),
    ],
    "second": [
        Operation("crowd", number=9),
        Operation("write", "shop/order.py.json", 5),
        Operation("write", "shop/price.py.json", 3),
        Operation("delete", "shop/gift.py.json"),
    ],
}
MOMENTS = (
    "scan",
    "resolve",
    *(f"{name} {step}" for name in backends() for step in ("apply", "publish")),
)
"""`publish`: between apply and publish."""


@dataclass
class Ground:
    """One workspace, and what clean runs of both contents hold."""

    files: ShopFiles
    workspace: Path
    lake: dict[str, dict[str, pl.DataFrame]]
    stores: dict[str, dict[str, list[str]]]

    def have(self, content: str) -> None:
        for operation in CONTENTS[content]:
            self.files.apply(operation)
        when = 1_700_000_000 + list(CONTENTS).index(content)
        for path in self.files.root.rglob("*.json"):
            os.utime(path, (when, when))


def command(root: Path, workspace: Path) -> list[str]:
    return [*COMMAND, "run", str(root), "--source", SOURCE, "--workspace", str(workspace)]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    place = tmp_path_factory.mktemp("kill")
    made = Ground(ShopFiles(place / "files"), place / "workspace", {}, {})
    for content in ("second", "first"):
        made.have(content)
        clean = place / f"clean-{content}"
        subprocess.run(command(made.files.root, clean), check=True, capture_output=True)
        made.lake[content] = lake_rows(Lake(clean / "lake"), SOURCE)
        made.stores[content] = backend_rows(clean, SOURCE)
    shutil.copytree(place / "clean-first", made.workspace)
    yield made
    assert processes_in(place) == []


def _wait_for_file(run: subprocess.Popen[str], folder: Path, pattern: str) -> None:
    before = set(folder.rglob(pattern))
    while run.poll() is None and set(folder.rglob(pattern)) <= before:
        time.sleep(0.002)


def _wait_for_line(run: subprocess.Popen[str], start: str) -> None:
    assert run.stderr is not None
    for line in run.stderr:
        if line.startswith(start):
            return


def kill_at(moment: str, ground: Ground, chance: random.Random, *, with_children: bool) -> None:
    """Start a run and kill it at the moment, or up to some time into it."""
    run = subprocess.Popen(
        command(ground.files.root, ground.workspace),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    backend, _, step = moment.partition(" ")
    if moment == "scan":
        _wait_for_file(run, ground.workspace / "lake", "part-*.parquet")
        time.sleep(chance.uniform(0, 0.1))
    elif moment == "resolve":
        _wait_for_line(run, "scan: ")
        time.sleep(chance.uniform(0, 0.2))
    elif step == "apply":
        _wait_for_line(run, f"load {backend}: started")
        time.sleep(chance.uniform(0, 0.3))
    else:
        _wait_for_line(run, f"load {backend}: written")
    if with_children:
        _kill(*_family(run.pid))
    else:
        _kill(run.pid)
    run.wait()
    assert run.stderr is not None
    run.stderr.close()


def _kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _family(pid: int) -> list[int]:
    """Return the process and all below it, youngest last."""
    found = [pid]
    children = Path(f"/proc/{pid}/task")
    with suppress(OSError):
        for task in children.iterdir():
            for child in (task / "children").read_text().split():
                found += _family(int(child))
    return found


def check_readers_see_whole_versions(ground: Ground) -> None:
    """Every store shows all of the first content or all of the second."""
    seen = backend_rows(ground.workspace, SOURCE)
    for name in backends():
        ours = {key: rows for key, rows in seen.items() if key.startswith(f"{name} ")}
        whole = [
            {key: rows for key, rows in stores.items() if key in ours}
            for stores in ground.stores.values()
        ]
        assert ours in whole, f"{name} shows a mixture"


def strays(workspace: Path) -> list[Path]:
    """Return what no generation of the lake and no store's version accounts for."""
    lake = Lake(workspace / "lake")
    known = {
        path
        for head in lake.heads.history(SOURCE)
        for table in LAKE_TABLES
        for path in lake.files(table, SOURCE, head=head)
    }
    parts = [path for path in lake.root.rglob("part-*.parquet") if str(path) not in known]
    patterns = ("*.partial", "*.tmp", "*.writing")
    return parts + [path for pattern in patterns for path in workspace.rglob(pattern)]


def check_kills(ground: Ground, moment: str, times: int) -> None:
    chance = random.Random(moment)
    for number in range(times):
        content = ("second", "first")[number % 2]
        ground.have(content)
        kill_at(moment, ground, chance, with_children=bool(number // 2 % 2))
        check_readers_see_whole_versions(ground)
        again = subprocess.run(
            command(ground.files.root, ground.workspace), capture_output=True, text=True
        )
        assert again.returncode == 0, again.stderr
        assert not difference(
            lake_rows(Lake(ground.workspace / "lake"), SOURCE), ground.lake[content]
        )
        # Before this process opens the stores itself: what matters is what the command left.
        assert strays(ground.workspace) == []
        assert remains_in(ground.workspace) == []
        assert processes_in(ground.workspace) == []
        assert backend_rows(ground.workspace, SOURCE) == ground.stores[content]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_costs_nothing_but_itself(ground: Ground, moment: str) -> None:
    check_kills(ground, moment, 2)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_ten_killed_runs_cost_nothing_but_themselves(ground: Ground, moment: str) -> None:
    check_kills(ground, moment, 10)

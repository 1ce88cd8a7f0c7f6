"""A dialect that a stranger brings: nothing in Snake-Pipe knows of it.

Belongs here: installing the example package and running a source in its language. Does not: what
the mapping language can say.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from snake_pipe_core.lake import Lake

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "snake-pipe-lua"
COMMAND = [sys.executable, "-c", "from snake_pipe_core.cli import main; main()"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package was really built and installed."""
    folder = tmp_path_factory.mktemp("lua")
    shutil.copytree(PACKAGE, folder / "package")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", sys.executable, "--offline", "--no-deps",
         "--no-build-isolation", "--target", folder / "site", folder / "package"],
        check=True,
    )  # fmt: skip
    return folder / "site"


def told(site: Path | None, workspace: Path, *arguments: str) -> dict[str, Any]:
    """Return what a command says as JSON, with or without the package on the path."""
    environment = {**os.environ, "SNAKE_PIPE_WORKSPACE": str(workspace)}
    if site is not None:
        environment["PYTHONPATH"] = str(site)
    ended = subprocess.run(
        [*COMMAND, *arguments, "--format", "json"],
        env=environment, capture_output=True, text=True, check=False, cwd=workspace.parent,
    )  # fmt: skip
    assert ended.stdout, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def test_without_the_package_the_artifacts_are_unsupported(tmp_path: Path):
    said = told(None, tmp_path / "w", "inspect", str(PACKAGE / "cases"))
    assert said["outcomes"] == {"unsupported": 2}


def test_with_the_package_a_source_goes_through_every_stage(site: Path, tmp_path: Path):
    shop = tmp_path / "in" / "shop"
    shop.mkdir(parents=True)
    for name in ("till", "money"):
        shutil.copy(PACKAGE / "cases" / f"{name}.lua.json", shop)
    workspace = tmp_path / "w"
    said = told(site, workspace, "run", str(tmp_path / "in"), "--source", "lua")
    assert said["outcomes"] == {"loaded": 2}
    assert [backend["state"] for backend in said["backends"]] == ["published"] * 4
    lake = Lake(workspace / "lake")
    documents = lake.scan("documents", "lua").collect()
    assert set(documents["language"]) == {"lua"}
    assert set(documents["dialect"]) == {"luaparse"}
    symbols = lake.scan("symbols", "lua").collect()
    assert {
        "lua . shop/till/Till.new().",
        "lua . shop/till/Till.add().",
        "lua . shop/money/money.round().(digits)",
    } <= set(symbols["symbol"])
    edges = lake.scan("edges", "lua").filter(kind="IMPORTS").collect()
    name_of = dict(documents.select("module_symbol_id", "module").iter_rows())
    name_of |= dict(documents.select("document_id", "module").iter_rows())
    assert [(name_of[row["src_id"]], name_of[row["dst_id"]], row["resolution"])
            for row in edges.to_dicts()] == [("shop.till", "shop.money", "exact")]  # fmt: skip
    nodes = lake.scan("nodes", "lua").collect()
    assert nodes.height == 230
    assert not (nodes["kind"] == "unknown").any()

"""What a user installs.

Belongs here: that the wheel carries the whole product and nothing else. Does not: what the product
does once installed.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("snake_pipe_core", "snake_pipe_dagster")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    maturin = Path(sys.executable).with_name("maturin")
    subprocess.run(
        [maturin, "build", "--release", "--quiet", "--out", folder],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_carries_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    listed = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in listed if name.startswith(PACKAGES)}
    expected = {
        path.relative_to(PROJECT).as_posix()
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == expected
    assert "snake_pipe_core/_native.abi3.so" in packed or sys.platform == "win32"
    others = {name.partition("/")[0] for name in listed} - set(PACKAGES)
    assert len(others) == 1, f"the wheel installs more than the two packages: {others}"


@pytest.mark.slow
def test_the_wheel_serves_every_python_from_the_declared_one_on(wheel: Path) -> None:
    assert "-cp312-abi3-" in wheel.name
    archive = zipfile.ZipFile(wheel)
    (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(archive.read(name).decode())
    assert metadata["Requires-Python"] == ">=3.12"
    assert metadata["License-Expression"] == "Apache-2.0"
    required = metadata.get_all("Requires-Dist") or []
    assert not [line for line in required if "dagster" in line and "extra ==" not in line]

"""What every test may use.

Belongs here: fixtures and options that mean the same to all tests. Does not: fixtures of one stage
or one plug-in kind; those stand beside their tests.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROJECT = Path(__file__).resolve().parent.parent

# Examples are derived from the test itself, so that a red run is red again; no deadline, because a
# shared machine may stall for seconds without anything being wrong.
settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# For a longer hunt by hand: HYPOTHESIS_PROFILE=hunt
settings.register_profile(
    "hunt", settings.get_profile("project"), derandomize=False, max_examples=2000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that `make` passes."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the engine says now as the expected tables, instead of comparing",
    )


@pytest.fixture(scope="session")
def project() -> Path:
    """Root of the checkout."""
    return PROJECT


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether expected tables are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def shared_corpora() -> Path:
    """Folder with the large archives of real AST JSON, which are not part of the checkout."""
    folder = PROJECT.parent / "shared" / "corpora"
    if not folder.is_dir():
        pytest.skip("../shared/corpora is absent: the large corpora are not part of the checkout")
    return folder

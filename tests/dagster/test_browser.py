"""The Dagster UI in a real browser.

Belongs here: that the pages which the guide shows are drawn; with `--update-golden`, the pictures
of the guide. Does not: comparing pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from snake_pipe_core.backends.registry import backends, open_backend
from tests.dagster.chromium import Page, find_chromium, open_page
from tests.dagster.server import DevServer

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SOURCE = "shop-python"
STAGES = ("extract", "validate", "normalize", "resolve", "load_relational", "load_graph")
ASSETS = ("raw_ast_files", "validated_asts", "normalized_asts", "cross_file_graph", "embeddings")


@pytest.fixture(scope="module")
def published(server: DevServer) -> str:
    """A source that reached every backend."""
    server.land(SOURCE, SOURCE)

    def everywhere() -> bool:
        for name in backends():
            with open_backend(name, server.settings) as backend:
                if SOURCE not in backend.published():
                    return False
        return True

    server.wait("source in all backends", everywhere, 150)
    server.wait("end of its run", lambda: all(r["endTime"] for r in server.runs()), 60)
    return SOURCE


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium is installed; tools/install-browser.sh does it")
    with open_page(program, tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def images(project: Path, tmp_path: Path, *, update_golden: bool) -> Path:
    """Where pictures go: into the guide only if they are to be made anew."""
    return project / "docs" / "images" if update_golden else tmp_path


@pytest.mark.usefixtures("published")
def test_the_lineage_page_draws_every_stage_and_asset(
    server: DevServer, page: Page, images: Path
) -> None:
    page.open(f"{server.url}/asset-groups", width=1500, height=560)
    page.wait_for(*STAGES)
    page.picture(images / "stages.png")
    page.open(f"{server.url}/asset-groups", width=1400, height=2700)
    page.wait_for(*STAGES)
    page.press("e", alt=True)  # opens all groups
    shown = page.wait_for(*ASSETS)
    page.picture(images / "lineage.png")
    assert shown.count("symbols") >= 3, "one table of symbols in each of three backends"


def test_a_materialization_shows_its_counts_and_its_plot(
    server: DevServer, page: Page, images: Path, published: str
) -> None:
    page.open(f"{server.url}/assets/validated_asts?view=events", width=1300, height=980)
    page.wait_for(published, "should_be_valid", "files_per_minute", "outcomes_plot")
    plots = page.wait_for_value(
        "[...document.images].filter(i => i.complete && i.src.startsWith('data:image/svg'))"
        ".map(i => [i.alt, i.naturalWidth])"
    )
    assert all(alt == "Files by outcome" and width > 300 for alt, width in plots)
    page.picture(images / "materialization.png")


def test_the_gate_shows_its_figures(
    server: DevServer, page: Page, images: Path, published: str
) -> None:
    page.open(f"{server.url}/assets/validated_asts?view=checks", width=1300, height=700)
    page.wait_for("quality_gate", "ledger_adds_up")
    page.click("quality_gate")
    shown = page.wait_for("The quality gate passed", published)
    assert "This is a blocking asset check" in shown
    page.picture(images / "quality-gate.png")

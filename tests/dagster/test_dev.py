"""A real `dagster dev`: files land, and all four backends follow without anybody's help.

Belongs here: what only the whole of it can show. Does not: single ticks, runs or checks.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from snake_pipe_core.backends.registry import backends, open_backend
from snake_pipe_core.lake import Lake
from tests.dagster.server import DevServer

pytestmark = pytest.mark.slow

SOURCE = "travelling"


def shown(server: DevServer) -> set[str | None]:
    """Return the versions of the source that the backends show; None for one without it."""
    versions = set()
    for name in backends():
        with open_backend(name, server.settings) as backend:
            versions.add(backend.published().get(SOURCE))
    return versions


def wait_until(
    server: DevServer, what: str, is_so: Callable[[set[str | None]], bool]
) -> str | None:
    def look() -> set[str | None] | None:
        versions = shown(server)
        return versions if len(versions) == 1 and is_so(versions) else None

    (version,) = server.wait(what, look, 150)
    return version


def test_what_lands_changes_and_goes_does_so_in_all_backends(server: DevServer) -> None:
    target = server.land("shop-python", SOURCE)
    first = wait_until(server, "first version everywhere", lambda found: None not in found)

    artifact = next(target.rglob("product.py.json"))
    edited = artifact.with_name(".edited")
    edited.write_text(artifact.read_text().replace('"Bundle"', '"Hamper"'))
    edited.rename(artifact)
    second = wait_until(
        server, "second version everywhere", lambda found: found.isdisjoint({None, first})
    )
    assert second != first
    with open_backend("postgres", server.settings) as backend:
        names = {row["name"] for row in backend.rows(SOURCE, "symbols")}
    assert "Hamper" in names
    assert "Bundle" not in names

    shutil.rmtree(target)
    wait_until(server, "removal everywhere", lambda found: found == {None})
    server.wait("removal from the lake",
                lambda: SOURCE not in Lake(server.settings.lake).heads.sources(), 30)  # fmt: skip

    def removal_ended() -> bool:
        return any(
            run["jobName"] == "remove_source" and run["status"] == "SUCCESS"
            for run in server.runs()
        )

    server.wait("end of the removal", removal_ended, 30)
    of_stages = [run for run in server.runs() if run["jobName"] != "remove_source"]
    partitions = [tag["value"] for run in of_stages for tag in run["tags"]
                  if tag["key"] == "dagster/partition"]  # fmt: skip
    assert partitions.count(SOURCE) == 2, "one run for each version that landed"
    assert {run["status"] for run in of_stages} == {"SUCCESS"}

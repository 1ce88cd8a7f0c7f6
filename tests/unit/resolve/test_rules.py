"""Rules are documented as they are.

Belongs here: rules against their page. Does not: what rules find.
"""

from __future__ import annotations

from pathlib import Path

from snake_pipe_core.model.kinds import RESOLUTIONS
from snake_pipe_core.resolve import resolver_version
from snake_pipe_core.resolve.rules import RULES


def test_the_page_lists_every_rule_as_it_is(project: Path) -> None:
    page = (project / "docs" / "reference" / "resolution.md").read_text()
    for rule in RULES:
        assert f"| `{rule.name}` | {rule.resolution} | {rule.confidence} | {rule.meaning} |" in page


def test_rules_stand_in_the_order_of_trust() -> None:
    following = [rule for rule in RULES if rule.name not in ("duplicate", "rollup")]
    confidences = [rule.confidence for rule in following]
    assert confidences == sorted(confidences, reverse=True)
    assert {rule.resolution for rule in RULES} <= set(RESOLUTIONS)


def test_the_version_is_the_same_in_every_process() -> None:
    import subprocess
    import sys

    command = "from snake_pipe_core.resolve import resolver_version; print(resolver_version())"
    found = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert found == resolver_version()

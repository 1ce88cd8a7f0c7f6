"""Real AST JSON of public repositories, from every parser that we have, through scan and resolve.

Every file of every archive is accounted for; those that a dialect reads are loaded, those that none
reads say what to do instead. The archives are not part of the checkout: without them this skips.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.corpora import READ_BY, Survey, archives, page, survey

QUICK_FILES = 12
LANGUAGE_SHARE = 0.99
"""Files whose language is told though their names are hidden, at least."""
MOST_LOST = 1000
"""One file in so many may be quarantined though it should be valid."""


@pytest.fixture(scope="session")
def packed(shared_corpora: Path) -> dict[str, Path]:
    """Archives by name."""
    found = {path.name.removesuffix(".tar.xz"): path for path in archives(shared_corpora)}
    assert found, f"{shared_corpora} holds no archives"
    return found


def check_accounted(one: Survey) -> None:
    """Every file has an outcome, every rule holds, and whatever is kept out says what to do."""
    assert one.accounted == one.files, f"{one.files} files, outcomes {one.outcomes}"
    assert one.problems == []
    assert one.unhelpful == []


def check_read(one: Survey, dialect: str) -> None:
    """Files of a parser that a dialect reads are loaded, and nearly every node has a kind."""
    assert set(one.dialects) == {dialect}
    should_be_valid = one.valid + one.outcomes.get("quarantined", 0)
    assert one.outcomes.get("unsupported", 0) == 0
    assert (should_be_valid - one.valid) * MOST_LOST <= should_be_valid, one.findings
    assert one.known_share >= 0.95, one.unknown_kinds
    assert one.symbols > 0
    assert one.edges > 0


def check_refused(one: Survey) -> None:
    """Files that no dialect reads are kept out, each of them."""
    assert set(one.outcomes) <= {"unsupported", "quarantined"}
    assert one.nodes == one.symbols == one.edges == 0


def check(one: Survey) -> None:
    """Hold one survey to all of it."""
    check_accounted(one)
    if one.parser in READ_BY:
        check_read(one, READ_BY[one.parser])
    else:
        check_refused(one)


@pytest.mark.parametrize(
    "name",
    ["python-ast2json--flask", "js-acorn--express", "ts-babel--redux", "treesitter-java--gson",
     "rust-synserde--fd"],
)  # fmt: skip
def test_some_files_of_an_archive(packed: dict[str, Path], tmp_path: Path, name: str) -> None:
    if name not in packed:
        pytest.skip(f"there is no archive {name}")
    one = survey(packed[name], tmp_path, files=QUICK_FILES)
    assert one.files == QUICK_FILES
    check(one)


@pytest.mark.slow
def test_every_archive(packed: dict[str, Path], tmp_path: Path) -> None:
    failures = {}
    surveys = []
    for name, path in packed.items():
        one = survey(path, tmp_path)
        surveys.append(one)
        try:
            check(one)
        except AssertionError as error:
            failures[name] = str(error)
    assert not failures
    read = [one for one in surveys if one.is_read]
    told = sum(one.languages.get(one.language, 0) for one in read)
    assert told >= LANGUAGE_SHARE * sum(sum(one.languages.values()) for one in read)
    missing = set(READ_BY) - {one.parser for one in surveys}
    assert not missing, f"no archive of these parsers: {sorted(missing)}"
    assert all(one.archive in page(surveys) for one in surveys)

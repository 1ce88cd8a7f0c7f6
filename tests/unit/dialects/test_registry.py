"""The registry: reading, merging, refusing and registering dialects.

Belongs here: folders that are wrong in one way each, and third-party registration. Does not: what
the built-in mappings say (`tests/contract/test_dialect_contract.py`).
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

from snake_pipe_core.dialects import registry
from snake_pipe_core.dialects.base import Refusal
from snake_pipe_core.errors import MappingError
from snake_pipe_core.native import Engine, check_mapping, merge_toml

MAPPING = """
name = "toy"
version = "3"
languages = ["toy"]
producers = ["toyc"]
[detect]
any = [{ path = "@t", equals = "Root" }]
[nodes]
discriminator = ["t"]
[kinds]
Root = "module"
Call = { kind = "call", name = "f" }
[[rule]]
on = ["Call"]
reference = { role = "call", target = "f" }
"""
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$ref": "#/$defs/root",
    "$defs": {"root": {"type": "object", "required": ["t"]}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "toy"
    home.mkdir()
    (home / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (home / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (home / "README.md").write_text("# toy\n", encoding="utf-8")
    return home


def edit(folder: Path, old: str, new: str) -> None:
    text = (folder / "mapping.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "mapping.toml").write_text(text.replace(old, new), encoding="utf-8")


def test_a_folder_becomes_a_dialect(folder):
    dialect = registry.load_dialect(folder)
    assert (dialect.name, dialect.version, dialect.languages) == ("toy", "3", ("toy",))
    assert dialect.producers == ("toyc",)
    assert dialect.readme == "# toy\n"
    (mapping,) = dialect.mappings
    assert mapping.name == "toy"
    assert mapping.kinds == ("Root", "Call")


def test_digest_follows_mapping_and_schema(folder):
    before = registry.load_dialect(folder).digest
    assert registry.load_dialect(folder).digest == before
    (folder / "README.md").write_text("other words", encoding="utf-8")
    assert registry.load_dialect(folder).digest == before
    edit(folder, 'Root = "module"', 'Root = "file"')
    with_kind = registry.load_dialect(folder).digest
    assert with_kind != before
    (folder / "schema.json").write_text(json.dumps(SCHEMA | {"title": "x"}), encoding="utf-8")
    assert registry.load_dialect(folder).digest not in (before, with_kind)


def test_languages_are_laid_over_the_base_and_over_each_other(folder):
    languages = folder / "languages"
    languages.mkdir()
    (languages / "one.toml").write_text(
        'languages = ["one"]\n[kinds]\nCall = "expression"\nExtra = "block"\n'
        '[[rule]]\non = ["Extra"]\nscope = "block"\n',
        encoding="utf-8",
    )
    (languages / "two.toml").write_text(
        'extends = "one"\nlanguages = ["two"]\n[kinds]\nExtra = "token"\n', encoding="utf-8"
    )
    dialect = registry.load_dialect(folder)
    one, two = dialect.mappings
    assert (one.name, two.name) == ("toy/one", "toy/two")
    assert dialect.languages == ("one", "two")
    assert one.content["kinds"] == {"Root": "module", "Call": "expression", "Extra": "block"}
    assert two.content["kinds"] == {"Root": "module", "Call": "expression", "Extra": "token"}
    assert [rule["on"] for rule in two.content["rule"]] == [["Call"], ["Extra"]]
    assert two.content["detect"] == one.content["detect"]


def test_a_dialect_extends_a_built_in_one(folder):
    edit(folder, 'version = "3"', 'version = "3"\nextends = "estree"')
    (mapping,) = registry.load_dialect(folder).mappings
    assert mapping.content["kinds"]["Root"] == "module"
    assert mapping.content["kinds"]["Program"] == "module"
    assert mapping.content["rule"][-1]["on"] == ["Call"]
    assert "extends" not in mapping.content


def test_an_unknown_base_is_named(folder):
    edit(folder, 'version = "3"', 'version = "3"\nextends = "nothing"')
    with pytest.raises(MappingError, match=r"extends 'nothing', which is no built-in dialect"):
        registry.load_dialect(folder)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('Root = "module"', 'Root = "modul"', r"kinds\.Root"),
        ('role = "call"', 'role = "calls"', r"rule\[0\]\.reference\.role"),
        ('target = "f"', 'target = "f", taget = "f"', r"rule\[0\]\.reference"),
        ('on = ["Call"]', "on = []", r"rule\[0\]\.on"),
        ("[kinds]", "[kind]", r"the top"),
        ('path = "@t"', "path = 1", r"detect\.any\[0\]\.path"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(folder, old, new, where):
    edit(folder, old, new)
    with pytest.raises(MappingError, match=rf"toy/mapping\.toml, at `{where}`"):
        registry.load_dialect(folder)


def test_broken_toml_is_told(folder):
    edit(folder, "[kinds]", "[kinds")
    with pytest.raises(MappingError, match=r"mapping\.toml is not TOML"):
        registry.load_dialect(folder)


@pytest.mark.parametrize("text", ["{", '{"type": "objekt"}', "[]"])
def test_a_bad_schema_is_told(folder, text):
    (folder / "schema.json").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r"schema\.json"):
        registry.load_dialect(folder)


@pytest.mark.parametrize("name", ["mapping.toml", "schema.json", "README.md"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(MappingError, match=rf"has no {name}"):
        registry.load_dialect(folder)


def test_a_fault_is_told_at_once_or_by_a_trusted_dialect_when_an_artifact_comes(folder):
    edit(folder, 'discriminator = ["t"]', "discriminator = []")
    told = r"The dialect toy cannot be compiled: \[nodes\] discriminator"
    checked = registry.build_registry([registry.load_dialect(folder)])
    with pytest.raises(MappingError, match=told):
        Engine(checked.mappings_json())
    trusted = registry.load_dialect(folder, check=False)
    assert re.match(told, check_mapping(trusted.unit)[0])
    engine = Engine(registry.build_registry([trusted]).mappings_json())
    assert engine.inspect(["a.json"], contents=[b"{}"])[0].dialect is None
    with pytest.raises(MappingError, match=told):
        engine.inspect(["a.json"], contents=[b'{"t": "Root"}'])
    with pytest.raises(MappingError, match=told):
        engine.scan("s", ["a.json"], contents=[b'{"t": "Root"}'])


def test_two_dialects_of_one_name_are_refused(folder):
    dialect = registry.load_dialect(folder)
    with pytest.raises(MappingError, match="Two folders are named dialect 'toy'"):
        registry.build_registry([dialect, dialect])


def test_an_unknown_dialect_is_answered_with_the_known_ones(folder):
    built = registry.build_registry([registry.load_dialect(folder)])
    assert built["toy"].version == "3"
    with pytest.raises(MappingError, match="Registered are: toy"):
        built["tyo"]


def test_engine_text_holds_mappings_schemas_and_refusals(folder):
    refusal = Refusal("r", {"any": [{"path": "@x", "exists": True}]}, "no", "do")
    built = registry.build_registry([registry.load_dialect(folder)], refusals=[refusal])
    unit, refuse = json.loads(built.mappings_json())
    assert [mapping["name"] for mapping in unit["mappings"]] == ["toy"]
    assert unit["schema"] == SCHEMA
    assert refuse["refuse"][0]["hint"] == "do"
    assert built.digest != registry.build_registry([registry.load_dialect(folder)]).digest


def test_toml_is_read_as_the_standard_library_reads_it():
    home = Path(registry.__file__).parent
    files = sorted(home.rglob("*.toml"))
    assert len(files) > 5
    for file in files:
        text = file.read_text("utf-8")
        read = merge_toml([text])
        assert json.dumps(read) == json.dumps(tomllib.loads(text)), file
    scalars = "a = [1, -2.5, true, \"\\u00e9\\n\", 'raw\\']\n[[b.c]]\nd = {}\n[[b.c]]\n"
    assert merge_toml([scalars]) == tomllib.loads(scalars)


@pytest.mark.parametrize(
    ("text", "place"),
    [("a = 1\nb = \n", "line 2, column 5"), ("a = 1\na = 2\n", "line 2, column 1")],
)
def test_wrong_toml_is_refused_with_its_place(text: str, place: str):
    with pytest.raises(ValueError, match=place):
        merge_toml([text])


def entry_points(folder: Path, monkeypatch, value: str) -> None:
    """Install a distribution that registers a dialect beside the dialect's folder."""
    installed = folder.parent / "toy_distribution-1.dist-info"
    installed.mkdir(exist_ok=True)
    installed.joinpath("METADATA").write_text("Name: toy-distribution\nVersion: 1\n", "utf-8")
    text = f"[{registry.ENTRY_POINTS}]\ntoy = {value}\n"
    installed.joinpath("entry_points.txt").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(folder.parent))


def test_an_entry_point_registers_a_package(folder, monkeypatch):
    (folder / "__init__.py").write_text("", encoding="utf-8")
    entry_points(folder, monkeypatch, "toy")
    try:
        loaded = registry.load_registry.__wrapped__()
        assert "toy" in loaded.dialects
        assert "python-ast" in loaded.dialects
    finally:
        sys.modules.pop("toy", None)


def test_an_entry_point_registers_a_path(folder, tmp_path, monkeypatch):
    (tmp_path / "toy_plugin.py").write_text(f"FOLDER = {str(folder)!r}\nWRONG = 1\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        entry_points(folder, monkeypatch, "toy_plugin:FOLDER")
        assert "toy" in registry.load_registry.__wrapped__().dialects
        entry_points(folder, monkeypatch, "toy_plugin:WRONG")
        with pytest.raises(MappingError, match="gives a int"):
            registry.load_registry.__wrapped__()
        entry_points(folder, monkeypatch, "toy_plugin:ABSENT")
        with pytest.raises(MappingError, match="cannot be loaded"):
            registry.load_registry.__wrapped__()
    finally:
        sys.modules.pop("toy_plugin", None)


def test_refusals_explain_and_advise():
    refusals = registry.load_registry().refusals
    assert {"typescript-compiler", "java-parser-cst", "solc-legacy"} <= {r.name for r in refusals}
    for refusal in refusals:
        assert refusal.message.endswith(".")
        assert refusal.hint.endswith(".")
        assert refusal.detect["any"]

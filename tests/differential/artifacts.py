"""Artifacts for differential tests: real ones, damaged ones and invented ones.

Belongs here: where they come from and how they are damaged or made up. Does not: what is expected
of them.
"""

from __future__ import annotations

import copy
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]

_NAMES = [
    "a", "b", "f", "C", "T", "self", "this", "super", "x", "MAX", "_p", "__q", "__init__", "#h",
    "require", "module", "exports", "prototype", "print", "List", "Optional", "constructor", "é",
    "naïve", "变量", "a b", "a`b", "", "a.b", "😀", "default", "*", "'q'", "static", "public",
]  # fmt: skip
_TEXTS = [*_NAMES, "Doc.\n\n    More.\n  Less.", "/** A.\n * B.\n */", "// c", "# d", "./m", "a/b"]
_SCALARS = [None, True, False, 0, 1, -1, 7, 2**31, 2**53 + 1, 2**70, -(2**63), 1.0, 0.5, "", "x"]


class Raw:
    """JSON text that stands for itself, valid or not."""

    def __init__(self, text: str) -> None:
        self.text = text


_RAWS = [
    "NaN", "Infinity", "-Infinity", "1e999", "-0", "-0.0", "1E400", "123456789012345678901234567890",
    '"\\ud800"', '"\\udc00x"', '"\\ud83d\\ude00"', '"\\u0000"', '{"a":1,"a":2}',
    '{"type":"Identifier","name":"a","name":"b"}', "[]", "{}", "[[]]", '{"x":{"y":[null]}}',
]  # fmt: skip
_BROKEN = [
    "nul",
    "01",
    "+1",
    ".5",
    "1.",
    "'a'",
    '"\t"',
    '"\\x41"',
    "[1,]",
    '{"a"}',
    "undefined",
    "]",
]


def golden_artifacts(dialect: str = "*") -> list[tuple[str, bytes]]:
    """Every artifact under `tests/golden`, of one dialect or of all."""
    files = sorted((PROJECT / "tests" / "golden").glob(f"{dialect}/*/source.*.json"))
    return [(file.relative_to(PROJECT).as_posix(), file.read_bytes()) for file in files]


def stated_document(path: str) -> str:
    """What may name the document of a golden artifact: its path, or what all of a parser share."""
    dialect = path.split("/")[2]
    states = "/astgen" in path or dialect in ("glayzzle", "ruby-ast-gen", "solc", "tree-sitter")
    return dialect if states else path


def example_artifacts() -> list[tuple[str, bytes]]:
    """Every artifact of the bundled sample."""
    files = sorted((PROJECT / "examples" / "asts").rglob("*.json"))
    return [(file.relative_to(PROJECT).as_posix(), file.read_bytes()) for file in files]


def archived_artifacts(
    archive: Path, limit: int | None, max_bytes: int
) -> Iterator[tuple[str, bytes]]:
    """Artifacts of a `.tar.xz`, not larger than `max_bytes`: all, or `limit` of them."""
    with tarfile.open(archive, "r:xz") as members:
        count = 0
        for member in members:
            if not member.isfile() or not member.name.endswith(".json"):
                continue
            if member.size > max_bytes:
                continue
            content = members.extractfile(member)
            assert content is not None
            yield member.name, content.read()
            count += 1
            if limit is not None and count >= limit:
                return


def written(value: Any, blank: str = "") -> bytes:
    """Write a value, `Raw` parts as they are, with `blank` after each colon."""
    parts: list[str] = []
    stack: list[Any] = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, Raw):
            parts.append(each.text)
        elif isinstance(each, dict):
            inside: list[Any] = [Raw("{")]
            for index, (key, member) in enumerate(each.items()):
                inside += [Raw("," if index else ""), Raw(json.dumps(key) + ":" + blank), member]
            stack.extend(reversed([*inside, Raw("}")]))
        elif isinstance(each, list):
            inside = [Raw("[")]
            for index, member in enumerate(each):
                inside += [Raw("," if index else ""), member]
            stack.extend(reversed([*inside, Raw("]")]))
        else:
            parts.append(json.dumps(each))
    return "".join(parts).encode()


# ---- damage


def damaged(random: Random, content: bytes, *, rounds: int = 4) -> bytes:
    """Change a few places of an artifact; most of what comes out is still JSON."""
    value = json.loads(content)
    for _ in range(random.randint(1, rounds)):
        containers = [each for each in _containers(value) if each]
        if not containers:
            break
        _damage(random, random.choice(containers), containers)
    data = written(value)
    if random.random() < 0.1:
        at = random.randint(0, len(data))
        torn = [
            data[:at],
            data[:at] + b"\xff" + data[at:],
            data + b"}",
            data[:at] + b"\x00" + data[at:],
        ]
        data = random.choice(torn)
    return data


def _containers(value: Any) -> list[Any]:
    found, stack = [], [value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict | list):
            found.append(each)
            stack.extend(each.values() if isinstance(each, dict) else each)
    return found


def _damage(random: Random, container: Any, containers: list[Any]) -> None:
    key = random.choice(list(container) if isinstance(container, dict) else range(len(container)))
    what = random.randrange(10)
    if what == 0:
        del container[key]
    elif what == 1:
        container[key] = random.choice(_SCALARS)
    elif what == 2:
        container[key] = Raw(random.choice(_RAWS))
    elif what == 3 and isinstance(container, dict):
        container[random.choice(["extra", "a/b", "a~b", "", "type", "body", "é"])] = random.choice(
            [*_SCALARS, {"deep": [{"er": None}]}]
        )
    elif what == 4:
        container[key] = copy.deepcopy(random.choice(containers))
    elif what == 5:
        container[key] = [container[key], None, container[key]]
    elif what == 6:
        container[key] = {"inner": container[key]}
    elif what == 7:
        container[key] = random.choice(_TEXTS)
    elif what == 8 and random.random() < 0.2:
        container[key] = Raw(random.choice(_BROKEN))
    elif isinstance(container, list):
        random.shuffle(container)
    else:
        items = list(container.items())
        random.shuffle(items)
        container.clear()
        container.update(items)


# ---- invention


def _headed(value: Any) -> Any:
    """The value with an array for every object whose keys are indices."""
    if isinstance(value, list):
        return [_headed(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "0" not in value:
        return {key: _headed(each) for key, each in value.items()}
    last = max((int(key) for key in value if key.isdecimal()), default=0)
    return [_headed(value.get(str(index))) for index in range(last + 1)]


class Inventor:
    """Random trees that a dialect's schema accepts, in the words that its mapping knows."""

    def __init__(self, mapping: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
        self.mapping, self.definitions = mapping, schema["$defs"]
        nodes = mapping["nodes"]
        stated = nodes["discriminator"]
        self.discriminator = stated if isinstance(stated, str) else next(iter(stated), "")
        self.is_list = nodes.get("children") == "list" and mapping["name"] == "tree-sitter"
        self.unions: list[str] = nodes.get("unions", [])
        listed = set(self.definitions) - {"root", "node", "child", "is_node", "shape"}
        named = set(_strings(mapping.get("kinds", {}), keys=True))
        # A schema names kinds as the parser writes them, a mapping without what stands before.
        cut = nodes.get("strip_to", "")
        bare = {
            kind: (kind.rpartition(cut)[2] if cut else kind).removeprefix(
                nodes.get("strip_prefix", "")
            )
            for kind in listed | named
        }
        both = {kind for kind in listed if bare[kind] in named}
        self.kinds = sorted(both or listed | named)
        # Kinds that rules speak of come more often.
        ruled = {kind for rule in mapping["rule"] for kind in rule["on"]}
        self.often = sorted(kind for kind in self.kinds if bare[kind] in ruled) or self.kinds
        self.fields = sorted(
            {
                part
                for text in _strings(mapping.get("rule", []))
                for part in re.findall(r"(?:^|\.)([a-z_]+)", text)
            }
        )

    def artifact(self, random: Random, size: int = 60) -> bytes:
        """One artifact of about `size` nodes."""
        self.budget = size
        value: Any
        if self.is_list:
            kinds = self.mapping["languages"][0]
            root = self._list_node(random, "module", 0)
            value = {"dialect": "tree-sitter", "language": kinds, "path": "a/b.x", "root": root}
        else:
            top = {
                "python-ast": "Module", "estree": "Program", "babel": "File", "solc": "SourceUnit",
                "clang": "TranslationUnitDecl",
                "prism": "ProgramNode", "ruby-ast-gen": "begin",
                "asty": "File", "goastgen": "ast.File",
                "glayzzle": "program", "swc": "Module", "whitequark": "begin",
                "javaparser": "com.github.javaparser.ast.CompilationUnit",
            }  # fmt: skip
            name = self.mapping["name"]
            if "root_array" in self.mapping["nodes"]:
                # A document that is recognized by its first element.
                kinds = ["Stmt_Namespace", *(self._kind(random) for _ in range(4))]
                value = [self._node(random, kind, 0) for kind in kinds]
            elif self.unions:
                value = {
                    "items": [
                        self._union(random, kind, 0) for kind in ["use", *self._several(random)]
                    ]
                }
            elif name == "clang":
                value = self._unit(random, top[name], 0)
            else:
                # What a dialect is recognized by, besides the kind of the root.
                stated = {
                    "prism": {"location": {"startOffset": 0, "length": 1}},
                    "swc": {"span": {"start": 1, "end": 2}, "interpreter": None},
                    "ruby-ast-gen": {"meta_data": {"start_line": 1}, "rel_file_path": "a/b.rb"},
                }
                value = self._node(random, top[name], 0) | stated.get(name, {})
                value = _headed(value) if self.mapping["nodes"].get("heads") else value
        return written(value)

    def _several(self, random: Random) -> list[str]:
        return [random.choice(self.unions) for _ in range(random.randint(1, 5))]

    def _union(self, random: Random, kind: str, depth: int) -> dict[str, Any]:
        """A node that its only member names: an object of a few members, nodes among them."""
        self.budget -= 1
        content: dict[str, Any] = {"ident": random.choice(_NAMES)}
        for field in random.sample(self.fields, min(4, len(self.fields))):
            if depth > 8 or self.budget <= 0:
                break
            several = [self._union(random, each, depth + 1) for each in self._several(random)[:3]]
            content[field] = random.choice([several, several[0], random.choice(_NAMES), several])
        content |= {"tree": "*"} if kind == "use" and "tree" not in content else {}
        return {kind: content}

    def _unit(self, random: Random, kind: str, depth: int) -> dict[str, Any]:
        """A node of clang's, with places that tell what differs from the ones before."""
        node: dict[str, Any] = self._node(random, kind, 8)
        node["id"] = hex(random.randint(1, 40))
        files: list[dict[str, Any]] = [
            {},
            {},
            {"file": "a.c"},
            {"file": "a.h", "includedFrom": {"file": "a.c"}},
            {"file": "<x>"},
        ]

        def place() -> dict[str, Any]:
            told: dict[str, Any] = {
                "offset": random.randint(0, 99),
                "col": random.randint(0, 9),
                "tokLen": 2,
            }
            told |= random.choice(files)
            if random.random() < 0.5:
                told["line"] = random.randint(1, 9)
            return (
                {"spellingLoc": dict(told), "expansionLoc": told} if random.random() < 0.1 else told
            )

        node["loc"], node["range"] = place(), {"begin": place(), "end": place()}
        for member in ("isImplicit", "completeDefinition"):
            if random.random() < 0.2:
                node[member] = True
        for member in ("parentDeclContextId", "previousDecl"):
            if random.random() < 0.3:
                node[member] = hex(random.randint(1, 40))
        node["referencedDecl"] = {"id": hex(random.randint(1, 40)), "name": random.choice(_NAMES)}
        count = 0 if depth > 6 or self.budget <= 0 else random.randint(0, 4 if depth else 6)
        node["inner"] = [self._unit(random, self._kind(random), depth + 1) for _ in range(count)]
        return node

    def _kind(self, random: Random) -> str:
        if random.random() < 0.02:
            return "NoSuchKind"
        kinds: list[str] = self.often if random.random() < 0.8 else self.kinds
        return random.choice(kinds)

    def _node(self, random: Random, kind: str, depth: int) -> Any:
        self.budget -= 1
        node: dict[str, Any] = {self.discriminator: kind}
        definition = self.definitions.get(kind, {})
        required = set(definition.get("required", []))
        properties = dict(definition.get("properties", {}))
        for name, stated in properties.items():
            if name == self.discriminator:
                continue
            if name in required or random.random() < 0.7:
                node[name] = self._value(random, stated, depth + 1)
        items = list(node.items())
        if random.random() < 0.2:
            random.shuffle(items)
        return dict(items)

    def _value(self, random: Random, stated: Any, depth: int) -> Any:
        if not isinstance(stated, dict):
            return random.choice(_SCALARS)
        if "const" in stated:
            return stated["const"]
        if "enum" in stated:
            return random.choice(stated["enum"])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in stated:
                options = stated[choice]
                if depth > 12 or self.budget <= 0:
                    options = [each for each in options if each == {"type": "null"}] or options
                return self._value(random, random.choice(options), depth)
        if "$ref" in stated:
            name = stated["$ref"].removeprefix("#/$defs/")
            if name in ("is_node", "node", "child"):
                if depth > 12 or self.budget <= 0:
                    return self._leaf(random)
                return self._node(random, self._kind(random), depth)
            if name in self.kinds:
                return self._node(random, name, depth)
            return self._value(random, self.definitions[name], depth)
        types = stated.get("type", "string")
        kind = types if isinstance(types, str) else random.choice(types)
        if kind == "array":
            most = 0 if depth > 12 or self.budget <= 0 else 3
            count = max(stated.get("minItems", 0), random.randint(0, most))
            return [self._value(random, stated.get("items", {}), depth + 1) for _ in range(count)]
        if kind == "object":
            members = stated.get("properties", {})
            return {key: self._value(random, each, depth + 1) for key, each in members.items()}
        if kind in ("integer", "number"):
            return random.choice([0, 1, 2, 3, 5, 8, 13, 40, -1, 2**40])
        if kind == "boolean":
            return random.random() < 0.5
        return None if kind == "null" else random.choice(_TEXTS)

    def _leaf(self, random: Random) -> Any:
        leaf = self.mapping.get("patterns", {}).get("leaf", {})
        kinds = [
            kind for kind, path in leaf.items() if isinstance(path, str) and kind in self.kinds
        ]
        kind = random.choice(kinds or self.kinds)
        node: dict[str, Any] = {self.discriminator: kind}
        for name in self.definitions.get(kind, {}).get("required", []):
            node.setdefault(name, random.choice(_NAMES))
        return node

    def _list_node(self, random: Random, kind: str, depth: int) -> Any:
        self.budget -= 1
        row = random.randint(0, 9)
        node: dict[str, Any] = {
            "type": kind, "named": random.random() < 0.9,
            "field": random.choice([None, random.choice(self.fields)]),
            "start_byte": row, "end_byte": row + random.randint(-1, 9),
            "start_point": [row, 0], "end_point": [row + random.randint(0, 2), 3],
        }  # fmt: skip
        if depth and (depth > 12 or self.budget <= 0 or random.random() < 0.35):
            return node | {"text": random.choice(_TEXTS)}
        count = random.randint(1, 4) if depth else 8
        return node | {
            "children": [
                self._list_node(random, self._kind(random), depth + 1) for _ in range(count)
            ]
        }


def _strings(value: Any, *, keys: bool = False) -> list[str]:
    if isinstance(value, str):
        return [] if keys else [value]
    if isinstance(value, dict):
        inside = [text for each in value.values() for text in ([] if keys else _strings(each))]
        return [*value, *inside] if keys else inside
    return [text for each in value for text in _strings(each)] if isinstance(value, list) else []

"""A directory of artifacts that a test edits at random, with meaning across files.

Belongs here: contents and operations. Does not: running or comparing.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
from ast2json import ast2json

PROGRAMS = (
    "",
    "class Order:\n    def total(self):\n        return price(self)\n",
    "from shop.order import Order\n\nclass Gift(Order):\n    def total(self):\n        return 0\n",
    "from .order import *\nimport shop.gift\ndef price(order: Order) -> int:\n    shop.gift.Gift()\n",
    "def price(order):\n    return order.total() + len(undefined)\n",
    "class Order:\n    # renamed\n    def sum(self):\n        return 1\n",
)
PYTHON_PATHS = (
    "shop/__init__.py.json",
    "shop/order.py.json",
    "shop/gift.py.json",
    "shop/price.py.json",
    "other/order.py.json",
    "top.py.json",
)
WRAPPER_PATHS = ("a/one.json", "b/two.json", "c/three.json", "top.json")
"""Artifacts that state themselves which document they describe, and may state the same."""
DOCUMENTS = ("web/cart.js", "web/till.js")
_GOLDEN = Path(__file__).parents[1] / "golden" / "babel"
_WRAPPERS = ("astgen-classes", "astgen-modules")
_FOREIGN = (b'{"a": 1}', b"", b"[" * 5, b"\xff\xfe", b'{"_type": "Module", "body": 7}')


@cache
def _program(index: int) -> bytes:
    return json.dumps(ast2json(ast.parse(PROGRAMS[index]))).encode()


@cache
def _wrapper(index: int, document: str) -> bytes:
    (path,) = (_GOLDEN / _WRAPPERS[index]).glob("source.*.json")
    return json.dumps({**json.loads(path.read_bytes()), "relativeName": document}).encode()


@dataclass(frozen=True)
class Operation:
    """One change of the directory."""

    verb: str
    path: str = ""
    number: int = 0
    document: str = ""


def operations() -> st.SearchStrategy[Operation]:
    """Draw one operation; those that make no sense on the directory at hand do nothing."""
    python, wrapper = st.sampled_from(PYTHON_PATHS), st.sampled_from(WRAPPER_PATHS)
    either = st.sampled_from(PYTHON_PATHS + WRAPPER_PATHS)
    return st.one_of(
        st.builds(Operation, st.just("write"), python, st.integers(0, len(PROGRAMS) - 1)),
        st.builds(
            Operation, st.just("claim"), wrapper, st.integers(0, 1), st.sampled_from(DOCUMENTS)
        ),
        st.builds(Operation, st.sampled_from(["delete", "revert", "damage", "touch"]), either),
        st.builds(Operation, st.just("foreign"), either, st.integers(0, len(_FOREIGN) - 1)),
        st.builds(Operation, st.just("rename"), either, st.integers(0, 9)),
        st.builds(Operation, st.just("copy"), either, st.integers(0, 9)),
        st.builds(Operation, st.just("crowd"), number=st.sampled_from([0, 3, 9, 40])),
        st.builds(Operation, st.sampled_from(["note", "link"]), number=st.integers(0, 1)),
        st.builds(Operation, st.just("run")),
    )


class ShopFiles:
    """The directory, and what each file held before its last change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._before: dict[str, bytes] = {}
        root.mkdir(parents=True, exist_ok=True)

    def apply(self, operation: Operation) -> None:
        target = self.root / operation.path
        match operation.verb:
            case "write":
                self._write(operation.path, _program(operation.number))
            case "claim":
                self._write(operation.path, _wrapper(operation.number, operation.document))
            case "foreign":
                self._write(operation.path, _FOREIGN[operation.number])
            case "crowd":
                self._crowd(operation.number)
            case "note":
                self._note(operation.number)
            case "link":
                self._link(operation.number)
            case _ if not target.is_file():
                return
            case "delete":
                self._before[operation.path] = target.read_bytes()
                target.unlink()
            case "damage":
                self._write(operation.path, target.read_bytes()[:-2])
            case "touch":
                target.touch()
            case "revert" if operation.path in self._before:
                self._write(operation.path, self._before[operation.path])
            case "rename":
                other = self.root / self._other(operation)
                other.parent.mkdir(parents=True, exist_ok=True)
                target.rename(other)
            case "copy":
                self._write(self._other(operation), target.read_bytes())
            case _:
                pass

    def _other(self, operation: Operation) -> str:
        paths = PYTHON_PATHS if operation.path in PYTHON_PATHS else WRAPPER_PATHS
        return paths[operation.number % len(paths)]

    def _write(self, path: str, content: bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file():
            self._before[path] = target.read_bytes()
        target.write_bytes(content)

    def _crowd(self, count: int) -> None:
        """Have `count` more files, so that the source crosses shard thresholds both ways."""
        folder = self.root / "crowd"
        folder.mkdir(exist_ok=True)
        for number in range(40):
            path = folder / f"m{number}.py.json"
            if number < count and not path.exists():
                path.write_bytes(_program(1 + number % 4))
            elif number >= count:
                path.unlink(missing_ok=True)

    def _note(self, number: int) -> None:
        path = self.root / "notes.txt"
        if number:
            path.write_text("no artifact")
        else:
            path.unlink(missing_ok=True)

    def _link(self, number: int) -> None:
        """Turn a link that leads nowhere into one to a directory and back."""
        path = self.root / "link.json"
        path.unlink(missing_ok=True)
        path.symlink_to(self.root if number else "nowhere")

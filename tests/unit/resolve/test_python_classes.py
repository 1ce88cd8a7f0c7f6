"""Python's classes: bases, members, receivers.

Belongs here: inheritance, overriding, calls through `self`, `super`, fields and declared types.
Does not: imports as such.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snake_pipe_core.resolve.classes import linearize
from tests.unit.resolve.programs import Program, resolve_python

SHAPES = {
    "base.py": (
        "class Shape:\n"
        "    def area(self): ...\n"
        "    def describe(self):\n"
        "        return self.area()\n"
        "    @classmethod\n"
        "    def make(cls):\n"
        "        return cls()\n"
    ),
    "round.py": (
        "from base import Shape\n"
        "import base\n"
        "class Circle(Shape):\n"
        "    def __init__(self, r): self.r = r\n"
        "    def area(self):\n"
        "        return super().area()\n"
        "class Ring(base.Shape, Circle): ...\n"
    ),
    "main.py": (
        "from round import Circle\n"
        "def direct():\n"
        "    c = Circle(1)\n"
        "    c.describe()\n"
        "def typed(c: Circle):\n"
        "    c.area()\n"
        "def unknown(c):\n"
        "    c.area()\n"
        "def made() -> Circle:\n"
        "    return Circle(2)\n"
        "def chained():\n"
        "    made().describe()\n"
        "class Holder:\n"
        "    def __init__(self, circle: Circle):\n"
        "        self.circle = circle\n"
        "        self.own = Circle(3)\n"
        "    def use(self):\n"
        "        self.circle.area()\n"
        "        self.own.describe()\n"
    ),
}


@pytest.fixture(scope="module")
def shapes() -> Program:
    return resolve_python(SHAPES)


def test_bases_resolve_across_files(shapes: Program) -> None:
    assert shapes.edges("INHERITS") == {
        ("round/Circle#", "base/Shape#"),
        ("round/Ring#", "base/Shape#"),
        ("round/Ring#", "round/Circle#"),
    }


def test_overrides_name_the_nearest_base(shapes: Program) -> None:
    assert shapes.edges("OVERRIDES") == {("round/Circle#area().", "base/Shape#area().")}


@pytest.mark.parametrize(
    ("caller", "callee", "rule", "confidence"),
    [
        ("base/Shape#describe().", "base/Shape#area().", "self", 0.95),
        ("round/Circle#area().", "base/Shape#area().", "super", 0.95),
        ("main/typed().", "round/Circle#area().", "annotation", 0.9),
        ("main/direct().", "base/Shape#describe().", "constructor", 0.8),
        ("main/direct().", "round/Circle#__init__().", "member", 1.0),
        ("main/chained().", "base/Shape#describe().", "returns", 0.75),
        ("main/chained().", "main/made().", "local", 1.0),
        ("main/Holder#use().", "round/Circle#area().", "field", 0.85),
        ("main/Holder#use().", "base/Shape#describe().", "constructor", 0.8),
    ],
)
def test_calls(shapes: Program, caller: str, callee: str, rule: str, confidence: float) -> None:
    edge = shapes.edge("CALLS", caller, callee)
    assert (edge["rule"], edge["confidence"]) == (rule, confidence)


def test_no_other_calls(shapes: Program) -> None:
    assert len(shapes.edges("CALLS")) == 11  # those above, and two more that build a Circle
    assert ("call", "c.area") in shapes.unresolved("dynamic")


def test_calling_a_class_instantiates_it(shapes: Program) -> None:
    assert shapes.edges("INSTANTIATES") == {
        ("base/Shape#make().", "base/Shape#"),
        ("main/direct().", "round/Circle#"),
        ("main/made().", "round/Circle#"),
        ("main/Holder#__init__().", "round/Circle#"),
    }


def test_member_of_an_external_base_is_external() -> None:
    program = resolve_python(
        {"a.py": "from threading import Thread\nclass T(Thread):\n    def go(self):\n"
         "        self.start()\n        super().join()\n        self.other = 1\n"}
    )  # fmt: skip
    assert ("call", "threading.Thread.start") in program.unresolved("external")
    assert ("call", "threading.Thread.join") in program.unresolved("external")
    assert program.edges("CALLS") == set()


def test_methods_come_in_the_order_of_c3() -> None:
    program = resolve_python(
        {
            "m.py": "class A:\n    def f(self): ...\nclass B(A): ...\n"
            "class C(A):\n    def f(self): ...\nclass D(B, C):\n    def g(self):\n"
            "        self.f()\n"
        }
    )
    assert ("m/D#g().", "m/C#f().") in program.edges("CALLS")
    assert ("m/D#g().", "m/A#f().") not in program.edges("CALLS")


def test_bases_in_a_cycle_do_not_hang() -> None:
    program = resolve_python(
        {
            "a.py": "from b import B\nclass A(B):\n    def f(self):\n        self.g()\n",
            "b.py": "from a import A\nclass B(A):\n    def g(self):\n        self.f()\n",
        }
    )
    assert program.edges("CALLS") == {("a/A#f().", "b/B#g()."), ("b/B#g().", "a/A#f().")}


@given(st.lists(st.lists(st.integers(0, 30), max_size=3, unique=True), min_size=1, max_size=12))
def test_linearization_equals_pythons(bases: list[list[int]]) -> None:
    """Classes are made in order; a base is an earlier class. Python itself is the oracle."""
    classes: list[type] = []
    rows = []
    for number, wanted in enumerate(bases):
        above = list(dict.fromkeys(base % number for base in wanted)) if number else []
        try:
            made = type(f"C{number}", tuple(classes[base] for base in above), {})
        except TypeError:  # no consistent order: such a class cannot exist
            above, made = [], type(f"C{number}", (), {})
        classes.append(made)
        rows += [(number, base, order) for order, base in enumerate(above)]
    frame = pl.DataFrame(
        rows,
        schema={"class_id": pl.Int64, "base_id": pl.Int64, "order": pl.Int64},
        orient="row",
    )
    found = linearize(frame)
    for number, made in enumerate(classes):
        expected = [classes.index(base) for base in made.__mro__[1:-1]]
        assert found.filter(class_id=number)["ancestor_id"].to_list() == expected


def test_calls_go_to_the_implementation_and_not_to_its_overloads() -> None:
    program = resolve_python(
        {
            "m.py": "import typing as t\n@t.overload\ndef f(a: int) -> int: ...\n@t.overload\n"
            "def f(a: str) -> str: ...\ndef f(a):\n    return a\nf(1)\n",
            "n.py": "from m import f\nf(2)\n",
        }
    )
    assert program.edges("CALLS") == {("m/", "m/f(+2)."), ("n/", "m/f(+2).")}

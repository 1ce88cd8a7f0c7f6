"""Languages whose files state packages: C#, Kotlin, Swift, from real parsers' ASTs.

Belongs here: edges read off the small projects in `projects/sources` by hand. Does not: Java, Go
(`test_examples`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.unit.resolve.programs import Program, resolve, scan

PROJECTS = Path(__file__).parent / "projects" / "asts"


@cache
def project(name: str) -> Program:
    folder = PROJECTS / name
    artifacts = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.json"))
    }
    return resolve(scan(artifacts, "tree-sitter"))


# -- C# --------------------------------------------------------------------------------------------


def test_csharp_bases_are_classes_or_interfaces_by_what_they_are() -> None:
    assert project("csharp").edges("INHERITS") == {("Shop/Orders/Order#", "Shop/Entity#")}
    assert project("csharp").edges("IMPLEMENTS") == {("Shop/Orders/Order#", "Shop/IStored#")}
    assert ("inherit", "System.IDisposable") in project("csharp").unresolved("external")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Shop/Orders/Order#Save().", "Shop/Entity#Touch()."),  # inherited
        ("Shop/Orders/Order#Save().", "Shop/Orders/Order#Check()."),  # of the other part
        ("Shop/Orders/Order#Order().", "Shop/Entity#Entity()."),  # base(id)
        ("Shop/Orders/Order#Order(+1).", "Shop/Orders/Order#Order()."),  # this(1)
        ("Shop/Orders/Order#Describe().", "Shop/Entity#Describe()."),  # base.Describe()
        ("Shop/Entity#Describe().", "Shop/Names#Of()."),
        ("Web/Desk#Close().", "Shop/Orders/Order#Save()."),  # a parameter's type
        ("Web/Desk#Close().", "Shop/Orders/Order#Describe()."),  # a field's type
        ("Web/Desk#Close().", "Shop/IStored#Save()."),  # through an alias
        ("Web/Desk#Close().", "Shop/Names#Of()."),  # using static
        ("Web/Desk#Close().", "Web/Desk#Load()."),
        ("Web/Desk#Load().", "Shop/Orders/Order#Order(+1)."),  # new Order()
    ],
)
def test_csharp_calls(source, target) -> None:
    assert (source, target) in project("csharp").edges("CALLS")


def test_csharp_sees_namespaces_around_and_types_past_properties_of_their_name() -> None:
    types = project("csharp").edges("HAS_TYPE")
    assert ("Shop/Orders/Order#Status.", "Shop/Status#") in types
    reads = project("csharp").edges("READS", "REFERENCES")
    assert ("Shop/Orders/Order#Check().", "Shop/Status#Paid.") in reads


def test_csharp_attributes_leave_out_the_end_of_the_name() -> None:
    decorated = project("csharp").edges("ANNOTATED_BY")
    assert decorated == {("Shop/Orders/Order#", "Shop/TracedAttribute#")}


def test_csharp_overrides_and_parts_are_one_class() -> None:
    assert ("Shop/Orders/Order#Describe().", "Shop/Entity#Describe().") in project("csharp").edges(
        "OVERRIDES"
    )
    assert ("Shop/Orders/Order#Save().", "Shop/IStored#Save().") in project("csharp").edges(
        "OVERRIDES"
    )


def test_csharp_imports_name_namespaces_types_and_what_is_outside() -> None:
    imports = project("csharp").edges("IMPORTS")
    assert ("Web/Desk/", "Shop/Names#") in imports
    assert ("Web/Desk/", "Shop/IStored#") in imports
    assert ("Web/Desk/", "package") in imports
    assert ("import", "System") in project("csharp").unresolved("external")

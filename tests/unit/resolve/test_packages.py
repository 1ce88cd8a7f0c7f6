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
    assert project("csharp").edges("INHERITS") == {("Shop/Orders/Order/Order#", "Shop/Entity#")}
    assert project("csharp").edges("IMPLEMENTS") == {("Shop/Orders/Order/Order#", "Shop/IStored#")}
    assert ("inherit", "System.IDisposable") in project("csharp").unresolved("external")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Shop/Orders/Order/Order#Save().", "Shop/Entity#Touch()."),  # inherited
        (
            "Shop/Orders/Order/Order#Save().",
            "Shop/Orders/`Order.Checks`/Order#Check().",
        ),  # of the other part
        ("Shop/Orders/Order/Order#Order().", "Shop/Entity#Entity()."),  # base(id)
        ("Shop/Orders/Order/Order#Order(+1).", "Shop/Orders/Order/Order#Order()."),  # this(1)
        (
            "Shop/Orders/`Order.Checks`/Order#Describe().",
            "Shop/Entity#Describe().",
        ),  # base.Describe()
        ("Shop/Entity#Describe().", "Shop/Names#Of()."),
        ("Web/Desk#Close().", "Shop/Orders/Order/Order#Save()."),  # a parameter's type
        ("Web/Desk#Close().", "Shop/Orders/`Order.Checks`/Order#Describe()."),  # a field's type
        ("Web/Desk#Close().", "Shop/IStored#Save()."),  # through an alias
        ("Web/Desk#Close().", "Shop/Names#Of()."),  # using static
        ("Web/Desk#Close().", "Web/Desk#Load()."),
        ("Web/Desk#Close().", "Shop/EntityExtensions#Shout()."),  # an extension
        ("Web/Desk#Full().", "Shop/Names#Of()."),  # named in full
        ("Web/Desk#Full().", "Shop/Orders/`Order.Checks`/Order#Describe()."),
        ("Web/Desk#Time().", "Shop/Tools/Clock#Now()."),  # global using
        ("Web/Desk#Load().", "Shop/Orders/Order/Order#Order(+1)."),  # new Order()
    ],
)
def test_csharp_calls(source, target) -> None:
    assert (source, target) in project("csharp").edges("CALLS")


def test_csharp_sees_namespaces_around_and_types_past_properties_of_their_name() -> None:
    types = project("csharp").edges("HAS_TYPE")
    assert ("Shop/Orders/Order/Order#Status.", "Shop/Status#") in types
    reads = project("csharp").edges("READS", "REFERENCES")
    assert ("Shop/Orders/`Order.Checks`/Order#Check().", "Shop/Status#Paid.") in reads


def test_csharp_attributes_leave_out_the_end_of_the_name() -> None:
    decorated = project("csharp").edges("ANNOTATED_BY")
    assert decorated == {("Shop/Orders/Order/Order#", "Shop/TracedAttribute#")}


def test_csharp_overrides_and_parts_are_one_class() -> None:
    assert ("Shop/Orders/`Order.Checks`/Order#Describe().", "Shop/Entity#Describe().") in project(
        "csharp"
    ).edges("OVERRIDES")
    assert ("Shop/Orders/Order/Order#Save().", "Shop/IStored#Save().") in project("csharp").edges(
        "OVERRIDES"
    )


def test_csharp_parts_belong_to_the_one_that_stands_for_them() -> None:
    part = "Shop/Orders/`Order.Checks`/Order#"
    assert (part, "Shop/Orders/Order/Order#") in project("csharp").edges("ALIAS_OF")
    assert ("Shop/Orders/Order/Order#", f"{part}Check().") in project("csharp").edges("DEFINES")


def test_csharp_imports_name_namespaces_types_and_what_is_outside() -> None:
    imports = project("csharp").edges("IMPORTS")
    assert ("Web/Desk/", "Shop/Names#") in imports
    assert ("Web/Desk/", "Shop/IStored#") in imports
    assert ("Web/Desk/", "package") in imports
    assert ("import", "System") in project("csharp").unresolved("external")


# -- Kotlin ----------------------------------------------------------------------------------------


def test_kotlin_bases_are_classes_or_interfaces_by_what_they_are() -> None:
    assert project("kotlin").edges("INHERITS") == {("shop/orders/Order#", "shop/Entity#")}
    assert project("kotlin").edges("IMPLEMENTS") == {("shop/orders/Order#", "shop/Stored#")}
    assert ("implement", "java.io.Closeable") in project("kotlin").unresolved("external")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("shop/orders/Order#", "shop/Entity#Entity()."),  # : Entity(id)
        ("shop/orders/Order#Order(+1).", "shop/orders/Order#Order()."),  # this(1, …)
        ("shop/orders/Order#save().", "shop/Entity#touch()."),  # inherited
        ("shop/orders/Order#save().", "shop/orders/Order#check()."),
        ("shop/orders/Order#save().", "shop/Registry#register()."),  # of an object
        ("shop/orders/Order#describe().", "shop/Entity#describe()."),  # super
        ("shop/Entity#describe().", "shop/Entity/nameOf()."),  # of the file
        ("shop/Entity/shout().", "shop/Entity#describe()."),  # of the receiver
        ("web/Desk#close().", "shop/orders/Order#save()."),
        ("web/Desk#close().", "shop/orders/Order#describe()."),  # of a property's type
        ("web/Desk#close().", "shop/Stored#save()."),
        ("web/Desk#close().", "shop/orders/Order#Companion#make()."),
        ("web/Desk#close().", "shop/orders/Order/total()."),  # imported
        ("web/Desk#close().", "web/Desk/helper()."),
        ("web/Desk#close().", "shop/Entity/nameOf()."),  # by `shop.*`
        ("web/Desk#close().", "shop/Entity/shout()."),  # an extension
        ("web/Desk/full().", "shop/Entity/nameOf()."),  # named in full
    ],
)
def test_kotlin_calls(source, target) -> None:
    assert (source, target) in project("kotlin").edges("CALLS")


def test_kotlin_reads_members_of_companions_objects_and_enums() -> None:
    reads = project("kotlin").edges("READS", "REFERENCES")
    assert ("shop/orders/Order#compareTo().", "shop/orders/Order#Companion#LARGEST.") in reads
    assert ("web/Desk#close().", "shop/orders/Order#Companion#LARGEST.") in reads
    assert ("web/Desk/helper().", "shop/Registry#LIMIT.") in reads
    assert ("shop/orders/Order#Order(+1).", "shop/Status#PAID.") in reads


def test_kotlin_calls_of_classes_make_instances() -> None:
    made = project("kotlin").edges("INSTANTIATES")
    assert ("web/Desk#made.", "shop/orders/Order#") in made
    assert ("shop/orders/Order#Companion#make().", "shop/orders/Order#") in made


def test_kotlin_imports() -> None:
    imports = project("kotlin").edges("IMPORTS")
    assert ("shop/orders/Order/", "shop/Stored#") in imports
    assert ("web/Desk/", "shop/orders/Order/total().") in imports
    assert ("import", "java.io.Closeable") in project("kotlin").unresolved("external")


def test_kotlin_annotations_and_overrides() -> None:
    assert project("kotlin").edges("ANNOTATED_BY") == {("shop/orders/Order#", "shop/Traced#")}
    assert {
        ("shop/orders/Order#save().", "shop/Stored#save()."),
        ("shop/orders/Order#describe().", "shop/Entity#describe()."),
    } <= project("kotlin").edges("OVERRIDES")


# -- Swift -----------------------------------------------------------------------------------------


def in_shop(name: str) -> str:
    return f"Shop/{name}"


def test_swift_bases_are_classes_or_protocols_by_what_they_are() -> None:
    order, stored = in_shop("Orders/Order/Order#"), in_shop("Entity/Stored#")
    assert project("swift").edges("INHERITS") == {(order, in_shop("Entity/Entity#"))}
    assert project("swift").edges("IMPLEMENTS") == {(order, stored), ("Web/Desk/Desk#", stored)}
    outside = project("swift").unresolved("external")
    assert ("implement", "Swift.CustomStringConvertible") in outside


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Shop/Orders/Order/Order#init().", "Shop/Entity/Entity#init()."),  # super.init
        ("Shop/Orders/Order/Order#init(+1).", "Shop/Orders/Order/Order#init()."),  # self.init
        ("Shop/Orders/Order/Order#save().", "Shop/Entity/Entity#touch()."),  # inherited
        ("Shop/Orders/Order/Order#save().", "Shop/Orders/OrderChecks/Order#check()."),
        ("Shop/Orders/Order/Order#describe().", "Shop/Entity/Entity#describe()."),
        ("Shop/Entity/Entity#describe().", "Shop/Entity/nameOf()."),  # of the module
        ("Shop/Orders/OrderChecks/`Order.Part`#open().", "Shop/Orders/Order/Order#save()."),
        ("Web/Desk/Desk#close().", "Shop/Orders/Order/Order#save()."),  # a parameter's type
        ("Web/Desk/Desk#close().", "Shop/Orders/Order/Order#describe()."),  # a property's type
        ("Web/Desk/Desk#close().", "Shop/Entity/Stored#save()."),
        ("Web/Desk/Desk#close().", "Shop/Orders/OrderChecks/Order#settle()."),  # an extension
        ("Web/Desk/Desk#close().", "Shop/Orders/OrderChecks/`Order.Part`#open()."),
        ("Web/Desk/Desk#close().", "Shop/Orders/Order/Order#make()."),
        ("Web/Desk/Desk#close().", "Shop/Entity/nameOf()."),  # of the module imported
        ("Web/Desk/Desk#close().", "Web/Desk/helper()."),
        ("ShopTests/OrderTests/OrderTests#testSaves().", "Shop/Orders/Order/Order#save()."),
    ],
)
def test_swift_calls(source, target) -> None:
    assert (source, target) in project("swift").edges("CALLS")


def test_swift_extensions_belong_to_the_type_that_they_name() -> None:
    order, extension = "Shop/Orders/Order/Order#", "Shop/Orders/OrderChecks/Order#"
    assert (extension, order) in project("swift").edges("ALIAS_OF")
    assert (order, f"{extension}check().") in project("swift").edges("DEFINES")
    assert (f"{extension}check().", f"{order}status.") in project("swift").edges("WRITES")


def test_swift_extensions_of_types_outside_have_what_is_not_known_from_there() -> None:
    assert ("call", "Foundation.port") in project("swift").unresolved("external")


def test_swift_imports_and_property_wrappers() -> None:
    assert ("Web/Desk/", "package") in project("swift").edges("IMPORTS")
    assert ("import", "Foundation.URL") in project("swift").unresolved("external")
    decorated = project("swift").edges("ANNOTATED_BY")
    assert decorated == {("Shop/Orders/Order/Order#limit.", "Shop/Entity/Traced#")}

"""C, C++ and Rust: names across files that include or declare each other, from real parsers' ASTs.

Belongs here: edges read off the small projects in `projects/sources` by hand. Does not: which file
a text names (`test_files`), Rust's module tree (`test_crates`).
"""

from __future__ import annotations

import pytest

from tests.unit.resolve.test_packages import project


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("`main.c`/main().", "`list.h`/list_add()."),  # by the header that it includes
        ("`list.c`/list_add().", "`list.c`/made()."),  # static, of the same file
        ("`list.c`/list_add().", "`list.h`/FIRST!"),  # a macro
    ],
)
def test_c_calls(source, target) -> None:
    assert (source, target) in project("c").edges("CALLS")


def test_c_prototypes_declare_what_another_file_defines() -> None:
    assert project("c").edges("DECLARES") == {
        ("`list.h`/list_add().", "`list.c`/list_add()."),
        ("`list.h`/list_sum().", "`list.c`/list_sum()."),  # defined before prototypes were
        ("`main.c`/other().", "`other.c`/other()."),
    }


def test_c_members_are_found_through_typedefs() -> None:
    assert project("c").edges("WRITES") == {
        ("`list.c`/list_add().", "`list.h`/entry#next."),
        ("`list.c`/made().", "`list.h`/entry#value."),
    }
    assert project("c").unresolved("missing") == set()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("`item.cpp`/shop/Item#price().", "`item.cpp`/shop/Item#rounded()."),  # without `this`
        ("`item.cpp`/shop/total().", "include/shop/`item.h`/shop/Item#price()."),  # a parameter's
        ("`main.cpp`/main().", "include/shop/`item.h`/shop/Item#price()."),  # a variable's
        ("`main.cpp`/main().", "include/shop/`item.h`/shop/total()."),  # shop::total
    ],
)
def test_cpp_calls(source, target) -> None:
    assert (source, target) in project("cpp").edges("CALLS")


def test_cpp_bodies_away_from_their_class_are_declared_in_it() -> None:
    item = "include/shop/`item.h`/shop"
    assert project("cpp").edges("DECLARES") == {
        (f"{item}/Item#Item().", "`item.cpp`/shop/Item#Item()."),
        (f"{item}/Item#price().", "`item.cpp`/shop/Item#price()."),
        (f"{item}/Item#rounded().", "`item.cpp`/shop/Item#rounded()."),
        (f"{item}/total().", "`item.cpp`/shop/total()."),
    }
    assert project("cpp").edges("INHERITS") == {(f"{item}/Item#", f"{item}/Priced#")}
    assert ("`item.cpp`/shop/Item#price().", f"{item}/Item#cents_.") in project("cpp").edges(
        "READS"
    )


def test_cpp_using_names_namespaces_wherever_they_are() -> None:
    assert project("cpp").edges("IMPORTS") == {
        ("`main.cpp`/", "include/shop/`item.h`/shop/"),
        ("`main.cpp`/", "`item.cpp`/shop/"),
    }


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("main/main().", "store/Store#new()."),  # use store::Store
        ("main/main().", "store/Store#add()."),  # let store = Store::new()
        ("main/main().", "shapes/mod/describe()."),  # crate::shapes::describe
        ("main/report/print().", "shapes/mod/describe()."),  # super::shapes::describe
        ("main/report/print().", "shapes/area/total()."),  # use super::*, under another name
        ("store/Store#add().", "shapes/mod/Shape#draw()."),  # a parameter's type
        ("store/Store#draw().", "shapes/mod/Draw#outline()."),  # of the trait
    ],
)
def test_rust_calls(source, target) -> None:
    assert (source, target) in project("rust").edges("CALLS")


def test_rust_types_implement_traits_of_other_files() -> None:
    assert project("rust").edges("IMPLEMENTS") == {
        ("shapes/mod/Shape#", "shapes/mod/Draw#"),
        ("store/Store#", "shapes/mod/Draw#"),
    }
    assert ("store/Store#draw().", "shapes/mod/Draw#draw().") in project("rust").edges("OVERRIDES")


def test_rust_variants_come_by_a_wildcard() -> None:
    reads = project("rust").edges("READS")
    assert ("shapes/area/one().", "shapes/mod/Shape#Line.") in reads
    assert project("rust").unresolved("missing") == set()

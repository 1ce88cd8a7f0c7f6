"""Ruby: classes that several files define, constants, mixins, `new` and `super`.

Belongs here: what calls and constants of Ruby lead to. Does not: what scan reads of a file.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.unit.resolve.programs import Program, resolve, scan

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
PLACES = {
    "base": "lib/shop/base.rb",
    "order": "lib/shop/order.rb",
    "items": "lib/items.rb",
    "lending": "lib/lending.rb",
}
"""The golden sources as files of one program."""
PARSERS = [("prism", "prism"), ("tree-sitter", "ruby"), ("ruby-ast-gen", "ruby_ast_gen")]


@cache
def program(dialect: str, prefix: str) -> Program:
    artifacts = {
        f"{place}.json": (GOLDEN / dialect / f"{prefix}-{case}" / "source.rb.json").read_bytes()
        for case, place in PLACES.items()
    }
    # Where a dump says what file it is of, it says so of the golden's.
    artifacts = {
        path: text.replace(b'path":"source.rb"', b'path":"' + path[:-5].encode() + b'"')
        for path, text in artifacts.items()
    }
    return resolve(scan(artifacts, dialect))


@pytest.fixture(params=PARSERS, ids=lambda parser: parser[0])
def shop(request: pytest.FixtureRequest) -> Program:
    return program(*request.param)


def test_a_required_file_is_found(shop: Program) -> None:
    assert shop.edges("INCLUDES") == {("shop/order/", "shop/base/")}


def test_a_superclass_is_found_in_the_module_that_another_file_opens(shop: Program) -> None:
    base = "shop/base/Shop#Base#"
    assert ("lending/Book#", "items/Item#") in shop.edges("INHERITS")
    # The file itself opens `Base`: what is nearest is named, and holds all that others add.
    assert ("shop/order/Shop#Order#", "shop/order/Shop#Base#") in shop.edges("INHERITS")
    assert ("shop/order/Shop#Order#close().", f"{base}save().") in shop.edges("CALLS")


def test_what_is_included_last_comes_first(shop: Program) -> None:
    calls = shop.edges("CALLS")
    assert ("shop/order/Shop#Order#close().", "shop/base/Shop#Loud#shout().") in calls
    assert ("shop/order/Shop#Order#close().", "shop/base/Shop#Quiet#shout().") not in calls


def test_a_constant_of_the_module_is_seen_in_its_other_files(shop: Program) -> None:
    assert ("shop/order/Shop#Order#close().", "shop/base/Shop#LIMIT.") in shop.edges("READS")


def test_new_calls_the_constructor_and_makes_an_object(shop: Program) -> None:
    order = "shop/order/Shop#Order#"
    assert ("shop/order/", order) in shop.edges("INSTANTIATES")
    assert ("shop/order/", f"{order}initialize().") in shop.edges("CALLS")
    assert ("shop/order/", f"{order}close().") in shop.edges("CALLS")
    assert ("shop/order/", f"{order}log().") in shop.edges("CALLS")
    assert (f"{order}`@base`.", "shop/order/Shop#Base#") in shop.edges("HAS_TYPE")


def test_a_method_of_the_superclass_may_be_defined_where_it_is_opened_again(shop: Program) -> None:
    assert ("shop/order/", "shop/order/Shop#Base#added().") in shop.edges("CALLS")


def test_super_is_the_method_of_that_name_further_up(shop: Program) -> None:
    calls = shop.edges("CALLS")
    assert ("shop/order/Shop#Order#log().", "shop/base/Shop#Base#log().") in calls
    assert ("lending/Book#Heavy#lend().", "lending/Book#lend().") in calls
    assert ("shop/order/Shop#Order#log().", "shop/base/Shop#Base#log().") in shop.edges("OVERRIDES")


def test_an_attribute_of_a_superclass_is_read(shop: Program) -> None:
    assert ("lending/Book#label().", "items/Item#title.") in shop.edges("READS")


def test_what_the_source_does_not_have_is_told(shop: Program) -> None:
    assert ("throws", "Lost") in shop.unresolved("missing")
    assert ("throws", "ArgumentError") in shop.unresolved("external")

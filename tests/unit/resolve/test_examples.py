"""The bundled shops, resolved from real parsers' ASTs: JavaScript, TypeScript, Java, Go.

Belongs here: edges read off the sources by hand (`examples/sources`). Does not: Python, whose
programs are written in the tests.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.unit.resolve.programs import Program, resolve, scan

EXAMPLES = Path(__file__).parents[3] / "examples" / "asts"


@cache
def shop(name: str, *dialects: str) -> Program:
    folder = EXAMPLES / name
    artifacts = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.json"))
    }
    return resolve(scan(artifacts, *dialects))


def javascript() -> Program:
    return shop("shop-web-js", "babel", "estree")


def typescript() -> Program:
    return shop("shop-web-ts", "babel", "estree")


def java() -> Program:
    return shop("shop-java", "tree-sitter")


def go() -> Program:
    return shop("shop-go", "tree-sitter")


def in_java(name: str) -> str:
    return f"com/example/shop/{name}"


# -- JavaScript ------------------------------------------------------------------------------------


def test_javascript_imports_modules_through_extensions_and_index_files() -> None:
    modules = {
        (a, b) for a, b in javascript().edges("IMPORTS") if a.endswith("/") and b.endswith("/")
    }
    assert {
        ("client/`index.js`/", "client/components/`index.js`/"),
        ("client/`index.js`/", "client/store/`index.js`/"),
        ("server/`index.cjs`/", "server/routes/`index.js`/"),
        ("server/routes/`index.js`/", "server/routes/`orders.cjs`/"),
        ("server/routes/`products.cjs`/", "server/`log.cjs`/"),
    } <= modules
    assert ("import", "./pages/missing.js") in javascript().unresolved("missing")
    assert ("import", "events") in javascript().unresolved("external")


@pytest.mark.parametrize(
    ("caller", "callee"),
    [
        # through `export { default as ProductList } from`, `import * as components`
        ("client/`index.js`/mount().", "client/components/`product-list.js`/ProductList#"),
        # through `export * from "./reducers.js"` beside `export { Store } from`
        ("client/store/`store.js`/createStore().", "client/store/`store.js`/Store#"),
        # `const { Router } = require("./router.cjs")`
        ("server/`index.cjs`/createServer().", "server/`router.cjs`/Router#"),
        ("server/`router.cjs`/Router#dispatch().", "server/`errors.cjs`/NotFound#"),
    ],
)
def test_javascript_instantiates_across_files(caller: str, callee: str) -> None:
    assert (caller, callee) in javascript().edges("INSTANTIATES")


@pytest.mark.parametrize(
    ("caller", "callee"),
    [
        ("client/`index.js`/mount().", "client/`cart.js`/formatTotal()."),
        ("client/`cart.js`/formatTotal().", "client/`money.js`/format()."),
        ("client/`cart.js`/Cart#add().", "client/`observable.js`/Observable#notify()."),
        # `import { selectors }` is `export * as selectors from "./selectors.js"`
        (
            "client/components/`product-list.js`/ProductList#update().",
            "client/store/`selectors.js`/page().",
        ),
        # module.exports.x, exports.x and a module bound as a whole
        ("server/`index.cjs`/", "server/`config.cjs`/port()."),
        ("server/routes/`index.js`/install().", "server/routes/`products.cjs`/install()."),
    ],
)
def test_javascript_calls_across_files(caller: str, callee: str) -> None:
    assert (caller, callee) in javascript().edges("CALLS")


def test_javascript_aliases_name_what_an_index_passes_on() -> None:
    assert {
        ("client/components/`index.js`/", "client/components/`button.js`/Button#"),
        ("client/components/`index.js`/", "client/components/`component.js`/Component#"),
        ("client/store/`index.js`/", "client/store/`selectors.js`/"),
    } <= javascript().edges("ALIAS_OF")


def test_javascript_receivers_of_unknown_type_call_nothing() -> None:
    assert ("call", "response.end") in javascript().unresolved("dynamic")
    assert not [b for _, b in javascript().edges("CALLS") if b.endswith("#end().")]


# -- TypeScript ------------------------------------------------------------------------------------


def test_typescript_resolves_imports_to_typescript_files() -> None:
    program = typescript()
    assert program.unresolved("missing") == set()
    modules = {b for _, b in program.edges("IMPORTS") if b.endswith("/")}
    assert any("index.ts" in name for name in modules)


def test_typescript_classes_implement_and_inherit_across_files() -> None:
    program = typescript()
    assert program.edges("IMPLEMENTS")
    assert program.edges("INHERITS")
    for kind in ("IMPLEMENTS", "INHERITS"):
        assert all(b.endswith("#") for _, b in program.edges(kind))


# -- Java ------------------------------------------------------------------------------------------


def test_java_inheritance_within_a_package_needs_no_import() -> None:
    assert java().edges("INHERITS") == {
        (in_java("catalog/Download#"), in_java("catalog/Product#")),
        (in_java("catalog/Goods#"), in_java("catalog/Product#")),
        (in_java("payment/CardTerminal#"), in_java("payment/Terminal#")),
    }
    assert (in_java("catalog/MemoryCatalog#"), in_java("catalog/Catalog#")) in java().edges(
        "IMPLEMENTS"
    )
    assert java().edge("INHERITS", in_java("catalog/Goods#"), in_java("catalog/Product#"))[
        "rule"
    ] == "package"  # fmt: skip


@pytest.mark.parametrize(
    ("caller", "callee", "rule"),
    [
        ("Shop#main().", "Money#euro().", "member"),  # import static
        ("Shop#main().", "catalog/Goods#Goods().", "wildcard"),  # import catalog.*
        ("catalog/Product#toString().", "catalog/Priced#describe().", "self"),  # inherited
        ("catalog/Goods#Goods().", "catalog/Product#Product().", "super"),
        ("order/Order#advance().", "order/Status#next().", "field"),
        ("payment/Terminal#charge().", "payment/Terminal#attempt().", "local"),
    ],
)
def test_java_calls(caller: str, callee: str, rule: str) -> None:
    assert java().edge("CALLS", in_java(caller), in_java(callee))["rule"] == rule


def test_java_overloads_that_tie_are_candidates() -> None:
    caller = in_java("order/Order#Line#price().")
    for overload in ("Money#times().", "Money#times(+1)."):
        edge = java().edge("CALLS", caller, in_java(overload))
        assert edge["resolution"] == "ambiguous"


def test_java_overrides() -> None:
    assert (in_java("catalog/Goods#available()."), in_java("catalog/Product#available().")) in (
        java().edges("OVERRIDES")
    )


# -- Go --------------------------------------------------------------------------------------------


def test_go_imports_name_packages_by_the_module_path_found_by_vote() -> None:
    edges = go().resolved.edges.filter(kind="IMPORTS")
    assert set(edges["rule"]) == {"module"}
    assert edges["dst_id"].n_unique() == 4  # catalog, money, store, orders
    assert ("import", "fmt") in go().unresolved("external")


@pytest.mark.parametrize(
    ("caller", "callee", "rule"),
    [
        ("main/run().", "catalog/NewGoods().", "name"),
        ("main/run().", "orders/New().", "name"),  # imported as svc
        ("main/run().", "money/Euro().", "wildcard"),  # import . "…/money"
        ("money/Sum().", "money/Euro().", "package"),  # another file of the package
        ("orders/Service#Open().", "store/Store#Get().", "field"),
    ],
)
def test_go_calls(caller: str, callee: str, rule: str) -> None:
    assert go().edge("CALLS", caller, callee)["rule"] == rule


def test_go_embedding_inherits_and_promotes() -> None:
    edge = go().edge("INHERITS", "catalog/Goods#", "catalog/Item#")
    assert edge["rule"] == "embed"


def test_go_methods_belong_to_types_of_other_files() -> None:
    defined = go().edges("DEFINES")
    assert ("catalog/Goods#", "catalog/Goods#Take().") in defined


def test_java_casts_in_a_class_do_not_become_its_type() -> None:
    """Static members stay those of the class, whatever types its methods name."""
    assert java().edge("CALLS", in_java("Shop#main()."), in_java("Money#euro()."))
    assert {target for role, target in java().unresolved("missing") if role == "call"} <= {"super"}

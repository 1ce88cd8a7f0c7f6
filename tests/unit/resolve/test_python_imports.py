"""Python's imports: which module a statement names, and which name it takes.

Belongs here: import statements and the names that modules offer. Does not: classes and calls.
"""

from __future__ import annotations

import pytest

from tests.unit.resolve.programs import resolve_python


def imports(files: dict[str, str]) -> set[tuple[str, str]]:
    return resolve_python(files).edges("IMPORTS")


def test_absolute_and_relative_imports_name_modules_and_names() -> None:
    program = resolve_python(
        {
            "shop/__init__.py": "",
            "shop/money.py": "def total(): ...\nEUR = 1\n",
            "shop/orders/__init__.py": "",
            "shop/orders/service.py": (
                "import shop.money\nfrom ..money import total\nfrom . import model\n"
            ),
            "shop/orders/model.py": "from shop.money import EUR as euro\n",
        }
    )
    assert program.edges("IMPORTS", resolution="exact") == {
        ("shop/orders/service/", "shop/money/"),
        ("shop/orders/service/", "shop/money/total()."),
        ("shop/orders/service/", "shop/orders/model/"),
        ("shop/orders/model/", "shop/money/"),
        ("shop/orders/model/", "shop/money/EUR."),
    }
    assert program.unresolved("missing") == set()


def test_attribute_of_a_package_goes_before_its_submodule() -> None:
    program = resolve_python(
        {
            "p/__init__.py": "from .search import search\n",
            "p/search.py": "def search(): ...\n",
            "main.py": "from p import search\nsearch()\n",
        }
    )
    assert ("main/", "p/search/search().") in program.edges("CALLS")
    assert ("main/", "p/__init__/") in program.edges("IMPORTS")
    assert ("main/", "p/search/") not in program.edges("IMPORTS")


def test_submodule_is_named_alone_as_import_graphs_count_it() -> None:
    found = imports({"p/__init__.py": "", "p/a.py": "", "main.py": "from p import a\n"})
    assert found == {("main/", "p/a/")}


def test_from_dot_import_own_submodule_in_init() -> None:
    found = imports({"p/__init__.py": "from . import a\n", "p/a.py": ""})
    assert found == {("p/__init__/", "p/a/")}


def test_names_pass_through_chains_of_reexports() -> None:
    program = resolve_python(
        {
            "p/__init__.py": "from .a import *\nfrom .q import deep as shallow\n",
            "p/a.py": "from .b import one, two as deux\n",
            "p/b.py": "def one(): ...\ndef two(): ...\n",
            "p/q/__init__.py": "from .r import deep\n",
            "p/q/r.py": "def deep(): ...\n",
            "main.py": "import p\nfrom p import one, deux, shallow\np.shallow()\none()\ndeux()\n",
        }
    )
    assert program.edges("CALLS") == {
        ("main/", "p/q/r/deep()."),
        ("main/", "p/b/one()."),
        ("main/", "p/b/two()."),
    }


def test_cycles_of_reexports_end() -> None:
    program = resolve_python(
        {
            "p/__init__.py": "",
            "p/a.py": "from p.b import x, real\n",
            "p/b.py": "from p.c import *\nfrom p.c import x\ndef real(): ...\n",
            "p/c.py": "from p.a import *\nfrom p.a import x\n",
            "main.py": "from p.c import x, real\nreal()\n",
        }
    )
    assert program.edges("CALLS") == {("main/", "p/b/real().")}
    assert program.unresolved("missing") == {
        ("import", "p.a.x"),
        ("import", "p.b.x"),
        ("import", "p.c.x"),
    }


def test_wildcards_bring_public_names_or_what_all_lists() -> None:
    program = resolve_python(
        {
            "listed.py": "__all__ = ['_hidden', 'seen']\ndef _hidden(): ...\ndef seen(): ...\n"
            "def unlisted(): ...\n",
            "plain.py": "def public(): ...\ndef _private(): ...\n",
            "main.py": "from listed import *\nfrom plain import *\n"
            "_hidden()\nseen()\nunlisted()\npublic()\n_private()\n",
        }
    )
    assert program.edges("CALLS") == {
        ("main/", "listed/_hidden()."),
        ("main/", "listed/seen()."),
        ("main/", "plain/public()."),
    }
    assert program.unresolved("missing") == {("call", "unlisted"), ("call", "_private")}


def test_wildcard_from_outside_leaves_names_external() -> None:
    program = resolve_python({"main.py": "from numpy import *\narray()\n"})
    assert program.unresolved("external") == {("import", "numpy"), ("call", "numpy.array")}


@pytest.mark.parametrize(
    "path", ["src/shop/money.py", "backend/shop/money.py", "a/b/shop/money.py"]
)
def test_packages_below_any_source_root_are_found(path: str) -> None:
    init = path.replace("money.py", "__init__.py")
    program = resolve_python(
        {init: "", path: "def f(): ...\n", "tests/test_f.py": "from shop.money import f\nf()\n"}
    )
    assert len(program.edges("CALLS", resolution="exact")) == 1
    edge = program.resolved.edges.filter(kind="CALLS").row(0, named=True)
    assert edge["rule"] == "other_root"


def test_own_root_wins_over_other_roots() -> None:
    program = resolve_python(
        {
            "one/util.py": "def f(): ...\n",
            "one/main.py": "import util\nutil.f()\n",
            "two/util.py": "def f(): ...\n",
            "two/main.py": "from util import f\nf()\n",
        }
    )
    assert program.edges("CALLS", resolution="exact") == {
        ("one/main/", "one/util/f()."),
        ("two/main/", "two/util/f()."),
    }


def test_several_other_roots_are_ambiguous() -> None:
    program = resolve_python(
        {
            "one/kit/__init__.py": "def f(): ...\n",
            "two/kit/__init__.py": "def f(): ...\n",
            "tests/test_kit.py": "from kit import f\nf()\n",
        }
    )
    assert program.edges("CALLS", resolution="ambiguous") == {
        ("tests/test_kit/", "one/kit/__init__/f()."),
        ("tests/test_kit/", "two/kit/__init__/f()."),
    }
    assert program.unresolved("ambiguous") == {("import", "kit.f"), ("call", "f")}
    row = program.resolved.unresolved.filter(role="call").row(0, named=True)
    assert len(row["candidates"].split()) == 2


def test_standard_library_is_not_taken_from_other_roots() -> None:
    program = resolve_python(
        {
            "tools/json.py": "def loads(): ...\n",
            "app/__init__.py": "",
            "app/main.py": "import json\njson.loads()\n",
        }
    )
    assert program.edges("CALLS") == set()
    assert program.unresolved("external") == {("import", "json"), ("call", "json.loads")}


def test_script_beside_a_standard_name_wins() -> None:
    program = resolve_python(
        {"json.py": "def loads(): ...\n", "main.py": "import json\njson.loads()\n"}
    )
    assert program.edges("CALLS") == {("main/", "json/loads().")}


def test_namespace_packages_lead_to_their_modules() -> None:
    program = resolve_python(
        {
            "space/part/tool.py": "def f(): ...\n",
            "main.py": "import space.part.tool\nfrom space.part import tool\nspace.part.tool.f()\n",
            "other.py": "from space.part.tool import f\nf()\n",
        }
    )
    assert program.edges("CALLS") == {
        ("main/", "space/part/tool/f()."),
        ("other/", "space/part/tool/f()."),
    }
    assert program.unresolved("missing") == set()


def test_what_a_module_of_ours_lacks_is_missing() -> None:
    program = resolve_python(
        {
            "p/__init__.py": "",
            "p/a.py": "",
            "main.py": "import p.nope\nfrom p.a import gone\nfrom .away import x\ngone()\n",
        }
    )
    assert program.unresolved("missing") == {
        ("import", "p.nope"),
        ("import", "p.a.gone"),
        ("import", ".away.x"),
        ("call", "gone"),
    }


def test_conditional_imports_prefer_what_the_source_has() -> None:
    program = resolve_python(
        {
            "fast.py": "def f(): ...\n",
            "main.py": "try:\n    from numba import f\nexcept ImportError:\n    from fast import f\n",
            "user.py": "from main import f\nf()\n",
        }
    )
    assert program.edges("CALLS") == {("user/", "fast/f().")}


def test_alternatives_of_one_name_are_candidates() -> None:
    program = resolve_python(
        {
            "a.py": "def f(): ...\n",
            "b.py": "def f(): ...\n",
            "pick.py": "try:\n    from a import f\nexcept ImportError:\n    from b import f\n",
            "main.py": "from pick import f\nf()\n",
        }
    )
    assert program.edges("CALLS", resolution="ambiguous") == {
        ("main/", "a/f()."),
        ("main/", "b/f()."),
    }
    assert program.edge("CALLS", "main/", "a/f().")["confidence"] == 0.5


def test_a_local_of_the_same_name_is_never_taken() -> None:
    program = resolve_python(
        {
            "a.py": "def helper(): ...\n",
            "b.py": "def run(helper):\n    helper()\n\ndef also():\n    unknown.helper()\n",
        }
    )
    assert program.edges("CALLS") == set()


def test_modules_depend_on_each_other_as_often_as_edges_cross() -> None:
    program = resolve_python(
        {"a.py": "def f(): ...\n", "b.py": "import a\nfrom a import f\nf()\nf()\na.f()\n"}
    )
    edge = program.edge("DEPENDS_ON", "b/", "a/")
    assert edge["occurrence_count"] == 2 + 1 + 3  # two statements, the name, three calls

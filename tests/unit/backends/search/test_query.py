"""What a user's text means."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snake_pipe_core.backends.search.query import (
    And,
    Everything,
    Filter,
    Fuzzy,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
    parse,
    to_text,
)
from tests.slices import nasty_text

A, B, C = Term("a"), Term("b"), Term("c")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", Everything()),
        ("   ", Everything()),
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a | b", Or((A, B))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("((a))", A),
        ("-a", Not(A)),
        ("NOT a", Not(A)),
        ("--a", A),
        ("a -(b c)", And((A, Not(And((B, C)))))),
        ('"two words"', Phrase("two words")),
        ('-"two words"', Not(Phrase("two words"))),
        ("pars*", Prefix("pars")),
        ("prase~", Fuzzy("prase", 1)),
        ("prase~2", Fuzzy("prase", 2)),
        ("prase~0", Term("prase")),
        ("kind:class", Filter("kind", ("class",))),
        ("kind:class,enum", Filter("kind", ("class", "enum"))),
        ('path:"a b/c"', Filter("path", ("a b/c",))),
        ("path:src/*.py", Filter("path", ("src/*.py",))),
        ("-language:java", Not(Filter("language", ("java",)))),
        (
            'kind:class language:python "exact phrase" -not pre*',
            And(
                (
                    Filter("kind", ("class",)),
                    Filter("language", ("python",)),
                    Phrase("exact phrase"),
                    Not(Term("not")),
                    Prefix("pre"),
                )
            ),
        ),
        # What only looks like syntax is words.
        ("std::vector", Term("std::vector")),
        ("http://x.y/z", Term("http://x.y/z")),
        ("author:me", Term("author:me")),
        ("snake-case", Term("snake-case")),
        ("a - b", And((A, Term("-"), B))),
        ("ORDER", Term("ORDER")),
        ("*", Term("*")),
        ("~", Term("~")),
        ("operator=", Term("operator=")),
        # What is left open is closed; what hangs is dropped.
        ("(a b", And((A, B))),
        ("a) b", And((A, B))),
        ('"a', A),
        ("a OR ", A),
        ("a OR", And((A, Term("OR")))),
        ("OR (a)", A),
        ("()", Everything()),
        ('""', Everything()),
        ('kind:""', Everything()),
        ("a ()", A),
        ("-()", Everything()),
    ],
)
def test_parse(text: str, meaning: Query) -> None:
    assert parse(text) == meaning


@given(nasty_text(max_size=200))
def test_every_text_means_something_and_nothing_is_invented(text: str) -> None:
    understood = to_text(parse(text))
    assert set(re.findall("[a-z]+", understood)) <= set(re.findall("[a-z]+", text))


@given(st.lists(st.sampled_from(['"', "(", ")", "-", "OR ", "NOT ", "kind:", "a", "*", "~", " "])))
def test_every_heap_of_syntax_means_something(parts: list[str]) -> None:
    understood = parse("".join(parts))
    assert parse(to_text(understood)) == understood


def test_deep_nesting_is_no_danger() -> None:
    assert parse("(" * 5000 + "a" + ")" * 5000) is not None
    assert parse("-" * 5000 + "a") == A


words = st.sampled_from(["a", "getURL", "x1", "snake_case", "naïve"])
queries: st.SearchStrategy[Query] = st.recursive(
    st.one_of(
        st.builds(Term, words),
        st.builds(Phrase, st.sampled_from(["two words", "one"])),
        st.builds(Prefix, words),
        st.builds(Fuzzy, words, st.integers(1, 2)),
        st.builds(
            Filter,
            st.sampled_from(["kind", "language", "source", "path"]),
            st.lists(st.sampled_from(["class", "a b/c", "src/*"]), min_size=1).map(tuple),
        ),
    ),
    lambda inner: st.one_of(
        st.builds(Not, inner.filter(lambda query: not isinstance(query, Not))),
        st.builds(
            lambda how, parts: how(tuple(parts)),
            st.just(And),
            st.lists(inner.filter(lambda q: not isinstance(q, And)), min_size=2, max_size=3),
        ),
        st.builds(
            lambda how, parts: how(tuple(parts)),
            st.just(Or),
            st.lists(inner.filter(lambda q: not isinstance(q, Or)), min_size=2, max_size=3),
        ),
    ),
    max_leaves=8,
)


@given(queries)
def test_the_printed_form_means_the_same(query: Query) -> None:
    assert parse(to_text(query)) == query

"""Logic has three values: true, false and null."""

import pytest

from engine.feel import compile

T, F, N = True, False, None


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, T, T),
        (T, F, F, T),
        (T, N, N, T),
        (F, F, F, F),
        (F, N, F, N),
        (N, N, N, N),
        (N, T, N, T),
        (N, F, F, N),
    ],
)
def test_and_and_or_follow_the_standard_s_tables(left, right, both, either):
    context = {"a": left, "b": right}
    assert compile("a and b").evaluate(context) is both
    assert compile("a or b").evaluate(context) is either


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1.0", T),
        ('1 = "1"', N),
        ("null = null", T),
        ("1 = null", F),
        ("1 != null", T),
        ("[1, 2] = [1, 2]", T),
        ("{a: 1} = {a: 1.0}", T),
        ("1 < null", N),
        ('"a" < "b"', T),
        ("true < false", N),
        ("not(null)", N),
        ("not(false)", T),
        ("5 between 1 and 5", T),
        ("6 between 1 and 5", F),
        ("null between 1 and 5", N),
        ("1 in [1..5]", T),
        ("1 in (1..5]", F),
        ("1 in ]1..5]", F),
        ("5 in [1..5[", F),
        ("3 in (1, 2, 3)", T),
        ("3 in [1, 3] and 1 = 1", T),
        ("3 in [1..5[ and 4 in (1, 2) or 1 = 1", T),
        ("3 in (1..5) and 1 = 2", F),
        ("3 in (> 5, < 4)", T),
        ("3 in [1, 2]", F),
        ('@"2026-03-01" in [@"2026-01-01"..@"2026-12-31"]', T),
        ("some x in [1, 2, 3] satisfies x > 2", T),
        ("every x in [1, 2, 3] satisfies x > 2", F),
        ("every x in [] satisfies x > 2", T),
        ("every x in [1, null] satisfies x > 0", N),
        ("all([true, true])", T),
        ("any([false, null])", N),
        ("if null then 1 = 1 else 1 = 2", F),
        ("is defined(a)", F),
        ('get or else(a, "x") = "x"', T),
        ("1 instance of number", T),
        ('"1" instance of number', F),
        ("[1, 2] instance of list<number>", T),
        ("{a: 1} instance of context<a: number, b: string>", F),
        ('@"P1Y" instance of years and months duration', T),
        ("(function(x) x) instance of function<number> -> number", T),
        ("null instance of Any", F),
    ],
)
def test_comparisons(text, expected):
    assert compile(text).evaluate() is expected


def test_a_comparison_without_meaning_says_why():
    outcome = compile('score > "3"').explain({"score": 3})
    assert outcome.warnings == ("comparaison impossible entre un nombre (3) et un texte (« 3 »)",)


def test_what_is_no_truth_value_is_pointed_out():
    said = compile('x = "a" or "b"').explain({"x": "c"}).warnings
    assert said == ("« or » attend vrai ou faux, et non un texte (« b »)",)
    assert compile("if x then 1 else 2").explain({"x": None}).warnings == (
        "la condition de « if » donne null : c’est « else » qui vaut",
    )

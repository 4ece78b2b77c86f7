"""An expression ends: steps, size, depth and seconds are counted."""

import time

import pytest

from engine.feel import Budget, FeelBudgetError, FeelSyntaxError, compile

DOUBLING = "{{f: function(n, x) if n = 0 then x else f(n - 1, {0}), r: {1}}}.r"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("for a in 1..1000000, b in 1..1000000 return a", "trop long"),
        ("some a in 1..100000000 satisfies a < 0", "trop long"),
        ("{f: function(n) f(n + 1), r: f(1)}.r", "trop profond"),
        (DOUBLING.format("x + x", 'f(60, "ab")'), "trop volumineux"),
        (DOUBLING.format("concatenate(x, x)", "f(60, [1])"), "trop volumineux"),
        (DOUBLING.format("[x, x]", "f(60, 1)"), "trop"),
        (DOUBLING.format("[x, x]", "f(60, 1) = f(60, 1)"), "trop"),
        (DOUBLING.format("[x, x]", "string(f(60, 1))"), "trop"),
        (DOUBLING.format("[x, x]", "count(flatten(f(60, 1)))"), "trop"),
        (DOUBLING.format('replace(x, "a", "aa")', 'f(60, "a")'), "trop"),
        ("for i in 1..100000 return partial", "trop volumineux"),
        ("for i in 1..30 return partial", "trop"),
        ("sort(for i in 1..40000 return -i, function(a, b) a < b)", "trop long"),
        ("{l: for i in 1..30000 return i, r: for j in 1..30000 return sum(l) + median(l)}.r", "trop long"),
        ("{l: for i in 1..20000 return i, r: for j in 1..20000 return l = l}.r", "trop long"),
        ("{l: for i in 1..20000 return i, r: for j in 1..20000 return string(l)}.r", "trop"),
        ("for i in 1..90000 return exp(i) ** 0.1", "trop long"),
        ("for i in 1..90000 return string(1e6144)", "trop volumineux"),
        ('for i in @"-999999999-01-01"..@"999999999-01-01" return i', "trop long"),
        ("sort(for i in 1..2000 return i, function(a, b) count(for k in 1..1000 return k) > a)", "trop long"),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "^(a*)*\\\\1b$")', "trop"),
        ('for i in 1..90000 return matches("a", string join(["((a|b){1,40}){1,20}", string(i)]))', "trop long"),
        (DOUBLING.format("[x, x]", "to json(f(60, 1))"), "trop"),
    ],
)
def test_an_expression_that_costs_too_much_is_stopped(text, what):
    started = time.thread_time()
    with pytest.raises(FeelBudgetError, match=what):
        compile(text).evaluate()
    assert time.thread_time() - started < 5


def test_seconds_are_counted():
    with pytest.raises(FeelBudgetError, match=r"plus de 0\.01 s"):
        compile("some a in 1..100000000 satisfies a < 0").evaluate(budget=Budget(steps=10**9, seconds=0.01))


def test_a_budget_is_the_caller_s():
    text = "for a in 1..100 return a"
    assert len(compile(text).evaluate()) == 100
    with pytest.raises(FeelBudgetError):
        compile(text).evaluate(budget=Budget(steps=50))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + "1",
        "[" * 5_000,
        "not(" * 1_000,
        "1" + "+1" * 9_000,
        "a" + ".b" * 9_000,
        "1" * 30_000,
        *["if true then " * 1_000, "1 instance of " + "list<" * 3_000],
    ],
)
def test_a_text_of_unreasonable_shape_is_refused(text):
    with pytest.raises(FeelSyntaxError):
        compile(text)


@pytest.mark.parametrize(
    "text",
    [
        "10 ** 1000000",
        "9999999 ** 99999999",
        'duration("P1D") * 1e6000',
        '@"2026-01-01" + @"P99999999999999D"',
        *["1e6000 * 1e6000", "for i in 1e6000..1e6001 return i", "exp(1e10)", "decimal(1, 1e6000)"],
    ],
)
def test_numbers_beyond_all_measure_are_null(text):
    assert compile(text).evaluate() is None

"""Numbers are exact decimals of 34 digits; what has no meaning is null."""

from decimal import Decimal

import pytest

from engine.feel import compile


def value(text, **context):
    return compile(text).evaluate(context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1.1 * 3", "3.3"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
        ("2 / 3", "0.6666666666666666666666666666666667"),
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("10 - 2 - 3", "5"),
        ("2 ** 10", "1024"),
        ("-2 ** 2", "4"),
        ("- - 3", "3"),
        ("1e3 + 1", "1001"),
        (".5 + .5", "1.0"),
        ("decimal(2.5, 0)", "2"),
        ("decimal(3.5, 0)", "4"),
        ("round half up(2.5, 0)", "3"),
        ("round half down(2.5, 0)", "2"),
        ("round up(1.121, 2)", "1.13"),
        ("round down(-1.126, 2)", "-1.12"),
        ("floor(-1.5)", "-2"),
        ("ceiling(-1.5)", "-1"),
        ("modulo(-12, 5)", "3"),
        ("modulo(12, -5)", "-3"),
        ("abs(-4.2)", "4.2"),
        ("sqrt(16)", "4"),
        ("median([9, 10, 100])", "10"),
        ("mean([1, 2, 6])", "3"),
        ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"),
        ("sum([1.1, 2.2])", "3.3"),
        ("product(2, 3, 4)", "24"),
        ("max(1, 3, 2)", "3"),
    ],
)
def test_numbers_are_computed_exactly(text, expected):
    assert value(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "1 + null", '1 + "a"', "true + 1", "10 ** 100000", "sqrt(-1)", "log(0)", "mean([])", "modulo(1, 0)"],
)
def test_an_operation_without_meaning_is_null(text):
    assert value(text) is None


def test_texts_are_joined_with_texts_alone():
    assert value('"Dr " + nom', nom="DEMO") == "Dr DEMO"
    assert value('"âge : " + age', age=Decimal(71)) is None
    assert value('"âge : " + string(age)', age=Decimal(71)) == "âge : 71"
    assert value('"Dr " + nom', nom=None) is None


def test_the_host_s_numbers_are_read_as_decimals():
    assert value("a + b", a=1, b=0.1) == Decimal("1.1")


def test_a_null_says_why():
    outcome = compile("score + 1").explain({})
    assert outcome.value is None
    assert "variable inconnue « score »" in outcome.warnings
    assert "« + » impossible entre null et un nombre (1)" in outcome.warnings

"""FEEL's numbers obey the laws of decimals of 34 digits, as Python's own decimal module computes them."""

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.feel import compile
from tests.support.feel_texts import numbers

PYTHON = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
PYTHON_S = {"+": PYTHON.add, "-": PYTHON.subtract, "*": PYTHON.multiply, "/": PYTHON.divide}
PYTHON_S["**"] = lambda a, b: PYTHON.power(a, b) if b else Decimal(1)  # IEEE 754 has 0 ** 0 = 1
ordinary = st.builds(
    lambda count, scale: Decimal(count).scaleb(-scale), st.integers(-(10**17), 10**17), st.integers(0, 12)
)
laws = settings(max_examples=150, deadline=None)


def feel(text, **context):
    return compile(text).evaluate(context)


def expected(value):
    """What Python's context gives; beyond its bounds FEEL has null."""
    return value if value.is_finite() else None


@pytest.mark.parametrize("operator", sorted(PYTHON_S))
@settings(max_examples=80, deadline=None)
@given(numbers, numbers)
def test_an_operation_gives_the_34_digits_of_the_exact_result(operator, a, b):
    assert feel(f"a {operator} b", a=a, b=b) == expected(PYTHON_S[operator](a, b))


@laws
@given(ordinary, ordinary)
def test_an_exact_result_that_fits_is_exact(a, b):
    assert Fraction(feel("a + b", a=a, b=b)) == Fraction(a) + Fraction(b)
    product = Fraction(a) * Fraction(b)
    found = feel("a * b", a=a, b=b)
    assert abs(Fraction(found) - product) <= abs(product) * Fraction(1, 2 * 10**33)


@laws
@given(numbers, numbers, numbers)
def test_addition_and_multiplication_commute_and_order_is_total(a, b, c):
    given_ = {"a": a, "b": b, "c": c}
    assert feel("a + b = b + a and a * b = b * a", **given_) in (True, None)
    assert feel("count([a < b, a = b, a > b][item = true])", **given_) == 1
    assert feel("if a <= b and b <= c then a <= c else true", **given_) is True
    assert feel("a - a", **given_) == 0
    assert feel("-(-a) = a and a + 0 = a and a * 1 = a", **given_) is True


@laws
@given(ordinary, ordinary)
def test_what_is_added_then_taken_away_leaves_the_number_within_rounding(a, b):
    left = feel("a + b - b", a=a, b=b)
    last_digit = Decimal(1).scaleb(max(a.adjusted(), b.adjusted()) + 1 - 33)
    assert abs(left - a) <= last_digit


@laws
@given(numbers)
def test_a_number_comes_back_from_its_text(a):
    assert feel("number(string(a)) = a", a=a) is True
    assert "e" not in feel("string(a)", a=a).lower()


ROUNDINGS = {
    "decimal": decimal.ROUND_HALF_EVEN,
    "floor": decimal.ROUND_FLOOR,
    "ceiling": decimal.ROUND_CEILING,
    "round up": decimal.ROUND_UP,
    "round down": decimal.ROUND_DOWN,
    "round half up": decimal.ROUND_HALF_UP,
    "round half down": decimal.ROUND_HALF_DOWN,
}


def naively_rounded(value: Fraction, scale: int, mode: str) -> Fraction:
    """By whole numbers alone: the unit below, the unit above, and which of the two."""
    unit = Fraction(10) ** -scale
    below = value // unit
    rest = value / unit - below
    above = below + (rest > 0)
    nearest_zero, farthest = (below, above) if value >= 0 else (above, below)
    chosen = {
        "floor": below,
        "ceiling": above,
        "round down": nearest_zero,
        "round up": farthest,
        "round half up": farthest if rest == Fraction(1, 2) else below + (rest > Fraction(1, 2)),
        "round half down": nearest_zero if rest == Fraction(1, 2) else below + (rest > Fraction(1, 2)),
        "decimal": below + (below % 2) if rest == Fraction(1, 2) else below + (rest > Fraction(1, 2)),
    }
    return chosen[mode] * unit


halves = st.builds(
    lambda count, scale: (Decimal(count) / 2).scaleb(-scale), st.integers(-9_999, 9_999), st.integers(0, 4)
)


@pytest.mark.parametrize("name", sorted(ROUNDINGS))
@settings(max_examples=80, deadline=None)
@given(halves | ordinary, st.integers(-6, 8))
def test_each_rounding_function_agrees_with_a_naive_one(name, value, scale):
    found = feel(f"{name}(n, s)", n=value, s=scale)
    assert Fraction(found) == naively_rounded(Fraction(value), scale, name)


@laws
@given(ordinary, ordinary)
def test_modulo_has_the_sign_of_its_divisor_and_fills_up_to_the_dividend(a, b):
    assume(b)
    rest = feel("modulo(a, b)", a=a, b=b)
    assert Fraction(rest) == Fraction(a) % Fraction(b)
    assert feel("modulo(a, 0)", a=a) is None


@laws
@given(st.lists(ordinary, min_size=1, max_size=8))
def test_statistics_agree_with_sums_done_by_hand(values):
    exact = sum(map(Fraction, values))
    assert Fraction(feel("sum(v)", v=values)) == exact
    assert feel("min(v)", v=values) == min(values)
    assert feel("max(v)", v=values) == max(values)
    assert abs(Fraction(feel("mean(v)", v=values)) - exact / len(values)) <= abs(exact) * Fraction(1, 10**33)
    ordered, middle = sorted(map(Fraction, values)), len(values) // 2
    exact_median = ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    assert Fraction(feel("median(v)", v=values)) == exact_median


@laws
@given(ordinary)
def test_a_square_root_squared_is_the_number_within_rounding(a):
    root = feel("sqrt(a)", a=a)
    if a < 0:
        assert root is None
    else:
        assert abs(Fraction(root) ** 2 - Fraction(a)) <= abs(Fraction(a)) * Fraction(1, 10**32)

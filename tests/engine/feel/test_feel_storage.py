"""Values go to storage and come back the same; what leaves for the outside is plain JSON."""

import contextlib
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import Date, DateTime, FeelError, Months, Nanoseconds, Time, compile, dump, from_feel, load, to_feel

numbers = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20).map(
    to_feel
)
zones = st.one_of(st.none(), st.just("Europe/Paris"), st.integers(-43_200, 43_200).map(lambda s: s // 60 * 60))
dates = st.dates().map(to_feel)
times = st.builds(Time, st.integers(0, 86_400 * 10**9 - 1), zones)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.text(max_size=20),
    dates,
    times,
    st.builds(DateTime, dates, times),
    st.integers(-5_000, 5_000).map(Months),
    st.integers(-(10**18), 10**18).map(Nanoseconds),
)
keys = st.one_of(st.text(max_size=8), st.sampled_from(["#", "@", "..", "\\"]))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@settings(max_examples=150, deadline=None)
@given(values)
def test_what_is_stored_comes_back_the_same(value):
    kept = json.loads(json.dumps(dump(value)))
    again = load(kept)
    assert again == value
    assert dump(again) == dump(value)


@settings(max_examples=100, deadline=None)
@given(values)
def test_what_leaves_is_plain_json(value):
    json.dumps(from_feel(value))


@settings(max_examples=100, deadline=None)
@given(numbers, numbers)
def test_addition_and_order_agree_with_exact_decimals(a, b):
    context = {"a": a, "b": b}
    assert compile("a + b - b = a").evaluate(context) in (True, False)
    assert compile("a < b").evaluate(context) is (a < b)
    assert compile("a + b = b + a").evaluate(context) is True


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='abx1290.+-*/()[]{}<>=!,:?"@ ifthenelsforintrun', max_size=40))
def test_any_text_is_an_expression_or_a_syntax_error(text):
    with contextlib.suppress(FeelError):
        compile(text).evaluate({"a": 1, "b": [1, 2], "x": "y"})


@pytest.mark.parametrize(
    ("python", "text"),
    [
        (3, "3"),
        (0.1, "0.1"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 8, tzinfo=UTC), "2026-03-01T08:00:00Z"),
        (time(8, 30), "08:30:00"),
        (timedelta(hours=26), "P1DT2H"),
    ],
)
def test_python_values_become_feel_values(python, text):
    assert str(to_feel(python)) == text


def test_numbers_are_kept_exactly():
    assert dump(Decimal("0.10")) == {"#": "0.10"}
    assert dump(Decimal(3)) == 3
    assert load({"#": "0.1"}) == Decimal("0.1")
    assert from_feel(Decimal("2.50")) == 2.5
    assert from_feel(Decimal("2.0")) == 2
    assert isinstance(from_feel(Decimal("2.0")), int)


def test_functions_and_unknown_objects_do_not_pass():
    with pytest.raises(FeelError, match="Une fonction ne se garde pas"):
        dump(compile("function(x) x").evaluate())
    nested = []
    for _ in range(200):
        nested = [nested]
    with pytest.raises(FeelError, match="imbriquée"):
        to_feel(nested)
    with pytest.raises(TypeError):
        to_feel(object())


def test_ranges_are_stored():
    value = compile("[1..5)").evaluate()
    assert compile("r = [1..5)").evaluate({"r": load(dump(value))}) is True


def test_dates_are_feel_s_own():
    assert to_feel(date(2026, 3, 1)) == Date(2026, 3, 1)

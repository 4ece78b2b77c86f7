"""Every value that FEEL can hold goes to storage and comes back the same, digit for digit, at any size."""

import json

from hypothesis import given, settings

from engine.feel import Range, compile, dump, load
from tests.support.feel_texts import temporals, values


def exactly(value):
    """A value as one can compare it: with its type and each of its digits, zones and bounds."""
    if isinstance(value, list):
        return [exactly(item) for item in value]
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    if isinstance(value, Range):
        ends = exactly(value.low), exactly(value.high)
        return "range", *ends, value.low_included, value.high_included, value.open_low, value.open_high, value.operator
    return type(value).__name__, str(value)


@settings(max_examples=400, deadline=None)
@given(values)
def test_every_value_comes_back_from_storage_exactly(value):
    kept = json.loads(json.dumps(dump(value), allow_nan=False))
    assert exactly(load(kept)) == exactly(value)
    assert dump(load(kept)) == kept


@settings(max_examples=300, deadline=None)
@given(temporals)
def test_dates_times_and_durations_come_back_from_their_texts(value):
    assert exactly(compile(f'@"{value}"').evaluate()) == exactly(value)


def test_storage_keeps_apart_what_looks_alike():
    for text in (
        '{"#": "1"}',
        '{"@": "2026-01-01"}',
        '{"..": []}',
        '{"\\\\": {}}',
        '"1"',
        "1",
        "1.0",
        "null",
        '{"#": 1, "@": 2}',
    ):
        value = compile(text).evaluate()
        assert exactly(load(dump(value))) == exactly(value), text

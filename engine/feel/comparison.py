"""FEEL's equality and order, in three-valued logic: None where two values cannot be compared."""

from collections.abc import Iterable
from decimal import Decimal

from engine.feel.budget import Meter
from engine.feel.durations import Months, Nanoseconds
from engine.feel.temporal import Date, DateTime, Time
from engine.feel.values import FeelValue, Function, Range, kind

DIRECT = frozenset({bool, str, Decimal, Date, Time, DateTime, Months, Nanoseconds})


def equal(a: FeelValue, b: FeelValue, meter: Meter) -> bool | None:
    """None when the types differ; null equals null alone."""
    if a is None or b is None:
        return a is b
    if type(a) is type(b) and type(a) in DIRECT:
        return a == b
    return _equal_structures(a, b, meter)


def _equal_structures(a: FeelValue, b: FeelValue, meter: Meter) -> bool | None:
    if isinstance(a, list) and isinstance(b, list):
        return False if len(a) != len(b) else all_equal(zip(a, b, strict=True), meter)
    if isinstance(a, dict) and isinstance(b, dict):
        return False if a.keys() != b.keys() else all_equal(((a[key], b[key]) for key in a), meter)
    if isinstance(a, Range) and isinstance(b, Range):
        return _range_shape(a) == _range_shape(b) and all_equal([(a.low, b.low), (a.high, b.high)], meter) is True
    if isinstance(a, Function) and isinstance(b, Function):
        return a is b
    kind(a), kind(b)  # a foreign value must be loud
    return None


def all_equal(pairs: Iterable[tuple[FeelValue, FeelValue]], meter: Meter) -> bool | None:
    outcome: bool | None = True
    meter.enter()
    for a, b in pairs:
        meter.spend()
        same = equal(a, b, meter)
        if same is False:
            outcome = False
            break
        outcome = outcome if same else None
    meter.leave()
    return outcome


def _range_shape(value: Range) -> tuple[bool | str, ...]:
    return value.low_included, value.high_included, value.open_low, value.open_high, value.operator


def order(a: FeelValue, b: FeelValue) -> int | None:
    """-1, 0 or 1; None when the two have no order."""
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return (a > b) - (a < b)
    if isinstance(a, str) and isinstance(b, str):
        return (a > b) - (a < b)
    if isinstance(a, Months | Nanoseconds) and type(a) is type(b):
        return _sign(a.count, b.count)
    return _temporal_order(a, b)


def _temporal_order(a: FeelValue, b: FeelValue) -> int | None:
    if isinstance(a, Date) and isinstance(b, Date):
        return (a > b) - (a < b)
    if isinstance(a, Time | DateTime) and isinstance(b, Time | DateTime) and type(a) is type(b):
        return None if (a.zone is None) != (b.zone is None) else _sign(a.tick, b.tick)
    kind(a), kind(b)
    return None


def _sign(a: int, b: int) -> int:
    return (a > b) - (a < b)


def inside(bounds: Range, value: FeelValue, meter: Meter) -> bool | None:
    """Whether a value, or a whole range, lies in a range."""
    if value is None or bounds.is_undefined:
        return None
    if isinstance(value, Range):
        return includes(bounds, value)
    if bounds.operator == "!=":
        same = equal(value, bounds.low, meter)
        return None if same is None else not same
    above, below = _above(bounds, value), _below(bounds, value)
    return None if above is None or below is None else above and below


def _above(bounds: Range, value: FeelValue) -> bool | None:
    if bounds.open_low:
        return True
    found = order(value, bounds.low)
    return None if found is None else found > 0 or (found == 0 and bounds.low_included)


def _below(bounds: Range, value: FeelValue) -> bool | None:
    if bounds.open_high:
        return True
    found = order(value, bounds.high)
    return None if found is None else found < 0 or (found == 0 and bounds.high_included)


def includes(outer: Range, inner: Range) -> bool | None:
    low, high = order(outer.low, inner.low), order(outer.high, inner.high)
    if low is None or high is None:
        return None
    starts = low < 0 or (low == 0 and (outer.low_included or not inner.low_included))
    return starts and (high > 0 or (high == 0 and (outer.high_included or not inner.high_included)))


def between(value: FeelValue, low: FeelValue, high: FeelValue) -> bool | None:
    """`value >= low and value <= high`: one end that refuses is enough, whatever the other is."""
    from_low, to_high = order(value, low), order(value, high)
    if (from_low is not None and from_low < 0) or (to_high is not None and to_high > 0):
        return False
    return None if from_low is None or to_high is None else True


def satisfies(test: FeelValue, value: FeelValue, meter: Meter) -> bool | None:
    """Whether a value passes a unary test written as a plain expression: a range, a list of values, a value."""
    if isinstance(test, Range):
        return inside(test, value, meter)
    if not isinstance(test, list):
        return equal(test, value, meter)
    if isinstance(value, list) and equal(test, value, meter) is True:
        return True
    meter.spend(len(test))
    return any(_is_or_contains(item, value, meter) is True for item in test)


def _is_or_contains(test: FeelValue, value: FeelValue, meter: Meter) -> bool | None:
    if isinstance(test, Range) and not isinstance(value, Range):
        return inside(test, value, meter)
    return equal(test, value, meter)

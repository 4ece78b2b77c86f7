"""What stands behind a dot: the parts of dates, times, durations and ranges (`sejour.fin.year`)."""

from collections.abc import Callable
from decimal import Decimal

from engine.feel.durations import SECOND, Months, Nanoseconds
from engine.feel.temporal import Date, DateTime, Time
from engine.feel.values import FeelValue, Range

NAMES = ("time offset", "start included", "end included")


def _offset(value: Time | DateTime) -> FeelValue:
    return None if value.offset is None else Nanoseconds(value.offset * SECOND)


def _zone(value: Time | DateTime) -> FeelValue:
    return value.zone if isinstance(value.zone, str) else None


def _signed(total: int, part: int) -> Decimal:
    return Decimal(part if total >= 0 else -part)


DATE: dict[str, Callable[[Date], FeelValue]] = {
    "year": lambda day: Decimal(day.year),
    "month": lambda day: Decimal(day.month),
    "day": lambda day: Decimal(day.day),
    "weekday": lambda day: Decimal(day.weekday),
}
TIME: dict[str, Callable[[Time], FeelValue]] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: time.second,
}
ZONED: dict[str, Callable[[Time | DateTime], FeelValue]] = {"time offset": _offset, "timezone": _zone}
MONTHS: dict[str, Callable[[int], FeelValue]] = {
    "years": lambda count: _signed(count, abs(count) // 12),
    "months": lambda count: _signed(count, abs(count) % 12),
}
SECONDS: dict[str, tuple[int, int | None]] = {
    "days": (86_400, None),
    "hours": (3_600, 24),
    "minutes": (60, 60),
    "seconds": (1, 60),
}
RANGE: dict[str, Callable[[Range], FeelValue]] = {
    "start": lambda bounds: bounds.low,
    "end": lambda bounds: bounds.high,
    "start included": lambda bounds: bounds.low_included,
    "end included": lambda bounds: bounds.high_included,
}


def part(value: FeelValue, name: str) -> FeelValue:
    """One named part of a value that is no context; None when it has no such part."""
    if isinstance(value, Date):
        return DATE[name](value) if name in DATE else None
    if isinstance(value, Time):
        return _time_part(value, name)
    if isinstance(value, DateTime):
        if name in ZONED:
            return ZONED[name](value)
        return DATE[name](value.date) if name in DATE else _time_part(value.time, name)
    if isinstance(value, Months):
        return MONTHS[name](value.count) if name in MONTHS else None
    if isinstance(value, Nanoseconds):
        return _seconds_part(value.count, name)
    return RANGE[name](value) if isinstance(value, Range) and name in RANGE else None


def _time_part(value: Time, name: str) -> FeelValue:
    if name in ZONED:
        return ZONED[name](value)
    return TIME[name](value) if name in TIME else None


def _seconds_part(count: int, name: str) -> FeelValue:
    if name not in SECONDS:
        return None
    unit, turn = SECONDS[name]
    whole = abs(count) // SECOND // unit
    return _signed(count, whole if turn is None else whole % turn)

"""FEEL's arithmetic on numbers, texts, dates and durations; None where an operation has no meaning."""

from collections.abc import Callable
from decimal import Decimal

from engine.feel.durations import DAY, Duration, Months, Nanoseconds
from engine.feel.numbers import CONTEXT
from engine.feel.temporal import Date, DateTime, Time, at_instant, at_wall, date_of, midnight
from engine.feel.values import FeelValue

ONE = Decimal(1)
Operation = Callable[[FeelValue, FeelValue], FeelValue]


def add(a: FeelValue, b: FeelValue) -> FeelValue:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return CONTEXT.add(a, b)
    if isinstance(a, str) and isinstance(b, str):
        return a + b
    if isinstance(b, Months | Nanoseconds):
        return shifted(a, b, 1)
    if isinstance(a, Months | Nanoseconds):
        return shifted(b, a, 1)
    return None


def subtract(a: FeelValue, b: FeelValue) -> FeelValue:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return CONTEXT.subtract(a, b)
    if isinstance(b, Months | Nanoseconds):
        return shifted(a, b, -1)
    if isinstance(a, Time) and isinstance(b, Time):
        return _elapsed(a, b)
    if isinstance(a, Date) and isinstance(b, Date):
        return Nanoseconds((a.number - b.number) * DAY)
    if isinstance(a, Date | DateTime) and isinstance(b, Date | DateTime):
        return _elapsed(_at_utc_midnight(a), _at_utc_midnight(b))
    return None


def multiply(a: FeelValue, b: FeelValue) -> FeelValue:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return CONTEXT.multiply(a, b)
    if isinstance(a, Months | Nanoseconds) and isinstance(b, Decimal):
        return a.of(int(CONTEXT.multiply(Decimal(a.count), b)))
    if isinstance(a, Decimal) and isinstance(b, Months | Nanoseconds):
        return multiply(b, a)
    return None


def divide(a: FeelValue, b: FeelValue) -> FeelValue:
    """By zero: None."""
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return CONTEXT.divide(a, b) if b else None
    if isinstance(a, Months | Nanoseconds) and isinstance(b, Decimal):
        return a.of(int(CONTEXT.divide(Decimal(a.count), b))) if b else None
    if isinstance(a, Months | Nanoseconds) and isinstance(b, Months | Nanoseconds) and type(a) is type(b):
        return CONTEXT.divide(Decimal(a.count), Decimal(b.count)) if b.count else None
    return None


def power(a: FeelValue, b: FeelValue) -> FeelValue:
    if not (isinstance(a, Decimal) and isinstance(b, Decimal)):
        return None
    if not b:
        return ONE  # of zero too, as IEEE 754 has it
    result = CONTEXT.power(a, b)
    return result if result.is_finite() else None  # 0 ** -1 is a division by zero


def negate(a: FeelValue) -> FeelValue:
    if isinstance(a, Decimal):
        return CONTEXT.minus(a)
    return a.of(-a.count) if isinstance(a, Months | Nanoseconds) else None


OPERATIONS: dict[str, Operation] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


def shifted(value: FeelValue, by: Duration, sign: int) -> FeelValue:
    """The value later (sign 1) or earlier (-1) by a duration; months keep the day where the month has it."""
    if isinstance(value, Months | Nanoseconds):
        return value.of(value.count + sign * by.count) if type(value) is type(by) else None
    if isinstance(by, Months):
        return _shifted_by_months(value, sign * by.count)
    return _shifted_by_time(value, sign * by.count)


def _shifted_by_months(value: FeelValue, months: int) -> FeelValue:
    if isinstance(value, Date):
        return value.plus_months(months)
    if isinstance(value, DateTime):
        return DateTime(value.date.plus_months(months), value.time)
    return None


def _shifted_by_time(value: FeelValue, nanoseconds: int) -> FeelValue:
    if isinstance(value, Date):
        return date_of((midnight(value).wall + nanoseconds) // DAY)
    if isinstance(value, Time):
        return Time((value.nanoseconds + nanoseconds) % DAY, value.zone)
    if not isinstance(value, DateTime):
        return None
    if isinstance(value.zone, str):
        return at_instant(value.instant + nanoseconds, value.zone)
    return at_wall(value.wall + nanoseconds, value.zone)


def _at_utc_midnight(value: Date | DateTime) -> DateTime:
    return value if isinstance(value, DateTime) else midnight(value, 0)


def _elapsed(a: Time | DateTime, b: Time | DateTime) -> Nanoseconds | None:
    return None if (a.zone is None) != (b.zone is None) else Nanoseconds(a.instant - b.instant)

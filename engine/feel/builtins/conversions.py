"""Built-in functions that make a value of another: number(), string(), date(), duration()…"""

import re
from decimal import Decimal

from engine.feel.builtins.signature import builtin
from engine.feel.durations import SECOND, Months, Nanoseconds
from engine.feel.errors import Impossible
from engine.feel.iso import read_date, read_date_time, read_duration, read_time
from engine.feel.numbers import number, whole
from engine.feel.temporal import Date, DateTime, Time, at_instant, midnight, time_of
from engine.feel.text import text_of
from engine.feel.values import Caller, Described, FeelValue
from engine.feel.zones import FARTHEST, known_zone

NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,5})?", re.ASCII)
LONGEST_INTEGER = 34
GROUPING, POINT = (None, " ", ",", "."), (None, ".", ",")


def number_of(text: str, grouping: str | None = None, point: str | None = None) -> FeelValue:
    if grouping not in GROUPING or point not in POINT or (grouping is not None and grouping == point):
        raise Impossible("separators")
    plain = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return number(plain) if NUMBER.fullmatch(plain) else None


def string_of(caller: Caller, value: FeelValue) -> FeelValue:
    return None if value is None else text_of(value, caller.meter)


def date_from(value: FeelValue) -> FeelValue:
    if isinstance(value, DateTime):
        return value.date
    if isinstance(value, Date):
        return value
    return read_date(value) if isinstance(value, str) else None


def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> FeelValue:
    return Date(*(integer(part) for part in (year, month, day)))


def integer(value: Decimal) -> int:
    found = whole(value) if value.adjusted() < LONGEST_INTEGER else None
    if found is None:
        raise Impossible("not-whole", value=Described(value))
    return found


def time_from(value: FeelValue) -> FeelValue:
    if isinstance(value, DateTime):
        return value.time
    if isinstance(value, Date):
        return Time(0, 0)
    if isinstance(value, Time):
        return value
    return read_time(value) if isinstance(value, str) else None


def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: Nanoseconds | None = None) -> FeelValue:
    seconds = offset.count // SECOND if offset else 0
    if abs(seconds) > FARTHEST:
        raise Impossible("impossible-offset", text=str(offset))
    return time_of(integer(hour), integer(minute), second, None if offset is None else seconds)


def date_time_of(date: Date | DateTime, time: Time) -> FeelValue:
    return DateTime(date.date if isinstance(date, DateTime) else date, time)


def date_time_in(moment: DateTime, timezone: str) -> FeelValue:
    """The same instant, told in another zone; a local time is taken as that zone's."""
    zone = known_zone(timezone)
    if moment.zone is None:
        return DateTime(moment.date, Time(moment.time.nanoseconds, zone))
    return at_instant(moment.instant, zone)


def date_time_from(value: FeelValue) -> FeelValue:
    if isinstance(value, DateTime):
        return value
    if isinstance(value, Date):
        return midnight(value)
    return read_date_time(value) if isinstance(value, str) else None


def months_between(start: Date | DateTime, end: Date | DateTime) -> FeelValue:
    """Whole months from one day to another, towards zero."""
    first, last = (moment.date if isinstance(moment, DateTime) else moment for moment in (start, end))
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    if months < 0 and last.day > first.day:
        months += 1
    return Months(months)


FUNCTIONS = [
    builtin("number", ("from: string, grouping separator: string?, decimal separator: string?", number_of)),
    builtin("string", ("from: any", string_of), metered=True),
    builtin(
        "date",
        ("from: any", date_from),
        ("year: number, month: number, day: number", date_of_parts),
    ),
    builtin(
        "time",
        ("from: any", time_from),
        ("hour: number, minute: number, second: number, offset: days?", time_of_parts),
    ),
    builtin(
        "date and time",
        ("from: any", date_time_from),
        ("date: date, time: time", date_time_of),
        ("date: date and time, timezone: string", date_time_in),
    ),
    builtin("duration", ("from: string", read_duration)),
    builtin("years and months duration", ("from: date, to: date", months_between)),
]

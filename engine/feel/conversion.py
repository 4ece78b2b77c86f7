"""Between Python's values and FEEL's: `to_feel` on the way in, `from_feel` (plain JSON-able) on the way out."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from zoneinfo import ZoneInfo

from engine.feel.durations import DAY, SECOND, Months, Nanoseconds
from engine.feel.errors import FeelError, FeelTypeError
from engine.feel.messages import told
from engine.feel.numbers import number, whole
from engine.feel.temporal import Date, DateTime, Time
from engine.feel.values import FeelValue, Function, Range
from engine.feel.zones import Zone

Foreign = object
DEEPEST = 100
EXACT = 10**34
NATIVE = frozenset({type(None), bool, str, Decimal, list, dict, Date, Time, DateTime, Months, Nanoseconds, Range})
Plain = None | bool | str | int | float | list["Plain"] | dict[str, "Plain"]
SAID = (type(None), bool, str)
OF_TIME = (Date, Time, DateTime, Months, Nanoseconds)
AS_THEY_ARE = (*SAID, *OF_TIME, Range)
"""Kept: to join these types anew costs more than to ask for them."""


def to_feel(value: Foreign) -> FeelValue:
    """The FEEL value of a Python one, lists and mappings included.

    Raises FeelTypeError for what FEEL cannot hold, FeelError for what is nested too deep or no finite number.
    """
    return _converted(value, DEEPEST)


def _converted(value: Foreign, depth: int) -> FeelValue:
    if isinstance(value, AS_THEY_ARE):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if depth == 0:
        raise FeelError(told("nested-value", limit=DEEPEST))
    if isinstance(value, Mapping):
        return {str(key): _converted(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_converted(item, depth - 1) for item in value]
    return value if isinstance(value, Function) else _temporal(value)


def _number(value: float | Decimal) -> Decimal:
    if type(value) is int and -EXACT < value < EXACT:
        return Decimal(value)
    try:
        return number(value)
    except DecimalException as error:
        raise FeelError(told("no-number", value=value)) from error


def _temporal(value: Foreign) -> FeelValue:
    if isinstance(value, datetime):
        return DateTime(Date(value.year, value.month, value.day), _time(value.timetz(), _zone(value)))
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time):
        return _time(value, _zone(value))
    if isinstance(value, timedelta):
        return Nanoseconds(value.days * DAY + value.seconds * SECOND + value.microseconds * 1000)
    raise FeelTypeError(told("no-equivalent", type=type(value).__name__))


def _time(value: time, zone: Zone) -> Time:
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return Time(seconds * SECOND + value.microsecond * 1000, zone)


def _zone(value: datetime | time) -> Zone:
    """A zone's name, or the offset; the second pass of an hour that comes twice is told by its offset."""
    offset, zone = value.utcoffset(), value.tzinfo
    if (
        isinstance(zone, ZoneInfo)
        and zone.key not in ("UTC", "Etc/UTC")
        and offset == value.replace(fold=0).utcoffset()
    ):
        return zone.key
    return None if offset is None else int(offset.total_seconds())


def from_feel(value: FeelValue) -> Plain:
    """What JSON can say of the value: numbers as int or float, dates and durations as ISO texts.

    Raises FeelError for a function.
    """
    if isinstance(value, SAID):
        return value
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, list):
        return [from_feel(item) for item in value]
    if isinstance(value, dict):
        return {key: from_feel(item) for key, item in value.items()}
    if isinstance(value, OF_TIME):
        return str(value)
    if isinstance(value, Range):
        return {"low": from_feel(value.low), "high": from_feel(value.high)}
    raise FeelError(told("function-sent"))


def _plain_number(value: Decimal) -> int | float:
    integer = whole(value) if value.adjusted() < 34 else None
    return float(value) if integer is None else integer

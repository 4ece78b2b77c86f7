"""A column's values cut into pieces within which no cell changes its answer: points, the gaps between them, null."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext
from itertools import pairwise
from typing import NamedTuple

from engine.feel.durations import DAY, Months, Nanoseconds
from engine.feel.temporal import Date, DateTime, Time, at_instant, date_of
from engine.feel.typing import ALIASES
from engine.feel.values import FeelValue, kind

WHOLE = frozenset({"integer", "long"})
DIGITS = 40
HOUR = DAY // 24


@dataclass(frozen=True, slots=True)
class Piece:
    """`sample` stands for all its values; `low` and `high` are None at the ends of the order.

    `shape`: point, between, other (any text that no cell names) or null.
    """

    kind: str
    shape: str
    sample: FeelValue
    low: FeelValue = None
    high: FeelValue = None


class Scale(NamedTuple):
    """How the values of one kind are ordered: the place of a value, and values below, between and above others."""

    place: Callable[[FeelValue], Decimal]
    value: Callable[[Decimal], FeelValue]
    is_whole: bool
    step: int
    lowest: int | None = None
    highest: int | None = None


def pieces(seen: Iterable[FeelValue], type_name: str) -> list[Piece]:
    """All pieces of a column whose cells name these constants, null last."""
    constants = list(seen)
    found: list[Piece] = []
    for kind_, values in _by_kind(constants, type_name).items():
        found += _of_kind(kind_, values, whole=type_name in WHOLE)
    return [*(found or [Piece("string", "other", _other([]))]), Piece("null", "null", None)]


def group(value: FeelValue) -> str:
    """The kind of a value; local and zoned times do not compare."""
    zoned = isinstance(value, Time | DateTime) and value.zone is not None
    return kind(value) + (" zoned" if zoned else "")


def _by_kind(constants: Sequence[FeelValue], type_name: str) -> dict[str, list[FeelValue]]:
    found: dict[str, list[FeelValue]] = {}
    name = "number" if type_name in WHOLE else ALIASES.get(type_name, type_name)
    if name in SCALES or name in ("string", "boolean"):
        found[name] = []
    for value in constants:
        if value is not None:
            found.setdefault(group(value), []).append(value)
    return found


def _of_kind(name: str, values: Sequence[FeelValue], *, whole: bool) -> list[Piece]:
    if name == "boolean":
        return [Piece(name, "point", True), Piece(name, "point", False)]
    if name in SCALES:
        scale = SCALES[name]
        return _along(name, values, scale._replace(is_whole=scale.is_whole or whole))
    named = list(dict.fromkeys(str(value) for value in values))
    return [*(Piece(name, "point", value) for value in named), Piece(name, "other", _other(named))]


def _other(named: Sequence[str]) -> str:
    """A text that no cell names."""
    found = "autre"
    while found in named:
        found += "…"
    return found


def _along(name: str, values: Sequence[FeelValue], scale: Scale) -> list[Piece]:
    """Below the first constant, each constant, what lies between two of them, above the last."""
    by_place = {scale.place(value): value for value in reversed(values)}
    ends: list[Decimal | None] = [None, *sorted(by_place), None]
    found: list[Piece] = []
    for low, high in pairwise(ends):
        with localcontext(prec=DIGITS):
            between = _between(low, high, scale)
        if between is not None:
            limits = (None if end is None else by_place[end] for end in (low, high))
            found.append(Piece(name, "between", scale.value(between), *limits))
        if high is not None:
            found.append(Piece(name, "point", by_place[high]))
    return found


def _between(low: Decimal | None, high: Decimal | None, scale: Scale) -> Decimal | None:
    """A place strictly between two others, a whole one if there is any."""
    if low is None or high is None:
        return _beyond(low, high, scale)
    middle = (low + high) / 2
    rounded = _floor(middle)
    if low < rounded < high:
        return rounded
    return middle if not scale.is_whole else None


def _floor(place: Decimal) -> Decimal:
    """The whole number below, even of a number with more digits than can be divided."""
    return place.to_integral_value(ROUND_FLOOR) + 0


def _beyond(low: Decimal | None, high: Decimal | None, scale: Scale) -> Decimal | None:
    """A place below all constants, or above them; None when the scale ends there."""
    if low is None and high is None:
        return Decimal(0)
    if high is not None:
        below = min(_floor(high - scale.step), high.next_minus())
        return below if scale.lowest is None else _within(Decimal(scale.lowest), below, high)
    found = low or Decimal(0)
    above = max(_floor(found + scale.step), found.next_plus())
    return above if scale.highest is None else _within(Decimal(scale.highest), above, found)


def _within(end: Decimal, wanted: Decimal, constant: Decimal) -> Decimal | None:
    """The wanted place, or the scale's end when it lies beyond; None when the constant is that end."""
    if constant == end:
        return None
    return max(wanted, end) if end < constant else min(wanted, end)


def key(value: FeelValue) -> tuple[str, FeelValue]:
    """The same for two constants that no cell tells apart."""
    name = group(value)
    return name, SCALES[name].place(value) if name in SCALES else value


def _count(value: FeelValue) -> Decimal:
    return Decimal(value.count) if isinstance(value, Months | Nanoseconds) else Decimal(0)


def _day(value: FeelValue) -> Decimal:
    return Decimal(value.number) if isinstance(value, Date) else Decimal(0)


def _instant(value: FeelValue) -> Decimal:
    return Decimal(value.instant) if isinstance(value, Time | DateTime) else Decimal(0)


def _number(value: FeelValue) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)


SCALES: dict[str, Scale] = {
    "number": Scale(_number, lambda place: place, is_whole=False, step=1),
    "date": Scale(_day, lambda place: date_of(int(place)), is_whole=True, step=1),
    "time": Scale(
        _instant, lambda place: Time(int(place)), is_whole=True, step=3600 * 10**9, lowest=0, highest=DAY - 1
    ),
    "date and time": Scale(_instant, lambda place: at_instant(int(place), None), is_whole=True, step=DAY),
    "date and time zoned": Scale(_instant, lambda place: at_instant(int(place), 0), is_whole=True, step=DAY),
    "years and months duration": Scale(_count, lambda place: Months(int(place)), is_whole=True, step=1),
    "days and time duration": Scale(_count, lambda place: Nanoseconds(int(place)), is_whole=True, step=DAY),
}

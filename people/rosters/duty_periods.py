"""When doctors on duty are expected (PDSA): every night, Saturday afternoon, Sundays and public holidays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from base.calendars import Calendar

EVENING, MORNING, NOON = time(20), time(8), time(12)
SATURDAY, SUNDAY = 6, 7
NAMES = {"nuit": "Nuit", "samedi": "Samedi après-midi", "dimanche": "Dimanche", "ferie": "Jour férié"}
ONE_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Period:
    """[since, until[ is to be covered; `kind` is a key of NAMES."""

    kind: str
    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        return NAMES[self.kind]


def periods(calendar: Calendar, first: date, days: int) -> list[Period]:
    """The periods that begin on one of these days, in order; a night belongs to the evening on which it begins."""
    return [period for n in range(days) for period in _of_day(calendar, first + ONE_DAY * n)]


def period_at(calendar: Calendar, instant: datetime) -> Period | None:
    """The period that an instant falls into, or None in ordinary hours."""
    yesterday = calendar.local(instant).date() - ONE_DAY
    found = (period for period in periods(calendar, yesterday, 2) if period.since <= instant < period.until)
    return next(found, None)


def uncovered(wanted: Iterable[Span], covered: Iterable[Span]) -> list[Span]:
    """What is left of some spans of time when others are taken away."""
    left = list(wanted)
    for start, stop in covered:
        left = [piece for span in left for piece in _without(span, start, stop)]
    return left


def _without(span: Span, start: datetime, stop: datetime) -> Iterator[Span]:
    since, until = span
    if stop <= since or until <= start:
        yield span
        return
    if since < start:
        yield since, start
    if stop < until:
        yield stop, until


def _of_day(calendar: Calendar, day: date) -> Iterator[Period]:
    if calendar.is_holiday(day):
        yield Period("ferie", calendar.at(day, MORNING), calendar.at(day, EVENING))
    elif day.isoweekday() == SUNDAY:
        yield Period("dimanche", calendar.at(day, MORNING), calendar.at(day, EVENING))
    elif day.isoweekday() == SATURDAY:
        yield Period("samedi", calendar.at(day, NOON), calendar.at(day, EVENING))
    yield Period("nuit", calendar.at(day, EVENING), calendar.at(day + ONE_DAY, MORNING))

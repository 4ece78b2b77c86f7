"""Business time: calendar days, working days and working hours of a territory, right across both clock changes."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

from base.errors import Invalid

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=366 * 50)
ISO = re.compile(
    r"P(?=.)(?:(?P<years>\d{1,5})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,7}(?:[.,]\d{1,6})?)H)?(?:(?P<minutes>\d{1,7}(?:[.,]\d{1,6})?)M)?"
    r"(?:(?P<seconds>\d{1,9}(?:[.,]\d{1,6})?)S)?)?",
    re.ASCII,
)
BUSINESS = re.compile(r"P(?=.)(?:(?P<days>\d{1,4})JO)?(?:T(?P<hours>\d{1,4}(?:[.,]\d{1,6})?)HO)?", re.ASCII)


@dataclass(frozen=True)
class Duration:
    """A length of time as people say it: its calendar parts are local, its `exact` part is counted in seconds."""

    months: int = 0
    days: int = 0
    exact: timedelta = timedelta()
    working_days: int = 0
    working: timedelta = timedelta()


@dataclass(frozen=True)
class Opening:
    """When the offices are open, on working days only; `days` are ISO weekdays, Monday is 1."""

    start: time = time(8)
    end: time = time(19)
    days: frozenset[int] = frozenset({1, 2, 3, 4, 5})

    def __post_init__(self) -> None:
        if not self.days or self.end <= self.start:
            raise ValueError("offices must open some day, and close after they open")


class Calendar:
    """The calendar of a territory. `region` "57" adds the two public holidays of Alsace and Moselle."""

    def __init__(self, timezone: str = "Europe/Paris", region: str = "", opening: Opening | None = None) -> None:
        self.zone = ZoneInfo(timezone)
        self.region = region
        self.opening = opening or Opening()

    def local(self, instant: datetime) -> datetime:
        """The instant as the territory's wall clocks show it."""
        return instant.astimezone(self.zone)

    def at(self, day: date, clock_time: time) -> datetime:
        """The UTC instant of a wall time: the first of two, and an hour later when the clocks jump over it."""
        return datetime.combine(day, clock_time.replace(tzinfo=None, fold=0), self.zone).astimezone(UTC)

    def is_holiday(self, day: date) -> bool:
        return day in _holidays(self.region, day.year)

    def is_working_day(self, day: date) -> bool:
        return day.isoweekday() in self.opening.days and not self.is_holiday(day)

    def add(self, instant: datetime, text: str) -> datetime:
        """The instant after `text`: "P2D" same wall time, "PT4H" exact, "P2JO" working days, "PT4HO" working hours.

        Raises Invalid.
        """
        duration = read_duration(text)
        try:
            moved = self.add_days(instant, duration.months, duration.days) + duration.exact
            moved = self.add_working_days(moved, duration.working_days)
            moved = self._add_working(moved, duration.working)
        except (OverflowError, ValueError) as error:
            raise _unreadable(text) from error
        return moved

    def add_days(self, instant: datetime, months: int, days: int) -> datetime:
        """Months then days later at the same wall time; the 31st becomes the month's last day."""
        if not months and not days:
            return instant.astimezone(UTC)
        local = self.local(instant)
        return self.at(_add_months(local.date(), months) + ONE_DAY * days, local.time())

    def add_working_days(self, instant: datetime, n: int) -> datetime:
        """The same wall time on the n-th working day after the instant's day."""
        if n == 0:
            return instant.astimezone(UTC)
        local = self.local(instant)
        return self.at(self._working_day_after(local.date(), n), local.time())

    def add_working_hours(self, instant: datetime, hours: float) -> datetime:
        """The instant by which the offices have been open for so many hours."""
        return self._add_working(instant, timedelta(hours=hours))

    def next_time(self, instant: datetime, wall_time: str, days: int = 0) -> datetime:
        """The wall time ("20:00") on the instant's local day, or so many days later. Raises Invalid."""
        try:
            clock_time = time.fromisoformat(wall_time)
        except ValueError as error:
            raise Invalid(f"« {wall_time} » n’est pas une heure ; écrivez par exemple 20:00.") from error
        return self.at(self.local(instant).date() + ONE_DAY * days, clock_time)

    def _working_day_after(self, day: date, n: int) -> date:
        while n > 0:
            day += ONE_DAY
            n -= self.is_working_day(day)
        return day

    def _add_working(self, instant: datetime, remaining: timedelta) -> datetime:
        instant = instant.astimezone(UTC)
        day = self.local(instant).date()
        while remaining > timedelta():
            if self.is_working_day(day):
                start = max(instant, self.at(day, self.opening.start))
                open_for = max(self.at(day, self.opening.end) - start, timedelta())
                if remaining <= open_for:
                    return start + remaining
                remaining -= open_for
            day += ONE_DAY
        return instant


@lru_cache(maxsize=256)
def read_duration(text: str) -> Duration:
    """An ISO 8601 duration, or one in working days and hours (`P2JO`, `PT4HO`). Raises Invalid."""
    if match := BUSINESS.fullmatch(text.strip()):
        hours = timedelta(hours=_number(match["hours"]))
        return Duration(working_days=int(match["days"] or 0), working=hours)
    match = ISO.fullmatch(text.strip())
    if match is None:
        raise _unreadable(text)
    part = {name: _number(value) for name, value in match.groupdict().items()}
    months, days = int(part["years"] * 12 + part["months"]), int(part["weeks"] * 7 + part["days"])
    exact = timedelta(hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"])
    if timedelta(days=months * 31 + days) + exact > LONGEST:
        raise Invalid(f"La durée « {text} » dépasse cinquante ans.", code="duration")
    return Duration(months, days, exact)


def _number(text: str | None) -> float:
    return float((text or "0").replace(",", "."))


def _unreadable(text: str) -> Invalid:
    hint = "écrivez par exemple P2D (jours), PT4H (heures), P2JO (jours ouvrés) ou PT4HO (heures ouvrées)"
    return Invalid(f"« {text[:40]} » n’est pas une durée ; {hint}.", code="duration")


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=128)
def _holidays(region: str, year: int) -> frozenset[date]:
    return frozenset(country_holidays("FR", subdiv=region or None, years=year))

"""FEEL dates, times, and dates and times."""

from dataclasses import dataclass
from decimal import Decimal

from engine.feel.calendar import LAST_YEAR, day_number, day_of, month_length
from engine.feel.durations import DAY, MILLISECOND, SECOND, fraction_text
from engine.feel.errors import Impossible
from engine.feel.zones import Zone, offset_at, offset_since, zone_text


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day; raises ValueError when there is no such day."""

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not (abs(self.year) <= LAST_YEAR and 1 <= self.month <= 12):
            raise Impossible("impossible-date", text=f"{self.year}-{self.month}-{self.day}")
        if not 1 <= self.day <= month_length(self.year, self.month):
            raise Impossible("impossible-date", text=f"{self.year}-{self.month}-{self.day}")

    @property
    def number(self) -> int:
        return day_number(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.number + 3) % 7 + 1

    def plus_months(self, months: int) -> "Date":
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        if abs(year) > LAST_YEAR:
            raise Impossible("impossible-date", text=f"{year}-{month + 1}-{self.day}")
        return Date(year, month + 1, min(self.day, month_length(year, month + 1)))

    def __str__(self) -> str:
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True, eq=False)
class Time:
    """A time of day in nanoseconds since midnight, local or with a zone."""

    nanoseconds: int
    zone: Zone = None

    @property
    def hour(self) -> int:
        return self.nanoseconds // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanoseconds // (60 * SECOND) % 60

    @property
    def second(self) -> Decimal:
        return Decimal(self.nanoseconds % (60 * SECOND)) / SECOND

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC; a named zone is read on 1970-01-01, for want of a date."""
        if isinstance(self.zone, str):
            return offset_at(self.zone, 1970, 1, 1, self.nanoseconds // SECOND)
        return self.zone

    @property
    def instant(self) -> int:
        return self.nanoseconds - (self.offset or 0) * SECOND

    @property
    def tick(self) -> int:
        """The millisecond: what comparisons see, as the compatibility kit has it."""
        return self.instant // MILLISECOND

    def __eq__(self, other: object) -> bool:
        return type(other) is Time and (self.tick, self.zone is None) == (other.tick, other.zone is None)

    def __hash__(self) -> int:
        return hash((Time, self.tick))

    def __str__(self) -> str:
        seconds, fraction = divmod(self.nanoseconds, SECOND)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return clock + fraction_text(fraction) + zone_text(self.zone)


@dataclass(frozen=True, slots=True, eq=False)
class DateTime:
    """A date and a time of that day."""

    date: Date
    time: Time

    @property
    def zone(self) -> Zone:
        return self.time.zone

    @property
    def wall(self) -> int:
        """Nanoseconds since 1970-01-01 on the local clock."""
        return self.date.number * DAY + self.time.nanoseconds

    @property
    def offset(self) -> int | None:
        if isinstance(self.zone, str):
            day = self.date
            return offset_at(self.zone, day.year, day.month, day.day, self.time.nanoseconds // SECOND)
        return self.zone

    @property
    def instant(self) -> int:
        return self.wall - (self.offset or 0) * SECOND

    @property
    def tick(self) -> int:
        """The millisecond: what comparisons see, as the compatibility kit has it."""
        return self.instant // MILLISECOND

    def __eq__(self, other: object) -> bool:
        return type(other) is DateTime and (self.tick, self.zone is None) == (other.tick, other.zone is None)

    def __hash__(self) -> int:
        return hash((DateTime, self.tick))

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


Temporal = Date | Time | DateTime


def time_of(hour: int, minute: int, second: Decimal, zone: Zone = None) -> Time:
    """Raises ValueError when there is no such time."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise Impossible("impossible-time", text=f"{hour}:{minute}:{second}")
    return Time((hour * 60 + minute) * 60 * SECOND + int(second * SECOND), zone)


def date_of(number: int) -> Date:
    return Date(*day_of(number))


def at_wall(wall: int, zone: Zone) -> DateTime:
    """The date and time at which a local clock shows `wall`."""
    number, nanoseconds = divmod(wall, DAY)
    return DateTime(date_of(number), Time(nanoseconds, zone))


def at_instant(instant: int, zone: Zone) -> DateTime:
    """The date and time of an instant (nanoseconds UTC), as told in a zone.

    The hour that a zone passes twice in autumn names its first pass; a moment of the second says its offset instead.
    """
    if not isinstance(zone, str):
        return at_wall(instant + (zone or 0) * SECOND, zone)
    offset = offset_since(zone, instant // SECOND)
    told = at_wall(instant + offset * SECOND, zone)
    return told if told.instant == instant else at_wall(instant + offset * SECOND, offset)


def midnight(date: Date, zone: Zone = None) -> DateTime:
    return DateTime(date, Time(0, zone))

"""FEEL's two kinds of durations: years and months, and days and time."""

from dataclasses import dataclass
from typing import Self

from engine.feel.errors import Impossible

MILLISECOND, SECOND = 10**6, 10**9
DAY = 86_400 * SECOND
LARGEST = 10**32


def checked(count: int) -> None:
    if abs(count) > LARGEST:
        raise Impossible("duration-too-large")


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration."""

    count: int

    def __post_init__(self) -> None:
        checked(self.count)

    def of(self, count: int) -> Self:
        return type(self)(count)

    def __str__(self) -> str:
        years, months = divmod(abs(self.count), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return ("-" if self.count < 0 else "") + "P" + body


@dataclass(frozen=True, slots=True, order=True)
class Nanoseconds:
    """A days and time duration."""

    count: int

    def __post_init__(self) -> None:
        checked(self.count)

    def of(self, count: int) -> Self:
        return type(self)(count)

    def __str__(self) -> str:
        days, rest = divmod(abs(self.count), DAY)
        time = clock_text(rest)
        body = (f"{days}D" if days else "") + ("T" + time if time else "")
        return ("-" if self.count < 0 else "") + "P" + (body or "T0S")


Duration = Months | Nanoseconds


def clock_text(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return text + (f"{seconds}{fraction_text(fraction)}S" if seconds or fraction else "")


def fraction_text(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""

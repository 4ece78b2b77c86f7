"""Dates, times and durations read from their ISO 8601 texts; None when the text is none of them."""

import re
from decimal import Decimal
from functools import lru_cache

from engine.feel.durations import SECOND, Duration, Months, Nanoseconds
from engine.feel.errors import Impossible
from engine.feel.temporal import Date, DateTime, Temporal, Time, date_of, midnight, time_of
from engine.feel.zones import FARTHEST, Zone, known_zone

LONGEST, CACHED = 64, 4_096
DATE = r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)"
TIME = r"(\d\d):(\d\d):(\d\d(?:\.\d{1,20})?)(Z|z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][A-Za-z0-9_+/-]{0,40})?"
DATE_ONLY = re.compile(DATE, re.ASCII)
TIME_ONLY = re.compile(TIME, re.ASCII)
BOTH = re.compile(DATE + "T" + TIME, re.ASCII)
YEARS_MONTHS = re.compile(r"(-)?P(?=\d)(?:(\d{1,32})Y)?(?:(\d{1,32})M)?", re.ASCII)
DAYS_TIME = re.compile(
    r"(-)?P(?=\d|T\d)(?:(\d{1,20})D)?(?:T(?=\d)(?:(\d{1,16})H)?(?:(\d{1,18})M)?(?:(\d{1,20}(?:\.\d{0,20})?)S)?)?",
    re.ASCII,
)


@lru_cache(maxsize=CACHED)
def read_date(text: str) -> Date | None:
    found = DATE_ONLY.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or text.startswith("-0000"):
        return None
    try:
        return Date(*map(int, found.groups()))
    except ValueError:
        return None


@lru_cache(maxsize=CACHED)
def read_time(text: str) -> Time | None:
    found = TIME_ONLY.fullmatch(text) if len(text) <= LONGEST else None
    try:
        return _time(*found.groups()) if found else None
    except ValueError:
        return None


@lru_cache(maxsize=CACHED)
def read_date_time(text: str) -> DateTime | None:
    """A date alone is its midnight, local."""
    found = BOTH.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        day = read_date(text)
        return midnight(day) if day is not None else None
    try:
        return _date_time(*found.groups())
    except ValueError:
        return None


@lru_cache(maxsize=CACHED)
def read_duration(text: str) -> Duration | None:
    try:
        return _duration(text) if len(text) <= LONGEST else None
    except Impossible:
        return None


def _duration(text: str) -> Duration | None:
    found = YEARS_MONTHS.fullmatch(text)
    if found:
        return Months(_signed(found[1], int(found[2] or 0) * 12 + int(found[3] or 0)))
    found = DAYS_TIME.fullmatch(text)
    if not found:
        return None
    hours = int(found[2] or 0) * 24 + int(found[3] or 0)
    seconds = (hours * 60 + int(found[4] or 0)) * 60
    return Nanoseconds(_signed(found[1], seconds * SECOND + int(Decimal(found[5] or 0) * SECOND)))


def read_temporal(text: str) -> Temporal | Duration | None:
    """The value of an at-literal: `@"2026-03-01"`, `@"PT4H"`…"""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if text[2:3] == ":":
        return read_time(text)
    return read_date_time(text) if "T" in text else read_date(text)


def _time(hour: str, minute: str, second: str, zone: str | None) -> Time:
    return time_of(int(hour), int(minute), Decimal(second), _zone(zone))


def _date_time(year: str, month: str, day: str, hour: str, minute: str, second: str, zone: str | None) -> DateTime:
    date = Date(int(year), int(month), int(day))
    if hour == "24" and minute == "00" and Decimal(second) == 0:
        return midnight(date_of(date.number + 1), _zone(zone))
    return DateTime(date, _time(hour, minute, second, zone))


def _zone(text: str | None) -> Zone:
    if not text:
        return None
    if text in "Zz":
        return 0
    if text[0] == "@":
        return known_zone(text[1:])
    hours, minutes, seconds = ([int(part) for part in text[1:].split(":")] + [0])[:3]
    total = (hours * 60 + minutes) * 60 + seconds
    if total > FARTHEST or minutes > 59 or seconds > 59:
        raise Impossible("impossible-offset", text=text)
    return -total if text[0] == "-" else total


def _signed(sign: str | None, count: int) -> int:
    return -count if sign else count

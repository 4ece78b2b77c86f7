"""Offsets from UTC and IANA time zones of FEEL times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.calendar import day_of, month_length
from engine.feel.errors import Impossible

Zone = int | str | None  # seconds east of UTC, an IANA name, or local
FARTHEST = 18 * 3600


def known_zone(name: str) -> str:
    """The name itself, when it is a zone; raises Impossible."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Impossible("unknown-zone", name=name) from error
    return "Etc/UTC" if name in ("UTC", "Z") else name


def offset_at(zone: str, year: int, month: int, day: int, seconds: int) -> int:
    """Seconds east of UTC at a local time; outside Python's years, the rules of the year 2000."""
    year = year if 1 < year < 9999 else 2000
    midnight = datetime(year, month, min(day, month_length(year, month)), tzinfo=ZoneInfo(zone))
    return _seconds((midnight + timedelta(seconds=seconds)).utcoffset())


def offset_since(zone: str, seconds: int) -> int:
    """Seconds east of UTC at an instant, told in seconds since 1970; outside Python's years, as `offset_at`."""
    days, rest = divmod(seconds, 86_400)
    year, month, day = day_of(days)
    year = year if 1 < year < 9999 else 2000
    moment = datetime(year, month, min(day, month_length(year, month)), tzinfo=UTC) + timedelta(seconds=rest)
    return _seconds(moment.astimezone(ZoneInfo(zone)).utcoffset())


def _seconds(offset: timedelta | None) -> int:
    return int(offset.total_seconds()) if offset is not None else 0


def zone_text(zone: Zone) -> str:
    if zone is None:
        return ""
    if isinstance(zone, str):
        return "@" + zone
    if zone == 0:
        return "Z"
    hours, rest = divmod(abs(zone), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{'-' if zone < 0 else '+'}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")

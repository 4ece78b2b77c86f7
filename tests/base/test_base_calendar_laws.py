"""Business time from 2026 to 2030 held against naive reckonings, by the day and the minute, across clock changes."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.calendars import Calendar, Opening
from engine import timers
from engine.dialect import Trigger

PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2030-12-31")
CALENDARS = {
    "": Calendar(),
    "57": Calendar(region="57"),
    "odd": Calendar(opening=Opening(time(7, 30), time(12, 15), frozenset({1, 2, 4, 6}))),
}
NIGHTS = [
    datetime.combine(max(day for n in range(25, 32) if (day := date(year, month, n)).isoweekday() == 7), time())
    for year in range(2026, 2031)
    for month in (3, 10)
]
"""The Sundays on which the clocks change, at one o'clock UTC."""

anywhere = st.datetimes(FIRST, LAST)
near_a_change = st.builds(
    lambda night, minutes: night + timedelta(minutes=minutes), st.sampled_from(NIGHTS), st.integers(-2_880, 2_880)
)
instants = st.one_of(anywhere, near_a_change).map(lambda moment: moment.replace(tzinfo=UTC, microsecond=0))
calendars = st.sampled_from(sorted(CALENDARS)).map(CALENDARS.__getitem__)
wall_times = st.times().map(lambda one: one.replace(microsecond=0, tzinfo=None))


# --- what is right, the slow way --------------------------------------------------------------------------------------


def easter(year: int) -> date:
    """Gauss's Easter algorithm, as Meeus gives it."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int, region: str) -> set[date]:
    """Article L3133-1 of the labour code; L3134-13 for Alsace and Moselle."""
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25), *([(12, 26)] if region else [])]
    moving = [1, 39, 50, *([-2] if region else [])]
    return {date(year, *day) for day in fixed} | {easter(year) + timedelta(days=days) for days in moving}


def works(calendar: Calendar, day: date) -> bool:
    return day.isoweekday() in calendar.opening.days and day not in holidays(day.year, calendar.region)


def at(day: date, clock_time: time) -> datetime:
    """The first instant at which the wall clock has come so far: looked for, hour by hour of what it may be in UTC."""
    wanted = datetime.combine(day, clock_time)
    summer, winter = wanted - timedelta(hours=2), wanted - timedelta(hours=1)
    for guess in (summer, winter):
        moment = guess.replace(tzinfo=UTC)
        if moment.astimezone(PARIS).replace(tzinfo=None) == wanted:
            return moment
    return winter.replace(tzinfo=UTC)


def open_minutes(calendar: Calendar, start: datetime, minutes: int) -> datetime:
    """Look at the clock each minute until the offices have been open so long."""
    moment, left = start, minutes
    while left:
        local = moment.astimezone(PARIS)
        is_open = works(calendar, local.date()) and calendar.opening.start <= local.time() < calendar.opening.end
        left -= is_open
        moment += timedelta(minutes=1)
    return moment


# --- the laws ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["", "57"])
def test_each_day_of_five_years_is_a_holiday_or_not(region: str) -> None:
    calendar, day = CALENDARS[region], FIRST.date()
    while day <= LAST.date():
        assert calendar.is_holiday(day) == (day in holidays(day.year, region)), day
        assert calendar.is_working_day(day) == works(calendar, day), day
        day += timedelta(days=1)


@given(calendars, anywhere.map(datetime.date) | st.sampled_from(NIGHTS).map(datetime.date), wall_times)
def test_a_wall_time_is_its_first_instant_or_an_hour_later_where_the_clocks_jump(
    calendar: Calendar, day: date, clock_time: time
) -> None:
    assert calendar.at(day, clock_time) == at(day, clock_time)


@given(calendars, instants, wall_times, st.integers(0, 20))
def test_the_next_time_is_that_wall_time_so_many_days_later(
    calendar: Calendar, start: datetime, clock_time: time, days: int
) -> None:
    day = start.astimezone(PARIS).date() + timedelta(days=days)
    assert calendar.next_time(start, clock_time.isoformat(), days) == at(day, clock_time)


@given(calendars, instants, st.integers(0, 40))
def test_working_days_are_counted_one_by_one(calendar: Calendar, start: datetime, n: int) -> None:
    local = start.astimezone(PARIS)
    day, left = local.date(), n
    while left:
        day += timedelta(days=1)
        left -= works(calendar, day)
    assert calendar.add(start, f"P{n}JO") == (at(day, local.time()) if n else start)


@given(calendars, instants.map(lambda moment: moment.replace(second=0)), st.integers(1, 30))
def test_working_hours_are_the_minutes_in_which_the_offices_are_open(
    calendar: Calendar, start: datetime, half_hours: int
) -> None:
    reached = open_minutes(calendar, start, half_hours * 30)
    assert calendar.add(start, f"PT{half_hours / 2}HO") == reached


@given(calendars, instants, st.integers(0, 30), st.integers(0, 90), st.integers(0, 100))
def test_calendar_time_is_local_and_hours_are_exact(
    calendar: Calendar, start: datetime, months: int, days: int, hours: int
) -> None:
    local = start.astimezone(PARIS)
    years, month = divmod(local.month - 1 + months, 12)
    last = monthrange(local.year + years, month + 1)[1]
    day = date(local.year + years, month + 1, min(local.day, last)) + timedelta(days=days)
    moved = at(day, local.time()) if months or days else start
    assert calendar.add(start, f"P{months}M{days}DT{hours}H") == moved + timedelta(hours=hours)


# --- timers reckoned by them ------------------------------------------------------------------------------------------


def whole(timer: timers.Timer, calendar: Calendar) -> list[timers.Timer]:
    """Every turn of a cycle, the first included."""
    following = timers.following(timer, calendar)
    return [timer, *(whole(following, calendar) if following else ())]


@given(calendars, instants, st.sampled_from(["P1D", "P3JO", "PT5HO", "PT36H", "P1M", "P2W"]))
def test_a_timer_is_due_when_its_calendar_says(calendar: Calendar, start: datetime, duration: str) -> None:
    assert timers.instant(duration, start, calendar) == calendar.add(start, duration)
    assert timers.instant(duration, start, calendar) > start


@given(calendars, instants, st.sampled_from([("P1D", 1), ("P7D", 7), ("P2W", 14)]), st.integers(1, 12))
def test_the_turns_of_a_daily_cycle_keep_their_wall_time_through_every_change(
    calendar: Calendar, start: datetime, every: tuple[str, int], turns: int
) -> None:
    local = start.astimezone(PARIS)
    due = [timer.due for timer in whole(timers.cycle(f"R{turns}/{every[0]}", start, calendar), calendar)]
    days = [local.date() + timedelta(days=every[1] * turn) for turn in range(1, turns + 1)]
    assert due == [at(day, local.time()) for day in days]


@given(calendars, instants, st.integers(2, 9))
def test_the_turns_of_a_cycle_in_working_time_fall_on_working_days(
    calendar: Calendar, start: datetime, turns: int
) -> None:
    found = whole(timers.cycle(f"R{turns}/P1JO", start, calendar), calendar)
    assert len(found) == turns
    assert all(works(calendar, timer.due.astimezone(PARIS).date()) for timer in found)


@given(instants, st.integers(-50, 2_000))
def test_a_late_cycle_skips_the_turns_that_are_over_and_no_other(start: datetime, minutes: int) -> None:
    """The worker slept: the next turn is the first one to come, whatever the length of the sleep."""
    calendar = CALENDARS[""]
    first = timers.cycle("R/PT1H", start, calendar)
    woken = first.due + timedelta(minutes=minutes)
    following = timers.following(first, calendar, woken)
    assert following is not None
    assert following.due > woken
    assert (following.due - first.due) % timedelta(hours=1) == timedelta()
    assert following.due - timedelta(hours=1) <= max(woken, first.due)


def test_the_night_watch_is_an_hour_longer_or_shorter_on_the_ten_nights() -> None:
    lengths = []
    for night in NIGHTS:
        evening = at(night.date() - timedelta(days=1), time(20))
        morning = CALENDARS[""].next_time(evening, "08:00", 1)
        lengths.append((morning - evening) // timedelta(hours=1))
    assert lengths == [11, 13] * 5


def test_a_written_duration_begins_when_the_token_arrives() -> None:
    """Both two o'clocks of an autumn night are different beginnings."""
    calendar, trigger = CALENDARS[""], Trigger("timer", timer="timeDuration", text="PT1H")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert first.astimezone(PARIS).time() == second.astimezone(PARIS).time()
    due = [timers.instant(trigger.text, start, calendar) for start in (first, second)]
    assert due == [first + timedelta(hours=1), second + timedelta(hours=1)]

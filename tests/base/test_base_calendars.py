from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from base.calendars import Calendar, Opening, read_duration
from base.errors import Invalid

PARIS = ZoneInfo("Europe/Paris")
CALENDAR = Calendar()
METZ = Calendar(region="57")

FIRST = datetime(2020, 1, 1, tzinfo=UTC)

instants = st.integers(0, 15 * 366 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def wall(instant: datetime) -> str:
    return instant.astimezone(PARIS).replace(tzinfo=None).isoformat(" ", "minutes")


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-10-23 14:00", "P2D", "2026-10-25 14:00"),
        ("2026-10-24 20:00", "P1D", "2026-10-25 20:00"),
        ("2026-10-24 20:00", "PT24H", "2026-10-25 19:00"),
        ("2027-03-27 20:00", "P1D", "2027-03-28 20:00"),
        ("2027-03-27 20:00", "PT24H", "2027-03-28 21:00"),
        ("2027-03-27 02:30", "P1D", "2027-03-28 03:30"),
        ("2027-03-27 02:30", "P2D", "2027-03-29 02:30"),
        ("2026-10-24 02:30", "P1D", "2026-10-25 02:30"),
        ("2026-01-31 09:00", "P1M", "2026-02-28 09:00"),
        ("2024-02-29 09:00", "P1Y", "2025-02-28 09:00"),
        ("2026-11-24 09:00", "P2W", "2026-12-08 09:00"),
        ("2026-11-24 09:00", "P1Y2M3W4DT5H6M", "2028-02-18 14:06"),
        ("2026-11-24 09:00", "PT90M", "2026-11-24 10:30"),
        ("2026-11-24 09:00", "PT1.5H", "2026-11-24 10:30"),
        ("2026-11-24 09:00", "PT0,5H", "2026-11-24 09:30"),
        ("2026-11-24 09:00", "P0D", "2026-11-24 09:00"),
    ],
)
def test_iso_durations_are_wall_time_in_days_and_exact_in_hours(start, duration, end):
    assert wall(CALENDAR.add(paris(start), duration)) == end


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-11-24 10:00", "P1JO", "2026-11-25 10:00"),
        ("2026-11-27 10:00", "P1JO", "2026-11-30 10:00"),
        ("2026-11-27 10:00", "P2JO", "2026-12-01 10:00"),
        ("2026-11-28 10:00", "P1JO", "2026-11-30 10:00"),
        ("2026-12-24 10:00", "P1JO", "2026-12-28 10:00"),
        ("2026-04-30 10:00", "P5JO", "2026-05-11 10:00"),
        ("2026-10-23 14:00", "P1JO", "2026-10-26 14:00"),
        ("2026-11-24 10:00", "PT4HO", "2026-11-24 14:00"),
        ("2026-11-24 18:00", "PT4HO", "2026-11-25 11:00"),
        ("2026-11-24 06:00", "PT4HO", "2026-11-24 12:00"),
        ("2026-11-24 21:00", "PT1HO", "2026-11-25 09:00"),
        ("2026-11-27 18:00", "PT2HO", "2026-11-30 09:00"),
        ("2026-11-24 08:00", "PT11HO", "2026-11-24 19:00"),
        ("2026-11-24 08:00", "PT12HO", "2026-11-25 09:00"),
        ("2026-10-23 18:00", "PT2HO", "2026-10-26 09:00"),
        ("2026-11-27 18:00", "P1JOT2HO", "2026-12-01 09:00"),
    ],
)
def test_business_durations_skip_nights_weekends_and_holidays(start, duration, end):
    assert wall(CALENDAR.add(paris(start), duration)) == end


def test_alsace_and_moselle_have_two_more_holidays():
    for day in (date(2026, 4, 3), date(2026, 12, 26)):
        assert METZ.is_holiday(day)
        assert not CALENDAR.is_holiday(day)
    assert wall(CALENDAR.add(paris("2026-04-02 10:00"), "P1JO")) == "2026-04-03 10:00"
    assert wall(METZ.add(paris("2026-04-02 10:00"), "P1JO")) == "2026-04-07 10:00"


def test_france_has_eleven_holidays_a_year():
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(CALENDAR.is_holiday, year)) == 11
    assert sum(map(METZ.is_holiday, year)) == 13


def test_the_night_guard_is_longer_in_autumn_and_shorter_in_spring():
    for start, hours in (("2026-10-24 20:00", 13), ("2027-03-27 20:00", 11), ("2026-11-24 20:00", 12)):
        begin = paris(start)
        assert CALENDAR.next_time(begin, "08:00", 1) - begin == timedelta(hours=hours)


def test_a_wall_time_of_the_day_or_of_days_later():
    discharge = paris("2026-11-24 15:30")
    assert wall(CALENDAR.next_time(discharge, "20:00")) == "2026-11-24 20:00"
    assert wall(CALENDAR.next_time(discharge, "12:00", 1)) == "2026-11-25 12:00"
    assert wall(CALENDAR.next_time(paris("2026-11-24 00:30"), "12:00", days=3)) == "2026-11-27 12:00"
    with pytest.raises(Invalid):
        CALENDAR.next_time(discharge, "25:00")


def test_opening_hours_can_be_changed():
    saturday = Calendar(opening=Opening(time(9), time(12), frozenset({6})))
    assert wall(saturday.add(paris("2026-11-24 10:00"), "PT4HO")) == "2026-12-05 10:00"
    with pytest.raises(ValueError, match="open some day"):
        Opening(time(9), time(8))


@pytest.mark.parametrize(
    "text",
    [
        "", "P", "PT", "P1", "2D", "-P2D", "P-2D", "P2DT", "P1.5D", "p2d", "P2J", "P2JO2HO", "P1D2W", "PT4H ou plus",
        "P99999Y", "P60Y", "P99999D", "PT9999999H", "P100000D", "P2JOT", "P٢D", "P1D\nP1D", "JO",
    ],
)  # fmt: skip
def test_what_is_not_a_duration_is_refused_in_french(text):
    with pytest.raises(Invalid, match="durée"):
        CALENDAR.add(paris("2026-11-24 10:00"), text)


@given(st.text(alphabet="PTYMWDHSJO0123456789.,- ", max_size=14), instants)
def test_no_text_fails_otherwise_than_by_refusing(text, instant):
    try:
        moved = CALENDAR.add(instant, text)
    except Invalid:
        return
    assert moved >= instant
    assert moved.tzinfo is UTC


@given(instants, st.integers(0, 800))
def test_days_later_is_the_same_wall_time_unless_the_clocks_jumped_over_it(instant, days):
    before, after = CALENDAR.local(instant), CALENDAR.local(CALENDAR.add(instant, f"P{days}D"))
    assert (after.date() - before.date()).days == days
    if after.time() != before.time():
        shift = datetime.combine(after.date(), after.time()) - datetime.combine(after.date(), before.time())
        assert shift == timedelta(hours=1)
        assert after.month == 3


@given(instants, st.integers(0, 10_000))
def test_hours_later_is_exact(instant, hours):
    assert CALENDAR.add(instant, f"PT{hours}H") - instant == timedelta(hours=hours)


@given(instants, st.integers(1, 60))
def test_working_days_end_on_a_working_day_and_count_each_one(instant, n):
    end = CALENDAR.add_working_days(instant, n)
    start_day, end_day = CALENDAR.local(instant).date(), CALENDAR.local(end).date()
    between = [start_day + timedelta(days=k) for k in range(1, (end_day - start_day).days + 1)]
    assert sum(map(CALENDAR.is_working_day, between)) == n
    assert CALENDAR.is_working_day(end_day)


@given(instants, st.integers(1, 60), st.integers(1, 60))
def test_working_hours_add_up(instant, first, second):
    whole = CALENDAR.add_working_hours(instant, first + second)
    assert CALENDAR.add_working_hours(CALENDAR.add_working_hours(instant, first), second) == whole
    local = CALENDAR.local(whole)
    assert CALENDAR.is_working_day(local.date())
    assert time(8) <= local.time() <= time(19)


@given(instants, instants, st.sampled_from(["P1D", "P1M", "P3JO", "PT5HO", "PT7H"]))
def test_who_starts_earlier_does_not_end_later(one, other, duration):
    """Months may end on the same last day, never the other way round."""
    assume(one <= other)
    assert CALENDAR.add(one, duration) <= CALENDAR.add(other, duration) + timedelta(hours=1)


def test_a_duration_is_read_in_its_parts():
    duration = read_duration("P1Y2M3W4DT5H")
    assert (duration.months, duration.days, duration.exact) == (14, 25, timedelta(hours=5))
    assert read_duration(" P2JO ").working_days == 2

"""Dates, times and durations against Python's own calendar and time zones, from 1900 to 2100."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import Date, Months, Nanoseconds, compile, to_feel
from engine.feel.zones import zone_text

SECOND = 10**9
PARIS = ZoneInfo("Europe/Paris")
YEARS = range(1900, 2101)
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
laws = settings(max_examples=250, deadline=None)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31)).map(lambda m: m.replace(microsecond=0, fold=0))  # noqa: DTZ001
seconds = st.integers(-(10**9), 10**9)
months = st.integers(-1_200, 1_200)


def feel(text, **context):
    return compile(text).evaluate(context)


def later(day: date, months: int) -> date:
    """Month after month on the fingers; the day is kept where the month has it."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, month, min(day.day, 29 if month == 2 and leap else LENGTHS[month - 1]))


@laws
@given(days, st.integers(-20_000, 20_000), months)
def test_a_duration_added_to_a_day_gives_python_s_day(day, count, some_months):
    try:
        shifted = day + timedelta(days=count)
    except OverflowError:
        return
    assert feel("d + t", d=day, t=Nanoseconds(count * 86_400 * SECOND)) == to_feel(shifted)
    assert feel("d + m", d=day, m=Months(some_months)) == to_feel(later(day, some_months))
    assert feel("d - m", d=day, m=Months(-some_months)) == to_feel(later(day, some_months))


@laws
@given(moments, seconds)
def test_a_duration_added_to_a_local_moment_gives_python_s_moment(moment, count):
    assert feel("m + t", m=moment, t=Nanoseconds(count * SECOND)) == to_feel(moment + timedelta(seconds=count))


@laws
@given(moments, seconds)
def test_in_paris_time_passes_as_in_python_s_time_zone(moment, count):
    start = moment.replace(tzinfo=PARIS)
    instant = start.astimezone(UTC) + timedelta(seconds=count)
    found = feel("m + t", m=start, t=Nanoseconds(count * SECOND))
    there = instant.astimezone(PARIS)
    assert str(found)[:19] == there.replace(tzinfo=None).isoformat()
    assert str(found)[19:] == ("@Europe/Paris" if not there.fold else zone_text(seconds_east(there)))
    assert feel("m + t - m = t", m=start, t=Nanoseconds(count * SECOND)) is True


def seconds_east(moment: datetime) -> int:
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@laws
@given(moments, moments)
def test_the_difference_and_the_order_of_two_moments_are_python_s(a, b):
    local, paris, utc = {"a": a, "b": b}, {"a": a.replace(tzinfo=PARIS), "b": b.replace(tzinfo=PARIS)}, {}
    utc = {name: moment.astimezone(UTC) for name, moment in paris.items()}
    assert feel("a - b", **local) == to_feel(a - b)
    assert feel("a - b", **paris) == to_feel(utc["a"] - utc["b"])
    for operator, holds in (("<", a < b), ("=", a == b), (">=", a >= b)):
        assert feel(f"a {operator} b", **local) is holds
    assert feel("a < b", **paris) is (utc["a"] < utc["b"])
    assert feel("a = b", a=paris["a"], b=utc["a"]) is True


@laws
@given(days, days)
def test_the_months_between_two_days_are_counted_as_on_the_fingers(a, b):
    found = feel("years and months duration(a, b)", a=a, b=b).count
    first, last = (a, b) if a <= b else (b, a)
    whole = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    assert found == (whole if a <= b else -whole)
    assert feel("a - b", a=a, b=b) == to_feel(a - b)


@laws
@given(moments)
def test_the_parts_of_a_moment_are_python_s(moment):
    aware = moment.replace(tzinfo=PARIS)
    parts = ("year", "month", "day", "hour", "minute", "second")
    for part in parts:
        assert feel(f"m.{part}", m=aware) == getattr(moment, part)
    assert feel("m.weekday", m=aware) == moment.isoweekday()
    assert feel("m.time offset", m=aware) == Nanoseconds(round(aware.utcoffset().total_seconds()) * SECOND)
    assert feel("m.timezone", m=aware) == "Europe/Paris"
    assert feel("date(m)", m=moment) == to_feel(moment.date())
    assert feel("time(m)", m=moment) == to_feel(moment.time())


def test_every_day_of_two_centuries_has_python_s_week_and_weekday():
    asked = compile(
        "[day of week(d), day of year(d), week of year(d), month of year(d), string(d), last day of month(d)]"
    )
    for number in range(date(1900, 1, 1).toordinal(), date(2101, 1, 1).toordinal(), 3):
        day = date.fromordinal(number)
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        year_day, week = day.timetuple().tm_yday, day.isocalendar().week
        said = [f"{day:%A}", Decimal(year_day), Decimal(week), f"{day:%B}", day.isoformat(), to_feel(last)]
        assert asked.evaluate({"d": day}) == said


def clock_changes(year: int) -> list[datetime]:
    """The instants of a year after which the clocks of Paris tell another offset."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24 * 366)]
    offsets = [hour.astimezone(PARIS).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


@pytest.mark.parametrize("decade", range(1900, 2101, 10))
def test_both_clock_changes_of_paris_are_passed_as_python_passes_them(decade):
    after, back = compile("m + t"), compile("(m + t) - m")
    for year in range(decade, min(decade + 10, 2101), 2 if decade < 1970 else 1):
        for change in clock_changes(year):
            for hours in (-26, -3, -2, 2, 3, 26):
                start = (change - timedelta(hours=2, minutes=30)).astimezone(PARIS)
                length = Nanoseconds(hours * 3600 * SECOND)
                there = (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(PARIS)
                found = after.evaluate({"m": start, "t": length})
                assert str(found)[:19] == there.isoformat()[:19]
                assert back.evaluate({"m": start, "t": length}) == length


def test_the_second_passage_of_an_hour_says_its_offset_and_is_no_hour_early():
    first = compile('date and time("2026-10-25T02:30:00@Europe/Paris")').evaluate()
    second = feel("m + t", m=first, t=Nanoseconds(3_600 * SECOND))
    assert str(second) == "2026-10-25T02:30:00+01:00"
    assert str(feel("m + t", m=second, t=Nanoseconds(3_600 * SECOND))) == "2026-10-25T03:30:00+01:00"
    told = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1)
    assert compile('now() + duration("PT4H")').evaluate(now=told) == to_feel(told.astimezone(UTC) + timedelta(hours=4))


def test_an_hour_that_the_clocks_tell_twice_is_taken_for_its_first_passage():
    moment = compile('date and time("2026-10-25T02:30:00@Europe/Paris")').evaluate()
    assert feel("m.time offset", m=moment) == Nanoseconds(7_200 * SECOND)
    assert str(feel("m + t", m=moment, t=Nanoseconds(7_200 * SECOND))) == "2026-10-25T03:30:00@Europe/Paris"


def test_an_hour_that_the_clocks_skip_is_never_told():
    before = compile('date and time("2026-03-29T01:30:00@Europe/Paris")').evaluate()
    assert str(feel("m + t", m=before, t=Nanoseconds(3_600 * SECOND))) == "2026-03-29T03:30:00@Europe/Paris"


@laws
@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15), st.integers(-50, 50))
def test_durations_are_added_compared_and_multiplied_as_python_s(a, b, times):
    first, second = timedelta(microseconds=a), timedelta(microseconds=b)
    given_ = {"a": first, "b": second, "n": times}
    assert feel("a + b", **given_) == to_feel(first + second)
    assert feel("a - b", **given_) == to_feel(first - second)
    assert feel("a * n", **given_) == to_feel(first * times)
    assert feel("a < b", **given_) is (first < second)
    assert feel("-a", **given_) == to_feel(-first)
    assert feel("duration(string(a)) = a", **given_) is True
    whole = abs(first) // timedelta(seconds=1)
    parts = [whole // 86_400, whole // 3_600 % 24, whole // 60 % 60, whole % 60]
    assert feel("[a.days, a.hours, a.minutes, a.seconds]", **given_) == [part if a >= 0 else -part for part in parts]


@laws
@given(months, months)
def test_durations_in_months_are_counted_as_whole_numbers(a, b):
    given_ = {"a": Months(a), "b": Months(b)}
    assert feel("[a + b, a - b, -a]", **given_) == [Months(a + b), Months(a - b), Months(-a)]
    assert feel("a.years * 12 + a.months", **given_) == a
    assert feel("duration(string(a)) = a", **given_) is True
    assert feel("a >= b", **given_) is (a >= b)


@laws
@given(st.times(), seconds)
def test_a_time_of_day_turns_round_the_clock(moment, count):
    moment = moment.replace(microsecond=0)
    shifted = datetime.combine(date(2000, 6, 1), moment) + timedelta(seconds=count % 86_400)
    assert feel("m + t", m=moment, t=Nanoseconds(count * SECOND)) == to_feel(shifted.time())


@laws
@given(days)
def test_a_day_comes_back_from_its_text_and_its_parts(day):
    assert feel("date(string(d)) = d and date(d.year, d.month, d.day) = d", d=day) is True
    assert feel("date and time(d, time(12, 0, 0))", d=day) == to_feel(datetime.combine(day, clock_time(12)))
    assert feel("d", d=day) == Date(day.year, day.month, day.day)

"""Dates, times, zones and the two kinds of durations."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import FeelError, Months, compile, from_feel


def shown(text, **options):
    return from_feel(compile(text).evaluate(**options))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
        ('date("2028-02-29") - duration("P1Y")', "2027-02-28"),
        ('date("2026-03-01") - date("2026-02-01")', "P28D"),
        ('date("2026-03-01") + duration("PT36H")', "2026-03-02"),
        ('@"2026-03-01T22:00:00" + @"PT4H"', "2026-03-02T02:00:00"),
        ('@"2026-03-01T10:00:00+01:00" - @"2026-03-01T08:00:00Z"', "PT1H"),
        ('time("23:30:00") + duration("PT1H")', "00:30:00"),
        ('duration("P2D") * 1.5', "P3D"),
        ('duration("P1Y") / 4', "P3M"),
        ('duration("P1DT2H") + duration("PT30M")', "P1DT2H30M"),
        ('-duration("PT1H")', "-PT1H"),
        ('years and months duration(@"2026-01-31", @"2027-03-01")', "P1Y1M"),
        ("date(2026, 3, 1)", "2026-03-01"),
        ('date and time(date("2026-03-01"), time("10:20:30.5"))', "2026-03-01T10:20:30.5"),
        ('date and time(@"2026-03-01T10:00:00Z", "Europe/Paris")', "2026-03-01T11:00:00@Europe/Paris"),
        ('last day of month(@"2024-02-10")', "2024-02-29"),
        ('day of week(@"2026-11-24")', "Tuesday"),
        ('month of year(@"2026-11-24")', "November"),
        ('week of year(@"2026-12-31")', 53),
        ('day of year(@"2026-12-31")', 365),
        ('@"2026-11-24".weekday', 2),
        ('duration("P3DT4H5M6S").hours', 4),
        ('duration("P14M").years', 1),
        ('date("2026-02-30")', None),
        ('date("pas une date")', None),
        ('time("25:00:00")', None),
        ('duration("P1Y2D")', None),
        ('duration("P2JO")', None),
        ('date("2026-03-01") < date("2026-03-02")', True),
        ('duration("P200D") = duration("P201D")', False),
        ('@"2026-03-01T10:00:00Z" = @"2026-03-01T11:00:00+01:00"', True),
        ('@"2026-03-01T10:00:00" < @"2026-03-01T11:00:00+01:00"', None),
    ],
)
def test_time_is_computed_on_the_calendar(text, expected):
    assert shown(text) == expected


def test_a_day_in_paris_lasts_twenty_three_hours_when_summer_time_begins():
    assert shown('@"2026-03-28T12:00:00@Europe/Paris" + duration("P1D")') == "2026-03-29T13:00:00@Europe/Paris"
    assert shown('@"2026-03-29T12:00:00@Europe/Paris" - @"2026-03-28T12:00:00@Europe/Paris"') == "PT23H"


def test_years_beyond_python_s_are_dates_too():
    assert shown('date("-2026-03-01") + duration("P1D")') == "-2026-03-02"
    assert shown('date("99999-12-31") + duration("P1D")') == "100000-01-01"


def test_now_and_today_are_those_of_the_caller_told_in_paris():
    now = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert shown("now()", now=now) == "2026-07-01T00:30:00@Europe/Paris"
    assert shown("today()", now=now) == "2026-07-01"
    assert shown("today()", now=now.astimezone(ZoneInfo("America/Martinique"))) == "2026-06-30"


def test_without_a_clock_there_is_no_now():
    with pytest.raises(FeelError, match="l’heure n’est pas donnée"):
        compile("today()").evaluate()


def test_host_functions_are_called_by_their_name():
    functions = {"heure locale": lambda moment, hour, days: f"{moment}|{hour}|{days}"}
    text = 'heure locale(@"2026-03-01", "20:00", 1)'
    assert compile(text).evaluate(functions=functions) == "2026-03-01|20:00|1"


def test_a_failing_host_function_is_an_error_in_french():
    def fail(text):
        raise ValueError(text)

    with pytest.raises(FeelError, match="La fonction « heure locale » a échoué : 25:00"):
        compile('heure locale("25:00")').evaluate(functions={"heure locale": fail})


def test_host_values_become_feel_values():
    noon = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Europe/Paris"))
    assert compile("fin.hour").evaluate({"fin": noon}) == Decimal(12)
    assert compile("fin + n").evaluate({"fin": noon, "n": Months(1)}) is not None

"""When timers are due: in calendar time across clock changes, in business time, in cycles."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from base.calendars import Calendar
from engine import feel, timers
from engine.dialect import Trigger
from engine.timers import TimerUnreadable

CALENDAR = Calendar()
FRIDAY = datetime(2026, 3, 27, 9, tzinfo=UTC)  # the clocks change on Sunday 29 March 2026


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PT4H", "2026-03-27T13:00:00+00:00"),
        ("P2D", "2026-03-29T08:00:00+00:00"),
        ("P1JO", "2026-03-30T08:00:00+00:00"),
        ("PT48H", "2026-03-29T09:00:00+00:00"),
        ("2026-04-01", "2026-03-31T22:00:00+00:00"),
        ("2026-04-01T20:00:00", "2026-04-01T18:00:00+00:00"),
        ("2026-04-01T20:00:00Z", "2026-04-01T20:00:00+00:00"),
        ("2026-04-01T20:00:00@Europe/Paris", "2026-04-01T18:00:00+00:00"),
    ],
)
def test_an_instant_is_a_date_a_time_or_a_duration(value: str, expected: str) -> None:
    assert timers.instant(value, FRIDAY, CALENDAR).isoformat() == expected


@pytest.mark.parametrize(
    "text", ['duration("P2D")', 'date("2026-04-01")', 'date and time("2026-04-01T20:00:00@Europe/Paris")']
)
def test_feel_values_are_instants(text: str) -> None:
    value = feel.compile(text).evaluate({})
    assert timers.instant(value, FRIDAY, CALENDAR) > FRIDAY


@pytest.mark.parametrize("value", [None, "", "demain", "2026-02-30", "P", 3, True, "-P1D", "9999-12-31T23:59:59"])
def test_what_is_no_time_is_said(value: Any) -> None:
    if value == "9999-12-31T23:59:59":
        assert timers.instant(value, FRIDAY, CALENDAR).year == 9999
        return
    with pytest.raises(TimerUnreadable):
        timers.instant(value, FRIDAY, CALENDAR)


def test_a_cycle_fires_so_often_each_time_a_calendar_day_later() -> None:
    timer = timers.cycle("R3/P1D", FRIDAY, CALENDAR)
    due = []
    while timer is not None:
        due.append(CALENDAR.local(timer.due).strftime("%d %H:%M"))
        timer = timers.following(timer, CALENDAR)
    assert due == ["28 10:00", "29 10:00", "30 10:00"]


def test_an_endless_cycle_goes_on_and_a_start_may_be_said() -> None:
    timer = timers.cycle("R/PT1H", FRIDAY, CALENDAR)
    following = timers.following(timer, CALENDAR)
    assert following is not None
    assert (following.left, following.due - timer.due) == (timers.FOREVER, timedelta(hours=1))
    assert timers.cycle("R2/2026-04-01T08:00:00Z/P1JO", FRIDAY, CALENDAR).due.day == 1


@pytest.mark.parametrize("text", ["R0/P1D", "P1D", "R/", "R3/1D", "R1234567/P1D", "0 0 * * *"])
def test_what_is_no_cycle_is_said(text: str) -> None:
    with pytest.raises(TimerUnreadable):
        timers.cycle(text, FRIDAY, CALENDAR)


def test_a_written_timer_is_checked_and_an_expression_waits_for_its_run() -> None:
    timers.probe(Trigger("timer", timer="timeDuration", text="=n_importe_quoi"), CALENDAR)
    with pytest.raises(TimerUnreadable):
        timers.probe(Trigger("timer", timer="timeDuration", text="timedelta(1)"), CALENDAR)


def test_expressions_can_ask_for_a_local_time() -> None:
    text = 'heure locale(date and time("2026-03-27T09:00:00@Europe/Paris"), "20:00", 2)'
    value = feel.compile(text).evaluate({}, functions=timers.functions(CALENDAR))
    assert timers.instant(value, FRIDAY, CALENDAR).isoformat() == "2026-03-29T18:00:00+00:00"

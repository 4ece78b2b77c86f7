"""When timers are due: dates, durations in calendar or business time, cycles."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from base.calendars import Calendar
from base.errors import Invalid, RunError
from engine.dialect import Trigger
from engine.expressions import evaluate
from engine.scopes import View

CYCLE = re.compile(r"R(?P<times>\d{0,6})/(?:(?P<start>[^/P][^/]*)/)?(?P<every>P[^/]+)")
FOREVER = -1
PROBE = datetime(2026, 1, 5, 9, tzinfo=UTC)


class TimerUnreadable(RunError):
    """A text or a value that says no time."""

    code = "timer"


@dataclass(frozen=True)
class Timer:
    """A timer that runs: when it fires, how often it still fires after that (-1: for ever), and every how long."""

    due: datetime
    left: int = 0
    every: str | None = None

    def note(self) -> dict[str, Any]:
        return {"due": self.due.isoformat(), "left": self.left, "every": self.every}


def timer(note: dict[str, Any]) -> Timer:
    return Timer(datetime.fromisoformat(note["due"]), note["left"], note["every"])


def first(trigger: Trigger, view: View, calendar: Calendar) -> Timer:
    """The timer of an event that begins to wait now. Raises TimerUnreadable, ExpressionFailed."""
    value = evaluate(trigger.text or "", view)
    if trigger.timer == "timeCycle":
        return cycle(str(value), view.now, calendar)
    return Timer(instant(value, view.now, calendar))


def following(timer: Timer, calendar: Calendar) -> Timer | None:
    """The same timer after it fired, or None when that was its last time."""
    if timer.left == 0 or timer.every is None:
        return None
    left = FOREVER if timer.left == FOREVER else timer.left - 1
    return Timer(after(timer.due, timer.every, calendar), left, timer.every)


def cycle(text: str, now: datetime, calendar: Calendar) -> Timer:
    """`R3/P1D`, `R/PT1H`, `R3/2026-01-05T09:00:00Z/P1D`. Raises TimerUnreadable."""
    found = CYCLE.fullmatch(text.strip())
    if found is None or found["times"] == "0":
        raise TimerUnreadable(f"« {text} » n’est pas un cycle ; écrivez par exemple R3/P1D.")
    due = instant(found["start"], now, calendar) if found["start"] else after(now, found["every"], calendar)
    return Timer(due, int(found["times"]) - 1 if found["times"] else FOREVER, found["every"])


def instant(value: Any, now: datetime, calendar: Calendar) -> datetime:
    """A date, a date and time, or a duration from now (as text or FEEL value) -> UTC. Raises TimerUnreadable."""
    text = "" if value is None else str(value).strip()
    if text.startswith("P"):
        return after(now, text, calendar)
    body, _, zone = text.partition("@")
    try:
        if len(body) == len("2026-01-05"):
            return calendar.at(date.fromisoformat(body), time())
        moment = datetime.fromisoformat(body)
        if zone:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        if moment.tzinfo is None:
            return calendar.at(moment.date(), moment.time())
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError) as error:
        shown = "rien (null)" if value is None else f"« {text} »"
        raise TimerUnreadable(f"{shown} n’est ni une date, ni une date et heure, ni une durée.") from error


def after(start: datetime, duration: str, calendar: Calendar) -> datetime:
    """Calendar or business time later. Raises TimerUnreadable."""
    try:
        return calendar.add(start, duration)
    except Invalid as error:
        raise TimerUnreadable(f"« {duration} » n’est pas une durée ; écrivez par exemple PT4H, P2D ou P2JO.") from error


def probe(trigger: Trigger, calendar: Calendar) -> None:
    """Check a timer that is written out (not an expression). Raises TimerUnreadable."""
    text = trigger.text or ""
    if text.startswith("="):
        return
    if trigger.timer == "timeCycle":
        cycle(text, PROBE, calendar)
    elif trigger.timer == "timeDuration":
        after(PROBE, text, calendar)
    else:
        instant(text, PROBE, calendar)


@lru_cache(maxsize=16)
def functions(calendar: Calendar) -> dict[str, Callable[..., Any]]:
    """What expressions may call beyond FEEL: `heure locale(instant, "20:00", jours)`, `échéance(instant, "P2JO")`."""

    def local_time(value: Any = None, wall_time: Any = None, days: Any = 0) -> datetime:
        start = instant(value, PROBE, calendar)
        return calendar.next_time(start, str(wall_time), int(days))

    def deadline(start: Any = None, duration: Any = None) -> datetime:
        return after(instant(start, PROBE, calendar), str(duration), calendar)

    return {"heure locale": local_time, "échéance": deadline}

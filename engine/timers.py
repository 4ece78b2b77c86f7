"""When timers are due: dates, durations in calendar or business time, cycles."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from base.calendars import Calendar, Duration, read_duration
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
    """A timer that runs: when it fires, how often it still fires after that (-1: for ever), and every how long.

    The turns of a cycle are counted from its first instant: « every month » from the 31st comes back to the 31st.
    """

    due: datetime
    left: int = 0
    every: str | None = None
    origin: datetime | None = None
    turn: int = 0

    def note(self) -> dict[str, Any]:
        if self.every is None or self.origin is None:
            return {"due": self.due.isoformat(), "left": self.left, "every": self.every}
        cycle = {"origin": self.origin.isoformat(), "turn": self.turn}
        return {"due": self.due.isoformat(), "left": self.left, "every": self.every, **cycle}


def timer(note: Mapping[str, Any]) -> Timer:
    due = datetime.fromisoformat(note["due"])
    origin = datetime.fromisoformat(note["origin"]) if "origin" in note else due
    return Timer(due, note["left"], note["every"], origin, note.get("turn", 0))


def first(trigger: Trigger, view: View, calendar: Calendar) -> Timer:
    """The timer of an event that begins to wait now. Raises TimerUnreadable, ExpressionFailed."""
    value = evaluate(trigger.text or "", view)
    if trigger.timer == "timeCycle":
        return cycle(str(value), view.now, calendar)
    return Timer(instant(value, view.now, calendar))


def following(timer: Timer, calendar: Calendar, since: datetime | None = None) -> Timer | None:
    """The same timer after it fired, or None when that was its last time; turns until `since` are skipped."""
    while timer.left != 0 and timer.every is not None:
        timer = _next(timer, calendar, 1 + _missed(timer, since))
        if since is None or timer.due > since:
            return timer
    return None


def _next(timer: Timer, calendar: Calendar, turns: int) -> Timer:
    every, origin = timer.every or "", timer.origin or timer.due
    left = FOREVER if timer.left == FOREVER else max(timer.left - turns, 0)
    turn = timer.turn + turns
    return Timer(_turn(origin, timer.due, every, turn, calendar), left, every, origin, turn)


def _turn(origin: datetime, before: datetime, every: str, turn: int, calendar: Calendar) -> datetime:
    """When a cycle comes round: working time counts from the turn before, all else from the first instant."""
    length = _length(every)
    if length.working_days or length.working:
        return after(before, every, calendar)
    try:
        return calendar.add_days(origin, length.months * turn, length.days * turn) + length.exact * turn
    except (OverflowError, ValueError) as error:
        raise TimerUnreadable(f'Le cycle "{every}" dépasse les dates du calendrier.') from error


def _missed(timer: Timer, since: datetime | None) -> int:
    """How many turns of a cycle counted in seconds are over after the one that fired."""
    length = _length(timer.every or "")
    if since is None or length.months or length.days or length.working_days or length.working:
        return 0
    over = max(int((since - timer.due) / length.exact), 0)
    return over if timer.left == FOREVER else min(over, timer.left - 1)


def cycle(text: str, now: datetime, calendar: Calendar) -> Timer:
    """`R3/P1D`, `R/PT1H`, `R3/2026-01-05T09:00:00Z/P1D`. Raises TimerUnreadable."""
    found = CYCLE.fullmatch(text.strip())
    if found is None or found["times"] == "0":
        raise TimerUnreadable(f'"{text}" n’est pas un cycle ; écrivez par exemple R3/P1D.')
    every, left = found["every"], int(found["times"]) - 1 if found["times"] else FOREVER
    if _length(every) == Duration():
        raise TimerUnreadable(f'Le cycle "{text}" n’avance pas : sa durée est nulle.')
    if found["start"]:
        origin = instant(found["start"], now, calendar)
        return Timer(origin, left, every, origin)
    return Timer(_turn(now, now, every, 1, calendar), left, every, now, 1)


def _length(every: str) -> Duration:
    """Raises TimerUnreadable."""
    try:
        return read_duration(every)
    except Invalid as error:
        raise TimerUnreadable(f'"{every}" n’est pas une durée ; écrivez par exemple PT4H, P2D ou P2JO.') from error


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
        shown = "rien (null)" if value is None else f"« {text} »"
        raise TimerUnreadable(f"{shown} n’est ni une date, ni une date et heure, ni une durée.") from error


def after(start: datetime, duration: str, calendar: Calendar) -> datetime:
    """Calendar or business time later. Raises TimerUnreadable."""
    try:
        return calendar.add(start, duration)
    except Invalid as error:
        raise TimerUnreadable(f"« {duration} » n’est pas une durée ; écrivez par exemple PT4H, P2D ou P2JO.") from error


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

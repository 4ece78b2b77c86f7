"""Weekly unavailability: the half-days on which somebody does not work, every week or every other week.

It is no absence: what is assigned stays, because the person is back within a day; only messages wait until then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.errors import Invalid, NotFound
from base.ids import new_id
from people.persons import Person
from people.rosters.absences import may_speak_for
from people.rosters.tables import unavailability as rows

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
EVERY = {1: "chaque semaine", 2: "une semaine sur deux"}
MOST, MOST_STEPS = 30, 60
END_OF_DAY = "24:00"


@dataclass(frozen=True)
class Unavailability:
    """On `weekday` (Monday is 1) between two wall times, in every week or every other, counted from `first_day`."""

    id: str
    person: str
    weekday: int
    from_time: str
    to_time: str
    every_weeks: int
    first_day: date
    last_day: date | None

    @property
    def said(self) -> str:
        """« Le mercredi de 13:00 à 18:00, chaque semaine »"""
        return f"Le {DAYS[self.weekday - 1]} de {self.from_time} à {self.to_time}, {EVERY[self.every_weeks]}"

    def falls_on(self, day: date) -> bool:
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            return False
        first_week = self.first_day - timedelta(days=self.first_day.weekday())
        return day.isoweekday() == self.weekday and (day - first_week).days // 7 % self.every_weeks == 0


def add(
    session: Session,
    clock: Clock,
    tenant: str,
    by: Person,
    *,
    person: str,
    weekday: int,
    from_time: str,
    to_time: str,
    every_weeks: int = 1,
    first_day: date,
    last_day: date | None = None,
) -> Unavailability:
    """Note a weekly unavailability. Raises Invalid with what to do about each field, Forbidden."""
    may_speak_for(session, clock, tenant, person, by)
    added = Unavailability(new_id(), person, weekday, from_time, to_time, every_weeks, first_day, last_day)
    _check(added, len(of_person(session, tenant, person)))
    days = {"first_day": first_day.isoformat(), "last_day": last_day and last_day.isoformat()}
    made = {"tenant": tenant, "declared_by": by.id, "declared_at": clock.now()}
    session.execute(insert(rows).values({**vars(added), **days, **made}))
    return added


def remove(session: Session, clock: Clock, tenant: str, unavailability_id: str, by: Person) -> None:
    """Raises NotFound, Forbidden."""
    for found in _read(session, rows.c.tenant == tenant, rows.c.id == unavailability_id):
        may_speak_for(session, clock, tenant, found.person, by)
        session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.id == unavailability_id))
        return
    raise NotFound("Cette indisponibilité n’existe pas, ou plus.")


def of_person(session: Session, tenant: str, person_id: str) -> list[Unavailability]:
    """The person's week, Monday first."""
    return _read(session, rows.c.tenant == tenant, rows.c.person == person_id)


def unavailable_until(session: Session, calendar: Calendar, tenant: str, person_id: str, at: datetime) -> datetime:
    """When the person is available again: `at` itself when they are; two half-days that touch are one."""
    known = of_person(session, tenant, person_id)
    for _ in range(MOST_STEPS):
        later = _end_of(known, calendar, at)
        if later == at:
            break
        at = later
    return at


def _end_of(known: Iterable[Unavailability], calendar: Calendar, at: datetime) -> datetime:
    day = calendar.local(at).date()
    spans = ((_at(calendar, day, one.from_time), _at(calendar, day, one.to_time)) for one in known if one.falls_on(day))
    return max((stop for start, stop in spans if start <= at < stop), default=at)


def _at(calendar: Calendar, day: date, wall: str) -> datetime:
    if wall == END_OF_DAY:
        return calendar.at(day + timedelta(days=1), time())
    return calendar.at(day, time.fromisoformat(wall))


def _check(one: Unavailability, known: int) -> None:
    wrong: dict[str, str] = {}
    if one.weekday not in range(1, 8):
        wrong["weekday"] = "Choisissez un jour."
    if one.every_weeks not in EVERY:
        wrong["every_weeks"] = "Choisissez chaque semaine, ou une sur deux."
    for name, wall in (("from_time", one.from_time), ("to_time", one.to_time)):
        if not _is_wall_time(wall):
            wrong[name] = "Écrivez une heure, par exemple 13:00."
    if not wrong and one.to_time <= one.from_time:
        wrong["to_time"] = "Donnez une fin qui vient après le début."
    if one.last_day is not None and one.last_day < one.first_day:
        wrong["last_day"] = "Donnez une fin qui vient après le début."
    if known >= MOST:
        wrong["weekday"] = f"Vous avez déjà {MOST} indisponibilités : retirez-en une."
    if wrong:
        raise Invalid("Cette indisponibilité n’est pas encore complète.", wrong)


def _is_wall_time(wall: str) -> bool:
    if wall == END_OF_DAY:
        return True
    try:
        return len(wall) == 5 and time.fromisoformat(wall) is not None
    except ValueError:
        return False


def _read(session: Session, *conditions: Any) -> list[Unavailability]:
    found = session.execute(select(rows).where(*conditions).order_by(rows.c.weekday, rows.c.from_time, rows.c.id))
    return [
        Unavailability(
            row.id, row.person, row.weekday, row.from_time, row.to_time, row.every_weeks,
            date.fromisoformat(row.first_day), date.fromisoformat(row.last_day) if row.last_day else None,
        )
        for row in found
    ]  # fmt: skip

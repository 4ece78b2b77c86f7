"""Duty rosters: the sectors, who is on duty where and when, and what nobody covers yet."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from people.persons import Person, persons
from people.rosters import absences
from people.rosters.absences import in_our_time
from people.rosters.duty_periods import Period, Span, periods, uncovered
from people.rosters.tables import absence, sector_commune
from people.rosters.tables import duty_shift as rows
from people.rosters.tables import sector as sectors_table

EFFECTION = "effection"
KINDS = {EFFECTION: "Effection", "regulation": "Régulation", "visite": "Visites"}
ORGANISERS = frozenset({"coordinateur", "coordonnateur_medical"})
LONGEST = timedelta(hours=25)
MOST_PLACE, MOST_COMMUNES = 120, 400


@dataclass(frozen=True)
class Sector:
    """Some communes that share a roster."""

    key: str
    name: str
    communes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """A shift as it is asked for."""

    sector: str
    kind: str
    since: datetime
    until: datetime
    person: str
    place: str = ""


@dataclass(frozen=True)
class Shift(Turn):
    """Somebody is on duty in [since, until[."""

    id: str = ""


@dataclass(frozen=True)
class Gap:
    """A part of a period that nobody covers."""

    sector: str
    kind: str
    period: Period
    since: datetime
    until: datetime


def is_organiser(person: Person) -> bool:
    return bool(person.roles & ORGANISERS)


def write_sector(session: Session, tenant: str, by: Person, key: str, name: str, communes: Iterable[str]) -> Sector:
    """Add a sector, or write it anew. Raises Invalid, Forbidden."""
    if not is_organiser(by):
        raise Forbidden("Seule la coordination change les secteurs.")
    found = tuple(dict.fromkeys(word for commune in communes if (word := commune.strip()[:120])))
    if not key or not name.strip() or len(found) > MOST_COMMUNES or not "".join([key, name, *found]).isprintable():
        raise Invalid("Ce secteur n’est pas encore complet.", {"name": "Donnez un nom au secteur."})
    session.execute(delete(sector_commune).where(sector_commune.c.tenant == tenant, sector_commune.c.sector == key))
    session.execute(delete(sectors_table).where(sectors_table.c.tenant == tenant, sectors_table.c.key == key))
    session.execute(insert(sectors_table).values(tenant=tenant, key=key, name=name.strip()[:120], active=True))
    if found:
        session.execute(insert(sector_commune), [{"tenant": tenant, "sector": key, "commune": one} for one in found])
    return Sector(key, name.strip()[:120], found)


def sectors(session: Session, tenant: str) -> list[Sector]:
    """The sectors by name, each with its communes."""
    communes: dict[str, list[str]] = {}
    for row in session.execute(select(sector_commune).where(sector_commune.c.tenant == tenant)):
        communes.setdefault(row.sector, []).append(row.commune)
    active = select(sectors_table).where(sectors_table.c.tenant == tenant, sectors_table.c.active)
    found = session.execute(active.order_by(sectors_table.c.name, sectors_table.c.key))
    return [Sector(row.key, row.name, tuple(sorted(communes.get(row.key, ())))) for row in found]


def write(session: Session, clock: Clock, calendar: Calendar, tenant: str, turn: Turn, by: Person) -> Shift:
    """Put somebody on duty: the coordination anybody, everybody themselves. Raises Invalid, Conflict, Forbidden."""
    if by.tenant != tenant or (by.id != turn.person and not is_organiser(by)):
        raise Forbidden("Vous pouvez prendre une garde ; seule la coordination en confie une à quelqu’un d’autre.")
    check(session, calendar, tenant, turn)
    written = Shift(**vars(turn), id=new_id())
    made = {"tenant": tenant, "written_by": by.id, "written_at": clock.now()}
    session.execute(insert(rows).values({**vars(written), **made}))
    return written


def remove(session: Session, clock: Clock, tenant: str, shift_id: str, by: Person) -> None:
    """Raises NotFound, Forbidden, and Conflict for a shift that is over: who was on duty stays written."""
    held = shift(session, tenant, shift_id)
    if not is_organiser(by):
        raise Forbidden("Proposez cette garde à quelqu’un : seule la coordination la retire du tableau.")
    if held.until <= clock.now():
        raise Conflict("Cette garde est passée : elle reste au tableau.", code="shift-over")
    session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.id == shift_id))


def shift(session: Session, tenant: str, shift_id: str) -> Shift:
    """Raises NotFound."""
    for found in _read(session, rows.c.tenant == tenant, rows.c.id == shift_id):
        return found
    raise NotFound("Cette garde n’existe pas, ou plus.")


def check(session: Session, calendar: Calendar, tenant: str, turn: Turn, *, ignoring: str = "") -> None:
    """Whether a shift could stand in the roster. Raises Invalid with what to do about each field, Conflict."""
    wrong: dict[str, str] = {}
    if turn.sector not in {one.key for one in sectors(session, tenant)}:
        wrong["sector"] = "Choisissez un secteur."
    if turn.kind not in KINDS:
        wrong["kind"] = "Choisissez effection, régulation ou visites."
    if not in_our_time(turn.since, turn.until) or not turn.since < turn.until <= turn.since + LONGEST:
        wrong["until"] = "Donnez une fin qui vient après le début, et à 25 heures au plus."
    known = persons(session, [turn.person]).get(turn.person)
    if known is None or known.tenant != tenant or not known.active:
        wrong["person"] = "Choisissez un professionnel en activité."
    if len(turn.place) > MOST_PLACE or not turn.place.isprintable():
        wrong["place"] = f"Écrivez ce lieu sur une ligne, en {MOST_PLACE} caractères au plus."
    if wrong or known is None:
        raise Invalid("Cette garde n’est pas encore complète.", wrong)
    _check_free(session, calendar, tenant, turn, known, ignoring)


def _check_free(session: Session, calendar: Calendar, tenant: str, turn: Turn, known: Person, ignoring: str) -> None:
    for other in of_person(session, tenant, turn.person, turn.since, turn.until):
        if other.id != ignoring:
            when = absences.span(calendar, other.since, other.until)
            raise Conflict(f"{known.display} est déjà de garde {when}.")
    for since, until in _gone(session, tenant, {turn.person}, turn.since, turn.until).get(turn.person, ()):
        raise Conflict(f"{known.display} est absent ou absente {absences.span(calendar, since, until)}.")


def between(session: Session, tenant: str, since: datetime, until: datetime, sector: str = "") -> list[Shift]:
    """The shifts that touch a span of time, the earliest first."""
    place = (rows.c.sector == sector,) if sector else ()
    return _read(session, rows.c.tenant == tenant, rows.c.until > since, rows.c.since < until, *place)


def of_person(session: Session, tenant: str, person_id: str, since: datetime, until: datetime) -> list[Shift]:
    """The shifts of a person that touch a span of time."""
    return _read(
        session, rows.c.tenant == tenant, rows.c.person == person_id, rows.c.until > since, rows.c.since < until
    )


def on_duty(session: Session, tenant: str, now: datetime) -> dict[str, list[Shift]]:
    """By sector, who is on duty at a moment and not absent."""
    found: dict[str, list[Shift]] = {one.key: [] for one in sectors(session, tenant)}
    there = between(session, tenant, now, now + timedelta(microseconds=1))
    gone = _gone(session, tenant, {one.person for one in there}, now, now + timedelta(microseconds=1))
    for one in there:
        if one.person not in gone:
            found.setdefault(one.sector, []).append(one)
    return found


def gaps(session: Session, calendar: Calendar, tenant: str, first: date, days: int) -> list[Gap]:
    """What nobody covers in the periods of these days: in each sector, effection and whatever else it organises.

    A shift of somebody who is absent meanwhile covers nothing.
    """
    wanted = periods(calendar, first, days)
    since, until = calendar.at(first, time()), calendar.at(first + timedelta(days=days + 1), time())
    shifts = between(session, tenant, since, until)
    gone = _gone(session, tenant, {one.person for one in shifts}, since, until)
    return [
        gap
        for sector in sectors(session, tenant)
        for kind in KINDS
        if kind == EFFECTION or any(one.sector == sector.key and one.kind == kind for one in shifts)
        for gap in _of(sector.key, kind, wanted, shifts, gone)
    ]


def _of(
    sector: str, kind: str, wanted: Iterable[Period], shifts: Iterable[Shift], gone: dict[str, list[Span]]
) -> list[Gap]:
    mine = [one for one in shifts if (one.sector, one.kind) == (sector, kind)]
    held = [span for one in mine for span in uncovered([(one.since, one.until)], gone.get(one.person, ()))]
    left = ((period, uncovered([(period.since, period.until)], held)) for period in wanted)
    return [Gap(sector, kind, period, since, until) for period, spans in left for since, until in spans]


def _gone(
    session: Session, tenant: str, ids: Collection[str], since: datetime, until: datetime
) -> dict[str, list[Span]]:
    """When these people are absent."""
    found: dict[str, list[Span]] = {}
    meets = (absence.c.until > since, absence.c.since < until, absence.c.until > absence.c.since)
    query = select(absence).where(absence.c.tenant == tenant, absence.c.person.in_(ids), *meets)
    for row in session.execute(query.order_by(absence.c.since)):
        found.setdefault(row.person, []).append((row.since, row.until))
    return found


def _read(session: Session, *conditions: Any) -> list[Shift]:
    names = ("sector", "kind", "since", "until", "person", "place", "id")
    query = select(*(rows.c[name] for name in names)).where(*conditions)
    found = session.execute(query.order_by(rows.c.since, rows.c.sector, rows.c.kind, rows.c.id))
    return [Shift(**row._mapping) for row in found]

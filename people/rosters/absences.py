"""Absences: who is away from when until when, and what becomes meanwhile of what waits for them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.days import ordinal, say_day, say_day_of_year
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from people.persons import Person, persons
from people.rosters import delegates
from people.rosters.tables import absence as rows
from people.rosters.tables import stand_in
from people.tables import person as people
from people.tables import person_role

REASONS = {"conges": "Congés", "formation": "Formation", "maladie": "Maladie", "autre": "Autre"}
SUBSTITUTE, RULE = "remplacant", "regle"
WAYS = {SUBSTITUTE: "Quelqu’un me remplace", RULE: "Selon la règle du parcours : mon équipe, sinon la coordination"}
LONGEST = timedelta(days=2 * 366)
MOST_NOTE = 200
FIRST_YEAR, LAST_YEAR = 2000, 2200
COORDINATOR = "coordinateur"
Piece = tuple[datetime, datetime, str | None]


@dataclass(frozen=True)
class Absence:
    """Somebody is away in [since, until[; `way` says who gets what waits for them."""

    id: str
    person: str
    since: datetime
    until: datetime
    reason: str
    way: str
    substitute: str | None
    note: str
    planned_until: datetime
    declared_by: str
    declared_at: datetime
    changed_by: str | None = None
    changed_at: datetime | None = None

    def overlaps(self, since: datetime, until: datetime) -> bool:
        return max(self.since, since) < min(self.until, until)


@dataclass(frozen=True)
class Wish:
    """An absence as it is asked for."""

    person: str
    since: datetime
    until: datetime
    reason: str = "conges"
    way: str = RULE
    substitute: str | None = None
    note: str = ""


def declare(session: Session, clock: Clock, calendar: Calendar, tenant: str, wish: Wish, by: Person) -> Absence:
    """Note an absence. Raises Invalid with what to do about each field, Conflict, Forbidden."""
    may_speak_for(session, clock, tenant, wish.person, by)
    _take_turns(session, tenant)
    now = clock.now()
    _check_form(wish, calendar, now)
    known = _overlapping(session, tenant, wish.since, wish.until)
    _check_roster(session, calendar, tenant, wish, known)
    declared = Absence(new_id(), **vars(wish), planned_until=wish.until, declared_by=by.id, declared_at=now)
    session.execute(insert(rows).values(tenant=tenant, **vars(declared)))
    _settle(session, tenant, now)
    return declared


def end(session: Session, clock: Clock, tenant: str, absence_id: str, by: Person) -> Absence:
    """The person is back: now, or before they left. Raises NotFound, Conflict when it is over, Forbidden."""
    found = absence(session, tenant, absence_id)
    may_speak_for(session, clock, tenant, found.person, by)
    _take_turns(session, tenant)
    now = clock.now()
    if found.until <= now:
        raise Conflict("Cette absence est déjà terminée.")
    ended = replace(found, until=max(now, found.since), changed_by=by.id, changed_at=now)
    changed = {"until": ended.until, "changed_by": by.id, "changed_at": now}
    session.execute(update(rows).where(rows.c.tenant == tenant, rows.c.id == absence_id).values(changed))
    _settle(session, tenant, now)
    return ended


def choose_substitute(
    session: Session, clock: Clock, calendar: Calendar, tenant: str, absence_id: str, substitute: str | None, by: Person
) -> Absence:
    """From now on somebody else stands in, or nobody: what was said of the time before stays as it was said."""
    found = end(session, clock, tenant, absence_id, by)
    way = SUBSTITUTE if substitute else RULE
    rest = Wish(found.person, found.until, found.planned_until, found.reason, way, substitute, found.note)
    return declare(session, clock, calendar, tenant, rest, by)


def absence(session: Session, tenant: str, absence_id: str) -> Absence:
    """Raises NotFound."""
    for found in _read(session, rows.c.tenant == tenant, rows.c.id == absence_id):
        return found
    raise NotFound("Cette absence n’existe pas.")


def of_person(session: Session, clock: Clock, tenant: str, person_id: str) -> list[Absence]:
    """What is declared for a person and not over yet, the next first."""
    mine = (rows.c.tenant == tenant, rows.c.person == person_id, rows.c.until > clock.now())
    return _read(session, *mine, rows.c.until > rows.c.since)


def coming(session: Session, clock: Clock, tenant: str) -> list[Absence]:
    """All that is declared and not over yet, the next first."""
    return _read(session, rows.c.tenant == tenant, rows.c.until > clock.now(), rows.c.until > rows.c.since)


def may_speak_for(session: Session, clock: Clock, tenant: str, person_id: str, by: Person) -> None:
    """A person's time is told by them, by their delegates and by the coordination. Raises Forbidden, NotFound."""
    known = persons(session, [person_id]).get(person_id)
    if by.tenant != tenant or known is None or known.tenant != tenant:
        raise NotFound("Cette personne n’est pas dans l’annuaire.")
    is_theirs = by.id == person_id or COORDINATOR in by.roles
    if not is_theirs and not delegates.is_delegate(session, clock, tenant, person_id, by.id):
        raise Forbidden("Seuls cette personne, ses délégués et la coordination peuvent le déclarer.")


def span(calendar: Calendar, since: datetime, until: datetime) -> str:
    """« du 28 novembre au 4 décembre 2026 », with hours where a day is not whole."""
    first, last = calendar.local(since), calendar.local(until)
    starts, stops = (f"{one:%H:%M}" if one.time() != time() else "" for one in (first, last))
    if not stops:
        last -= timedelta(hours=2)
    if first.date() == last.date():
        return f"le {say_day(first)}{_hours(starts, stops)}"
    is_same_year = first.year == last.year
    begins = say_day_of_year(first) if is_same_year else say_day(first)
    if is_same_year and first.month == last.month and not starts:
        begins = ordinal(first.day)
    return f"du {begins}{starts and f' à {starts}'} au {say_day(last)}{stops and f' à {stops}'}"


def _hours(starts: str, stops: str) -> str:
    """« de 8:00 à 12:00 », « dès 14:00 », « jusqu’à 12:00 » within one day."""
    if starts and stops:
        return f" de {starts} à {stops}"
    return f" dès {starts}" if starts else f" jusqu’à {stops}" if stops else ""


def in_our_time(*instants: datetime) -> bool:
    """Years in which calendars can be counted with: what a program sends may lie at the end of time."""
    return all(FIRST_YEAR <= instant.year <= LAST_YEAR for instant in instants)


def _check_form(wish: Wish, calendar: Calendar, now: datetime) -> None:
    wrong: dict[str, str] = {}
    if not in_our_time(wish.since, wish.until):
        raise Invalid(
            "Cette absence n’est pas encore complète.", {"since": "Écrivez une date, par exemple 24/11/2026."}
        )
    if wish.since < calendar.at(calendar.local(now).date(), time()):
        wrong["since"] = "Une absence commence aujourd’hui ou plus tard."
    if not max(wish.since, now) < wish.until <= wish.since + LONGEST:
        wrong["until"] = "Donnez une fin qui vient après le début, et à deux ans au plus."
    if wish.reason not in REASONS:
        wrong["reason"] = "Choisissez un motif."
    if wish.way not in WAYS or (wish.way == SUBSTITUTE) != bool(wish.substitute):
        wrong["substitute"] = "Choisissez qui vous remplace, ou la règle du parcours."
    if len(wish.note) > MOST_NOTE or not wish.note.isprintable():
        wrong["note"] = f"Écrivez cette note sur une ligne, en {MOST_NOTE} caractères au plus."
    if wrong:
        raise Invalid("Cette absence n’est pas encore complète.", wrong)


def _check_roster(session: Session, calendar: Calendar, tenant: str, wish: Wish, known: Sequence[Absence]) -> None:
    """What the absences of others say against it. Raises Conflict, in words."""
    names = _names(session, tenant, [wish, *known])
    for other in known:
        if other.person == wish.person:
            raise Conflict(f"Une absence est déjà déclarée {span(calendar, other.since, other.until)}.")
    if wish.substitute:
        _check_present(calendar, wish, known, names)
        return
    for other in known:
        if other.way == SUBSTITUTE and any(name == wish.person for *_, name in _pieces(other, known)):
            when = span(calendar, max(other.since, wish.since), min(other.until, wish.until))
            raise Conflict(
                f"{names[wish.person]} remplace {names[other.person]} {when} : choisissez qui prend la suite, "
                f"ou demandez à la coordination de changer le remplaçant de {names[other.person]}."
            )
    _check_coordination(session, calendar, tenant, wish, known)


def _check_present(calendar: Calendar, wish: Wish, known: Sequence[Absence], names: dict[str, str]) -> None:
    """The substitute is somebody else, active, and there all the time."""
    chosen = wish.substitute or ""
    if chosen == wish.person:
        raise Conflict("Choisissez quelqu’un d’autre : personne ne se remplace soi-même.")
    if chosen not in names:
        raise Conflict("Cette personne n’est plus en activité : choisissez un autre remplaçant.")
    for other in known:
        if other.person != chosen:
            continue
        when = span(calendar, other.since, other.until)
        if any(name == wish.person for *_, name in _pieces(other, known)):
            raise Conflict(
                f"{names[wish.person]} remplace déjà {names[chosen]} {when} : chacun attendrait l’autre. "
                "Choisissez un autre remplaçant."
            )
        raise Conflict(f"{names[chosen]} est absent ou absente {when} : choisissez un autre remplaçant.")


def _check_coordination(
    session: Session, calendar: Calendar, tenant: str, wish: Wish, known: Sequence[Absence]
) -> None:
    """Somebody must be there for what nobody else answers."""
    held = select(person_role.c.person).join(people, people.c.id == person_role.c.person)
    coordinators = set(
        session.scalars(held.where(person_role.c.tenant == tenant, person_role.c.role == COORDINATOR, people.c.active))
    )
    if wish.person not in coordinators:
        return
    alone = [(wish.since, wish.until)]
    for other in coordinators - {wish.person}:
        gone = [(one.since, one.until) for one in known if one.person == other]
        alone = [piece for since, until in alone for piece in _common(since, until, gone)]
    if alone:
        raise Conflict(
            f"Il n’y aurait plus personne à la coordination {span(calendar, *alone[0])} : choisissez un remplaçant."
        )


def _common(since: datetime, until: datetime, spans: Iterable[tuple[datetime, datetime]]) -> Iterator[Any]:
    shared = ((max(since, start), min(until, stop)) for start, stop in sorted(spans))
    return (piece for piece in shared if piece[0] < piece[1])


def _names(session: Session, tenant: str, known: Iterable[Absence | Wish]) -> dict[str, str]:
    """By id, how those are called who take part; a substitute who is not active is left out."""
    ids = {name for one in known for name in (one.person, one.substitute) if name}
    chosen = {one.substitute for one in known if isinstance(one, Wish)}
    found = persons(session, ids).items()
    return {
        id_: person.display for id_, person in found if person.tenant == tenant and (person.active or id_ not in chosen)
    }


def _settle(session: Session, tenant: str, now: datetime) -> None:
    """Work out anew who stands in for whom from now on, through chains of substitutes."""
    running = _read(session, rows.c.tenant == tenant, rows.c.until > now)
    begun = min((one.since for one in running), default=now)
    known = _read(session, rows.c.tenant == tenant, rows.c.until > begun)
    ids = {one.id for one in running}
    session.execute(delete(stand_in).where(stand_in.c.tenant == tenant, stand_in.c.until > now))
    if ids:
        session.execute(delete(stand_in).where(stand_in.c.tenant == tenant, stand_in.c.absence.in_(ids)))
    found = [
        {"tenant": tenant, "stand_in": name, "person": one.person, "since": since, "until": until, "absence": one.id}
        for one in running
        for since, until, name in _pieces(one, known)
        if name is not None
    ]
    if found:
        session.execute(insert(stand_in), found)


def _pieces(one: Absence, known: Sequence[Absence]) -> Iterator[Piece]:
    """Who is there in place of the absent, and when; None where the pathway's rule decides."""
    if one.substitute is None:
        yield one.since, one.until, None
    else:
        yield from _follow(one.substitute, one.since, one.until, known, frozenset({one.person}))


def _follow(
    name: str, since: datetime, until: datetime, known: Sequence[Absence], seen: frozenset[str]
) -> Iterator[Piece]:
    """The time in which somebody is there themselves, and who is there when they are not."""
    for other in (each for each in known if each.person == name and each.overlaps(since, until)):
        if since < other.since:
            yield since, other.since, name
        start, stop = max(since, other.since), min(until, other.until)
        if other.substitute is None or other.substitute in seen | {name}:
            yield start, stop, None
        else:
            yield from _follow(other.substitute, start, stop, known, seen | {name})
        since = stop
    if since < until:
        yield since, until, name


def _overlapping(session: Session, tenant: str, since: datetime, until: datetime) -> list[Absence]:
    return _read(
        session, rows.c.tenant == tenant, rows.c.until > since, rows.c.since < until, rows.c.until > rows.c.since
    )


def _read(session: Session, *conditions: Any) -> list[Absence]:
    """The earliest first."""
    query = select(rows).where(*conditions).order_by(rows.c.since, rows.c.id)
    found = session.execute(query).mappings()
    return [Absence(**{name: value for name, value in row.items() if name != "tenant"}) for row in found]


def _take_turns(session: Session, tenant: str) -> None:
    """One after the other, so that two absences declared at once know of each other; SQLite writes so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"absences of {tenant}"))))

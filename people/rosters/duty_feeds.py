"""Calendars that any agenda can follow behind a secret link that can be taken back, and the duty roster as one."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar as Agenda
from icalendar import Event
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.rows import made
from people.persons import Person, persons
from people.rosters import duty
from people.rosters.duty import KINDS, Shift
from people.rosters.tables import duty_feed as rows

PERSON, SECTOR, TASKS = "person", "sector", "tasks"
BEHIND, AHEAD = timedelta(days=31), timedelta(days=366)
MOST = 20


@dataclass(frozen=True)
class Feed:
    """A link to somebody’s duties, a sector’s, or what somebody has to answer; its maker alone has the secret."""

    secret_hash: str
    kind: str
    target: str
    made_by: str
    made_at: datetime


def make(session: Session, clock: Clock, tenant: str, kind: str, target: str, by: Person) -> str:
    """A new secret, shown once. Raises Forbidden, Invalid, Conflict."""
    if by.tenant != tenant or (kind in (PERSON, TASKS) and target != by.id):
        raise Forbidden("Vous pouvez publier vos propres gardes et échéances, et les gardes d’un secteur.")
    if kind not in (PERSON, SECTOR, TASKS) or (
        kind == SECTOR and target not in {one.key for one in duty.sectors(session, tenant)}
    ):
        raise Invalid("Ce calendrier n’existe pas.", {"target": "Choisissez un secteur."})
    if len(made_by(session, tenant, by)) >= MOST:
        raise Conflict(f"Vous avez déjà {MOST} liens : retirez-en un.")
    secret = secrets.token_urlsafe(32)
    feed = Feed(_hash(secret), kind, target, by.id, clock.now())
    session.execute(insert(rows).values(tenant=tenant, **vars(feed)))
    return secret


def made_by(session: Session, tenant: str, by: Person) -> list[Feed]:
    """The links that a person made and did not take back."""
    query = select(rows).where(rows.c.tenant == tenant, rows.c.made_by == by.id, rows.c.revoked_at.is_(None))
    found = session.execute(query.order_by(rows.c.made_at))
    return [made(Feed, row) for row in found]


def revoke(session: Session, clock: Clock, tenant: str, secret_hash: str, by: Person) -> None:
    """The link leads nowhere any more. Raises NotFound."""
    own = (rows.c.tenant == tenant, rows.c.secret_hash == secret_hash, rows.c.made_by == by.id)
    ended = update(rows).where(*own, rows.c.revoked_at.is_(None)).values(revoked_at=clock.now())
    if session.execute(ended.returning(rows.c.secret_hash)).first() is None:
        raise NotFound("Ce lien n’existe pas, ou plus.")


def opened(session: Session, tenant: str, secret: str) -> tuple[Feed, Person]:
    """What a secret leads to, and who made it. Raises NotFound: it is unknown, taken back, or its maker has left."""
    known = (rows.c.tenant == tenant, rows.c.secret_hash == _hash(secret), rows.c.revoked_at.is_(None))
    row = session.execute(select(rows).where(*known)).one_or_none()
    maker = persons(session, [row.made_by]).get(row.made_by) if row else None
    if row is None or maker is None or not maker.active:
        raise NotFound("Ce calendrier n’existe pas, ou plus.")
    return made(Feed, row), maker


def read(session: Session, clock: Clock, tenant: str, feed: Feed) -> bytes:
    """The duties of a person or of a sector."""
    now = clock.now()
    span = (now - BEHIND, now + AHEAD)
    if feed.kind == PERSON:
        shifts = duty.of_person(session, tenant, feed.target, *span)
    else:
        shifts = duty.between(session, tenant, *span, sector=feed.target)
    sectors = {one.key: one.name for one in duty.sectors(session, tenant)}
    names = {key: one.display for key, one in persons(session, {one.person for one in shifts}).items()}
    return write(shifts, sectors, names, now.replace(hour=0, minute=0, second=0, microsecond=0))


def write(shifts: Sequence[Shift], sectors: Mapping[str, str], names: Mapping[str, str], now: datetime) -> bytes:
    """An iCalendar file: who is on duty, when and where; nothing of any patient. `now` stamps each entry."""
    agenda = Agenda()
    agenda.add("prodid", "-//Jalon//gardes//FR")
    agenda.add("version", "2.0")
    agenda.add("x-wr-calname", "Gardes")
    for shift in shifts:
        event = Event()
        event.add("uid", f"{shift.id}@jalon")
        event.add("dtstamp", now)
        event.add("dtstart", shift.since)
        event.add("dtend", shift.until)
        sector = sectors.get(shift.sector, shift.sector)
        event.add("summary", f"Garde, {KINDS[shift.kind].lower()}, {sector} : {names.get(shift.person, '')}")
        event.add("categories", [shift.kind, shift.sector])
        if shift.place:
            event.add("location", shift.place)
        agenda.add_component(event)
    return bytes(agenda.to_ical())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

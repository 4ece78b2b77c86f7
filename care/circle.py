"""The circle of care: who takes part in a person's care, in which role, since when and on what ground."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.ids import new_id
from care.tables import circle_member as rows


@dataclass(frozen=True)
class Member:
    """Somebody in the circle. `until` is set when they leave it, never before."""

    id: str
    patient: str
    person: str
    role: str
    since: datetime
    until: datetime | None
    basis: str


def add(session: Session, clock: Clock, tenant: str, patient: str, person: str, role: str, basis: str) -> Member:
    """Bring a person into the circle; whoever is in it already in this role stays as they are."""
    for member in _read(session, patient, role, person):
        return member
    member = Member(new_id(), patient, person, role, clock.now(), None, basis)
    session.execute(
        insert(rows).values(
            tenant=tenant, id=member.id, patient=patient, person=person, role=role, since=member.since, basis=basis
        )
    )
    return member


def leave(session: Session, clock: Clock, patient: str, person: str, role: str | None = None) -> int:
    """End a person's part in the circle, in one role or in all; returns how many roles ended."""
    conditions = [rows.c.patient == patient, rows.c.person == person, rows.c.until.is_(None)]
    if role is not None:
        conditions.append(rows.c.role == role)
    ended = update(rows).where(*conditions).values(until=clock.now()).returning(rows.c.id)
    return len(session.execute(ended).all())


def members(session: Session, patient: str) -> list[Member]:
    """Who is in the circle now, the oldest member first."""
    return _read(session, patient)


def holders(session: Session, patient: str, role: str) -> list[str]:
    """The ids of the persons who hold a role in the circle now."""
    return [member.person for member in _read(session, patient, role)]


def _read(session: Session, patient: str, role: str | None = None, person: str | None = None) -> list[Member]:
    query = select(rows).where(rows.c.patient == patient, rows.c.until.is_(None)).order_by(rows.c.since, rows.c.id)
    if role is not None:
        query = query.where(rows.c.role == role)
    if person is not None:
        query = query.where(rows.c.person == person)
    found = session.execute(query)
    return [Member(row.id, row.patient, row.person, row.role, row.since, row.until, row.basis) for row in found]

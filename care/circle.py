"""The circle of care: who takes part in a person's care, in which role, since when and on what ground."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.ids import new_id
from base.prepared import Prepared, Query
from care.tables import circle_member as rows

ADD = Prepared(insert(rows))
HELD = Query(
    select(rows)
    .where(rows.c.patient == bindparam("patient"), rows.c.role == bindparam("role"))
    .where(rows.c.person == bindparam("person"), rows.c.until.is_(None))
    .order_by(rows.c.since, rows.c.id)
)


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
    for row in HELD.all(session, {"patient": patient, "role": role, "person": person}):
        return _member(row)
    member = Member(new_id(), patient, person, role, clock.now(), None, basis)
    ADD.write(session, [{"tenant": tenant, **vars(member)}])
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


def _read(session: Session, patient: str, role: str | None = None) -> list[Member]:
    query = select(rows).where(rows.c.patient == patient, rows.c.until.is_(None)).order_by(rows.c.since, rows.c.id)
    if role is not None:
        query = query.where(rows.c.role == role)
    found = session.execute(query)
    return [_member(row) for row in found]


def _member(row: Any) -> Member:
    return Member(row.id, row.patient, row.person, row.role, row.since, row.until, row.basis)

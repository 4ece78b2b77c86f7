"""Delegates: the secretary or the assistant who acts for a professional."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.ids import new_id
from people.persons import Person, person
from people.rosters.tables import delegation as rows

COORDINATOR = "coordinateur"


@dataclass(frozen=True)
class Delegation:
    """`delegate` acts for `person`, from `since`; until they are told otherwise when `until` is None."""

    id: str
    person: str
    delegate: str
    since: datetime
    until: datetime | None
    granted_by: str
    granted_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


def grant(
    session: Session,
    clock: Clock,
    tenant: str,
    person_id: str,
    delegate_id: str,
    by: Person,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Delegation:
    """Let somebody act for a person. Raises Forbidden, Invalid, Conflict when they do already."""
    _may_decide(tenant, person_id, by)
    now = clock.now()
    _check(session, tenant, person_id, delegate_id, since or now, until)
    for held in of_person(session, clock, tenant, person_id):
        if held.delegate == delegate_id:
            raise Conflict("Cette personne agit déjà pour vous.")
    made = Delegation(new_id(), person_id, delegate_id, since or now, until, by.id, now)
    session.execute(insert(rows).values(tenant=tenant, **vars(made)))
    return made


def withdraw(session: Session, clock: Clock, tenant: str, delegation_id: str, by: Person) -> Delegation:
    """End a delegation at once; the delegate may end it too. Raises NotFound, Forbidden."""
    now = clock.now()
    running = or_(rows.c.until.is_(None), rows.c.until > now)
    for found in _read(session, rows.c.tenant == tenant, rows.c.id == delegation_id, running):
        if by.id != found.delegate:
            _may_decide(tenant, found.person, by)
        ended = {"until": max(now, found.since), "ended_by": by.id, "ended_at": now}
        session.execute(update(rows).where(rows.c.tenant == tenant, rows.c.id == delegation_id).values(ended))
        return found
    raise NotFound("Cette délégation n’existe pas, ou plus.")


def of_person(session: Session, clock: Clock, tenant: str, person_id: str) -> list[Delegation]:
    """Who acts for a person, now or soon."""
    return _read(session, rows.c.tenant == tenant, rows.c.person == person_id, *_lasting(clock))


def is_delegate(session: Session, clock: Clock, tenant: str, person_id: str, delegate_id: str) -> bool:
    """Whether somebody acts for a person now."""
    both = (rows.c.tenant == tenant, rows.c.person == person_id, rows.c.delegate == delegate_id)
    return bool(_read(session, *both, rows.c.since <= clock.now(), *_lasting(clock)))


def _may_decide(tenant: str, person_id: str, by: Person) -> None:
    if by.tenant != tenant or (by.id != person_id and COORDINATOR not in by.roles):
        raise Forbidden("Seuls cette personne et la coordination choisissent qui agit pour elle.")


def _check(
    session: Session, tenant: str, person_id: str, delegate_id: str, since: datetime, until: datetime | None
) -> None:
    for one in (person(session, person_id), person(session, delegate_id)):
        if one.tenant != tenant:
            raise NotFound("Cette personne n’est pas dans l’annuaire.")
        if not one.active:
            raise Invalid("Cette personne n’est plus en activité.", {"delegate": "Choisissez quelqu’un en activité."})
    if person_id == delegate_id:
        raise Invalid("Choisissez quelqu’un d’autre.", {"delegate": "Choisissez quelqu’un d’autre que la personne."})
    if until is not None and until <= since:
        raise Invalid("La fin vient avant le début.", {"until": "Donnez une fin qui vient après le début."})


def _lasting(clock: Clock) -> tuple[Any, ...]:
    return (or_(rows.c.until.is_(None), rows.c.until > clock.now()),)


def _read(session: Session, *conditions: Any) -> list[Delegation]:
    found = session.execute(select(rows).where(*conditions).order_by(rows.c.since, rows.c.id)).mappings()
    return [Delegation(**{name: value for name, value in row.items() if name != "tenant"}) for row in found]

"""Swaps of duties: somebody proposes a shift of theirs, and it changes hands once the other accepts it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.errors import Conflict, Forbidden, NotFound
from base.ids import new_id
from people.persons import Person
from people.rosters import duty
from people.rosters.tables import duty_shift, duty_swap

PROPOSED, ACCEPTED, REFUSED, WITHDRAWN = "proposed", "accepted", "refused", "withdrawn"


@dataclass(frozen=True)
class Swap:
    """`giver` asks `taker` to take a shift; `state` says what became of it."""

    id: str
    shift: str
    giver: str
    taker: str
    state: str
    proposed_at: datetime
    answered_at: datetime | None = None


def propose(
    session: Session, clock: Clock, calendar: Calendar, tenant: str, shift_id: str, taker: str, by: Person
) -> Swap:
    """Ask somebody to take a shift of one's own. Raises NotFound, Forbidden, Conflict."""
    found = duty.shift(session, tenant, shift_id)
    if by.id != found.person:
        raise Forbidden("Cette garde n’est pas, ou plus, la vôtre.")
    if found.until <= clock.now():
        raise Conflict("Cette garde est passée.")
    if taker == by.id:
        raise Conflict("Choisissez quelqu’un d’autre que vous.")
    if _read(session, tenant, duty_swap.c.shift == shift_id, duty_swap.c.state == PROPOSED):
        raise Conflict("Cette garde est déjà proposée à quelqu’un : attendez sa réponse, ou retirez la demande.")
    duty.check(session, calendar, tenant, duty.Turn(found.sector, found.kind, found.since, found.until, taker))
    made = Swap(new_id(), shift_id, by.id, taker, PROPOSED, clock.now())
    session.execute(insert(duty_swap).values(tenant=tenant, **vars(made)))
    return made


def answer(
    session: Session, clock: Clock, calendar: Calendar, tenant: str, swap_id: str, by: Person, *, accepts: bool
) -> Swap:
    """Take the shift, or not. Raises NotFound, Forbidden, Conflict when it was withdrawn or can no longer be."""
    found = _open(session, tenant, swap_id)
    if by.id != found.taker:
        raise Forbidden("Cette demande s’adresse à quelqu’un d’autre.")
    if accepts:
        _hand_over(session, clock, calendar, tenant, found)
    return _settle(session, clock, tenant, found, ACCEPTED if accepts else REFUSED)


def withdraw(session: Session, clock: Clock, tenant: str, swap_id: str, by: Person) -> Swap:
    """Keep the shift after all. Raises NotFound, Forbidden, Conflict."""
    found = _open(session, tenant, swap_id)
    if by.id != found.giver:
        raise Forbidden("Cette demande n’est pas la vôtre.")
    return _settle(session, clock, tenant, found, WITHDRAWN)


def waiting(session: Session, tenant: str, person_id: str) -> list[Swap]:
    """What a person was asked, and what they asked, without an answer yet; a shift that was taken out asks nobody."""
    theirs = or_(duty_swap.c.taker == person_id, duty_swap.c.giver == person_id)
    there = duty_swap.c.shift.in_(select(duty_shift.c.id).where(duty_shift.c.tenant == tenant))
    return _read(session, tenant, duty_swap.c.state == PROPOSED, theirs, there)


def _hand_over(session: Session, clock: Clock, calendar: Calendar, tenant: str, found: Swap) -> None:
    shift = duty.shift(session, tenant, found.shift)
    if shift.until <= clock.now():
        raise Conflict("Cette garde est passée.")
    turn = duty.Turn(shift.sector, shift.kind, shift.since, shift.until, found.taker)
    duty.check(session, calendar, tenant, turn)
    own = (duty_shift.c.tenant == tenant, duty_shift.c.id == found.shift, duty_shift.c.person == found.giver)
    changed = {"person": found.taker, "written_by": found.taker, "written_at": clock.now()}
    if session.execute(update(duty_shift).where(*own).values(changed).returning(duty_shift.c.id)).first() is None:
        raise Conflict("Cette garde a changé de mains entre-temps.")


def _open(session: Session, tenant: str, swap_id: str) -> Swap:
    for found in _read(session, tenant, duty_swap.c.id == swap_id):
        if found.state != PROPOSED:
            raise Conflict("Cette demande a déjà reçu sa réponse.")
        return found
    raise NotFound("Cette demande n’existe pas.")


def _settle(session: Session, clock: Clock, tenant: str, found: Swap, state: str) -> Swap:
    """Raises Conflict when somebody answered in the same moment."""
    own = (duty_swap.c.tenant == tenant, duty_swap.c.id == found.id, duty_swap.c.state == PROPOSED)
    settled = update(duty_swap).where(*own).values(state=state, answered_at=clock.now()).returning(duty_swap.c.id)
    if session.execute(settled).first() is None:
        raise Conflict("Cette demande a déjà reçu sa réponse.")
    return Swap(found.id, found.shift, found.giver, found.taker, state, found.proposed_at, clock.now())


def _read(session: Session, tenant: str, *conditions: Any) -> list[Swap]:
    query = select(duty_swap).where(duty_swap.c.tenant == tenant, *conditions).order_by(duty_swap.c.proposed_at)
    found = session.execute(query).mappings()
    return [Swap(**{name: value for name, value in row.items() if name != "tenant"}) for row in found]

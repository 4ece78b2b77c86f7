"""Who stands in for whom at a moment: the substitutes of the absent, and the delegates of those who have some."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    exists,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from base.clock import Clock
from base.conditions import has_row
from base.database import Instant
from base.prepared import Query
from people.persons import Person
from people.rosters.tables import absence, delegation, stand_in
from people.tables import person, person_role

COORDINATOR = "coordinateur"
ASKER: BindParameter[str] = bindparam("asker", type_=String())
NOW: BindParameter[datetime] = bindparam("now", type_=Instant())


@dataclass(frozen=True)
class StandingIn:
    """Somebody who acts for a person: until when, and because of what (`absence` or `delegation`)."""

    person: str
    stand_in: str
    until: datetime | None
    because: str


def askers(tenant: str, asker: BindParameter[str] = ASKER) -> CompoundSelect[str]:
    """The ids of the `asker` and of all those whom they stand in for at `now`: substitute, or delegate.

    Chains of substitutes are worked out beforehand (`people.rosters.absences`): when A is replaced by B, who is
    replaced by C, then C stands in for A and for B. Delegates do not pass on: the secretary of B acts for B, not for A.
    """
    replaced = select(stand_in.c.person).where(stand_in.c.tenant == tenant, stand_in.c.stand_in == asker)
    delegated = select(delegation.c.person).where(delegation.c.tenant == tenant, delegation.c.delegate == asker)
    open_ended = or_(delegation.c.until.is_(None), delegation.c.until > NOW)
    return union_all(
        select(asker),
        replaced.where(stand_in.c.since <= NOW, stand_in.c.until > NOW).correlate(None),
        delegated.where(delegation.c.since <= NOW, open_ended).correlate(None),
    )


def away(tenant: str) -> Select[str]:
    """The ids of those who are absent at `now`; a weekly unavailability is no absence."""
    mine = (absence.c.tenant == tenant, absence.c.until > NOW, absence.c.since <= NOW)
    return select(absence.c.person).where(*mine).correlate(None)


def departed(tenant: str) -> Select[str]:
    """The ids of those who practise here no longer."""
    return select(person.c.id).where(person.c.tenant == tenant, person.c.active.is_(False)).correlate(None)


def unattended(tenant: str) -> Select[str]:
    """The ids of those who are absent at `now` without anybody active and present who replaces them.

    A delegate alone does not replace them: a secretary is no doctor.
    """
    replaced = exists().where(
        stand_in.c.tenant == tenant,
        stand_in.c.person == absence.c.person,
        stand_in.c.since <= NOW,
        stand_in.c.until > NOW,
        person.c.id == stand_in.c.stand_in,
        person.c.active,
    )
    return away(tenant).where(~replaced.correlate(absence))


REPLACED = Query(
    select(stand_in.c.person, stand_in.c.stand_in, stand_in.c.until)
    .where(stand_in.c.tenant == bindparam("tenant"), stand_in.c.since <= NOW, stand_in.c.until > NOW)
    .where(or_(stand_in.c.stand_in == bindparam("one"), stand_in.c.person == bindparam("one")))
    .order_by(stand_in.c.until, stand_in.c.person)
)
DELEGATED = Query(
    select(delegation.c.person, delegation.c.delegate.label("stand_in"), delegation.c.until)
    .where(delegation.c.tenant == bindparam("tenant"), delegation.c.since <= NOW)
    .where(or_(delegation.c.until.is_(None), delegation.c.until > NOW))
    .where(or_(delegation.c.delegate == bindparam("one"), delegation.c.person == bindparam("one")))
    .order_by(delegation.c.since, delegation.c.person)
)


def standing_in_for(session: Session, clock: Clock, tenant: str, person_id: str) -> list[StandingIn]:
    """The persons for whom this one acts now."""
    return [each for each in _around(session, clock, tenant, person_id) if each.stand_in == person_id]


def stand_ins_of(session: Session, clock: Clock, tenant: str, person_id: str) -> list[StandingIn]:
    """Those who act for this person now."""
    return [each for each in _around(session, clock, tenant, person_id) if each.person == person_id]


def acts_for(session: Session, clock: Clock, tenant: str, person_id: str, other: str) -> bool:
    """Whether a person may act in the place of another: it is they, or they stand in for them now."""
    return person_id == other or any(
        each.person == other for each in standing_in_for(session, clock, tenant, person_id)
    )


def _taken_over(tenant: ColumnElement[str], who: ColumnElement[str]) -> Select[str]:
    """A row when somebody whom `who` replaces at `now` coordinates."""
    same = and_(person_role.c.tenant == stand_in.c.tenant, person_role.c.person == stand_in.c.person)
    replacing = (stand_in.c.tenant == tenant, stand_in.c.stand_in == who)
    now = (stand_in.c.since <= NOW, stand_in.c.until > NOW)
    found = select(person_role.c.role).select_from(stand_in.join(person_role, same))
    return found.where(*replacing, *now, person_role.c.role == COORDINATOR)


TAKEN_OVER = Query(_taken_over(bindparam("tenant", type_=String()), ASKER).limit(1))


def coordinates_meanwhile(tenant: ColumnElement[str], who: ColumnElement[str]) -> ColumnElement[bool]:
    """Of a row that tells of a person: they replace somebody who coordinates; asked with `now`."""
    return has_row(_taken_over(tenant, who).correlate_except(stand_in, person_role))


def coordinating(who: Person) -> Person:
    """Who replaces the coordination coordinates meanwhile: else what nobody answers would be seen by nobody.

    No other role goes over: a substitute sees what the absent would see by standing in for them, case by case.
    """
    return replace(who, roles=who.roles | {COORDINATOR})


def with_taken_over(session: Session, clock: Clock, who: Person) -> Person:
    """A person with the coordination, when they have taken it over."""
    found = TAKEN_OVER.first(session, {"tenant": who.tenant, "asker": who.id, "now": clock.now()})
    return who if found is None else coordinating(who)


def _around(session: Session, clock: Clock, tenant: str, person_id: str) -> list[StandingIn]:
    values = {"tenant": tenant, "one": person_id, "now": clock.now()}
    kinds = {"absence": REPLACED, "delegation": DELEGATED}
    return [
        StandingIn(row.person, row.stand_in, row.until, because)
        for because, query in kinds.items()
        for row in query.all(session, values)
    ]

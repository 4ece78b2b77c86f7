"""Professionals whom Pro Santé Connect makes known: found by their number, or new and waiting to be let in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from base.errors import Conflict, Invalid
from people import persons
from people.persons import Person
from people.roles import ROLES
from people.sign_in import accounts, pro_sante_connect
from people.sign_in import events as sign_in_events
from people.sign_in.accounts import Account
from people.sign_in.pro_sante_connect import Practitioner
from people.tables import enrolment as rows
from people.tables import person as people
from people.tables import person_role
from people.tables import professional_identity as identities

WAITING = "Votre demande d’accès est chez la coordination. Vous pourrez vous connecter dès qu’elle l’aura acceptée."
CLOSED = "Votre accès est fermé. Adressez-vous à la coordination."


@dataclass(frozen=True)
class Enrolment:
    """Somebody who waits, the roles that their profession opens, and since when."""

    person: Person
    roles: list[str]
    asked_at: datetime


def known_or_new(session: Session, clock: Clock, tenant: str, who: Practitioner, *, immediate: bool) -> Account | str:
    """The account of a professional, made at need; or why they must wait, in words for them."""
    found = _person(session, tenant, who)
    if found is None:
        found = _enrol(session, clock, tenant, who, immediate=immediate)
    _link(session, clock, tenant, found, who)
    if not persons.person(session, found).active:
        return WAITING if _waits(session, tenant, found) else CLOSED
    return accounts.of_person(session, found) or _open(session, clock, tenant, found, who)


def waiting(session: Session, tenant: str) -> list[Enrolment]:
    """Those whom the coordination has still to let in, first come first."""
    query = select(rows).where(rows.c.tenant == tenant, rows.c.granted.is_(None)).order_by(rows.c.asked_at)
    asked = session.execute(query).all()
    known = persons.persons(session, [row.person for row in asked])
    return [Enrolment(known[row.person], orjson.loads(row.roles), row.asked_at) for row in asked]


def ask(session: Session, clock: Clock, tenant: str, person: str, roles: Iterable[str]) -> None:
    """Somebody who is known but not let in asks for access; said once, the coordination decides."""
    asked = {"tenant": tenant, "person": person, "roles": orjson.dumps(sorted(roles)).decode(), "asked_at": clock.now()}
    session.execute(insert_into(session, rows).values(**asked).on_conflict_do_nothing())
    sign_in_events.note(session, clock, tenant, person, "enrolment_asked")


def grant(session: Session, clock: Clock, tenant: str, person: str, roles: Iterable[str], by: str) -> None:
    """Let somebody in, with these roles. Raises Invalid, Conflict."""
    held = sorted(set(roles))
    if not held or set(held) - ROLES.keys():
        raise Invalid("Choisissez au moins un rôle.", {"roles": "Choisissez au moins un rôle."})
    _decide(session, clock, tenant, person, by, granted=True)
    session.execute(update(people).where(people.c.tenant == tenant, people.c.id == person).values(active=True))
    _give(session, tenant, person, held)
    sign_in_events.note(session, clock, tenant, person, "enrolment_granted")


def refuse(session: Session, clock: Clock, tenant: str, person: str, by: str) -> None:
    """Do not let somebody in. Raises Conflict."""
    _decide(session, clock, tenant, person, by, granted=False)
    sign_in_events.note(session, clock, tenant, person, "enrolment_refused")


def _person(session: Session, tenant: str, who: Practitioner) -> str | None:
    """Whom this identifier names here: by an earlier sign-in, else by the RPPS number."""
    linked = select(identities.c.person).where(identities.c.tenant == tenant, identities.c.identifier == who.identifier)
    found = session.execute(linked).scalar_one_or_none()
    if found or not who.rpps:
        return found
    same = select(people.c.id).where(people.c.tenant == tenant, people.c.rpps == who.rpps)
    return session.execute(same).scalar_one_or_none()


def _enrol(session: Session, clock: Clock, tenant: str, who: Practitioner, *, immediate: bool) -> str:
    """A new person as the claims say; without `immediate` nobody that anything opens to."""
    opened = pro_sante_connect.roles(who)
    at_once = immediate and bool(opened)
    made = persons.add(
        session,
        tenant,
        family_name=who.family_name,
        given_name=who.given_name,
        title=who.title,
        profession_code=who.profession_code,
        rpps=who.rpps,
        roles=opened if at_once else (),
    )
    now = clock.now()
    asked = {"tenant": tenant, "person": made.id, "roles": orjson.dumps(opened).decode(), "asked_at": now}
    session.execute(
        insert(rows).values(**asked, granted=True if at_once else None, decided_at=now if at_once else None)
    )
    if not at_once:
        session.execute(update(people).where(people.c.tenant == tenant, people.c.id == made.id).values(active=False))
        sign_in_events.note(session, clock, tenant, made.id, "enrolment_asked")
    return made.id


def _open(session: Session, clock: Clock, tenant: str, person: str, who: Practitioner) -> Account:
    """An account that Pro Santé Connect alone opens."""
    made = accounts.open_without_password(session, clock, tenant, person, f"psc:{who.identifier}")
    sign_in_events.note(session, clock, tenant, person, "account_opened", detail="Pro Santé Connect")
    return accounts.account(session, made)


def _link(session: Session, clock: Clock, tenant: str, person: str, who: Practitioner) -> None:
    """From now on this identifier names this person; said once."""
    values = {"tenant": tenant, "identifier": who.identifier, "person": person, "linked_at": clock.now()}
    linked = insert_into(session, identities).values(values)
    once = linked.on_conflict_do_nothing(index_elements=["tenant", "identifier"]).returning(identities.c.person)
    if session.execute(once).first() is not None:
        sign_in_events.note(session, clock, tenant, person, "psc_linked")


def _waits(session: Session, tenant: str, person: str) -> bool:
    query = select(rows.c.person).where(rows.c.tenant == tenant, rows.c.person == person, rows.c.granted.is_(None))
    return session.execute(query).first() is not None


def _decide(session: Session, clock: Clock, tenant: str, person: str, by: str, *, granted: bool) -> None:
    asked = update(rows).where(rows.c.tenant == tenant, rows.c.person == person, rows.c.granted.is_(None))
    decided = asked.values(granted=granted, decided_by=by, decided_at=clock.now()).returning(rows.c.person)
    if session.execute(decided).first() is None:
        raise Conflict("Quelqu’un a déjà répondu à cette demande.", code="enrolment-decided")


def _give(session: Session, tenant: str, person: str, roles: list[str]) -> None:
    session.execute(delete(person_role).where(person_role.c.tenant == tenant, person_role.c.person == person))
    session.execute(insert(person_role), [{"tenant": tenant, "person": person, "role": role} for role in roles])

"""The circle of care: who takes part in a person's care, in which role, since when, by what right, asked in by whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Invalid, NotFound
from base.ids import new_id
from base.prepared import Prepared, Query
from base.rows import made
from care.sharing.tables import circle_structure as structures
from care.tables import circle_member as rows
from care.tables import of_patient
from people.roles import ROLES
from people.tables import person as people
from people.tables import person_role

GROUNDS = {
    "meme_structure": "Même structure de soins",
    "reconnu_patient": "Reconnu par le patient",
    "organisation_formelle": "Organisation formelle (charte, protocole)",
    "consentement": "Consentement recueilli",
    "urgence": "Urgence",
}
"""By what right somebody is of the team (CSP L1110-12)."""
BY_LINK = "lien"
"""Who answered once without an account: of the team, but nothing may wait for them."""
WIPED = "Effacé"
"""What erasures once wrote in the place of a basis; those of today leave nothing, and nothing is said of either."""
ADD = Prepared(insert(rows))
HELD = Query(
    select(rows)
    .where(of_patient(rows, bindparam("patient")), rows.c.role == bindparam("role"))
    .where(rows.c.person == bindparam("person"), rows.c.until.is_(None))
    .order_by(rows.c.since, rows.c.id)
)
MEMBERS = Query(
    select(rows).where(of_patient(rows, bindparam("patient")), rows.c.until.is_(None)).order_by(rows.c.since, rows.c.id)
)


@dataclass(frozen=True)
class Member:
    """Somebody in the circle. `until` is set when they leave it, never before; they may come back as another row."""

    id: str
    patient: str
    person: str
    role: str
    since: datetime
    until: datetime | None
    basis: str
    ground: str | None = None
    invited_by: str | None = None
    ended_by: str | None = None


@dataclass(frozen=True)
class Structure:
    """An organisation in the circle; `number` is its FINESS or SIRET."""

    id: str
    patient: str
    name: str
    number: str | None
    role: str
    since: datetime
    until: datetime | None
    ground: str
    invited_by: str
    ended_by: str | None = None


def add(
    session: Session,
    clock: Clock,
    tenant: str,
    patient: str,
    person: str,
    role: str,
    basis: str,
    *,
    ground: str | None = None,
    invited_by: str | None = None,
) -> Member:
    """Bring a person into the circle; whoever is in it already in this role stays as they are."""
    for row in HELD.all(session, {"patient": patient, "role": role, "person": person}):
        return made(Member, row)
    member = Member(new_id(), patient, person, role, clock.now(), None, basis, ground, invited_by)
    ADD.write(session, [{"tenant": tenant, **vars(member)}])
    return member


def invite(
    session: Session, clock: Clock, tenant: str, patient: str, person: str, role: str, ground: str, *, by: str
) -> Member:
    """Somebody of the circle brings a person in, by one of GROUNDS. Raises Invalid."""
    _check(role, ground)
    return add(session, clock, tenant, patient, person, role, GROUNDS[ground], ground=ground, invited_by=by)


def add_structure(
    session: Session,
    clock: Clock,
    tenant: str,
    patient: str,
    name: str,
    role: str,
    ground: str,
    *,
    by: str,
    number: str | None = None,
) -> Structure:
    """Bring an organisation into the circle; nobody sees more for it. Raises Invalid."""
    _check(role, ground)
    if not name.strip():
        raise Invalid("Des réponses sont à revoir.", {"structure": "Écrivez le nom de la structure."})
    added = Structure(new_id(), patient, name.strip()[:240], number or None, role, clock.now(), None, ground, by)
    session.execute(insert(structures).values(tenant=tenant, **vars(added)))
    return added


def leave(
    session: Session, clock: Clock, patient: str, person: str, role: str | None = None, *, by: str | None = None
) -> int:
    """End a person's part in the circle, in one role or in all; returns how many roles ended."""
    conditions = [of_patient(rows, patient), rows.c.person == person, rows.c.until.is_(None)]
    if role is not None:
        conditions.append(rows.c.role == role)
    ended = update(rows).where(*conditions).values(until=clock.now(), ended_by=by).returning(rows.c.id)
    return len(session.execute(ended).all())


def end(session: Session, clock: Clock, patient: str, membership: str, *, by: str) -> None:
    """End one membership, of a person or of a structure. Raises NotFound."""
    for table in (rows, structures):
        one = (of_patient(table, patient), table.c.id == membership, table.c.until.is_(None))
        ended = update(table).where(*one).values(until=clock.now(), ended_by=by).returning(table.c.id)
        if session.execute(ended).all():
            return
    raise NotFound("Cette personne n’est plus dans le cercle de soins.", code="member-unknown")


def members(session: Session, patient: str) -> list[Member]:
    """Who is in the circle now, the oldest member first."""
    return [made(Member, row) for row in MEMBERS.all(session, {"patient": patient})]


def holders(session: Session, patient: str, role: str) -> list[str]:
    """The ids of the persons who hold a role in the circle now and can be counted on: still there, still in it."""
    there = select(people.c.id).join(person_role, person_role.c.person == people.c.id)
    in_it = there.where(person_role.c.tenant == rows.c.tenant, person_role.c.role == role, people.c.active)
    holding = _read(
        session, of_patient(rows, patient), rows.c.role == role, rows.c.until.is_(None), rows.c.person.in_(in_it)
    )
    return [member.person for member in holding if member.ground != BY_LINK]


def holds(session: Session, patient: str, person: str) -> bool:
    """Whether a person is in the circle now, in whatever role."""
    return bool(_read(session, of_patient(rows, patient), rows.c.person == person, rows.c.until.is_(None)))


def former(session: Session, patient: str) -> list[Member]:
    """Who has left the circle, the latest first: once for each time."""
    left = _read(session, of_patient(rows, patient), rows.c.until.is_not(None))
    return sorted(left, key=lambda member: member.until or member.since, reverse=True)


def structures_of(session: Session, patient: str) -> list[Structure]:
    """The organisations in the circle now, the oldest first."""
    query = select(structures).where(of_patient(structures, patient), structures.c.until.is_(None))
    found = session.execute(query.order_by(structures.c.since, structures.c.id))
    return [made(Structure, row) for row in found]


def _check(role: str, ground: str) -> None:
    problems = {}
    if role not in ROLES:
        problems["role"] = "Choisissez un rôle de la liste."
    if ground not in GROUNDS:
        problems["titre"] = "Dites à quel titre."
    if problems:
        raise Invalid("Des réponses sont à revoir.", problems)


def _read(session: Session, *conditions: ColumnElement[bool]) -> list[Member]:
    found = session.execute(select(rows).where(*conditions).order_by(rows.c.since, rows.c.id))
    return [made(Member, row) for row in found]

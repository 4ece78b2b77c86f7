"""The professionals: who they are, how they are called and the roles that they hold."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from base.errors import Invalid, NotFound
from base.ids import new_id
from base.prepared import Query, filled
from people.professions import PROFESSIONS
from people.roles import ROLES
from people.tables import person as rows
from people.tables import person_role

MAIL_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
PLAIN = re.compile(r"[a-z0-9-]+", re.ASCII)
LONGEST_MAIL = 254
WRONG_MAIL = "Écrivez une adresse, par exemple prenom.nom@exemple.fr."


@dataclass(frozen=True)
class Person:
    """A professional, or somebody who works for the territory."""

    tenant: str
    id: str
    family_name: str
    given_name: str
    title: str
    profession_code: str
    profession: str
    rpps: str | None
    phone: str
    email: str
    active: bool
    roles: frozenset[str]

    @property
    def name(self) -> str:
        """« Anne DEMO-VIGNAL »"""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def display(self) -> str:
        """« Dr Anne DEMO-VIGNAL »"""
        return f"{self.title} {self.name}".strip()

    @property
    def initials(self) -> str:
        """« AV »: the family name's last part, because the first one is often DEMO here."""
        parts = (self.given_name, self.family_name.replace("-", " ").rpartition(" ")[2])
        return "".join(part[:1] for part in parts).upper()


def add(
    session: Session,
    tenant: str,
    *,
    family_name: str,
    given_name: str,
    title: str = "",
    profession_code: str = "",
    profession_name: str = "",
    rpps: str | None = None,
    phone: str = "",
    email: str = "",
    roles: Iterable[str] = (),
) -> Person:
    """Add a professional; the profession's name comes from its code unless it is given. Raises Invalid."""
    held = frozenset(roles)
    if unknown := sorted(held - ROLES.keys()):
        raise Invalid("Rôle inconnu.", {"roles": f"Rôle inconnu : {', '.join(unknown)}."})
    person_id = new_id()
    values = {
        "tenant": tenant,
        "id": person_id,
        "family_name": family_name,
        "given_name": given_name,
        "title": title,
        "profession_code": profession_code,
        "profession_name": profession_name or PROFESSIONS.get(profession_code, ""),
        "rpps": rpps or None,
        "phone": phone,
        "email": email,
        "active": True,
    }
    session.execute(insert(rows).values(values))
    if held:
        roles_held = [{"tenant": tenant, "person": person_id, "role": role} for role in sorted(held)]
        session.execute(insert(person_role), roles_held)
    return person(session, person_id)


def write_to(session: Session, tenant: str, person_id: str, email: str) -> None:
    """Another address for messages; the login of an account stays. Raises Invalid, NotFound."""
    mail = email.strip()
    if not MAIL_ADDRESS.fullmatch(mail) or len(mail) > LONGEST_MAIL:
        raise Invalid(WRONG_MAIL, {"email": WRONG_MAIL})
    mine = (rows.c.tenant == tenant, rows.c.id == person_id)
    if session.execute(update(rows).where(*mine).values(email=mail).returning(rows.c.id)).first() is None:
        raise NotFound("Cette personne n’est pas dans l’annuaire.")


other_role = person_role.alias("other_role")
WITH_ROLES = (
    select(rows, person_role.c.role)
    .outerjoin(person_role, (person_role.c.tenant == rows.c.tenant) & (person_role.c.person == rows.c.id))
    .order_by(rows.c.family_name, rows.c.given_name, rows.c.id)
)
ONE = Query(WITH_ROLES.where(rows.c.id == bindparam("id")))
AT_ONCE = 10
THESE = Query(WITH_ROLES.where(rows.c.id.in_([bindparam(f"id_{place}") for place in range(AT_ONCE)])))
HOLDING = Query(
    WITH_ROLES.where(
        rows.c.tenant == bindparam("tenant"),
        rows.c.active,
        rows.c.id.in_(
            select(other_role.c.person).where(
                other_role.c.tenant == bindparam("tenant"), other_role.c.role == bindparam("role")
            )
        ),
    )
)
BY_RPPS = Query(WITH_ROLES.where(rows.c.tenant == bindparam("tenant"), rows.c.rpps == bindparam("rpps"), rows.c.active))


def person(session: Session, person_id: str) -> Person:
    """Raises NotFound."""
    for found in gather(ONE.all(session, {"id": person_id})):
        return found
    raise NotFound("Cette personne n’est pas dans l’annuaire.")


def persons(session: Session, ids: Collection[str]) -> dict[str, Person]:
    """Those of these ids that exist, by id."""
    some = filled("id", list(ids), AT_ONCE)
    return {found.id: found for values in some for found in gather(THESE.all(session, values))}


def by_rpps(session: Session, tenant: str, rpps: str) -> Person | None:
    """The active professional of this RPPS number."""
    return next(iter(gather(BY_RPPS.all(session, {"tenant": tenant, "rpps": rpps}))), None)


def holding(session: Session, tenant: str, role: str) -> list[Person]:
    """The active persons who hold a role, by name."""
    return gather(HOLDING.all(session, {"tenant": tenant, "role": role}))


def called(session: Session, tenant: str, typed: str) -> list[Person]:
    """The active persons in whose name, number or id every plain part of what was typed stands, by name.

    Letters with accents are left to the caller: not every database knows their capitals.
    """
    name = func.lower(rows.c.title + " " + rows.c.given_name + " " + rows.c.family_name)
    parts = [name.contains(part, autoescape=True) for part in PLAIN.findall(typed.casefold())]
    either = or_(and_(true(), *parts), rows.c.rpps == typed, rows.c.id == typed)
    return _read(session, rows.c.tenant == tenant, rows.c.active, either)


def colleagues(session: Session, tenant: str, person: Person, most: int) -> list[Person]:
    """Active persons, by name: those who hold one of this person's roles, then others; as many as a list bears."""
    same = select(person_role.c.person).where(person_role.c.tenant == tenant, person_role.c.role.in_(person.roles))
    others = (rows.c.tenant == tenant, rows.c.active, rows.c.id != person.id)
    first = select(rows.c.id).where(*others).order_by(rows.c.id.not_in(same), rows.c.family_name, rows.c.given_name)
    ids = list(session.scalars(first.limit(most)))
    found = persons(session, ids)
    return [found[one] for one in ids]


def everybody(session: Session, tenant: str) -> list[Person]:
    """All the persons of a territory, by name."""
    return _read(session, rows.c.tenant == tenant)


def _read(session: Session, *conditions: ColumnElement[bool]) -> list[Person]:
    return gather(session.execute(WITH_ROLES.where(*conditions)).all())


def gather(held: Sequence[Any]) -> list[Person]:
    """One person from the rows of their roles."""
    roles: dict[str, set[str]] = {}
    for row in held:
        roles.setdefault(row.id, set()).update([row.role] if row.role else [])
    first = {row.id: row for row in reversed(held)}
    return [
        Person(
            tenant=row.tenant,
            id=row.id,
            family_name=row.family_name,
            given_name=row.given_name,
            title=row.title,
            profession_code=row.profession_code,
            profession=row.profession_name,
            rpps=row.rpps,
            phone=row.phone,
            email=row.email,
            active=row.active,
            roles=frozenset(roles[row.id]),
        )
        for row in (first[person_id] for person_id in roles)
    ]

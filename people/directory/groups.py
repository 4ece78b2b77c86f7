"""Groups, colleges and teams of a territory, and the one referent of each profession."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from base.errors import Conflict, Invalid, NotFound
from base.ids import new_id
from people.directory.tables import group as rows
from people.directory.tables import group_member, referent
from people.persons import Person, person, persons
from people.professions import PROFESSIONS

KINDS = {"groupe": "Groupe de travail", "college": "Collège", "equipe": "Équipe", "bureau": "Instance"}
LONGEST = 120


@dataclass(frozen=True)
class Group:
    """A group with how many belong to it."""

    id: str
    name: str
    kind: str
    purpose: str
    members: int


def add(session: Session, tenant: str, *, name: str, kind: str, purpose: str = "") -> str:
    """Found a group; returns its id. Raises Invalid, Conflict when one has this name."""
    name = " ".join(name.split())
    faults = {} if name and len(name) <= LONGEST else {"name": f"Un nom de 1 à {LONGEST} caractères."}
    faults |= {} if kind in KINDS else {"kind": "Choisissez une nature de la liste."}
    if faults:
        raise Invalid("Une réponse à revoir.", faults)
    if session.execute(select(rows.c.id).where(rows.c.tenant == tenant, rows.c.name == name)).first():
        raise Conflict(f"« {name} » existe déjà.")
    made = {"tenant": tenant, "id": new_id(), "name": name, "kind": kind, "purpose": purpose.strip()}
    session.execute(insert(rows).values(made))
    return made["id"]


def groups(session: Session, tenant: str) -> list[Group]:
    """All the groups, by kind and name."""
    count = select(func.count()).where(group_member.c.tenant == tenant, group_member.c.group == rows.c.id)
    query = select(rows, count.scalar_subquery().label("members")).where(rows.c.tenant == tenant)
    return [_group(row) for row in session.execute(query.order_by(rows.c.kind, rows.c.name))]


def group(session: Session, tenant: str, group_id: str) -> Group:
    """Raises NotFound."""
    for found in groups(session, tenant):
        if found.id == group_id:
            return found
    raise NotFound("Ce groupe n’existe pas.")


def members(session: Session, tenant: str, group_id: str) -> list[Person]:
    """Who belongs to a group, by name."""
    query = select(group_member.c.person).where(group_member.c.tenant == tenant, group_member.c.group == group_id)
    found = persons(session, list(session.scalars(query)))
    return sorted(found.values(), key=lambda one: (one.family_name, one.given_name, one.id))


def join(session: Session, clock: Clock, tenant: str, group_id: str, person_id: str) -> None:
    """A person comes into a group; whoever is in it stays. Raises NotFound."""
    group(session, tenant, group_id), person(session, person_id)
    values = {"tenant": tenant, "group": group_id, "person": person_id, "since": clock.now()}
    session.execute(insert_into(session, group_member).values(values).on_conflict_do_nothing())


def leave(session: Session, tenant: str, group_id: str, person_id: str) -> None:
    """A person leaves a group."""
    mine = (group_member.c.tenant == tenant, group_member.c.group == group_id, group_member.c.person == person_id)
    session.execute(delete(group_member).where(*mine))


def groups_of(session: Session, tenant: str, person_id: str) -> list[str]:
    """The names of the groups a person belongs to."""
    joined = rows.join(group_member, (group_member.c.tenant == rows.c.tenant) & (group_member.c.group == rows.c.id))
    mine = (rows.c.tenant == tenant, group_member.c.person == person_id)
    return list(session.scalars(select(rows.c.name).select_from(joined).where(*mine).order_by(rows.c.name)))


def name_referent(session: Session, clock: Clock, tenant: str, profession_code: str, person_id: str) -> None:
    """Make a person the referent of their profession; the one before is no longer. Raises Invalid, NotFound."""
    if profession_code not in PROFESSIONS:
        raise Invalid("Cette profession n’est pas dans la liste.", {"profession": "Choisissez une profession."})
    if person(session, person_id).profession_code != profession_code:
        named = PROFESSIONS[profession_code].lower()
        raise Invalid("Une réponse à revoir.", {"person": f"Le référent doit exercer cette profession : {named}."})
    values = {"person": person_id, "since": clock.now()}
    written = insert_into(session, referent).values(tenant=tenant, profession_code=profession_code, **values)
    session.execute(written.on_conflict_do_update(index_elements=["tenant", "profession_code"], set_=values))


def referents(session: Session, tenant: str) -> dict[str, Person]:
    """The referent of each profession that has one, by its code."""
    query = select(referent.c.profession_code, referent.c.person).where(referent.c.tenant == tenant)
    named = {row.profession_code: row.person for row in session.execute(query.order_by(referent.c.profession_code))}
    known = persons(session, set(named.values()))
    return {code: known[one] for code, one in named.items() if one in known}


def _group(row: Any) -> Group:
    return Group(row.id, row.name, row.kind, row.purpose, row.members)

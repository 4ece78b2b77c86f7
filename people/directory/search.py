"""Finding people in the directory: by name, profession, commune, skill and what they accept."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import Session

from people.directory import words
from people.directory.profiles import Commune
from people.directory.tables import practice, profile, skill, visited_commune
from people.persons import WITH_ROLES, Person, gather
from people.tables import person as rows

PAGE = 50
PLACE = (rows.c.family_name, rows.c.given_name, rows.c.id)


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty does not matter. `after` is the person after whom the page goes on."""

    text: str = ""
    profession: str = ""
    commune: str = ""
    skill: str = ""
    new_patients: bool = False
    unscheduled: bool = False
    home_visits: bool = False
    members: bool = False
    after: str = ""


def find(session: Session, tenant: str, wanted: Wanted, limit: int = PAGE) -> tuple[list[Person], bool]:
    """The active persons of one page, by name, and whether more follow."""
    conditions = [rows.c.tenant == tenant, rows.c.active, *_conditions(tenant, wanted)]
    if wanted.after:
        last = session.execute(select(*PLACE).where(rows.c.tenant == tenant, rows.c.id == wanted.after)).first()
        conditions += [tuple_(*PLACE) > tuple_(*last)] if last else []
    ids = session.scalars(select(rows.c.id).where(*conditions).order_by(*PLACE).limit(limit + 1)).all()
    found = gather(session.execute(WITH_ROLES.where(rows.c.id.in_(ids[:limit]))).all())
    return found, len(ids) > limit


def communes(session: Session, tenant: str) -> list[Commune]:
    """The communes where somebody practises or visits, by name."""
    places = select(practice.c.commune_code, practice.c.commune).where(practice.c.tenant == tenant)
    visits = select(visited_commune.c.commune_code, visited_commune.c.commune).where(visited_commune.c.tenant == tenant)
    found = {row.commune_code: row.commune for row in session.execute(places.union(visits)) if row.commune_code}
    return [Commune(code, name) for code, name in sorted(found.items(), key=lambda one: words.words(one[1]))]


def skills(session: Session, tenant: str) -> list[str]:
    """The skills that somebody declares, by name."""
    query = select(skill.c.name).where(skill.c.tenant == tenant).distinct()
    return sorted(session.scalars(query), key=words.words)


def _conditions(tenant: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [rows.c.id.in_(matching) for matching in words.matching(tenant, wanted.text)]
    if wanted.profession:
        found.append(rows.c.profession_code == wanted.profession)
    if wanted.commune:
        found.append(
            or_(rows.c.id.in_(_in(practice, tenant, wanted)), rows.c.id.in_(_in(visited_commune, tenant, wanted)))
        )
    if wanted.skill:
        found.append(
            rows.c.id.in_(select(skill.c.person).where(skill.c.tenant == tenant, skill.c.name == wanted.skill))
        )
    offers = [
        *([profile.c.new_patients > 0] if wanted.new_patients else []),
        *([profile.c.unscheduled] if wanted.unscheduled else []),
        *([profile.c.home_visits] if wanted.home_visits else []),
        *([profile.c.member] if wanted.members else []),
    ]
    if offers:
        found.append(rows.c.id.in_(select(profile.c.person).where(profile.c.tenant == tenant, *offers)))
    return found


def _in(table: Any, tenant: str, wanted: Wanted) -> Select[tuple[str]]:
    return select(table.c.person).where(table.c.tenant == tenant, table.c.commune_code == wanted.commune)

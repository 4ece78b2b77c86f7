"""How a person stands to a case: in its circle or for somebody who is, by consent, in an emergency; or refused."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, String, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from base.prepared import Query
from care.case.cases import Case
from care.sharing.break_glass import is_open, may_break
from care.sharing.consents import CARE, CATEGORY, PERSON, covers_case, in_force, towards
from care.sharing.tables import break_glass
from care.sharing.visibility import recipient_category
from care.tables import case as cases
from care.tables import circle_member, consent, opposition
from people.persons import Person
from people.rosters.standing_in import ASKER, askers

CIRCLE, STANDING_IN, CONSENTED, EMERGENCY = "cercle", "remplacement", "consentement", "urgence"
TENANTS = 8


@dataclass(frozen=True)
class Standing:
    """`roles`: taken in the circle and acted in; `told`: the patient agreed that they, or their kind, read all."""

    roles: frozenset[str]
    stands_in: bool
    agreed: bool
    told: bool
    broken: bool
    over_opposition: bool
    opposed: bool

    @property
    def ground(self) -> str:
        """By what right the person sees the case, apart from its tasks; empty when by none."""
        if self.roles:
            return CIRCLE
        rights = {STANDING_IN: self.stands_in, CONSENTED: self.agreed, EMERGENCY: self.broken}
        return next((ground for ground, holds in rights.items() if holds), "")


def standing_of(session: Session, person: Person, looked_at: Case, now: datetime) -> Standing:
    """How a person stands to a case at this moment, in the roles in which they act.

    A part in the circle counts only while its role is acted in, an emergency while a role of care is; standing in for
    somebody is no role and always counts.
    """
    parts, rights = _queries(person.tenant)
    values = {
        "case": looked_at.id, "patient": looked_at.patient, "asker": person.id, "now": now,
        "category": recipient_category(person.roles),
    }  # fmt: skip
    held = parts.all(session, values)
    found = rights.first(session, values)
    return Standing(
        roles=frozenset(row.role for row in held if row.person == person.id) & person.roles,
        stands_in=any(row.person != person.id for row in held),
        agreed=bool(found.agreed),
        told=bool(found.told),
        broken=bool(found.broken) and may_break(person),
        over_opposition=bool(found.over_opposition) and may_break(person),
        opposed=bool(found.opposed),
    )


@lru_cache(maxsize=TENANTS)
def _queries(tenant: str) -> tuple[Query, Query]:
    """Who of the askers is in the circle; and what else opens or closes the case."""
    parts = select(circle_member.c.person, circle_member.c.role).where(
        circle_member.c.tenant == tenant,
        circle_member.c.patient == bindparam("patient"),
        circle_member.c.person.in_(askers(tenant)),
        circle_member.c.until.is_(None),
    )
    rights = (each.label(name) for name, each in _rights(tenant).items())
    return Query(parts), Query(select(*rights))


def _rights(tenant: str) -> dict[str, ColumnElement[bool]]:
    category = bindparam("category", type_=String())
    this = (cases.c.tenant == tenant, cases.c.id == bindparam("case"))
    agreed = (*this, covers_case(consent), in_force(consent), consent.c.purpose == CARE)
    named = and_(consent.c.audience == PERSON, consent.c.recipient == ASKER)
    kind = and_(consent.c.audience == CATEGORY, consent.c.recipient == category)
    mine = (break_glass.c.tenant == tenant, break_glass.c.person == ASKER, is_open(break_glass))
    opened = (*mine, break_glass.c["case"] == bindparam("case"))
    refused = (*this, covers_case(opposition), in_force(opposition), opposition.c.purpose == CARE)
    return {
        "agreed": exists().where(*agreed, named),
        "told": exists().where(*agreed, or_(named, kind)),
        "broken": exists().where(*opened),
        "over_opposition": exists().where(*opened, break_glass.c.over_opposition),
        "opposed": exists().where(*refused, towards(opposition, askers(tenant), category)),
    }

"""Who said of a task « je ne peux pas » or « pas concerné »: it is not offered to them any more."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from base.database import insert_into
from care.guard import COORDINATOR, asker
from care.sharing import circle
from engine.tables import task, task_candidate
from inbox.desk import Desk
from inbox.task.tables import task_refusal as rows
from people import persons
from people.persons import Person
from people.rosters.standing_in import unattended

CANNOT, NOT_CONCERNED = "cannot", "not_concerned"
CODES = {CANNOT: "ne_peut_pas", NOT_CONCERNED: "pas_concerne"}
"""The error or escalation by whose code a pathway may declare what then happens."""
WORDS = {CANNOT: "Je ne peux pas", NOT_CONCERNED: "Pas concerné"}
REASONS = {
    "complet": "Complet, plus de place",
    "conges": "Congés ou absence",
    "zone": "Hors de ma zone",
    "competence": "Hors de ma compétence",
    "autre": "Autre raison",
}


@dataclass(frozen=True)
class Refusal:
    """Why a task is not for somebody."""

    task: str
    kind: str
    reason: str


def refused_by(person: Person) -> ColumnElement[bool]:
    """The condition, on a row of tasks, that this person has refused it."""
    return exists().where(rows.c.tenant == task.c.tenant, rows.c.task == task.c.id, rows.c.person == asker(person))


def has_refused(session: Session, tenant: str, task_id: str, person: str) -> bool:
    mine = (rows.c.tenant == tenant, rows.c.task == task_id, rows.c.person == person)
    return session.execute(select(rows.c.at).where(*mine)).first() is not None


def add(desk: Desk, refusal: Refusal) -> None:
    """Note it; the last reason counts."""
    values = {"kind": refusal.kind, "reason": refusal.reason, "at": desk.now}
    own = {"tenant": desk.tenant, "task": refusal.task, "person": desk.person.id}
    put = insert_into(desk.session, rows).values(**own, **values)
    desk.session.execute(put.on_conflict_do_update(index_elements=["tenant", "task", "person"], set_=values))


def lift(session: Session, tenant: str, task_id: str, person: str) -> None:
    """Somebody to whom the task is given by name may do it after all."""
    session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.task == task_id, rows.c.person == person))


def others(desk: Desk, task_id: str, patient: str) -> set[str]:
    """To whom the task may still come: who holds its roles in the circle, else at all; neither refusing nor away."""
    session, tenant = desk.session, desk.tenant
    wanted = select(task_candidate.c.kind, task_candidate.c.value).where(
        task_candidate.c.tenant == tenant, task_candidate.c.task == task_id
    )
    found: set[str] = set()
    for kind, value in session.execute(wanted).all():
        found |= {value} if kind == "person" else _holders(session, tenant, value, patient)
    refused = session.scalars(select(rows.c.person).where(rows.c.tenant == tenant, rows.c.task == task_id))
    absent = session.scalars(unattended(tenant), {"now": desk.now})
    return found - set(refused) - set(absent)


def coordinators(desk: Desk) -> list[Person]:
    """Who is called when nobody else can help."""
    return persons.holding(desk.session, desk.tenant, COORDINATOR)


def _holders(session: Session, tenant: str, role: str, patient: str) -> set[str]:
    active = {person.id for person in persons.holding(session, tenant, role)} if role else set()
    in_circle = set(circle.holders(session, patient, role))
    known = {key for key, one in persons.persons(session, in_circle).items() if one.active}
    return known or active

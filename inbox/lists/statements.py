"""The conditions on a row of tasks or cases, and the statements over one of them: compiled once for equal roles."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)

from base.conditions import has_row
from base.database import Instant
from base.prepared import Query
from care.guard import asker, visible_cases, visible_tasks
from care.tables import case, circle_member
from engine.tables import NEVER, task, task_candidate
from inbox.task.delegations import DELEGATED, delegated_by, with_delegation
from inbox.task.presence import until
from inbox.task.refusals import refused_by
from pathways.standing_in import SUBSTITUTE
from pathways.tables import moved_task
from people.persons import Person
from people.rosters.standing_in import askers

Question = Select[*tuple[Any, ...]]
KEPT = 128
NOBODY = Person("", "", "", "", "", "", "", None, "", "", False, frozenset())
ORDER = (task.c.due_at.is_(None), task.c.due_at, task.c.priority.desc(), task.c.id)
TASKS: FromClause = task.join(case, and_(case.c.tenant == task.c.tenant, case.c.id == task.c.run))
NOW, MIDNIGHT = bindparam("now", type_=Instant()), bindparam("midnight", type_=Instant())
PLACE = tuple_(func.coalesce(task.c.due_at, literal(NEVER, Instant())), -task.c.priority, task.c.id)
"""Where a task stands in a list: ORDER, as one value that rows can be asked after."""
IS_OPEN = task.c.state == literal_column("'open'")
LATE = func.coalesce(task.c.due_at < NOW, False)


@dataclass(frozen=True)
class Statements:
    """What is asked of one task or one case. Values: those of the desk, and the `id`."""

    task: Query
    expected: Query


def statements(person: Person) -> Statements:
    """Keyed by all that the guard looks at: whoever gains or loses a role gets other statements."""
    return _statements(unnamed(person))


def unnamed(person: Person) -> Person:
    """What statements know of who asks: the roles. Their id is a value, `asker`."""
    return replace(NOBODY, tenant=person.tenant, roles=person.roles)


@lru_cache(maxsize=KEPT)
def _statements(person: Person) -> Statements:
    """A statement that is not told who asks is asked by nobody, who holds nothing and is in no circle."""
    seen = sight(person)
    return Statements(_task(person, sight(person, delegated_by(person))), _expected(person, seen))


def sees_case(person: Person) -> ColumnElement[bool]:
    """The guard's condition on a row of cases."""
    columns = {"case_column": case.c.id, "patient_column": case.c.patient}
    return visible_cases(person, tenant=person.tenant, **columns, involved=has_task(person))


def has_task(person: Person) -> ColumnElement[bool]:
    """The person holds or answered one of the case's tasks, or stands in for whoever holds it."""
    of_case = select(task.c.id).where(task.c.tenant == case.c.tenant, task.c.run == case.c.id)
    theirs = of_case.where(or_(_is_held(person), task.c.completed_by == asker(person)))
    return has_row(theirs.correlate_except(task))


def _is_held(person: Person) -> ColumnElement[bool]:
    return task.c.assignee.in_(askers(person.tenant, asker(person)))


def is_free(person: Person) -> ColumnElement[bool]:
    """In nobody's hands, or in those of the person or of somebody for whom they stand in."""
    return or_(task.c.assignee.is_(None), _is_held(person))


@lru_cache(maxsize=KEPT)
def is_theirs(person: Person) -> ColumnElement[bool]:
    """The person's own: in their hands, or offered to their role in a circle of care; also standing in for somebody."""
    held = func.coalesce(task.c.assignee, "").in_(askers(person.tenant, asker(person)))
    return or_(held, through(person).is_not(None))


@lru_cache(maxsize=KEPT)
def through(person: Person) -> ScalarSelect[str]:
    """By whom the person holds one of the task's roles in the circle of its patient: they themselves come first."""
    held = (
        circle_member.c.tenant == task.c.tenant,
        circle_member.c.patient == case.c.patient,
        circle_member.c.person.in_(askers(person.tenant, asker(person))),
        circle_member.c.role == task_candidate.c.value,
        circle_member.c.until.is_(None),
        task_candidate.c.tenant == task.c.tenant,
        task_candidate.c.task == task.c.id,
        task_candidate.c.kind == "role",
    )
    found = select(circle_member.c.person).where(*held).order_by(circle_member.c.person != asker(person))
    return found.limit(1).correlate(task, case).scalar_subquery()


def _replaced(person: Person) -> ScalarSelect[str]:
    """Whose task it was before an absence put it into the hands of this person, who stands in."""
    brought = (moved_task.c.tenant == task.c.tenant, moved_task.c.task == task.c.id, moved_task.c.way == SUBSTITUTE)
    found = select(moved_task.c.origin).where(*brought, moved_task.c.holder == asker(person))
    return found.correlate(task).scalar_subquery()


def sight(person: Person, also: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """The guard's condition on a row of TASKS: they are offered to roles, and sometimes to people by name.

    `also` says of a row that it concerns this person by name in another way.
    """
    of_task = and_(task_candidate.c.tenant == task.c.tenant, task_candidate.c.task == task.c.id)
    by_name = exists().where(
        of_task, task_candidate.c.kind == "person", task_candidate.c.value.in_(askers(person.tenant, asker(person)))
    )
    seen = visible_tasks(
        person,
        tenant=person.tenant,
        case_column=task.c.run,
        patient_column=case.c.patient,
        role_column=task_candidate.c.value,
        assignee_column=task.c.assignee,
        offers=and_(of_task, task_candidate.c.kind == "role"),
        named=by_name if also is None else or_(by_name, also),
    )
    return and_(seen, ~refused_by(person))


def _expected(person: Person, seen: ColumnElement[bool]) -> Query:
    of_case = (task.c.tenant == person.tenant, IS_OPEN, task.c.run == bindparam("id"))
    return Query(select(task, seen.label("mine")).select_from(TASKS).where(*of_case).order_by(*ORDER))


def _task(person: Person, seen: ColumnElement[bool]) -> Query:
    whose = (through(person).label("through"), _replaced(person).label("replaced"), *DELEGATED)
    away = until(literal(person.tenant), asker(person)).scalar_subquery().label("away_until")
    of_case = (case.c.title, case.c.patient, case.c.pathway_version)
    found = select(task, *of_case, seen.label("seen"), *whose, away).select_from(with_delegation(TASKS))
    return Query(found.where(task.c.tenant == person.tenant, task.c.id == bindparam("id")))

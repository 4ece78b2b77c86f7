"""The statements over task rows, built once for each person: from one request to the next only values change."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy import case as when

from base.database import Instant
from care.guard import visible_cases, visible_tasks
from care.tables import case, circle_member
from engine.tables import task, task_candidate
from people.persons import Person

Question = Select[*tuple[Any, ...]]
KEPT = 512
TABS = {"moi": "Pour moi", "roles": "Mes rôles", "retard": "En retard"}
ORDER = (task.c.due_at.is_(None), task.c.due_at, task.c.priority.desc(), task.c.id)
TASKS: FromClause = task.join(case, and_(case.c.tenant == task.c.tenant, case.c.id == task.c.run))
NOW, MIDNIGHT = bindparam("now", type_=Instant()), bindparam("midnight", type_=Instant())


@dataclass(frozen=True)
class Statements:
    """What is asked for one person. Values: `now`, `midnight`, `most`, `skipped`, `id`, as each needs them."""

    counts: Question
    rows: Mapping[str, Question]
    following: Mapping[str, Question]
    task: Question
    expected: Question
    sees_case: ColumnElement[bool]
    has_task: ColumnElement[bool]


@lru_cache(maxsize=KEPT)
def statements(person: Person) -> Statements:
    """Keyed by all that the guard looks at: whoever gains or loses a role gets other statements."""
    seen, known = _may_see(person), _is_in_circle(person)
    mine = or_(func.coalesce(task.c.assignee, "") == person.id, known)
    tabs = {"moi": mine, "roles": ~mine, "retard": func.coalesce(task.c.due_at < NOW, False)}
    free = or_(task.c.assignee.is_(None), task.c.assignee == person.id)
    is_open = and_(task.c.tenant == person.tenant, task.c.state == "open")
    waiting = and_(is_open, free, seen)
    has_task = _has_task(person)
    return Statements(
        counts=select(*_sums(mine)).select_from(TASKS).where(waiting),
        rows={tab: _rows(known, and_(waiting, kept)) for tab, kept in tabs.items()},
        following={tab: _first(waiting, kept) for tab, kept in tabs.items()},
        task=_task(person, seen, known),
        expected=select(task, seen.label("mine")).where(is_open, task.c.run == bindparam("id")).order_by(*ORDER),
        sees_case=visible_cases(person, tenant=person.tenant, case_column=case.c.id, involved=has_task),
        has_task=has_task,
    )


def _sums(mine: ColumnElement[bool]) -> list[ColumnElement[int]]:
    """For the person, for their roles; and of both, late and due today."""
    today = and_(task.c.due_at >= NOW, task.c.due_at < MIDNIGHT)
    kinds = (mine, ~mine, task.c.due_at < NOW, today)
    return [func.coalesce(func.sum(when((kind, 1), else_=0)), 0) for kind in kinds]


def _rows(known: ColumnElement[bool], kept: ColumnElement[bool]) -> Question:
    columns = (task, case.c.patient, case.c.title, known.label("known"))
    found = select(*columns).select_from(TASKS).where(kept).order_by(*ORDER)
    return found.limit(bindparam("most")).offset(bindparam("skipped"))


def _first(waiting: ColumnElement[bool], kept: ColumnElement[bool]) -> Question:
    """The tab's own tasks come before the others."""
    return select(task.c.id).select_from(TASKS).where(waiting).order_by(~kept, *ORDER).limit(1)


def _task(person: Person, seen: ColumnElement[bool], known: ColumnElement[bool]) -> Question:
    columns = (task, case.c.title, case.c.patient, case.c.pathway_version, seen.label("seen"), known.label("known"))
    return select(*columns).select_from(TASKS).where(task.c.tenant == person.tenant, task.c.id == bindparam("id"))


def _may_see(person: Person) -> ColumnElement[bool]:
    """The guard's condition on a row of tasks: they are offered to roles, and sometimes to people by name."""
    of_task = and_(task_candidate.c.tenant == task.c.tenant, task_candidate.c.task == task.c.id)
    by_name = exists().where(of_task, task_candidate.c.kind == "person", task_candidate.c.value == person.id)
    return visible_tasks(
        person,
        tenant=person.tenant,
        case_column=task.c.run,
        role_column=task_candidate.c.value,
        assignee_column=task.c.assignee,
        offers=and_(of_task, task_candidate.c.kind == "role"),
        named=by_name,
    )


def _is_in_circle(person: Person) -> ColumnElement[bool]:
    """The person holds one of the task's roles in the circle of care of its patient."""
    return exists().where(
        circle_member.c.tenant == task.c.tenant,
        circle_member.c.patient == case.c.patient,
        circle_member.c.person == person.id,
        circle_member.c.role == task_candidate.c.value,
        task_candidate.c.tenant == task.c.tenant,
        task_candidate.c.task == task.c.id,
        task_candidate.c.kind == "role",
        circle_member.c.until.is_(None),
    )


def _has_task(person: Person) -> ColumnElement[bool]:
    """The person holds or answered one of the case's tasks."""
    holds = or_(task.c.assignee == person.id, task.c.completed_by == person.id)
    return exists().where(task.c.tenant == case.c.tenant, task.c.run == case.c.id, holds)

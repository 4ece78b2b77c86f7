"""The statements over task rows, compiled once for all who hold the same roles: only values change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Tuple,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy import case as when

from base.database import Instant
from base.prepared import Query
from care.guard import COORDINATOR, asker, attended, visible_cases, visible_tasks
from care.tables import case, circle_member
from engine.tables import NEVER, task, task_candidate
from people.persons import Person

Question = Select[*tuple[Any, ...]]
Limit = BindParameter[int] | int
KEPT = 128
NOBODY = Person("", "", "", "", "", "", "", None, "", "", False, frozenset())
TABS = {"moi": "Pour moi", "roles": "Mes rôles", "retard": "En retard"}
ORDER = (task.c.due_at.is_(None), task.c.due_at, task.c.priority.desc(), task.c.id)
TASKS: FromClause = task.join(case, and_(case.c.tenant == task.c.tenant, case.c.id == task.c.run))
NOW, MIDNIGHT = bindparam("now", type_=Instant()), bindparam("midnight", type_=Instant())


MOST = bindparam("most", type_=Integer())
AFTER = ("after_due", "after_rank", "after_task")
START = {"after_due": datetime(1, 1, 2, tzinfo=UTC), "after_rank": -(2**31), "after_task": ""}
"""Before the first row of any list."""
PLACE = tuple_(func.coalesce(task.c.due_at, literal(NEVER, Instant())), -task.c.priority, task.c.id)
"""Where a task stands in a list: ORDER, as one value that rows can be asked after."""
IS_OPEN = task.c.state == literal_column("'open'")
offer = task_candidate.alias("offer")


@dataclass(frozen=True)
class Statements:
    """What is asked. Values: `asker`, `now`, `midnight`, `most`, `id`, a place to go on after, as each needs.

    What is the person's own is found from the person: what they hold, and the cases of those in whose circle they are.
    What waits for a role is read in the order of its list, until enough of it may be shown. Both weigh what they show,
    whatever else is open or finished.
    """

    counts: Query
    rows: Mapping[str, Query]
    following: Mapping[str, Query]
    task: Query
    expected: Query
    place: Query


def statements(person: Person) -> Statements:
    """Keyed by all that the guard looks at: whoever gains or loses a role gets other statements."""
    return _statements(replace(NOBODY, tenant=person.tenant, roles=person.roles))


@lru_cache(maxsize=KEPT)
def _statements(person: Person) -> Statements:
    """A statement that is not told who asks is asked by nobody, who holds nothing and is in no circle."""
    seen, known = sight(person), _is_in_circle(person)
    mine = or_(func.coalesce(task.c.assignee, "") == asker(person), known)
    late = func.coalesce(task.c.due_at < NOW, False)
    free = or_(task.c.assignee.is_(None), task.c.assignee == asker(person))
    waiting = and_(task.c.tenant == person.tenant, IS_OPEN, free, seen)
    own, roles = _own(person), _offered(person, and_(waiting, ~mine))
    late_roles = _offered(person, and_(waiting, ~mine, offer.c.due_at < NOW))
    first = _offered(person, and_(waiting, ~mine), most=1)
    return Statements(
        counts=Query(select(*_sums(mine)).select_from(TASKS).where(waiting, _among(person, *own, *roles))),
        rows={
            "moi": _rows(known, _among(person, *own), waiting, mine),
            "roles": _rows(known, _among(person, *roles)),
            "retard": _rows(known, _among(person, *own, *late_roles), waiting, late),
        },
        following={
            tab: _first(and_(waiting, _among(person, *own, *first)), kept)
            for tab, kept in {"moi": mine, "roles": ~mine, "retard": late}.items()
        },
        task=_task(person, seen, known),
        expected=_expected(person, seen),
        place=_place(person),
    )


def sees_case(person: Person) -> ColumnElement[bool]:
    """The guard's condition on a row of cases."""
    return visible_cases(person, tenant=person.tenant, case_column=case.c.id, involved=has_task(person))


def has_task(person: Person) -> ColumnElement[bool]:
    """The person holds or answered one of the case's tasks."""
    holds = or_(task.c.assignee == asker(person), task.c.completed_by == asker(person))
    return exists().where(task.c.tenant == case.c.tenant, task.c.run == case.c.id, holds)


def _own(person: Person) -> list[Question]:
    """The open tasks that the person holds, or that are offered to their role in a circle of care."""
    held = select(task.c.id).where(task.c.tenant == person.tenant, IS_OPEN, task.c.assignee == asker(person))
    theirs = circle_member.join(case, case.c.patient == circle_member.c.patient)
    theirs = theirs.join(task, and_(task.c.tenant == case.c.tenant, task.c.run == case.c.id))
    theirs = theirs.join(offer, and_(offer.c.tenant == task.c.tenant, offer.c.task == task.c.id))
    member = (circle_member.c.person == asker(person), circle_member.c.until.is_(None))
    in_circle = (circle_member.c.tenant == person.tenant, case.c.tenant == person.tenant, case.c.closed_at.is_(None))
    offered = (IS_OPEN, offer.c.kind == "role", offer.c.value == circle_member.c.role)
    known = select(task.c.id).select_from(theirs).where(*member, *in_circle, *offered)
    return [held, known]


def _offered(person: Person, shown: ColumnElement[bool], most: Limit = MOST) -> list[Question]:
    """The first tasks of each list in which the person may find some: of their roles, of their name, of nobody."""
    lists = [(offer.c.kind == "role", offer.c.value == role) for role in sorted(person.roles)]
    lists.append((offer.c.kind == "person", offer.c.value == asker(person)))
    if COORDINATOR in person.roles:
        lists.append((offer.c.kind == "role", offer.c.value.not_in(attended(person.tenant))))
    return [select(_walk(person, where, shown, most).c.task) for where in lists]


def _walk(person: Person, where: Sequence[ColumnElement[bool]], shown: ColumnElement[bool], most: Limit) -> Subquery:
    place = (offer.c.due_at, offer.c.rank, offer.c.task)
    this = (task.c.tenant == offer.c.tenant, task.c.id == offer.c.task)
    may_be_shown = select(task.c.id).select_from(TASKS).where(*this, shown).correlate(offer).exists()
    found = select(offer.c.task).where(offer.c.tenant == person.tenant, offer.c.open, *where)
    return found.where(tuple_(*place) > _after(), may_be_shown).order_by(*place).limit(most).correlate(None).subquery()


def _after() -> Tuple:
    due, rank, last = AFTER
    return tuple_(bindparam(due, START[due], Instant()), bindparam(rank, START[rank]), bindparam(last, START[last]))


def _among(person: Person, *found: Question) -> ColumnElement[bool]:
    return and_(task.c.tenant == person.tenant, task.c.id.in_(union(*(each.correlate(None) for each in found))))


def _sums(mine: ColumnElement[bool]) -> list[ColumnElement[int]]:
    """For the person, for their roles; and of both, late and due today."""
    today = and_(task.c.due_at >= NOW, task.c.due_at < MIDNIGHT)
    kinds = {"mine": mine, "roles": ~mine, "late": task.c.due_at < NOW, "today": today}
    return [func.coalesce(func.sum(when((kind, 1), else_=0)), 0).label(name) for name, kind in kinds.items()]


def _rows(known: ColumnElement[bool], *kept: ColumnElement[bool]) -> Query:
    columns = (task, case.c.patient, case.c.title, known.label("known"))
    return Query(select(*columns).select_from(TASKS).where(*kept, _after() < PLACE).order_by(*ORDER).limit(MOST))


def _first(waiting: ColumnElement[bool], kept: ColumnElement[bool]) -> Query:
    """The tab's own tasks come before the others."""
    return Query(select(task.c.id).select_from(TASKS).where(waiting).order_by(~kept, *ORDER).limit(1))


def _expected(person: Person, seen: ColumnElement[bool]) -> Query:
    of_case = (task.c.tenant == person.tenant, IS_OPEN, task.c.run == bindparam("id"))
    return Query(select(task, seen.label("mine")).where(*of_case).order_by(*ORDER))


def _place(person: Person) -> Query:
    """Where the list goes on after a task, also once that task is finished."""
    known = (task.c.tenant == person.tenant, task.c.id == bindparam("id"))
    columns = [part.label(name) for part, name in zip(PLACE.clauses, AFTER, strict=True)]
    return Query(select(*columns).where(*known))


def _task(person: Person, seen: ColumnElement[bool], known: ColumnElement[bool]) -> Query:
    columns = (task, case.c.title, case.c.patient, case.c.pathway_version, seen.label("seen"), known.label("known"))
    one = (task.c.tenant == person.tenant, task.c.id == bindparam("id"))
    return Query(select(*columns).select_from(TASKS).where(*one))


def sight(person: Person) -> ColumnElement[bool]:
    """The guard's condition on a row of tasks: they are offered to roles, and sometimes to people by name."""
    of_task = and_(task_candidate.c.tenant == task.c.tenant, task_candidate.c.task == task.c.id)
    by_name = exists().where(of_task, task_candidate.c.kind == "person", task_candidate.c.value == asker(person))
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
        circle_member.c.person == asker(person),
        circle_member.c.role == task_candidate.c.value,
        task_candidate.c.tenant == task.c.tenant,
        task_candidate.c.task == task.c.id,
        task_candidate.c.kind == "role",
        circle_member.c.until.is_(None),
    )

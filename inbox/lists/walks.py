"""How a list is found: what is the person's own, from the person; what waits for roles, in its order until it is full.

Both weigh what they show, whatever else is open or finished.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy import case as when

from base.conditions import has_row, in_order, is_among
from base.prepared import Query
from care.guard import COORDINATOR, asker, attended, attended_in_circle
from care.tables import case, circle_member
from engine.tables import task, task_candidate
from inbox.desk import Desk
from inbox.lists.orders import (
    DUE,
    OFFER_PLACE,
    SINCE_PLACE,
    STANDS,
    STILL_WAITS,
    WAITING,
    Conditions,
    Order,
    offer,
    since,
)
from inbox.lists.statements import (
    IS_OPEN,
    KEPT,
    LATE,
    MIDNIGHT,
    NOW,
    ORDER,
    TASKS,
    Question,
    is_free,
    is_theirs,
    sight,
    through,
    unnamed,
)
from people.persons import Person
from people.rosters.standing_in import askers

Limit = BindParameter[int] | int
MOST = bindparam("most", type_=Integer())
YES: ColumnElement[int] = literal_column("1")
NO: ColumnElement[int] = literal_column("0")
TABS = ("moi", "roles", "retard")
AT_ONCE = 50
"""How many rows are looked up together: a page."""
NAMES_SOMEBODY = has_row(
    select(task_candidate.c.task)
    .where(
        task_candidate.c.tenant == task.c.tenant, task_candidate.c.task == task.c.id, task_candidate.c.kind == "person"
    )
    .correlate_except(task_candidate)
)


@dataclass(frozen=True)
class Walks:
    """The statements of the lists. Values: those of the desk; `most`, and a place to go on after, as each needs."""

    mine: Query
    offered_count: Query
    rows: Mapping[str, Query]
    these: Query
    own: Query
    following: Mapping[str, Query]


def walks(desk: Desk) -> Walks:
    return _walks(unnamed(desk.person), extra_roles(desk))


def extra_roles(desk: Desk) -> tuple[str, ...]:
    """The roles that nobody holds, whose open tasks the coordinators find in their lists."""
    return unattended_roles(desk) if COORDINATOR in desk.person.roles else ()


def unattended_roles(desk: Desk) -> tuple[str, ...]:
    """The roles that nobody who is there holds, of those that something is offered to."""
    return tuple(row.value for row in _unattended(desk.tenant).all(desk.session, desk.values))


@lru_cache(maxsize=KEPT)
def _unattended(tenant: str) -> Query:
    """From one role to the next by the lists' index, however many tasks each has."""
    waiting = (offer.c.tenant == tenant, offer.c.kind == "role", offer.c.open)
    first = select(func.min(offer.c.value).label("value")).where(*waiting)
    listed = first.cte("listed", recursive=True)
    after = select(func.min(offer.c.value)).where(*waiting, offer.c.value > listed.c.value).scalar_subquery()
    listed = listed.union_all(select(after).where(listed.c.value.is_not(None)))
    nobody = listed.c.value.not_in(attended(tenant))
    return Query(select(listed.c.value).where(listed.c.value.is_not(None), nobody).order_by(listed.c.value))


@lru_cache(maxsize=KEPT)
def _walks(person: Person, extra: tuple[str, ...]) -> Walks:
    return Walks(
        mine=Query(select(task.c.id, task.c.due_at).where(_among(person, _own(person))).order_by(*ORDER)),
        offered_count=_offered_count(person, extra),
        rows={tab: Query(listed(person, extra, tab)) for tab in TABS},
        these=_these(person),
        own=Query(select(task.c.id).where(_among(person, _own(person))).order_by(*ORDER).limit(1)),
        following={tab: _first(person, extra, tab) for tab in TABS},
    )


def listed(
    person: Person,
    extra: tuple[str, ...],
    tab: str,
    kept: Conditions = (),
    within: Conditions = (),
    order: Order = DUE,
) -> Question:
    """The rows of a tab in an order: those that are `kept`, with offers `within` some bounds."""
    if tab == "moi":
        return rows(person, order, _is_own(person), *kept, _waiting(person))
    late = [offer.c.due_at < NOW] if tab == "retard" else []
    roles = _offered(person, extra, order, kept=kept, within=[*within, *late])
    own = [_own(person, [LATE, *kept])] if tab == "retard" else []
    return rows(person, order, _among(person, *own, *roles))


def listed_of(
    person: Person,
    extra: tuple[str, ...],
    tab: str,
    meant: Conditions,
    kept: Conditions = (),
    order: Order = DUE,
) -> Question:
    """The rows of a tab that belong to the few cases that are `meant`; what is cheap to ask is asked first."""
    if tab == "roles":
        return rows(person, order, _among(person, _offered_of(person, extra, meant, kept, order)))
    runs = select(case.c.id).where(*meant).correlate(None)
    of_cases = (task.c.tenant == person.tenant, is_among(task.c.run, runs.scalar_subquery()), IS_OPEN)
    return rows(person, order, *of_cases, *kept, is_theirs(person) if tab == "moi" else LATE, _waiting(person))


def _offered_of(person: Person, extra: tuple[str, ...], meant: Conditions, kept: Conditions, order: Order) -> Question:
    """The first tasks, not their own, of a few cases that are on the person's lists: put in order before the guard is
    asked.
    """
    lists, free = _lists(person, extra), _free(person, extra)
    listed = (offer.c.tenant == person.tenant, offer.c.run == case.c.id, offer.c.open, or_(*lists.values()))
    of_cases = in_order(
        case,
        (offer, and_(*listed)),
        (task, and_(task.c.tenant == person.tenant, task.c.id == offer.c.task, IS_OPEN)),
    )
    freely = or_(*(and_(of_list, *free.get(role, ())) for role, of_list in lists.items()))
    place = [STANDS[name].label(name) for name in order.names]
    first = select(task.c.tenant, *place).select_from(of_cases).where(*meant, order.goes_on, *kept, freely)
    found = first.distinct().order_by(*place).offset(0).subquery()
    return _walk(person, found, [found.c[name] for name in order.names], (), (), MOST)


def rows(person: Person, order: Order, *kept: ColumnElement[bool]) -> Question:
    columns = (task, case.c.patient, case.c.title, case.c.pathway, through(person).label("through"))
    return select(*columns).select_from(TASKS).where(*kept, order.goes_on).order_by(*order.by).limit(MOST)


@lru_cache(maxsize=KEPT)
def one_row(person: Person) -> Query:
    """One task, open or not, of those that this person may see or answered themselves; asked with its `id`."""
    theirs = or_(task.c.completed_by == asker(person), sight(person))
    return Query(rows(person, DUE, task.c.tenant == person.tenant, task.c.id == bindparam("id"), theirs))


@lru_cache(maxsize=KEPT)
def _waiting(person: Person) -> ColumnElement[bool]:
    """Of an open task: it waits for the person."""
    return and_(task.c.tenant == person.tenant, is_free(person), sight(person))


def _own(person: Person, kept: Conditions = ()) -> Question:
    return select(task.c.id).select_from(TASKS).where(_is_own(person), *kept, _waiting(person))


@lru_cache(maxsize=KEPT)
def _is_own(person: Person) -> ColumnElement[bool]:
    """An open task that the person holds, or that is offered to their role in a circle of care."""
    holding = task.c.assignee.in_(askers(person.tenant, asker(person)))
    held = select(task.c.id).where(task.c.tenant == person.tenant, IS_OPEN, holding)
    member = (circle_member.c.person.in_(askers(person.tenant, asker(person))), circle_member.c.until.is_(None))
    in_circle = (case.c.tenant == person.tenant, case.c.patient == circle_member.c.patient, case.c.closed_at.is_(None))
    offered = (offer.c.open, offer.c.kind == "role", offer.c.value == circle_member.c.role)
    theirs = in_order(
        circle_member,
        (case, and_(*in_circle)),
        (offer, and_(offer.c.tenant == person.tenant, offer.c.run == case.c.id, *offered)),
        (task, and_(task.c.tenant == person.tenant, task.c.id == offer.c.task, IS_OPEN)),
    )
    known = select(task.c.id).select_from(theirs).where(circle_member.c.tenant == person.tenant, *member)
    return _among(person, held, known)


def _offered(
    person: Person,
    extra: tuple[str, ...],
    order: Order = DUE,
    most: Limit = MOST,
    kept: Conditions = (),
    within: Conditions = (),
) -> list[Question]:
    """The first tasks, not their own, of each list in which the person may find some: of roles, of names, of nobody."""
    lists, free = _lists(person, extra), _free(person, extra)
    if order is WAITING:
        this = (offer.c.tenant == since.c.tenant, offer.c.task == since.c.id)
        of_list = has_row(select(offer.c.task).where(*this, or_(*lists.values()), *within).correlate(since))
        return [_walk(person, since, SINCE_PLACE, (*STILL_WAITS, of_list), kept, most)]
    stretches = [(role, (offer.c.open, lists[role], *piece, *within)) for role in lists for piece in order.pieces]
    return [_walk(person, offer, OFFER_PLACE, where, [*kept, *free.get(role, ())], most) for role, where in stretches]


@lru_cache(maxsize=KEPT)
def _free(person: Person, extra: tuple[str, ...]) -> dict[str, Conditions]:
    """Of an offer to each role of the person's: it is not for somebody of the patient's circle alone.

    What is offered to a role that somebody of the circle has is not for all who hold it, unless it names people too:
    most offers are so, and what the guard would find out last is asked first.
    """
    free = or_(~attended_in_circle(offer.c.value, case.c.patient, person.tenant), NAMES_SOMEBODY)
    return {role: [free] for role in person.roles.difference(extra)}


@lru_cache(maxsize=KEPT)
def _lists(person: Person, extra: tuple[str, ...]) -> dict[str, ColumnElement[bool]]:
    """The offers to each role, and under "" those to the person by name."""
    roles = sorted({*person.roles, *extra})
    of_roles = {role: and_(offer.c.kind == "role", offer.c.value == role) for role in roles}
    return of_roles | {"": and_(offer.c.kind == "person", offer.c.value == asker(person))}


def _walk(
    person: Person,
    source: FromClause,
    place: Sequence[ColumnElement[Any]],
    where: Conditions,
    kept: Conditions,
    most: Limit,
) -> Question:
    """A stretch of an index, row by row: first what is asked cheaply, then the guard, until it is enough."""
    key = place[-1].label("task")
    row = select(task.c.id).select_from(TASKS).where(task.c.tenant == source.c.tenant, task.c.id == place[-1])
    weighed = [each for each in (kept, [IS_OPEN, _waiting(person), ~is_theirs(person)]) if each]
    shown = [has_row(row.where(*each).correlate(source)) for each in weighed]
    found = select(key).where(source.c.tenant == person.tenant, *where, *shown).order_by(*place).limit(most)
    return select(found.correlate(None).subquery().c.task)


def _among(person: Person, *found: Question) -> ColumnElement[bool]:
    ids = union(*(each.correlate(None) for each in found)).scalar_subquery()
    return and_(task.c.tenant == person.tenant, is_among(task.c.id, ids))


def _all(person: Person, extra: tuple[str, ...], most: Limit = MOST) -> tuple[FromClause, ColumnElement[int]]:
    """The tasks of all lists with whether they are the person's own; nothing that was found is weighed again."""
    own, offered = _own(person).subquery(), union(*_offered(person, extra, most=most)).subquery()
    both = union_all(select(own.c.id, YES.label("mine")), select(offered.c.task, NO)).subquery()
    return both.join(task, and_(task.c.tenant == person.tenant, task.c.id == both.c.id)), both.c.mine


def _these(person: Person) -> Query:
    """The rows of tasks that were found to be the person's just now."""
    ids = [bindparam(f"id_{place}", type_=task.c.id.type) for place in range(AT_ONCE)]
    return Query(rows(person, DUE, task.c.tenant == person.tenant, task.c.id.in_(ids)))


def _offered_count(person: Person, extra: tuple[str, ...]) -> Query:
    """How many there are, and of those how many are late and due today."""
    found, due = union(*_offered(person, extra)).subquery().c.task, task.c.due_at
    kinds = {"late": due < NOW, "today": and_(due >= NOW, due < MIDNIGHT)}
    sums = [func.coalesce(func.sum(when((kind, 1), else_=0)), 0).label(name) for name, kind in kinds.items()]
    listed = select(func.count().label("all"), *sums)
    return Query(listed.where(task.c.tenant == person.tenant, task.c.id == found))


def _first(person: Person, extra: tuple[str, ...], tab: str) -> Query:
    """The tab's own tasks come before the others."""
    found, mine = _all(person, extra, most=1)
    kept = {"moi": mine == YES, "roles": mine == NO, "retard": LATE}[tab]
    return Query(select(task.c.id).select_from(found).order_by(~kept, *ORDER).limit(1))

"""What may still be told: the guard is asked when a notice leaves, not when it was written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from base.errors import Forbidden, NotFound
from base.prepared import Query
from care.guard import CLINICAL_LEAD, COORDINATOR, see_case
from care.sharing.visibility import PROTECTION
from engine.tables import incident, task
from inbox.case.sights import may_open
from inbox.desk import Desk
from inbox.lists.statements import statements
from pathways.context import Context
from people import persons
from people.notices.kinds import EMERGENCY, OF_CASE, OF_COORDINATION, OF_TASK, OFF_DUTY, OVERDUE, STANDS_IN, STUCK
from people.notices.rows import ANSWERED, HIDDEN, Notice
from people.persons import Person
from people.rosters.duty_absences import is_missed
from people.rosters.standing_in import acts_for, with_taken_over

WATCHING = {COORDINATOR, CLINICAL_LEAD, PROTECTION}
"""Whom an access in an emergency is told to."""
STATE = Query(select(task.c.state).where(task.c.tenant == bindparam("tenant"), task.c.id == bindparam("id")))
INCIDENT = Query(
    select(incident.c.state).where(incident.c.tenant == bindparam("tenant"), incident.c.id == bindparam("id"))
)


@dataclass
class Standing:
    """The notices of a person: those that may be told, and those that may not, each list under why."""

    person: Person
    kept: list[Notice] = field(default_factory=list)
    dropped: dict[str, list[Notice]] = field(default_factory=dict)


def standing(session: Session, context: Context, person_id: str, notices: Sequence[Notice]) -> Standing:
    """Sort a person's notices by whether they may still be told."""
    who = with_taken_over(session, context.clock, persons.person(session, person_id))
    found = Standing(who)
    for one in notices:
        reason = why_not(session, context, who, one)
        (found.dropped.setdefault(reason, []) if reason else found.kept).append(one)
    return found


def why_not(session: Session, context: Context, who: Person, one: Notice) -> str:
    """Why it may not be told any more: HIDDEN, ANSWERED; empty when it may."""
    if not who.active:
        return HIDDEN
    if one.kind in OF_TASK:
        return _of_task(session, context, who, one.task)
    if one.kind in OF_CASE:
        return _of_case(session, context, who, one)
    if one.kind in OF_COORDINATION and not (WATCHING if one.kind == EMERGENCY else {COORDINATOR}) & who.roles:
        return HIDDEN
    if one.kind == OVERDUE and not _is_open(session, context, STATE, one.task):
        return ANSWERED
    if one.kind == STUCK and not _is_open(session, context, INCIDENT, one.about):
        return ANSWERED
    if one.kind == OFF_DUTY and not _is_to_cover(session, context, one):
        return ANSWERED
    if one.kind == STANDS_IN and one.due is not None and one.due <= context.clock.now():
        return ANSWERED
    return ""


def _of_task(session: Session, context: Context, who: Person, task_id: str | None) -> str:
    """It waits for this very person, in whose hands it may be, or in those of whom they stand in for."""
    values = {"asker": who.id, "now": context.clock.now(), "id": task_id}
    row = statements(who).task.first(session, values)
    if row is None or row.state != "open":
        return ANSWERED
    if not row.seen:
        return HIDDEN
    held_by = row.assignee
    theirs = held_by is None or acts_for(session, context.clock, context.tenant, who.id, held_by)
    return "" if theirs else ANSWERED


def _of_case(session: Session, context: Context, who: Person, one: Notice) -> str:
    """They may open the case: by themselves, by a task of it that they answered, or that waits for them."""
    if may_open(Desk(session, context, who), one.case or ""):
        return ""
    involved = one.task is not None and not _of_task(session, context, who, one.task)
    try:
        see_case(session, who, one.case or "", now=context.clock.now(), involved=involved, matrix=context.visibility)
    except (Forbidden, NotFound):
        return HIDDEN
    return ""


def _is_to_cover(session: Session, context: Context, one: Notice) -> bool:
    """The duty is to come, and nobody who is there has it."""
    to_come = one.due is None or one.due > context.clock.now()
    return to_come and is_missed(session, context.tenant, one.about.partition(":")[0])


def _is_open(session: Session, context: Context, state: Query, key: str | None) -> bool:
    row = state.first(session, {"tenant": context.tenant, "id": key})
    return row is not None and row.state == "open"

"""Tasks that go unanswered: whoever had one in hand when its case was stopped, or had begun to answer it, is told."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, literal, select, union

from base.prepared import Query
from engine.tables import task
from inbox.desk import Desk
from inbox.task.tables import draft, task_delegation
from pathways.context import Context
from pathways.oppositions import Consequence
from people.notices.kinds import STOPPED
from people.notices.rows import tell
from people.notices.tables import notice

TOLD = select(notice.c.id).where(
    notice.c.tenant == draft.c.tenant,
    notice.c.person == draft.c.person,
    notice.c.kind == literal(STOPPED),
    notice.c.about == draft.c.task,
)
BEGUN = Query(
    select(draft.c.person, task.c.id, task.c.run)
    .join(task, (task.c.tenant == draft.c.tenant) & (task.c.id == draft.c.task))
    .where(draft.c.tenant == bindparam("tenant"), task.c.state == literal("cancelled"), ~TOLD.exists())
    .order_by(task.c.id, draft.c.person)
)
"""The drafts of tasks that a deadline or an event took away, as long as their authors do not know it."""


def open_of(desk: Desk, case: str) -> list[str]:
    """The tasks of a case that somebody may still answer."""
    still = (task.c.tenant == desk.tenant, task.c.run == case, task.c.state == "open")
    return list(desk.session.scalars(select(task.c.id).where(*still).order_by(task.c.id)))


def tell_holders(desk: Desk, case: str, tasks: Sequence[str]) -> None:
    """Those who have them, have begun to answer them, or have delegated them; not whoever stops the case."""
    held = union(
        select(task.c.id, task.c.assignee.label("person")).where(task.c.tenant == desk.tenant, task.c.id.in_(tasks)),
        select(draft.c.task, draft.c.person).where(draft.c.tenant == desk.tenant, draft.c.task.in_(tasks)),
        select(task_delegation.c.task, task_delegation.c.by).where(
            task_delegation.c.tenant == desk.tenant, task_delegation.c.task.in_(tasks)
        ),
    )
    for row in desk.session.execute(held.order_by("id", "person")) if tasks else ():
        if row.person not in (None, desk.person.id):
            tell(desk.session, desk.context.clock, desk.tenant, row.person, STOPPED, task=row.id, case=case)


def tell_of(desk: Desk, stopped: Sequence[Consequence]) -> None:
    """An opposition has told those who have a task; whoever else worked at one learns it too."""
    for one in stopped:
        tell_holders(desk, one.case.id, [each.id for each in one.tasks])


def sweep(context: Context) -> int:
    """Tell those whose pathway went on without them while they had begun to answer; how many."""
    with context.database.read() as session:
        found: Sequence[Any] = BEGUN.all(session, {"tenant": context.tenant})
    if found:
        with context.database.begin() as session:
            for row in found:
                tell(session, context.clock, context.tenant, row.person, STOPPED, task=row.id, case=row.run)
    return len(found)

"""Tasks that somebody prepares for somebody else, to whom they come back before they are answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from base.database import insert_into
from base.prepared import Prepared, Query
from care.guard import asker
from engine.tables import task as tasks
from inbox.task.tables import task_delegation as rows
from people.persons import Person

ONE = Query(select(rows).where(rows.c.tenant == bindparam("tenant"), rows.c.task == bindparam("task")))
DROP = Prepared(delete(rows).where(rows.c.tenant == bindparam("b_tenant"), rows.c.task == bindparam("b_task")))


@dataclass(frozen=True)
class Delegation:
    """`to` prepares the answer, `by` reads it again and sends it."""

    by: str
    to: str
    at: datetime


def delegated_by(person: Person) -> ColumnElement[bool]:
    """The condition, on a row of tasks, that this person has it back once it is prepared."""
    return exists().where(rows.c.tenant == tasks.c.tenant, rows.c.task == tasks.c.id, rows.c.by == asker(person))


def put(session: Session, tenant: str, task: str, delegation: Delegation) -> None:
    """Note it; whoever delegates further is the one to whom the task then comes back."""
    values = {"by": delegation.by, "to": delegation.to, "at": delegation.at}
    added = insert_into(session, rows).values(tenant=tenant, task=task, **values)
    session.execute(added.on_conflict_do_update(index_elements=["tenant", "task"], set_=values))


def of_task(session: Session, tenant: str, task: str) -> Delegation | None:
    row = ONE.first(session, {"tenant": tenant, "task": task})
    return None if row is None else Delegation(row.by, row.to, row.at)


def drop(session: Session, tenant: str, task: str) -> None:
    DROP.write(session, [{"b_tenant": tenant, "b_task": task}])

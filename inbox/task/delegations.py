"""Tasks that somebody prepares for somebody else, to whom they come back before they are answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, delete, exists
from sqlalchemy.orm import Session

from base.database import insert_into
from base.prepared import Prepared
from care.guard import asker
from engine.tables import task as tasks
from inbox.task.tables import task_delegation as rows
from people.persons import Person

held = rows.alias("held_delegation")
DELEGATED = tuple(held.c[name].label(f"delegated_{name}") for name in ("by", "to", "at"))
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


def with_delegation(tasks_and_more: FromClause) -> FromClause:
    """Rows of tasks, each with its delegation, if it has one: `DELEGATED`."""
    return tasks_and_more.outerjoin(held, and_(held.c.tenant == tasks.c.tenant, held.c.task == tasks.c.id))


def told(row: Any) -> Delegation | None:
    """What a row of `DELEGATED` says."""
    return None if row.delegated_by is None else Delegation(row.delegated_by, row.delegated_to, row.delegated_at)


def put(session: Session, tenant: str, task: str, delegation: Delegation) -> None:
    """Note it; whoever delegates further is the one to whom the task then comes back."""
    values = {"by": delegation.by, "to": delegation.to, "at": delegation.at}
    added = insert_into(session, rows).values(tenant=tenant, task=task, **values)
    session.execute(added.on_conflict_do_update(index_elements=["tenant", "task"], set_=values))


def drop(session: Session, tenant: str, task: str) -> None:
    DROP.write(session, [{"b_tenant": tenant, "b_task": task}])

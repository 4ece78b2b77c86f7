"""Tasks that somebody prepares for somebody else, to whom they come back before they are answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from base.database import insert_into
from base.prepared import Prepared, Query
from inbox.task.tables import task_delegation as rows

ONE = Query(select(rows).where(rows.c.tenant == bindparam("tenant"), rows.c.task == bindparam("task")))
DROP = Prepared(delete(rows).where(rows.c.tenant == bindparam("b_tenant"), rows.c.task == bindparam("b_task")))


@dataclass(frozen=True)
class Delegation:
    """`to` prepares the answer, `by` reads it again and sends it."""

    by: str
    to: str
    at: datetime


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

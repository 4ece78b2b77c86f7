"""What each task was answered with, as a mark that tells nothing: the same answer sent twice has one effect."""

import hashlib

import orjson
from sqlalchemy import bindparam, delete, select

from base.prepared import Prepared, Query, insert_if_new
from inbox.desk import Desk
from inbox.task.fields import Boxes
from inbox.task.tables import task_answer as rows

ADD = insert_if_new(rows, "tenant", "task")
ONE = Query(
    select(rows.c.person, rows.c.blind).where(rows.c.tenant == bindparam("tenant"), rows.c.task == bindparam("task"))
)

DROP = Prepared(delete(rows).where(rows.c.tenant == bindparam("b_tenant"), rows.c.task == bindparam("b_task")))


def mark(desk: Desk, task: str, boxes: Boxes) -> str:
    """The same for the same answers of the same person to the same task."""
    content = orjson.dumps([task, desk.person.id, dict(boxes)], option=orjson.OPT_SORT_KEYS)
    return desk.context.vault.blind(hashlib.sha256(content).hexdigest(), "answer")


def is_same(desk: Desk, task: str, blind: str) -> bool:
    """Whether this person answered the task with just that."""
    row = ONE.first(desk.session, {"tenant": desk.tenant, "task": task})
    return row is not None and row.person == desk.person.id and row.blind == blind


def note(desk: Desk, task: str, blind: str) -> None:
    values = {"tenant": desk.tenant, "task": task, "person": desk.person.id, "blind": blind, "at": desk.now}
    ADD.write(desk.session, [values])


def forget(desk: Desk, task: str) -> None:
    """The answer was taken back: whatever is sent next is a new one."""
    DROP.write(desk.session, [{"b_tenant": desk.tenant, "b_task": task}])

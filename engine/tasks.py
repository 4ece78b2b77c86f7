"""Task rows: what the inboxes read. They are written with the run, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, false, insert, select, update
from sqlalchemy.orm import Session

from base.database import Instant
from base.errors import Conflict, NotFound
from base.prepared import Prepared, Query, insert_once
from engine import tables
from engine.effects import Closed, Effect, Opened
from engine.rows import OF_HEADER, Header
from engine.run import Run

ADD, ADD_CANDIDATE = Prepared(insert(tables.task)), Prepared(insert(tables.task_candidate))
CLOSE = Prepared(
    update(tables.task)
    .where(tables.task.c.tenant == bindparam("b_tenant"), tables.task.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("state", "completed_at", "completed_by", "outcome")})
)
CLOSE_OFFERS = Prepared(
    update(tables.task_candidate)
    .where(
        tables.task_candidate.c.tenant == bindparam("b_tenant"),
        tables.task_candidate.c.task == bindparam("b_task"),
    )
    .values(open=false())
)
FIND = Query(
    select(tables.task.c.run, tables.task.c.token, tables.task.c.state).where(
        tables.task.c.tenant == bindparam("tenant"), tables.task.c.id == bindparam("id")
    )
)
HELD = Query(
    select(*OF_HEADER, tables.task.c.run, tables.task.c.token, tables.task.c.state.label("task_state"))
    .join(tables.task, and_(tables.task.c.tenant == tables.run.c.tenant, tables.task.c.run == tables.run.c.id))
    .where(tables.task.c.tenant == bindparam("tenant"), tables.task.c.id == bindparam("id"))
    .with_for_update(of=tables.run)
)
KNOWN = "engine.held"
"""Where a transaction keeps (task, its row with the run's header) until a run moves."""
PLAN = Prepared(
    update(tables.task)
    .where(tables.task.c.tenant == bindparam("b_tenant"), tables.task.c.id == bindparam("b_task"))
    .values(priority=bindparam("priority"), follow_up_at=bindparam("follow_up_at", type_=Instant()))
)
RANK = Prepared(
    update(tables.task_candidate)
    .where(
        tables.task_candidate.c.tenant == bindparam("b_tenant"),
        tables.task_candidate.c.task == bindparam("b_task"),
    )
    .values(rank=bindparam("rank"))
)
ADD_ONCE = insert_once(tables.task_candidate, "tenant", "task", "kind", "value")


def write(session: Session, run: Run, effects: Sequence[Effect]) -> None:
    connection = session.connection()
    opened = [effect for effect in effects if isinstance(effect, Opened)]
    ADD.write(connection, [_row(run, task) for task in opened])
    ADD_CANDIDATE.write(connection, [row for task in opened for row in _candidates(run, task)])
    closed = [effect for effect in effects if isinstance(effect, Closed)]
    CLOSE.write(connection, [_closing(run, effect) for effect in closed])
    CLOSE_OFFERS.write(connection, [{"b_tenant": run.world.tenant, "b_task": effect.task} for effect in closed])


def _row(run: Run, task: Opened) -> dict[str, Any]:
    return {
        "tenant": run.world.tenant,
        "id": task.id,
        "run": run.key,
        "token": task.token,
        "definition": run.definition.digest,
        "process": task.process,
        "element": task.element,
        "name": task.name[:240],
        "lane": task.lane,
        "role": task.roles[0] if task.roles else None,
        "assignee": task.assignee,
        "form": task.form,
        "priority": task.priority,
        "created_at": run.world.now,
        "due_at": task.due_at,
        "follow_up_at": task.follow_up_at,
        "state": "open",
    }


def _candidates(run: Run, task: Opened) -> list[dict[str, Any]]:
    """What names no role stands in the list of « no role », where the coordinators find it."""
    found = [("role", role) for role in task.roles or [""]] + [("person", person) for person in task.persons]
    place = {"open": True, "due_at": task.due_at or tables.NEVER, "rank": -task.priority}
    own = {"tenant": run.world.tenant, "task": task.id, "run": run.key, **place}
    return [{**own, "kind": kind, "value": value} for kind, value in found]


def _closing(run: Run, closed: Closed) -> dict[str, Any]:
    return {
        "b_tenant": run.world.tenant,
        "b_id": closed.task,
        "state": closed.state,
        "completed_at": run.world.now,
        "completed_by": run.world.actor if closed.state == "completed" else None,
        "outcome": closed.outcome,
    }


class Held(NamedTuple):
    """An open task under the lock of its run: where its token is, and the run's header."""

    run: str
    token: int
    header: Header


def held(session: Session, tenant: str, task: str) -> Held:
    """Raises NotFound, Conflict. Who waited for the lock still asks whether the token has its task."""
    known, found = session.info.pop(KNOWN, ("", None))
    if known != task:
        found = HELD.first(session, {"tenant": tenant, "id": task})
    if found is None:
        raise NotFound("Cette tâche n’existe pas.")
    if found.task_state != "open":
        raise taken(found.task_state)
    *header, run, token, _ = found
    return Held(run, token, Header(*header))


def find(session: Session, tenant: str, task: str) -> tuple[str, int]:
    """(run, token) of an open task. Raises NotFound, Conflict."""
    found = FIND.first(session, {"tenant": tenant, "id": task})
    if found is None:
        raise NotFound("Cette tâche n’existe pas.")
    if found.state != "open":
        raise taken(found.state)
    return found.run, found.token


def open_ones(session: Session, tenant: str, run: str) -> list[str]:
    """The open tasks of a run."""
    row = tables.task.c
    return list(session.scalars(select(row.id).where(row.tenant == tenant, row.run == run, row.state == "open")))


def assign(session: Session, tenant: str, task: str, before: str | None, after: str | None) -> None:
    """Raises Conflict when the task is no longer open in the hands of `before`."""
    row = tables.task.c
    holds = row.assignee.is_(None) if before is None else row.assignee == before
    mine = (row.tenant == tenant, row.id == task, row.state == "open", holds)
    changed = update(tables.task).where(*mine).values(assignee=after).returning(row.id)
    if session.execute(changed).first() is None:
        raise Conflict("Cette tâche a changé de mains entre-temps.", code="task-reassigned")


def is_open(session: Session, tenant: str, task: str) -> bool:
    found = FIND.first(session, {"tenant": tenant, "id": task})
    return found is not None and found.state == "open"


def hold(session: Session, tenant: str, task: str) -> None:
    """Take the lock of a task's run; on SQLite whoever writes has it already. What comes with it is not read again."""
    if session.connection().dialect.name != "sqlite":
        session.info[KNOWN] = task, HELD.first(session, {"tenant": tenant, "id": task})


def forget_held(session: Session) -> None:
    """A run has moved: what was read under its lock before is no longer so."""
    session.info.pop(KNOWN, None)


def plan(session: Session, tenant: str, task: str, priority: int, follow_up_at: datetime | None) -> None:
    """Another priority and follow-up date, also where the lists keep the task's place."""
    own = {"b_tenant": tenant, "b_task": task}
    PLAN.write(session, [{**own, "priority": priority, "follow_up_at": follow_up_at}])
    RANK.write(session, [{**own, "rank": -priority}])


def offer(session: Session, tenant: str, task: str, role: str) -> None:
    """Offer an open task to one more role, at the place that it has in the lists."""
    row = tables.task.c
    found = session.execute(select(row.run, row.due_at, row.priority).where(_is(tenant, task))).one()
    place = {"run": found.run, "open": True, "due_at": found.due_at or tables.NEVER, "rank": -found.priority}
    ADD_ONCE.all(session, {"tenant": tenant, "task": task, "kind": "role", "value": role, **place})


def _is(tenant: str, task: str) -> ColumnElement[bool]:
    return and_(tables.task.c.tenant == tenant, tables.task.c.id == task)


def taken(state: str = "completed") -> Conflict:
    """Somebody was faster, or the pathway went another way."""
    if state == "cancelled":
        return Conflict("Cette tâche n’est plus à faire : le parcours a pris un autre chemin.", code="task-closed")
    return Conflict("Cette tâche a déjà été faite.", code="task-closed")

"""Tells of tasks: when they open, at half and four fifths of their delay, and to the coordination when late."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import orjson
from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, delete, select, update
from sqlalchemy.orm import Session

from base.conditions import has_row
from base.database import Instant
from base.ids import id_before
from base.prepared import Prepared, Query, insert_once
from care.tables import case
from engine.tables import task
from pathways import unreached
from pathways.context import Context
from pathways.recipients import URGENT, Recipients
from pathways.tables import pathway_version
from pathways.tables import task_reminder as rows
from people.notices.kinds import OVERDUE, REMINDER, WAITING
from people.notices.rows import tell

FIRST, SECOND, LATE, LOOK = "first", "second", "late", "look"
STEPS = (FIRST, SECOND, LATE)
SHARES = {FIRST: ("rappel_premier", 50), SECOND: ("rappel_second", 80)}
"""A pathway's parameter says after how many hundredths of the delay; else this holds, à valider localement."""
OLD = timedelta(days=7)
"""A task that opened longer ago when it is first seen is only watched: nobody is told of years of tasks at once."""
LOOK_AGAIN = timedelta(days=1)
AT_ONCE, LONGEST_SECONDS, OVERLAP_SECONDS = 200, 2.0, 120

SEEN = insert_once(rows, "tenant", "task")
FORGET = Prepared(delete(rows).where(rows.c.tenant == bindparam("b_tenant"), rows.c.task == bindparam("b_task")))
NEXT = Prepared(
    update(rows)
    .where(rows.c.tenant == bindparam("b_tenant"), rows.c.task == bindparam("b_task"))
    .values(step=bindparam("step"), at=bindparam("at", type_=Instant()))
)


KNOWN = and_(rows.c.tenant == task.c.tenant, rows.c.task == task.c.id)
COLUMNS = (
    task.c.id, task.c.run, task.c.assignee, task.c.priority, task.c.created_at, task.c.due_at, task.c.state,
    case.c.patient, case.c.pathway, case.c.pathway_version,
)  # fmt: skip


def _tasks(known: FromClause, *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    joined = known.join(case, and_(case.c.tenant == task.c.tenant, case.c.id == task.c.run))
    return select(*COLUMNS, *more).select_from(joined).where(task.c.tenant == bindparam("tenant")).limit(AT_ONCE)


OPENED = Query(
    _tasks(task)
    .where(task.c.id > bindparam("since"), task.c.state == "open")
    .where(~has_row(select(rows.c.task).where(KNOWN).correlate(task)))
    .order_by(task.c.id)
)
"""In the order of their ids until it is enough, however many wait that are known."""
DUE = Query(
    _tasks(task.join(rows, KNOWN), rows.c.step)
    .where(rows.c.at <= bindparam("now", type_=Instant()))
    .order_by(rows.c.at)
)


class Sweep:
    """Reads what opened since it last read everything, with a little overlap for who commits late; then what is due."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.since = ""

    def __call__(self) -> int:
        """How many tasks were looked at."""
        start, end = id_before(OVERLAP_SECONDS), monotonic() + LONGEST_SECONDS
        done, since, is_whole = 0, self.since, False
        while not is_whole and monotonic() < end:
            found = self._some(OPENED, {"since": since})
            done += len(found)
            is_whole = len(found) < AT_ONCE
            since = found[-1].id if found else since
        self.since = start if is_whole else since
        return done + len(self._some(DUE, {"now": self.context.clock.now()}))

    def _some(self, asked: Query, values: Mapping[str, object]) -> list[Any]:
        values = {"tenant": self.context.tenant, **values}
        with self.context.database.read() as session:
            if asked.first(session, values) is None:
                return []
        with self.context.database.begin() as session:
            found = asked.all(session, values)
            one_pass = Pass(session, self.context)
            for row in found:
                (one_pass.opened if asked is OPENED else one_pass.due)(row)
        unreached.hand_over(self.context, one_pass.unreached)
        return found


class Pass:
    """What one transaction does for some tasks."""

    def __init__(self, session: Session, context: Context) -> None:
        self.session, self.context, self.now = session, context, context.clock.now()
        self.recipients = Recipients(session, context)
        self.unreached: list[Any] = []
        self._shares: dict[tuple[str, int], Mapping[str, int]] = {}

    def opened(self, row: Any) -> None:
        """Tell of a task that opened, and note when to remind of it."""
        is_late = row.due_at is not None and row.due_at <= self.now
        step, at = (LATE, self.now) if is_late else self._after_now(row)
        own = {"tenant": self.context.tenant, "task": row.id, "step": step, "at": at}
        if SEEN.first(self.session, own) is not None and row.created_at > self.now - OLD:
            self._tell(row, self._asked(row), WAITING, row.id)

    def due(self, row: Any) -> None:
        """Remind of a task, only once when several reminders were missed; forget one that is done."""
        if row.state != "open":
            FORGET.write(self.session, [{"b_tenant": self.context.tenant, "b_task": row.id}])
            return
        moments = self._moments(row)
        passed = [step for step in moments if moments[step] <= self.now and _rank(step) >= _rank(row.step)]
        if passed and passed[-1] == LATE:
            self._tell(row, self.recipients.coordinators, OVERDUE, row.id)
        elif passed:
            self._tell(row, self._asked(row), REMINDER, f"{row.id}:{passed[-1]}")
        step, at = self._after_now(row)
        NEXT.write(self.session, [{"b_tenant": self.context.tenant, "b_task": row.id, "step": step, "at": at}])

    def _asked(self, row: Any) -> list[str]:
        """For whom it waits; a task out of everybody's reach is put aside for the coordination."""
        found = self.recipients.of(row)
        if not found and self.recipients.is_out_of_reach(row):
            self.unreached.append(row)
        return found

    def _tell(self, row: Any, persons: list[str], kind: str, about: str) -> None:
        said = {
            "task": row.id,
            "case": row.run,
            "due": row.due_at,
            "urgent": row.priority >= URGENT and kind != OVERDUE,
        }
        for person in persons:
            tell(self.session, self.context.clock, self.context.tenant, person, kind, about=about, **said)

    def _after_now(self, row: Any) -> tuple[str, datetime]:
        coming = [(step, at) for step, at in self._moments(row).items() if at > self.now]
        return coming[0] if coming else (LOOK, self.now + LOOK_AGAIN)

    def _moments(self, row: Any) -> dict[str, datetime]:
        """When each step of a task is due, from its deadline of today; none without a deadline."""
        if row.due_at is None:
            return {}
        shares, span = self._of_pathway(row.pathway, row.pathway_version), row.due_at - row.created_at
        return {**{step: row.created_at + span * shares[step] / 100 for step in SHARES}, LATE: row.due_at}

    def _of_pathway(self, key: str, number: int) -> Mapping[str, int]:
        if (key, number) not in self._shares:
            own = (pathway_version.c.key == key, pathway_version.c.number == number)
            query = select(pathway_version.c.parameters).where(pathway_version.c.tenant == self.context.tenant, *own)
            said = orjson.loads(self.session.scalar(query) or "{}")
            self._shares[key, number] = {step: _share(said.get(name), usual) for step, (name, usual) in SHARES.items()}
        return self._shares[key, number]


def _share(said: object, usual: int) -> int:
    value = said.get("valeur") if isinstance(said, dict) else None
    return value if isinstance(value, int) and 0 < value < 100 else usual


def _rank(step: str) -> int:
    """A task that was only looked at may have been given a deadline meanwhile: all its steps are still to come."""
    return STEPS.index(step) if step in STEPS else 0

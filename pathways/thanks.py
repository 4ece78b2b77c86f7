"""« Pourvu, merci »: those who were told of a task that somebody else then answered learn that it is done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, literal, select

from base.database import Instant
from base.prepared import Query
from engine.tables import journal, task
from pathways.context import Context
from people.notices.kinds import OF_TASK, THANKS
from people.notices.rows import TOLD, tell
from people.notices.tables import notice

OVERLAP = timedelta(minutes=2)
BEFORE = timedelta(days=1)
"""How far back the first pass of a process looks: what was answered while nobody worked is still worth a word."""
SINCE = bindparam("since", type_=Instant())
THANKED = notice.alias("thanked")


def _answered() -> Query:
    """Who was told of what has been answered since by somebody else, and not thanked yet."""
    answered = and_(
        task.c.tenant == journal.c.tenant,
        task.c.run == journal.c.run,
        task.c.state == "completed",
        task.c.completed_at >= SINCE,
    )
    told = and_(
        notice.c.tenant == task.c.tenant,
        notice.c.task == task.c.id,
        notice.c.kind.in_([literal(kind) for kind in sorted(OF_TASK)]),
        notice.c.state == TOLD,
        notice.c.person != task.c.completed_by,
    )
    thanked = select(THANKED.c.id).where(
        THANKED.c.tenant == notice.c.tenant,
        THANKED.c.person == notice.c.person,
        THANKED.c.kind == THANKS,
        THANKED.c.about == task.c.id,
    )
    asked = select(notice.c.person, task.c.id, task.c.run).select_from(journal.join(task, answered).join(notice, told))
    lately = (journal.c.tenant == bindparam("tenant"), journal.c.at >= SINCE, journal.c.kind == "task_completed")
    return Query(asked.where(*lately, ~thanked.exists()).distinct().order_by(task.c.id, notice.c.person))


ANSWERED = _answered()


class Sweep:
    """Reads what was answered since it last looked, with a little overlap for who commits late."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.since: datetime | None = None

    def __call__(self) -> int:
        """How many were told."""
        now = self.context.clock.now()
        values = {"tenant": self.context.tenant, "since": self.since or now - BEFORE}
        with self.context.database.read() as session:
            found: Sequence[Any] = ANSWERED.all(session, values)
        if found:
            with self.context.database.begin() as session:
                for row in found:
                    tell(
                        session, self.context.clock, self.context.tenant, row.person, THANKS,
                        about=row.id, task=row.id, case=row.run,
                    )  # fmt: skip
        self.since = now - OVERLAP
        return len(found)

"""« Relancer »: the coordination reminds those for whom a task waits, once in some hours."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from base.database import Instant
from base.errors import Conflict, NotFound
from care.tables import case
from engine.tables import task
from inbox import dates
from inbox.desk import Desk
from pathways.recipients import URGENT, Recipients
from people.notices.kinds import ASKED_AGAIN
from people.notices.rows import tell
from people.notices.tables import notice

AGAIN = timedelta(hours=4)
"""How long after a reminder of the coordination the next one may leave; à valider localement."""
CLOSED = "Cette tâche n’attend plus : quelqu’un vient d’y répondre."
NOBODY = "Personne ne peut être relancé. Confiez cette tâche, ou envoyez-la par lien."


def remind(desk: Desk, task_id: str) -> None:
    """Remind all for whom a task waits. Raises Conflict in words: answered, too soon, nobody there; NotFound."""
    desk.context.engine.hold(desk.session, task=task_id)
    row = _row(desk, task_id)
    if row.state != "open":
        raise Conflict(CLOSED, code="task-closed")
    last = reminded(desk, [task_id]).get(task_id)
    if last is not None and last > desk.now - AGAIN:
        sent, next_one = (dates.moment(at, desk.now, desk.zone) for at in (last, last + AGAIN))
        raise Conflict(f"Une relance est partie {sent}. La suivante pourra partir {next_one}.", code="too-soon")
    asked = Recipients(desk.session, desk.context).of(row)
    if not asked:
        raise Conflict(NOBODY, code="nobody-to-remind")
    about, urgent = f"{task_id}:{int(desk.now.timestamp())}", row.priority >= URGENT
    for person in asked:
        tell(
            desk.session, desk.context.clock, desk.tenant, person, ASKED_AGAIN, task=task_id, case=row.run,
            about=about, due=row.due_at, urgent=urgent,
        )  # fmt: skip


def reminded(desk: Desk, ids: Collection[str]) -> dict[str, datetime]:
    """Which of these tasks the coordination has reminded of, and when last."""
    mine = (notice.c.tenant == desk.tenant, notice.c.kind == ASKED_AGAIN, notice.c.task.in_(ids))
    last = select(notice.c.task, func.max(notice.c.at, type_=Instant()).label("at"))
    return {str(row.task): row.at for row in desk.session.execute(last.where(*mine).group_by(notice.c.task))}


def _row(desk: Desk, task_id: str) -> Any:
    """A row as `Recipients` want it."""
    of_case = (case.c.tenant == task.c.tenant) & (case.c.id == task.c.run)
    columns = (task.c.id, task.c.run, task.c.state, task.c.assignee, task.c.priority, task.c.due_at, case.c.patient)
    wanted = select(*columns).join(case, of_case).where(task.c.tenant == desk.tenant, task.c.id == task_id)
    found = desk.session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("Cette tâche n’existe pas, ou plus.", code="task-unknown")
    return found

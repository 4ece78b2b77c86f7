"""Tasks that only people without an account could answer: the coordination gets them too, and is told."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from base.errors import Conflict, NotFound
from pathways.context import Context
from pathways.recipients import URGENT, Recipients
from pathways.standing_in import COORDINATION
from people.notices.kinds import UNREACHED
from people.notices.rows import tell

ACTOR = "system:sans-compte"
log = structlog.get_logger()


def hand_over(context: Context, rows: Sequence[Any]) -> int:
    """Offer each of these tasks to the coordination; how many. `rows` are as those of `pathways.reminders`.

    Each in its own transaction: one whose case is held by somebody else is left to the next reminder.
    """
    return sum(_alone(context, row) for row in rows)


def _alone(context: Context, row: Any) -> bool:
    try:
        with context.database.begin() as session:
            _offer(session, context, row)
    except (Conflict, NotFound, SQLAlchemyError) as error:
        log.warning("unreached_skipped_task", error=type(error).__name__)
        return False
    return True


def _offer(session: Session, context: Context, row: Any) -> None:
    """Whoever has it in hand cannot open it: it goes back to its roles first."""
    if row.assignee is not None:
        context.engine.assign(session, task=row.id, before=row.assignee, after=None, actor=ACTOR)
    context.engine.offer(session, task=row.id, role=COORDINATION, actor=ACTOR)
    for person in Recipients(session, context).coordinators:
        tell(
            session, context.clock, context.tenant, person, UNREACHED, task=row.id, case=row.run, due=row.due_at,
            urgent=row.priority >= URGENT,
        )  # fmt: skip

"""Closes the cases whose run has ended, with what they came to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from base.database import Instant
from base.prepared import Query
from care.case import cases
from care.tables import case as case_rows
from engine.tables import run as runs
from pathways.context import Context

WORDS = {"cancelled": "Arrêté", "failed": "Arrêté sur incident"}
AT_ONCE = 500
LONGEST = timedelta(minutes=10)
"""How long after its end a run may still become visible: a long transaction, a machine whose clock is slow."""


def close_if_ended(session: Session, context: Context, case: str) -> bool:
    """Close one case when its run has ended: for a door that has just moved it."""
    return _close(session, context, ENDED.all(session, {"tenant": context.tenant, "id": case})) > 0


class Sweep:
    """Closes whatever ended by a timer or an operator: the first time of all open cases, then of what ended lately."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.since: datetime | None = None

    def __call__(self) -> int:
        """How many cases were closed."""
        now = self.context.clock.now()
        closed = sweep(self.context, self.since)
        if closed < AT_ONCE:
            self.since = now - LONGEST
        return closed


def sweep(context: Context, since: datetime | None = None) -> int:
    """Close what has ended, if it was `since` then; writes nothing when nothing has."""
    asked = ENDED_AT_ALL if since is None else ENDED_LATELY
    values = {"tenant": context.tenant, "since": since}
    with context.database.read() as session:
        if asked.first(session, values) is None:
            return 0
    with context.database.begin() as session:
        return _close(session, context, asked.all(session, values))


def _close(session: Session, context: Context, ended: Sequence[Any]) -> int:
    for row in ended:
        cases.close_case(session, context.clock, row.id, row.end_state or WORDS.get(row.state, "Terminé"))
    return len(ended)


def _ended(tenant: BindParameter[str]) -> Select[tuple[str, str, str | None]]:
    return (
        select(runs.c.id, runs.c.state, runs.c.end_state)
        .join(case_rows, case_rows.c.id == runs.c.id)
        .where(case_rows.c.tenant == tenant, case_rows.c.closed_at.is_(None))
        .where(runs.c.tenant == tenant, runs.c.ended_at.is_not(None))
    )


ENDED = Query(_ended(bindparam("tenant")).where(runs.c.id == bindparam("id")))
ENDED_AT_ALL = Query(_ended(bindparam("tenant")).limit(AT_ONCE))
ENDED_LATELY = Query(
    _ended(bindparam("tenant")).where(runs.c.ended_at >= bindparam("since", type_=Instant())).limit(AT_ONCE)
)

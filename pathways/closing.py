"""Closes the cases whose run has ended, with what they came to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from care import cases
from care.tables import case as case_rows
from engine.tables import run as runs
from pathways.context import Context

WORDS = {"cancelled": "Arrêté", "failed": "Arrêté sur incident"}


def close_ended(session: Session, context: Context, limit: int = 500) -> int:
    """Close them and say how many; the end event's name is the outcome."""
    ended = session.execute(
        select(runs.c.id, runs.c.state, runs.c.end_state)
        .join(case_rows, case_rows.c.id == runs.c.id)
        .where(runs.c.tenant == context.tenant, runs.c.ended_at.is_not(None), case_rows.c.closed_at.is_(None))
        .limit(limit)
    ).all()
    for row in ended:
        cases.close_case(session, context.clock, row.id, row.end_state or WORDS.get(row.state, "Terminé"))
    return len(ended)


def sweep(context: Context) -> int:
    """One pass of the worker; writes nothing when nothing has ended."""
    with context.database.read() as session:
        if not _is_due(session, context):
            return 0
    with context.database.begin() as session:
        return close_ended(session, context)


def _is_due(session: Session, context: Context) -> bool:
    ended = (
        select(runs.c.id)
        .join(case_rows, case_rows.c.id == runs.c.id)
        .where(runs.c.tenant == context.tenant, runs.c.ended_at.is_not(None), case_rows.c.closed_at.is_(None))
    )
    return session.execute(ended.limit(1)).first() is not None

"""Closes the cases whose run has ended, with what they came to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from base.prepared import Query
from care import cases
from care.tables import case as case_rows
from engine.tables import run as runs
from pathways.context import Context

WORDS = {"cancelled": "Arrêté", "failed": "Arrêté sur incident"}
AT_ONCE = 500


def close_if_ended(session: Session, context: Context, case: str) -> bool:
    """Close one case when its run has ended: for a door that has just moved it."""
    return _close(session, context, ENDED.all(session, {"tenant": context.tenant, "id": case})) > 0


def sweep(context: Context) -> int:
    """Close whatever has ended meanwhile (by a timer, by an operator); writes nothing when nothing has."""
    with context.database.read() as session:
        if session.execute(_ended(context.tenant).limit(1)).first() is None:
            return 0
    with context.database.begin() as session:
        return _close(session, context, session.execute(_ended(context.tenant).limit(AT_ONCE)).all())


def _close(session: Session, context: Context, ended: Sequence[Any]) -> int:
    for row in ended:
        cases.close_case(session, context.clock, row.id, row.end_state or WORDS.get(row.state, "Terminé"))
    return len(ended)


def _ended(tenant: str | BindParameter[str]) -> Select[tuple[str, str, str | None]]:
    return (
        select(runs.c.id, runs.c.state, runs.c.end_state)
        .join(case_rows, case_rows.c.id == runs.c.id)
        .where(case_rows.c.tenant == tenant, case_rows.c.closed_at.is_(None))
        .where(runs.c.tenant == tenant, runs.c.ended_at.is_not(None))
    )


ENDED = Query(_ended(bindparam("tenant")).where(runs.c.id == bindparam("id")))

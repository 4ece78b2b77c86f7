"""The bell of a queue: it rings at each commit that made work due, so that workers of this process need not poll."""

import threading

from sqlalchemy import event
from sqlalchemy.orm import Session

WAKING = "jobs_waking"


def ring_at_commit(session: Session, wake: threading.Event) -> None:
    """Ring once others can see what this transaction asked for; a rollback rings nothing."""
    session.info.setdefault(WAKING, set()).add(wake)


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    """Work has become due for others to see; the end of a savepoint does not count."""
    if WAKING in session.info and session.get_nested_transaction() is None:
        for bell in session.info.pop(WAKING):
            bell.set()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _transaction: object) -> None:
    if session.get_nested_transaction() is None:
        session.info.pop(WAKING, None)

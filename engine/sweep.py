"""The periodic pass: timers and starts that are due, messages that were missed, messages that nobody took in time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from base.database import Database, Instant
from base.errors import Conflict
from base.prepared import Query
from engine import failure, kept, openings, steps, tables
from engine.advance import Mover
from engine.correlate import deliver, missed
from engine.kept import Message

RUN, TIMER = tables.run.c, tables.timer.c
TOGETHER = 16
"""Runs that one transaction fires: one wait for the disk instead of many, and nobody who writes waits long for it."""
FREE = Query(
    select(RUN.id)
    .where(RUN.tenant == bindparam("tenant"), RUN.id == bindparam("run"))
    .with_for_update(skip_locked=True)
)
STILL_DUE = Query(
    select(TIMER.token)
    .where(TIMER.tenant == bindparam("tenant"), TIMER.run == bindparam("run"))
    .where(TIMER.due_at <= bindparam("now", type_=Instant()))
    .limit(1)
)
log = structlog.get_logger()


def sweep(database: Database, mover: Mover, limit: int) -> int:
    """Timers some runs at a time, all else in transactions of its own: what fails does not hold up the others. How many
    moved.

    Several workers may sweep at once: a run that another one holds is passed over, and one that it has fired already.
    """
    now = mover.environment.clock.now()
    with database.read() as session:
        due = _due(session, mover, limit)
        late = missed(session, mover.tenant, limit)
        stale = _stale(session, mover)
        starts = openings.due(session, mover)
    moved = sum(_together(database, mover, due[first : first + TOGETHER]) for first in range(0, len(due), TOGETHER))
    moved += sum(_alone(database, message.key, partial(_deliver, mover, message)) for message in late)
    moved += sum(_alone(database, one.process, partial(openings.happen, mover, one)) for one in starts)
    if stale:
        with database.begin() as session:
            kept.expire(session, mover.tenant, now)
    return moved


def due_runs(tenant: str, now: datetime, limit: int) -> Select[str]:
    """The runs of the oldest timers that are due, one row for each timer."""
    return select(TIMER.run).where(TIMER.tenant == tenant, TIMER.due_at <= now).order_by(TIMER.due_at).limit(limit)


def _due(session: Session, mover: Mover, limit: int) -> list[str]:
    found = session.scalars(due_runs(mover.tenant, mover.environment.clock.now(), limit))
    return list(dict.fromkeys(found))


def _stale(session: Session, mover: Mover) -> bool:
    buffer = tables.message_buffer.c
    old = select(buffer.message).where(
        buffer.tenant == mover.tenant, buffer.expires_at <= mover.environment.clock.now()
    )
    return session.execute(old.limit(1)).first() is not None


def _deliver(mover: Mover, message: Message, session: Session) -> bool:
    return deliver(session, mover, message) is not None


def _together(database: Database, mover: Mover, due: Sequence[str]) -> int:
    """Fire the timers of some runs in one transaction, the oldest first; how many runs moved.

    A run that fails is taken back alone, then tried in a transaction of its own, which also says what to do about it.
    """
    failed: list[str] = []
    try:
        with database.begin() as session:
            moved = sum(_within(session, mover, run, failed) for run in due)
    except SQLAlchemyError:
        moved, failed = 0, list(due)
    return moved + sum(_alone(database, run, partial(_fire, mover, run), partial(_hold, mover, run)) for run in failed)


def _within(session: Session, mover: Mover, run: str, failed: list[str]) -> bool:
    """A lost connection or lock ends the whole transaction: it is raised."""
    try:
        with session.begin_nested():
            return _fire(mover, run, session)
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001  # tried again alone, and what fails there is told
        failed.append(run)
        return False


def _fire(mover: Mover, run: str, session: Session) -> bool:
    if not _claim(session, mover, run):
        return False
    return mover.move(session, run, "jalon", lambda moved: steps.fire_timers(moved, moved.now)) > 0


def _claim(session: Session, mover: Mover, run: str) -> bool:
    """Whether the run is ours until the end of the transaction, and still has a timer that is due."""
    values = {"tenant": mover.tenant, "run": run, "now": mover.environment.clock.now()}
    return FREE.first(session, values) is not None and STILL_DUE.first(session, values) is not None


def _hold(mover: Mover, run: str, error: Exception, session: Session) -> None:
    """Timers that cannot fire through a fault of the program wait for a person, instead of being tried for ever."""
    mover.move(session, run, "jalon", lambda moved: steps.hold(moved, moved.now, failure.where(error)))


def _alone(
    database: Database,
    key: str,
    act: Callable[[Session], bool],
    give_up: Callable[[Exception, Session], None] | None = None,
) -> bool:
    """In a transaction of its own; what only came at the wrong moment is tried again by the next pass."""
    try:
        with database.begin() as session:
            return act(session)
    except (Conflict, SQLAlchemyError) as error:
        log.warning("sweep_skipped_run", run=key, error=type(error).__name__)
    except Exception as error:
        log.exception("sweep_failed", run=key)
        if give_up is not None:
            failed = error
            _alone(database, key, lambda session: bool(give_up(failed, session)))
    return False

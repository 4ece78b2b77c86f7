"""The notices themselves: written in the caller's transaction, each thing told once, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, literal, select, update
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import Clock
from base.database import Instant
from base.ids import new_id
from base.prepared import Prepared, Query, insert_once
from base.rows import made
from people.notices import preferences
from people.notices.kinds import KINDS
from people.notices.tables import carried, delivery
from people.notices.tables import notice as rows

NEW, READY, TOLD, SHOWN, WITHDRAWN = "new", "ready", "told", "shown", "withdrawn"
"""Just written, waiting for its hour, sent by some way, only on the page, and no longer for this person."""
HIDDEN, ANSWERED, PASSED_ON = "hidden", "answered", "passed_on"
"""Why it was withdrawn: the guard refuses, somebody answered, or a stand-in is told instead."""
KEPT = timedelta(days=90)
"""How long notices and what became of them are kept; à valider localement."""
AT_ONCE = 200


@dataclass(frozen=True)
class Notice:
    """Something to tell a person. `other` is a professional whom it is about, `due` until when it waits."""

    id: str
    person: str
    kind: str
    about: str
    task: str | None
    case: str | None
    other: str | None
    due: datetime | None
    urgent: bool
    at: datetime
    ready_at: datetime
    state: str
    reason: str


ONCE = insert_once(rows, "tenant", "person", "kind", "about")
OF_PERSON = Query(
    select(rows)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.person == bindparam("person"))
    .order_by(rows.c.at.desc(), rows.c.id.desc())
    .limit(bindparam("most"))
)
OPEN = Query(
    select(rows)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.person == bindparam("person"))
    .where(rows.c.state.in_([literal(NEW), literal(READY)]))
    .order_by(rows.c.at, rows.c.id)
)
DUE = Query(
    select(rows.c.person)
    .where(rows.c.tenant == bindparam("tenant"), rows.c.ready_at <= bindparam("now", type_=Instant()))
    .where(rows.c.state.in_([literal(NEW), literal(READY)]))
    .distinct()
    .limit(AT_ONCE)
)
SETTLE = Prepared(
    update(rows)
    .where(rows.c.tenant == bindparam("b_tenant"), rows.c.id == bindparam("b_id"))
    .values(state=bindparam("state"), reason=bindparam("reason"))
)
MOVE = Prepared(
    update(rows)
    .where(rows.c.tenant == bindparam("b_tenant"), rows.c.id == bindparam("b_id"))
    .values(state=READY, ready_at=bindparam("ready_at", type_=Instant()))
)


def tell(
    session: Session,
    clock: Clock,
    tenant: str,
    person: str,
    kind: str,
    *,
    task: str | None = None,
    case: str | None = None,
    about: str | None = None,
    other: str | None = None,
    due: datetime | None = None,
    urgent: bool = False,
) -> bool:
    """Note something to tell a person, once for what it is `about` (the task when nothing is said); whether it is new.

    It leaves later, by what the person chose, if by then it still waits and they may still see it.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of notice: {kind}")
    now = clock.now()
    values = {
        "tenant": tenant, "id": new_id(), "person": person, "kind": kind, "about": about or task or new_id(),
        "task": task, "case": case, "other": other, "due": due, "urgent": urgent, "at": now, "ready_at": now,
        "state": NEW, "reason": "",
    }  # fmt: skip
    return ONCE.first(session, values) is not None


def latest(session: Session, tenant: str, person: str, most: int = 50) -> list[Notice]:
    """What a person was told, the last first."""
    found = OF_PERSON.all(session, {"tenant": tenant, "person": person, "most": most})
    return [made(Notice, row) for row in found]


def waiting(session: Session, tenant: str, person: str) -> list[Notice]:
    """What has not left yet, the oldest first."""
    return [made(Notice, row) for row in OPEN.all(session, {"tenant": tenant, "person": person})]


def those(session: Session, tenant: str, ids: Collection[str]) -> list[Notice]:
    """These notices, the oldest first."""
    found = session.execute(select(rows).where(rows.c.tenant == tenant, rows.c.id.in_(ids)).order_by(rows.c.at))
    return [made(Notice, row) for row in found] if ids else []


def due_persons(session: Session, tenant: str, now: datetime) -> list[str]:
    """Those for whom something is new, or whose hour has come."""
    return [row.person for row in DUE.all(session, {"tenant": tenant, "now": now})]


def settle(session: Session, tenant: str, notices: Sequence[Notice], state: str, reason: str = "") -> None:
    """Say what became of notices."""
    SETTLE.write(session, [{"b_tenant": tenant, "b_id": one.id, "state": state, "reason": reason} for one in notices])


def put_off(session: Session, tenant: str, notices: Sequence[Notice], until: datetime) -> None:
    """They leave at another hour."""
    MOVE.write(session, [{"b_tenant": tenant, "b_id": one.id, "ready_at": until} for one in notices])


def schedule(session: Session, calendar: Calendar, tenant: str, new: Sequence[Notice], now: datetime) -> None:
    """Give each new notice its hour."""
    for one in new:
        at = preferences.leaves_at(session, calendar, tenant, one.person, now, urgent=one.urgent, due=one.due)
        put_off(session, tenant, [one], at)


def reconsider(session: Session, clock: Clock, tenant: str, person: str) -> None:
    """Give what waits its hour anew: the person wants to be told otherwise."""
    mine = (rows.c.tenant == tenant, rows.c.person == person, rows.c.state == READY)
    session.execute(update(rows).where(*mine).values(state=NEW, ready_at=clock.now()))


def forget(session: Session, tenant: str, before: datetime) -> int:
    """Delete what was told, and how it left, before a moment; how many notices."""
    gone = session.execute(delete(rows).where(rows.c.tenant == tenant, rows.c.at < before).returning(rows.c.id)).all()
    session.execute(delete(delivery).where(delivery.c.tenant == tenant, delivery.c.created_at < before))
    left = select(delivery.c.id).where(delivery.c.tenant == tenant)
    if gone:
        session.execute(delete(carried).where(carried.c.tenant == tenant, carried.c.delivery.not_in(left)))
    return len(gone)

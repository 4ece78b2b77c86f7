"""Who works at which row of the embedded queue: how workers take, keep, settle and give back jobs."""

import secrets
import socket
import threading
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from base.clock import Clock, SystemClock
from base.database import Database
from base.jobs.claims import ABANDONED, LEASE, MAX_ATTEMPTS, Claim, ClaimLost, give_back, is_gone, this_process
from base.jobs.tables import DEAD, READY, RUNNING, job
from base.prepared import Query

SETTLE = Query(delete(job).where(job.c.n == bindparam("held"), job.c.claim == bindparam("by")).returning(job.c.n))


class EmbeddedClaims:
    """The claims of one worker process: a token and a lease in each row."""

    def __init__(
        self, database: Database, clock: Clock, kinds: Collection[str], tenant: str | None, lease: timedelta = LEASE
    ) -> None:
        self.database, self.clock, self.lease = database, clock, lease
        self.machine: Clock = SystemClock()
        self.host = socket.gethostname()
        self._which = [
            job.c.kind.in_([literal(kind) for kind in sorted(kinds)]),
            *([] if tenant is None else [job.c.tenant == tenant]),
        ]
        self._due, self._taking = Query(_due(self._which)), Query(_taking(self._which, database.is_sqlite))

    def take(self) -> Claim | None:
        """Looks before it takes SQLite's write lock; PostgreSQL locks nothing when there is nothing to take."""
        if self.database.is_sqlite and not self._is_something_due():
            return None
        try:
            with self.database.begin() as session:
                return self._take(session)
        except IntegrityError:
            return None  # another worker has just taken a job of the same serial key

    def settle(self, session: Session, claim: Claim) -> None:
        if SETTLE.first(session, {"held": claim.n, "by": claim.token}) is None:
            raise ClaimLost(claim.id)

    def retry(self, claim: Claim, delay: timedelta, error: str) -> None:
        back = _given_back(self.clock.now() + delay, error).where(_is(claim))
        give_back(lambda: self._change_alone(claim, back))

    def give_up(self, claim: Claim, error: str) -> None:
        dead = _given_up(self.clock.now(), error).where(_is(claim))
        self._change_alone(claim, dead.returning(job.c.n))

    def renew(self, claims: Collection[Claim]) -> None:
        if not claims:
            return
        mine = job.c.claim.in_([claim.token for claim in claims])
        with self.database.begin() as session:
            session.execute(update(job).where(mine).values(lease_until=self.machine.now() + self.lease))

    def reap(self) -> int:
        query = select(job.c.n, job.c.claim, job.c.attempt, job.c.worker, job.c.lease_until)
        with self.database.read() as session:
            running = session.execute(query.where(job.c.state == RUNNING, *self._which).order_by(job.c.n)).all()
        lost = [row for row in running if self._is_lost(row.worker, row.lease_until)]
        for row in lost:
            self._take_back(row.n, row.claim, row.attempt)
        return len(lost)

    def listen(self, wake: threading.Event, stopping: threading.Event) -> None:
        """Nothing is told between processes: they look at the table."""

    def close(self) -> None:
        """A process without jobs has left nothing in the table."""

    def _is_something_due(self) -> bool:
        with self.database.read() as session:
            return self._due.first(session, {"now": self.clock.now()}) is not None

    def _take(self, session: Session) -> Claim | None:
        token = secrets.token_hex(16)
        values = {
            "now": self.clock.now(),
            "new_claim": token,
            "new_worker": this_process(),
            "new_lease": self.machine.now() + self.lease,
        }
        row = self._taking.first(session, values)
        if row is None:
            return None
        return Claim(row.n, row.tenant, row.id, row.kind, orjson.loads(row.payload), row.attempt, token)

    def _change(self, session: Session, claim: Claim, statement: Executable) -> None:
        if session.execute(statement).first() is None:
            raise ClaimLost(claim.id)

    def _change_alone(self, claim: Claim, statement: Executable) -> None:
        with self.database.begin() as session:
            self._change(session, claim, statement)

    def _is_lost(self, worker: str, lease_until: datetime) -> bool:
        return lease_until < self.machine.now() or is_gone(worker, self.host)

    def _take_back(self, n: int, token: str, attempt: int) -> None:
        same = and_(job.c.n == n, job.c.claim == token)
        if attempt >= MAX_ATTEMPTS:
            back = _given_up(self.clock.now(), ABANDONED).where(same)
        else:
            back = _given_back(job.c.run_at, ABANDONED).where(same)
        give_back(lambda: self._write(back))

    def _write(self, statement: Executable) -> None:
        with self.database.begin() as session:
            session.execute(statement)


def _due(which: Sequence[ColumnElement[bool]]) -> Select[tuple[int]]:
    """The first job that is due at `now`; built once, since every look at the queue asks it."""
    ready = and_(job.c.state == READY, job.c.run_at <= bindparam("now", type_=job.c.run_at.type), *which)
    order = (job.c.rank, job.c.due_at, job.c.n)
    return select(job.c.n).where(ready, or_(job.c.serial_key.is_(None), ~_is_behind())).order_by(*order).limit(1)


def _taking(which: Sequence[ColumnElement[bool]], is_sqlite: bool) -> ReturningUpdate[Any]:
    """On PostgreSQL the commit does not wait for the disk: a server that crashes then has the job wait again."""
    hurried = [] if is_sqlite else [func.set_config("synchronous_commit", "off", true()).label("hurried")]
    first = _due(which).with_for_update(skip_locked=True, of=job).cte("first")
    return (
        update(job)
        .where(job.c.n.in_(select(first.c.n)))
        .values(
            state=RUNNING,
            claim=bindparam("new_claim"),
            attempt=job.c.attempt + 1,
            worker=bindparam("new_worker"),
            lease_until=bindparam("new_lease", type_=job.c.lease_until.type),
        )
        .returning(job.c.n, job.c.tenant, job.c.id, job.c.kind, job.c.payload, job.c.attempt, *hurried)
    )


_UNCLAIMED = {"claim": None, "worker": None, "lease_until": None}


def _is(claim: Claim) -> ColumnElement[bool]:
    return and_(job.c.n == claim.n, job.c.claim == claim.token)


def _given_back(run_at: object, error: str) -> Update:
    """Ready again; it leaves its dedupe key to a job that was asked for meanwhile."""
    twin = job.alias("twin")
    replaced = exists().where(
        twin.c.tenant == job.c.tenant, twin.c.dedupe_key == job.c.dedupe_key, twin.c.state == READY
    )
    key = case((replaced, None), else_=job.c.dedupe_key)
    return update(job).values(state=READY, run_at=run_at, error=error, dedupe_key=key, **_UNCLAIMED).returning(job.c.n)


def _given_up(at: datetime, error: str) -> Update:
    """Nobody runs it any more: `run_at` keeps when it failed."""
    return update(job).values(state=DEAD, run_at=at, error=error, **_UNCLAIMED)


def _is_behind() -> ColumnElement[bool]:
    """True when another job of the same serial key runs, or waits and was due before."""
    other = job.alias("other")
    before = or_(other.c.due_at < job.c.due_at, and_(other.c.due_at == job.c.due_at, other.c.n < job.c.n))
    return exists().where(
        other.c.tenant == job.c.tenant,
        other.c.serial_key == job.c.serial_key,
        or_(other.c.state == RUNNING, and_(other.c.state == READY, before)),
    )

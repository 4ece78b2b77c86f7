"""Who works at which job: every read and write by which workers take, keep, settle and give back the rows."""

import os
import secrets
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
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
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from base.clock import Clock, SystemClock
from base.database import Database
from base.errors import JalonError
from base.jobs.tables import DEAD, READY, RUNNING, job

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12


class ClaimLost(JalonError):
    """The lease ran out and another worker has the job: nothing of this attempt may be written."""

    code = "claim-lost"


@dataclass(frozen=True)
class Claim:
    """A job taken by one worker for one attempt; `token` proves it."""

    n: int
    tenant: str
    id: str
    kind: str
    payload: dict[str, str]
    attempt: int
    token: str


class Claims:
    """The claims of one worker process.

    Jobs are due by the product's clock; leases run by the machine's, so that a simulated clock neither steals a job
    nor keeps a dead worker's.
    """

    def __init__(
        self, database: Database, clock: Clock, kinds: Collection[str], tenant: str | None, lease: timedelta = LEASE
    ) -> None:
        self.database, self.clock, self.lease = database, clock, lease
        self.machine: Clock = SystemClock()
        self.host = socket.gethostname()
        self._which = [job.c.kind.in_(sorted(kinds)), *([] if tenant is None else [job.c.tenant == tenant])]
        self._due, self._taking = _due(self._which), _taking(self._which)

    def take(self) -> Claim | None:
        """Claim the first due job. Looks before it takes SQLite's write lock."""
        if not self._is_something_due():
            return None
        try:
            with self.database.begin() as session:
                return self._take(session)
        except IntegrityError:
            return None  # another worker has just taken a job of the same serial key

    def settle(self, session: Session, claim: Claim) -> None:
        """The job is done: its row goes. Raises ClaimLost."""
        self._change(session, claim, delete(job).where(_is(claim)).returning(job.c.n))

    def retry(self, claim: Claim, delay: timedelta, error: str) -> None:
        """Give the job back for a later attempt. Raises ClaimLost."""
        with self.database.begin() as session:
            self._change(session, claim, _given_back(self.clock.now() + delay, error).where(_is(claim)))

    def give_up(self, claim: Claim, error: str) -> None:
        """Keep the job as dead, for the operator. Raises ClaimLost."""
        dead = update(job).where(_is(claim)).values(state=DEAD, error=error, **_UNCLAIMED).returning(job.c.n)
        with self.database.begin() as session:
            self._change(session, claim, dead)

    def renew(self, claims: Collection[Claim]) -> None:
        """Keep the leases of jobs that take long."""
        if not claims:
            return
        mine = job.c.claim.in_([claim.token for claim in claims])
        with self.database.begin() as session:
            session.execute(update(job).where(mine).values(lease_until=self.machine.now() + self.lease))

    def reap(self) -> int:
        """Take back the jobs of workers that died: their lease ran out, or their process is gone from this machine."""
        query = select(job.c.n, job.c.claim, job.c.attempt, job.c.worker, job.c.lease_until)
        with self.database.read() as session:
            running = session.execute(query.where(job.c.state == RUNNING, *self._which)).all()
        lost = [row for row in running if self._is_lost(row.worker, row.lease_until)]
        for row in lost:
            self._take_back(row.n, row.claim, row.attempt)
        return len(lost)

    def _is_something_due(self) -> bool:
        with self.database.read() as session:
            return session.execute(self._due, {"now": self.clock.now()}).first() is not None

    def _take(self, session: Session) -> Claim | None:
        token = secrets.token_hex(16)
        values = {
            "now": self.clock.now(),
            "new_claim": token,
            "new_worker": f"{self.host}/{os.getpid()}/{_started(os.getpid())}",
            "new_lease": self.machine.now() + self.lease,
        }
        row = session.execute(self._taking, values).first()
        if row is None:
            return None
        return Claim(row.n, row.tenant, row.id, row.kind, orjson.loads(row.payload), row.attempt, token)

    def _change(self, session: Session, claim: Claim, statement: Executable) -> None:
        if session.execute(statement).first() is None:
            raise ClaimLost(f"Le travail {claim.id} a été repris par un autre processus.")

    def _is_lost(self, worker: str, lease_until: datetime) -> bool:
        host, pid, started = worker.rsplit("/", 2)
        return lease_until < self.machine.now() or (host == self.host and _started(int(pid)) != started)

    def _take_back(self, n: int, token: str, attempt: int) -> None:
        error = "abandoned: le processus qui travaillait s’est arrêté"
        same = and_(job.c.n == n, job.c.claim == token)
        if attempt >= MAX_ATTEMPTS:
            back = update(job).where(same).values(state=DEAD, error=error, **_UNCLAIMED)
        else:
            back = _given_back(job.c.run_at, error).where(same)
        with self.database.begin() as session:
            session.execute(back)


def _due(which: Sequence[ColumnElement[bool]]) -> Select[tuple[int]]:
    """The first job that is due at `now`; built once, since every look at the queue asks it."""
    ready = and_(job.c.state == READY, job.c.run_at <= bindparam("now", type_=job.c.run_at.type), *which)
    order = (job.c.rank, job.c.due_at, job.c.n)
    return select(job.c.n).where(ready, or_(job.c.serial_key.is_(None), ~_is_behind())).order_by(*order).limit(1)


def _taking(which: Sequence[ColumnElement[bool]]) -> ReturningUpdate[Any]:
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
        .returning(job.c.n, job.c.tenant, job.c.id, job.c.kind, job.c.payload, job.c.attempt)
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


def _is_behind() -> ColumnElement[bool]:
    """True when another job of the same serial key runs, or waits and was due before."""
    other = job.alias("other")
    before = or_(other.c.due_at < job.c.due_at, and_(other.c.due_at == job.c.due_at, other.c.n < job.c.n))
    return exists().where(
        other.c.tenant == job.c.tenant,
        other.c.serial_key == job.c.serial_key,
        or_(other.c.state == RUNNING, and_(other.c.state == READY, before)),
    )


def _started(pid: int) -> str:
    """When the process of this number started, in the kernel's ticks; empty when it is gone or cannot be known."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError, ValueError):
        return ""
    return "" if state in {"Z", "X"} else rest[18]

"""Who works at which job of procrastinate: our own statements over its rows, for what its worker does not promise.

Its worker ends a job after, and apart from, the transaction of the effects; knows no other clock than the server's; and
settles a job by its id alone, even one that another worker has by now. Ours does what `procrastinate_fetch_job_v2`
does, by the product's clock, and every later write names the claim.
"""

import secrets
import socket
import threading
from collections.abc import Collection
from datetime import timedelta
from time import monotonic
from typing import Any

import orjson
from sqlalchemy import Row, TextClause
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database
from base.jobs import procrastinate_rows as rows
from base.jobs.claims import ABANDONED, LEASE, MAX_ATTEMPTS, Claim, ClaimLost, give_back, is_gone, this_process

HEARING_SECONDS = 0.2
CHANNEL, ANY_CHANNEL = "procrastinate_queue_v1#{}", "procrastinate_any_queue_v1"


class ProcrastinateClaims:
    """The claims of one worker process: a row of `procrastinate_workers`, whose heart beats for all its jobs."""

    def __init__(
        self, database: Database, clock: Clock, kinds: Collection[str], tenant: str | None, lease: timedelta = LEASE
    ) -> None:
        self.database, self.clock, self.lease = database, clock, lease
        self.host = socket.gethostname()
        self._which = {"kinds": sorted(kinds), "queue": tenant}
        self._worker: int | None = None
        self._beaten = 0.0
        self._beating = threading.Lock()

    def take(self) -> Claim | None:
        """Looks once more when one of the same lock had just been taken, or we had been given up for dead."""
        try:
            return self._take()
        except IntegrityError:
            self._beaten = 0.0
        try:
            return self._take()
        except IntegrityError:
            return None

    def settle(self, session: Session, claim: Claim) -> None:
        self._change(session, claim, rows.SETTLE)

    def retry(self, claim: Claim, delay: timedelta, error: str) -> None:
        run_at, said = self.clock.now() + delay, _json(error=error)
        give_back(lambda: self._change_alone(claim, rows.GIVE_BACK, run_at=run_at, said=said))

    def give_up(self, claim: Claim, error: str) -> None:
        self._change_alone(claim, rows.GIVE_UP, said=self._failed(error))

    def renew(self, claims: Collection[Claim]) -> None:
        self._alive()

    def reap(self) -> int:
        lease = {"lease": self.lease.total_seconds()}
        with self.database.read() as session:
            running = session.execute(rows.RUNNING, {**self._which, **lease}).all()
            silent = session.execute(rows.SILENT, lease).first()
        lost = [row for row in running if row.silent or is_gone(row.worker, self.host)]
        for row in lost:
            self._take_back(row)
        if silent is not None:
            with self.database.begin() as session:
                session.execute(rows.PRUNE, lease)
        return len(lost)

    def listen(self, wake: threading.Event, stopping: threading.Event) -> None:
        """PostgreSQL tells each new job; one that is given back or revived is found by the next look."""
        tenant = self._which["queue"]
        channel = ANY_CHANNEL if tenant is None else CHANNEL.format(tenant)
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver: Any = connection.connection.driver_connection
            connection.detach()
            connection.exec_driver_sql(f'LISTEN "{channel}"')
            while not stopping.is_set():
                for _ in driver.notifies(timeout=HEARING_SECONDS):
                    wake.set()

    def close(self) -> None:
        with self._beating:
            if self._worker is not None:
                with self.database.begin() as session:
                    session.execute(rows.UNREGISTER, {"worker": self._worker})
            self._worker = None

    def _take(self) -> Claim | None:
        token = secrets.token_hex(16)
        held = _json(claim=token, worker=this_process())
        values = {**self._which, "now": self.clock.now(), "worker": self._alive(), "held": held}
        with self.database.begin() as session:
            row = session.execute(rows.TAKE, values).first()
        return None if row is None else _claim(row, token)

    def _alive(self) -> int:
        """Our number among the workers: its heart beats four times a lease; a new one when we were given up."""
        with self._beating:
            if self._worker is not None and monotonic() - self._beaten < self.lease.total_seconds() / 4:
                return self._worker
            with self.database.begin() as session:
                known = None if self._worker is None else session.execute(rows.BEAT, {"worker": self._worker}).scalar()
                self._worker = int(known or session.execute(rows.REGISTER).scalar_one())
            self._beaten = monotonic()
            return self._worker

    def _change(self, session: Session, claim: Claim, statement: TextClause, **values: object) -> None:
        if session.execute(statement, {"id": claim.n, "claim": claim.token, **values}).first() is None:
            raise ClaimLost(claim.id)

    def _change_alone(self, claim: Claim, statement: TextClause, **values: object) -> None:
        with self.database.begin() as session:
            self._change(session, claim, statement, **values)

    def _take_back(self, row: Row[Any]) -> None:
        held = {"id": row.id, "claim": row.claim}
        if row.attempts + 1 >= MAX_ATTEMPTS:
            return self._write(rows.GIVE_UP, {**held, "said": self._failed(ABANDONED)})
        back = {**held, "said": _json(error=ABANDONED), "run_at": None}
        return give_back(lambda: self._write(rows.GIVE_BACK, back))

    def _failed(self, error: str) -> str:
        return _json(error=error, failed_at=self.clock.now().isoformat())

    def _write(self, statement: TextClause, values: dict[str, Any]) -> None:
        with self.database.begin() as session:
            session.execute(statement, values)


def _claim(row: Row[Any], token: str) -> Claim:
    return Claim(
        n=row.id,
        tenant=row.queue_name,
        id=str(row.id),
        kind=row.task_name,
        payload=row.args["payload"],
        attempt=row.attempts + 1,
        token=token,
    )


def _json(**values: str) -> str:
    return orjson.dumps(values).decode()

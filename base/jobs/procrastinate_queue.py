"""The queue in the tables of procrastinate, on PostgreSQL alone: its rows, its functions, its notifications."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Row, TextClause
from sqlalchemy.orm import Session

from base.clock import Clock
from base.errors import Conflict, NotFound
from base.jobs import AskedJob, DeadJob
from base.jobs import procrastinate_rows as rows
from base.jobs.bell import ring_at_commit
from base.jobs.claims import NOT_FAILED, TRIES
from base.jobs.procrastinate_claims import ProcrastinateClaims
from base.jobs.tables import DEAD, READY, RUNNING

STATES = {"todo": READY, "doing": RUNNING, "failed": DEAD}

LONGEST_ID = 18
APP = App(connector=SyncPsycopgConnector())
"""Opened never: every job is deferred on the connection of the caller's transaction."""


class ProcrastinateQueue:
    """The jobs of one tenant, as jobs of procrastinate."""

    claims = ProcrastinateClaims

    def __init__(self, tenant: str, clock: Clock) -> None:
        self.tenant = tenant
        self.clock = clock
        self.wake = threading.Event()

    def enqueue(
        self,
        session: Session,
        kind: str,
        payload: Mapping[str, str],
        *,
        run_at: datetime | None = None,
        dedupe_key: str | None = None,
        serial_key: str | None = None,
        priority: int = 0,
    ) -> str:
        now = self.clock.now()
        options = {
            "queue": self.tenant,
            "priority": priority,
            "schedule_at": run_at,
            "lock": None if serial_key is None else self._mine(serial_key),
            "queueing_lock": None if dedupe_key is None else self._mine(dedupe_key),
            "task_kwargs": {"payload": dict(payload), "asked_at": _text(now), "due_at": _text(run_at or now)},
        }
        ring_at_commit(session, self.wake)
        if dedupe_key is not None:
            return self._defer_once(session, kind, options, self._mine(dedupe_key))
        return self._defer(session, kind, options)

    def cancel(self, session: Session, dedupe_key: str) -> int:
        return len([row for row in session.execute(rows.CANCEL, {"key": self._mine(dedupe_key)}) if row.id is not None])

    def dead(self, session: Session, limit: int = 100) -> list[DeadJob]:
        found = session.execute(rows.DEAD_ONES, {"queue": self.tenant, "limit": limit})
        return [_dead(row) for row in found]

    def dead_job(self, session: Session, job_id: str) -> DeadJob:
        return _dead(self._of_dead(session, rows.DEAD_ONE, job_id))

    def drop(self, session: Session, job_id: str) -> None:
        self._of_dead(session, rows.DROP, job_id)

    def revive(self, session: Session, job_id: str) -> None:
        self._of_dead(session, rows.REVIVE, job_id, now=self.clock.now())
        ring_at_commit(session, self.wake)

    def counts(self, session: Session) -> dict[str, int]:
        found = session.execute(rows.COUNT, {"queue": self.tenant})
        return {STATES[row.status]: row.number for row in found if row.status in STATES}

    def first_due(self, session: Session) -> datetime | None:
        due: datetime | None = session.scalar(rows.FIRST_DUE, {"queue": self.tenant})
        return None if due is None else due.astimezone(UTC)

    def take_out(self, session: Session) -> list[AskedJob]:
        undone = session.execute(rows.TAKE_OUT, {"queue": self.tenant})
        return [
            AskedJob(
                kind=row.task_name,
                payload=row.args["payload"],
                run_at=row.scheduled_at or datetime.fromisoformat(row.args["due_at"]),
                dedupe_key=self._key(row.queueing_lock),
                serial_key=self._key(row.lock),
                priority=row.priority,
            )
            for row in sorted(undone, key=lambda row: (row.args["due_at"], row.id))
        ]

    def _of_dead(self, session: Session, statement: TextClause, job_id: str, **values: object) -> Row[Any]:
        number = int(job_id) if job_id.isascii() and job_id.isdecimal() and len(job_id) <= LONGEST_ID else 0
        row = session.execute(statement, {"queue": self.tenant, "id": number, **values}).first()
        if row is None:
            raise NotFound(NOT_FAILED)
        return row

    def _mine(self, key: str) -> str:
        """Keys are known to all of procrastinate's queues: ours carry the tenant."""
        return f"{self.tenant}/{key}"

    def _key(self, lock: str | None) -> str | None:
        return None if lock is None else lock.removeprefix(self._mine(""))

    def _defer_once(self, session: Session, kind: str, options: dict[str, Any], key: str) -> str:
        """Defer unless one waits already; a worker may take that one between our two looks, so look again."""
        for _ in range(TRIES):
            job_id = session.execute(rows.WAITING, {"key": key}).scalar()
            if job_id is not None:
                return str(job_id)
            try:
                with session.begin_nested():
                    return self._defer(session, kind, options)
            except AlreadyEnqueued:
                continue
        raise Conflict("Ce travail vient d’être pris et redemandé plusieurs fois de suite.")

    def _defer(self, session: Session, kind: str, options: dict[str, Any]) -> str:
        """On the very connection of the transaction; asking for it is what opens a savepoint that was begun."""
        driver = session.connection().connection.driver_connection
        return str(APP.configure_task(kind, connection=driver, **options).defer())


def _dead(row: Row[Any]) -> DeadJob:
    return DeadJob(
        id=str(row.id),
        kind=row.task_name,
        payload=row.args["payload"],
        attempt=row.attempts,
        error=row.args.get("error", ""),
        created_at=datetime.fromisoformat(row.args["asked_at"]),
        failed_at=datetime.fromisoformat(row.args.get("failed_at") or row.args["asked_at"]),
    )


def _text(instant: datetime) -> str:
    """Sorts as the instants do."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")

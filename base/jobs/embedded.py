"""The queue inside the product's own database: one table, on SQLite and PostgreSQL alike."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import insert_into
from base.errors import Conflict, NotFound
from base.ids import new_id
from base.jobs import AskedJob, DeadJob
from base.jobs.bell import ring_at_commit
from base.jobs.claims import NOT_FAILED, TRIES
from base.jobs.embedded_claims import EmbeddedClaims
from base.jobs.tables import DEAD, READY, is_ready, job
from base.prepared import Prepared

ADD = Prepared(insert(job))


class EmbeddedQueue:
    """The jobs of one tenant, on SQLite and PostgreSQL."""

    claims = EmbeddedClaims

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
        row = {
            "tenant": self.tenant,
            "id": new_id(),
            "kind": kind,
            "payload": orjson.dumps(dict(payload)).decode(),
            "state": READY,
            "rank": -priority,
            "due_at": run_at or now,
            "run_at": run_at or now,
            "attempt": 0,
            "dedupe_key": dedupe_key,
            "serial_key": serial_key,
            "created_at": now,
        }
        ring_at_commit(session, self.wake)
        if dedupe_key is not None:
            return self._insert_once(session, row, dedupe_key)
        ADD.write(session, [row])
        return str(row["id"])

    def cancel(self, session: Session, dedupe_key: str) -> int:
        dropped = delete(job).where(job.c.tenant == self.tenant, job.c.dedupe_key == dedupe_key, is_ready)
        return len(session.execute(dropped.returning(job.c.n)).all())

    def dead(self, session: Session, limit: int = 100) -> list[DeadJob]:
        rows = session.execute(
            select(job).where(job.c.tenant == self.tenant, job.c.state == DEAD).order_by(job.c.n.desc()).limit(limit)
        )
        return [_dead(row) for row in rows]

    def dead_job(self, session: Session, job_id: str) -> DeadJob:
        row = session.execute(select(job).where(*self._given_up(job_id)).with_for_update()).one_or_none()
        if row is None:
            raise NotFound(NOT_FAILED)
        return _dead(row)

    def drop(self, session: Session, job_id: str) -> None:
        if not session.execute(delete(job).where(*self._given_up(job_id)).returning(job.c.n)).all():
            raise NotFound(NOT_FAILED)

    def revive(self, session: Session, job_id: str) -> None:
        found = (
            update(job)
            .where(*self._given_up(job_id))
            .values(state=READY, attempt=0, run_at=self.clock.now(), dedupe_key=None)
        )
        if not session.execute(found.returning(job.c.n)).all():
            raise NotFound(NOT_FAILED)
        ring_at_commit(session, self.wake)

    def counts(self, session: Session) -> dict[str, int]:
        mine = job.c.tenant == self.tenant
        query = select(job.c.state, func.count().label("number")).where(mine).group_by(job.c.state)
        return {row.state: row.number for row in session.execute(query)}

    def first_due(self, session: Session) -> datetime | None:
        due: datetime | None = session.scalar(
            select(func.min(job.c.run_at)).where(job.c.tenant == self.tenant, is_ready)
        )
        return due

    def take_out(self, session: Session) -> list[AskedJob]:
        undone = delete(job).where(job.c.tenant == self.tenant, job.c.state != DEAD).returning(job)
        found = sorted(session.execute(undone), key=lambda row: (row.due_at, row.n))
        return [
            AskedJob(row.kind, orjson.loads(row.payload), row.run_at, row.dedupe_key, row.serial_key, -row.rank)
            for row in found
        ]

    def _given_up(self, job_id: str) -> tuple[ColumnElement[bool], ...]:
        return job.c.tenant == self.tenant, job.c.id == job_id, job.c.state == DEAD

    def _insert_once(self, session: Session, row: dict[str, object], dedupe_key: str) -> str:
        """Insert unless one waits already; a worker may claim that one between our two looks, so look again."""
        once = insert_into(session, job).values(row).on_conflict_do_nothing().returning(job.c.id)
        waiting = select(job.c.id).where(job.c.tenant == self.tenant, job.c.dedupe_key == dedupe_key, is_ready)
        for _ in range(TRIES):
            job_id = session.execute(once).scalar() or session.execute(waiting).scalar()
            if job_id is not None:
                return str(job_id)
        raise Conflict("Ce travail vient d’être pris et redemandé plusieurs fois de suite.")


def _dead(row: Row[Any]) -> DeadJob:
    told = (row.id, row.kind, orjson.loads(row.payload), row.attempt, row.error or "")
    return DeadJob(*told, created_at=row.created_at, failed_at=row.run_at)

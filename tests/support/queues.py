"""The jobs port in a test, whichever adapter stands behind it: ask, work, and look at what is kept."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, text, update

from base.clock import Clock
from base.database import Database
from base.jobs import Handler, JobStore, Worker
from base.jobs.claims import LEASE, Claims
from base.jobs.embedded import EmbeddedQueue
from base.jobs.procrastinate_queue import STATES, ProcrastinateQueue
from base.jobs.tables import RUNNING, job

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PROCRASTINATE_TABLES = tuple(f"procrastinate_{name}" for name in ("periodic_defers", "events", "jobs", "workers"))


@dataclass(frozen=True)
class Kept:
    """What is kept of a job; `held` moves on whenever its worker shows that it lives."""

    id: str
    kind: str
    state: str
    attempt: int
    error: str | None
    dedupe_key: str | None
    held: object


class Jobs(ABC):
    """One tenant's queue on a test's own database and clock."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.queue = self.queue_of("demo")

    @abstractmethod
    def queue_of(self, tenant: str) -> JobStore: ...

    @abstractmethod
    def rows(self) -> list[Kept]:
        """All jobs of all tenants, in the order in which they were asked for."""

    @abstractmethod
    def clear(self) -> None:
        """Forget every job."""

    @abstractmethod
    def expire(self) -> None:
        """Let every lease that runs now be over."""

    @abstractmethod
    def steal(self) -> None:
        """Give every running job to another claim."""

    def ask(self, kind: str = "note", name: str = "", **options) -> str:
        with self.database.begin() as session:
            return self.queue.enqueue(session, kind, {"name": name}, **options)

    def worker(self, handlers: Mapping[str, Handler] | Handler, **options) -> Worker:
        handlers = handlers if isinstance(handlers, Mapping) else {"note": handlers}
        return Worker(self.database, self.clock, handlers, claims=self.queue.claims, **options)

    def claims(self, lease: timedelta = LEASE) -> Claims:
        return self.queue.claims(self.database, self.clock, ["note"], None, lease)

    def write(self, statement) -> None:
        with self.database.begin() as session:
            session.execute(statement)


class EmbeddedJobs(Jobs):
    def queue_of(self, tenant: str) -> JobStore:
        return EmbeddedQueue(tenant, self.clock)

    def rows(self) -> list[Kept]:
        with self.database.read() as session:
            return [
                Kept(row.id, row.kind, row.state, row.attempt, row.error, row.dedupe_key, row.lease_until)
                for row in session.execute(select(job).order_by(job.c.n))
            ]

    def clear(self) -> None:
        self.write(delete(job))

    def expire(self) -> None:
        self.write(update(job).where(job.c.state == RUNNING).values(lease_until=LONG_AGO))

    def steal(self) -> None:
        self.write(update(job).values(claim="another"))


class ProcrastinateJobs(Jobs):
    def queue_of(self, tenant: str) -> JobStore:
        return ProcrastinateQueue(tenant, self.clock)

    def rows(self) -> list[Kept]:
        query = """SELECT job.*, last_heartbeat FROM procrastinate_jobs AS job
            LEFT JOIN procrastinate_workers AS worker ON worker.id = worker_id ORDER BY job.id"""
        with self.database.read() as session:
            return [
                Kept(
                    id=str(row.id),
                    kind=row.task_name,
                    state=STATES[row.status],
                    attempt=row.attempts + (row.status == "doing"),
                    error=row.args.get("error"),
                    dedupe_key=row.queueing_lock and row.queueing_lock.partition("/")[2],
                    held=row.last_heartbeat,
                )
                for row in session.execute(text(query))
            ]

    def clear(self) -> None:
        self.write(text("DELETE FROM procrastinate_jobs"))

    def expire(self) -> None:
        self.write(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '61 seconds'"))

    def steal(self) -> None:
        self.write(text("""UPDATE procrastinate_jobs SET args = args || '{"claim": "another"}'"""))


ADAPTERS: dict[str, type[Jobs]] = {"embedded": EmbeddedJobs, "procrastinate": ProcrastinateJobs}

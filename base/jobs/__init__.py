"""Background work: the port through which every floor asks for it, always in the caller's own transaction."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from base.jobs.claims import Claiming
from base.jobs.worker import Handler, Periodic, Work, Worker

__all__ = ["AskedJob", "DeadJob", "Handler", "JobQueue", "JobStore", "Periodic", "Work", "Worker"]


@dataclass(frozen=True)
class DeadJob:
    """A job that was given up at `failed_at`, and is kept for the operator."""

    id: str
    kind: str
    payload: dict[str, str]
    attempt: int
    error: str
    created_at: datetime
    failed_at: datetime


@dataclass(frozen=True)
class AskedJob:
    """A job as it was asked for: what `enqueue` was told."""

    kind: str
    payload: dict[str, str]
    run_at: datetime
    dedupe_key: str | None
    serial_key: str | None
    priority: int


class JobQueue(Protocol):
    """Where jobs wait. A job exists when, and only when, the transaction that asked for it commits."""

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
        """Ask for one piece of work and return its id; `payload` holds ids, never what identifies a patient.

        `dedupe_key`: as long as a job with this key waits, the same job is returned. `serial_key`: jobs with this key
        run one at a time and in order, a retried one before those behind it. The highest `priority` runs first.
        """
        ...

    def cancel(self, session: Session, dedupe_key: str) -> int:
        """Drop the job that waits under this key; returns how many were dropped. A running job is left alone."""
        ...


class JobStore(JobQueue, Protocol):
    """A queue as those see it who keep it going: workers take from it, an operator looks after what was given up."""

    wake: threading.Event

    @property
    def claims(self) -> Claiming:
        """How a worker takes from it."""
        ...

    def dead(self, session: Session, limit: int = 100) -> list[DeadJob]:
        """The jobs that were given up, the latest first."""
        ...

    def dead_job(self, session: Session, job_id: str) -> DeadJob:
        """One job that was given up; it stays as it is until the transaction ends. Raises NotFound."""
        ...

    def drop(self, session: Session, job_id: str) -> None:
        """Forget a dead job for good. Raises NotFound."""
        ...

    def revive(self, session: Session, job_id: str) -> None:
        """Let a dead job run again, with all its attempts before it. Raises NotFound."""
        ...

    def counts(self, session: Session) -> dict[str, int]:
        """How many jobs there are in each state: `ready`, `running`, `dead`; a state without any is left out."""
        ...

    def first_due(self, session: Session) -> datetime | None:
        """When the waiting job that is due first should run, or should have run."""
        ...

    def take_out(self, session: Session) -> list[AskedJob]:
        """Drop every job that waits or runs and return them in order; who runs one still can write nothing."""
        ...

"""Background work: the port through which every floor asks for it, always in the caller's own transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from base.jobs.worker import Handler, Periodic, Work, Worker

__all__ = ["Handler", "JobQueue", "Periodic", "Work", "Worker"]


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

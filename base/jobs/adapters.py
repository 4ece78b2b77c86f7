"""The adapters of the jobs port, by the name that the settings give."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from base.clock import Clock
from base.jobs import JobStore
from base.jobs.embedded import EmbeddedQueue
from base.jobs.procrastinate_queue import ProcrastinateQueue
from base.jobs.tables import READY, RUNNING
from base.settings import Settings

ADAPTERS: dict[str, Callable[[str, Clock], JobStore]] = {
    "embedded": EmbeddedQueue,
    "procrastinate": ProcrastinateQueue,
}


def queue_of(settings: Settings, clock: Clock) -> JobStore:
    """The queue of an installation."""
    return ADAPTERS[settings.jobs](settings.tenant, clock)


def left_elsewhere(session: Session, settings: Settings, clock: Clock) -> int:
    """How many jobs wait or run in a queue that the settings do not name: nobody would ever do them."""
    counts = [queue.counts(session) for queue in _others(settings, clock)]
    return sum(count.get(READY, 0) + count.get(RUNNING, 0) for count in counts)


def bring_over(session: Session, settings: Settings, clock: Clock) -> int:
    """Ask for what was left in another queue again in the one that the settings name; returns how many jobs."""
    queue = queue_of(settings, clock)
    jobs = [job for other in _others(settings, clock) for job in other.take_out(session)]
    for job in jobs:
        queue.enqueue(
            session,
            job.kind,
            job.payload,
            run_at=job.run_at,
            dedupe_key=job.dedupe_key,
            serial_key=job.serial_key,
            priority=job.priority,
        )
    return len(jobs)


def _others(settings: Settings, clock: Clock) -> list[JobStore]:
    if settings.database_url.startswith("sqlite"):
        return []  # SQLite knows but one
    return [made(settings.tenant, clock) for name, made in ADAPTERS.items() if name != settings.jobs]

"""The adapters of the jobs port, by the name that the settings give."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from base.clock import Clock
from base.jobs import JobStore
from base.jobs.embedded import EmbeddedQueue
from base.jobs.procrastinate_queue import ProcrastinateQueue
from base.settings import Settings

ADAPTERS: dict[str, Callable[[str, Clock], JobStore]] = {
    "embedded": EmbeddedQueue,
    "procrastinate": ProcrastinateQueue,
}


def queue_of(settings: Settings, clock: Clock) -> JobStore:
    """The queue of an installation."""
    return ADAPTERS[settings.jobs](settings.tenant, clock)


def left_elsewhere(session: Session, settings: Settings, clock: Clock) -> dict[str, int]:
    """How many jobs wait or run in a queue that the settings do not name: nobody does them until they name it again."""
    names = [name for name in ADAPTERS if name != settings.jobs]
    if settings.database_url.startswith("sqlite"):
        names = [name for name in names if name != "procrastinate"]
    counts = {name: ADAPTERS[name](settings.tenant, clock).counts(session) for name in names}
    left = {name: count.get("ready", 0) + count.get("running", 0) for name, count in counts.items()}
    return {name: number for name, number in left.items() if number}

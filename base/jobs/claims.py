"""What a worker wants of a queue: take a due job, keep it while it runs, settle it, give it back."""

import os
import socket
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from base.clock import Clock
from base.database import Database
from base.errors import JalonError

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12
ABANDONED = "abandoned: le processus qui travaillait s’est arrêté"
NOT_FAILED = "Ce travail n’est pas en échec."
TRIES = 5


class ClaimLost(JalonError):
    """The lease ran out and another worker has the job: nothing of this attempt may be written."""

    code = "claim-lost"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Le travail {job_id} a été repris par un autre processus.")


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


class Claims(Protocol):
    """The claims of one worker process, whose threads share them.

    Jobs are due by the product's clock. Whether a worker is alive is judged by a real clock, so that a simulated one
    neither steals a job nor keeps a dead worker's.
    """

    database: Database
    lease: timedelta
    host: str

    def take(self) -> Claim | None:
        """Claim the first due job."""
        ...

    def settle(self, session: Session, claim: Claim) -> None:
        """The job is done, if this transaction commits. Raises ClaimLost."""
        ...

    def retry(self, claim: Claim, delay: timedelta, error: str) -> None:
        """Give the job back for a later attempt. Raises ClaimLost."""
        ...

    def give_up(self, claim: Claim, error: str) -> None:
        """Keep the job as dead, for the operator. Raises ClaimLost."""
        ...

    def renew(self, claims: Collection[Claim]) -> None:
        """Show that this process lives, and keep the jobs that take long."""
        ...

    def reap(self) -> int:
        """Take back the jobs of workers that died: they fell silent, or their process is gone from this machine."""
        ...

    def listen(self, wake: threading.Event, stopping: threading.Event) -> None:
        """Ring when another process asked for work, until told to stop; returns at once if that cannot be heard."""
        ...

    def close(self) -> None:
        """This process takes no job any more, and holds none."""
        ...


Claiming = Callable[[Database, Clock, Collection[str], str | None, timedelta], Claims]
"""Makes the claims of a worker: database, the product's clock, the kinds it knows, its tenant if any, the lease."""


def this_process() -> str:
    """The name under which a process holds jobs; no later process of this machine ever has it."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def is_gone(worker: str, host: str) -> bool:
    """Whether the process of that name ran on this machine and has ended."""
    its_host, pid, started = worker.rsplit("/", 2)
    return its_host == host and _started(int(pid)) != started


def give_back(change: Callable[[], None]) -> None:
    """Do it again when a job of the same key was asked for between our look and our write."""
    for _ in range(TRIES - 1):
        try:
            return change()
        except IntegrityError:
            continue
    return change()


def _started(pid: int) -> str:
    """When the process of this number started, in the kernel's ticks; empty when it is gone or cannot be known."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError, ValueError):
        return ""
    return "" if state in {"Z", "X"} else rest[18]

"""What an operator should know of an installation that runs: settings that hold but are unwise, work that is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from base.clock import Clock
from base.jobs import JobStore
from base.jobs.tables import DEAD, READY
from base.settings import Settings

LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class QueueHealth:
    """How the jobs of a tenant fare: how many wait, were given up, and since when the oldest due one waits."""

    waiting: int
    dead: int
    late_since: datetime | None


def remarks(settings: Settings) -> list[str]:
    """What is unwise in settings that hold, each with what to do about it, in French."""
    found = []
    if settings.demo and not settings.is_loopback:
        found.append("La démonstration est joignable d’autres machines : mettez JALON_HOST=127.0.0.1.")
    if not settings.demo and not settings.is_https and not settings.is_loopback:
        found.append("Les mots de passe circulent en clair : donnez une adresse https dans JALON_PUBLIC_URL.")
    if settings.sqlite_synchronous in {"OFF", "NORMAL"} and settings.database_url.startswith("sqlite"):
        found.append("Une coupure de courant peut perdre des réponses : mettez JALON_SQLITE_SYNCHRONOUS=FULL.")
    if settings.clock_file is not None:
        found.append("L’horloge est simulée : les délais ne suivent pas l’heure qu’il est.")
    return found


def queue_health(session: Session, clock: Clock, queue: JobStore) -> QueueHealth:
    """Jobs are late when they were due 5 minutes ago and no worker has taken them."""
    counts, first = queue.counts(session), queue.first_due(session)
    late = first if first is not None and first < clock.now() - LATE else None
    return QueueHealth(counts.get(READY, 0), counts.get(DEAD, 0), late)

"""What every door and the worker are given: the settings and what is built from them, once per process."""

from dataclasses import dataclass

from base.calendars import Calendar
from base.clock import Clock, FileClock, SystemClock
from base.database import Database
from base.jobs import JobStore
from base.jobs.adapters import queue_of
from base.settings import Settings
from base.vault import Vault
from care.sharing import visibility
from care.sharing.visibility import MATRIX, Matrix
from engine.engine import Engine
from engine.environment import Environment
from pathways.operations import OPERATIONS


@dataclass(frozen=True)
class Context:
    """The parts of a running Jalon; doors reach it as `current_app.extensions["jalon"]`."""

    settings: Settings
    clock: Clock
    calendar: Calendar
    database: Database
    vault: Vault
    queue: JobStore
    engine: Engine
    visibility: Matrix = MATRIX

    @property
    def tenant(self) -> str:
        return self.settings.tenant


def build(settings: Settings) -> Context:
    """Put the parts together; opens no connection and writes nothing."""
    clock: Clock = FileClock(settings.clock_file) if settings.clock_file else SystemClock()
    calendar = Calendar(settings.timezone, settings.holidays_region)
    queue = queue_of(settings, clock)
    return Context(
        settings=settings,
        clock=clock,
        calendar=calendar,
        database=Database(settings.database_url, synchronous=settings.sqlite_synchronous),
        vault=Vault(settings.vault_keys, settings.index_key),
        queue=queue,
        engine=Engine(Environment(clock, calendar, OPERATIONS, queue), settings.tenant),
        visibility=visibility.read(settings.visibility_file),
    )

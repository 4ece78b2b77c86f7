"""A whole context on a test's own database and clock."""

from base.calendars import Calendar
from base.clock import Clock
from base.database import Database
from base.jobs.adapters import queue_of
from base.settings import Settings
from base.vault import Vault
from engine.engine import Engine
from engine.environment import Environment
from pathways.context import Context
from pathways.operations import OPERATIONS


def make_context(settings: Settings, database: Database, clock: Clock) -> Context:
    """What `pathways.context.build` makes, on a database and a clock that the test holds."""
    calendar = Calendar(settings.timezone, settings.holidays_region)
    queue = queue_of(settings, clock)
    return Context(
        settings=settings,
        clock=clock,
        calendar=calendar,
        database=database,
        vault=Vault(settings.vault_keys, settings.index_key),
        queue=queue,
        engine=Engine(Environment(clock, calendar, OPERATIONS, queue), settings.tenant),
    )

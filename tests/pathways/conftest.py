"""A context on a fresh database, for pathways and their cases."""

import pytest

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from pathways.context import Context
from tests.support.contexts import make_context


@pytest.fixture
def context(settings: Settings, database: Database, clock: ManualClock) -> Context:
    return make_context(settings, database, clock)

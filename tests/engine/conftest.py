"""Plays a model on rows of its own: never reloaded, and reloaded after every single token step."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import delete

from base.database import Database
from engine import tables
from tests.engine.driver import EVERY_STEP, NEVER, Driver, sqlite
from tests.support.models import document, process

Perform = Callable[..., Driver]
WRITTEN = (tables.run, tables.token, tables.scope, tables.variable, tables.subscription, tables.timer)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database for one run at a time."""
    database = sqlite(tmp_path_factory.mktemp("runs"))
    yield database
    database.dispose()


@pytest.fixture(params=[NEVER, EVERY_STEP])
def perform(request: pytest.FixtureRequest, runs: Database) -> Iterator[Perform]:
    """`perform(*parts of process p, given=roots, others=processes, variables=…)` starts it."""

    def begin(
        *parts: str,
        given: str = "",
        others: str = "",
        variables: Mapping[str, Any] | None = None,
        message: str | None = None,
        **options: Any,
    ) -> Driver:
        driver = Driver(document(given, process("p", *parts), others), runs, request.param, **options)
        return driver.start(variables, message=message)

    yield begin
    with runs.begin() as session:
        for table in WRITTEN:
            session.execute(delete(table))

"""Plays a model on a database of its own: never reloaded, and reloaded after every single token step."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine.driver import EVERY_STEP, NEVER, Driver, sqlite
from tests.support.models import document, process

Perform = Callable[..., Driver]


@pytest.fixture(params=[NEVER, EVERY_STEP])
def perform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Perform]:
    """`perform(*parts of process p, given=roots, others=processes, variables=…)` starts it."""
    database = sqlite(tmp_path)

    def begin(
        *parts: str,
        given: str = "",
        others: str = "",
        variables: Mapping[str, Any] | None = None,
        message: str | None = None,
        **options: Any,
    ) -> Driver:
        driver = Driver(document(given, process("p", *parts), others), database, request.param, **options)
        return driver.start(variables, message=message)

    yield begin
    database.dispose()

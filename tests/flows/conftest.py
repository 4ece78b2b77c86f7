"""A whole CPTS in a real server process, on each of the two databases in turn, and with procrastinate on demand."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pathways.context import build
from tests.support.partner import listening
from tests.support.server import Server, running
from tests.support.town import HOSPITAL, Town

MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
"""A Tuesday."""


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """The server is running, the hospital listens, the three pathways are published, nobody has a case."""
    url = f"sqlite:///{tmp_path / 'jalon.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    jobs = {"JALON_JOBS": "procrastinate"} if request.param == "procrastinate" else None
    server = Server(tmp_path, url, MORNING, more=jobs)
    server.run("db", "upgrade")
    with listening(server.url, HOSPITAL, server.clock) as hospital:
        town = Town(server, hospital, build(server.settings))
        town.settle_in()
        with running(server):
            yield town
        town.replays()
        town.keeps_quiet()
        town.close()

"""A whole CPTS in a real server process, on each of the two databases in turn, and with procrastinate on demand."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pathways.context import build
from tests.support.partner import listening
from tests.support.postgres import Cluster
from tests.support.server import Server, running
from tests.support.town import HOSPITAL, Town, settle

MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
"""A Tuesday."""
PROCRASTINATE = {"JALON_JOBS": "procrastinate"}
NAMES = itertools.count(1)
Settled = Callable[[str], str]


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """Makes what the towns of a kind begin with, once: a file, or a database of the cluster by its name."""

    @cache
    def made(kind: str) -> str:
        folder, name = tmp_path_factory.mktemp(kind), f"settled_{kind}"
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'jalon.db'}"
        else:
            url = request.getfixturevalue("postgres").create(name)
        settle(Server(folder, url, MORNING, more=_more(kind)))
        return str(folder / "jalon.db") if kind == "sqlite" else name

    return made


@pytest.fixture
def settled(request: pytest.FixtureRequest, tmp_path: Path, template: Settled) -> Iterator[Settled]:
    """Gives the URL of a database of that kind in which people have settled, the test's own."""
    names: list[str] = []

    def copied(kind: str) -> str:
        if kind == "sqlite":
            shutil.copyfile(template(kind), tmp_path / "jalon.db")
            return f"sqlite:///{tmp_path / 'jalon.db'}"
        names.append(f"town_{next(NAMES)}")
        source, cluster = template(kind), request.getfixturevalue("postgres")
        assert isinstance(cluster, Cluster)
        return cluster.create(names[-1], template=source)

    yield copied
    for name in names:
        request.getfixturevalue("postgres").drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path, settled: Settled) -> Iterator[Town]:
    """The server is running, the hospital listens, the pathways are published, nobody has a case."""
    server = Server(tmp_path, settled(request.param), MORNING, more=_more(request.param))
    with (
        listening(server.url, HOSPITAL, server.clock) as hospital,
        closing(Town(server, hospital, build(server.settings))) as town,
    ):
        town.welcome_hospital()
        with running(server):
            yield town
        town.replays()
        town.keeps_quiet()


def _more(kind: str) -> dict[str, str] | None:
    return PROCRASTINATE if kind == "procrastinate" else None

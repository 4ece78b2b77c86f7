"""The jobs port over each adapter, on each server that it knows."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from base.clock import ManualClock
from base.database import Database
from base.migrations import upgrade
from jalon.schema import metadata
from tests.support.postgres import Cluster
from tests.support.queues import ADAPTERS, PROCRASTINATE_TABLES, Jobs

PLACES = [("embedded", "sqlite"), ("embedded", "postgresql"), ("procrastinate", "postgresql")]


@pytest.fixture(scope="session")
def jobs_schema(postgres: Cluster) -> str:
    """The name of a PostgreSQL database made by the migrations, emptied for each test."""
    upgrade(postgres.create("jobs"))
    return "jobs"


@pytest.fixture
def jobs_url(postgres: Cluster, jobs_schema: str) -> str:
    return postgres.empty(jobs_schema, [*metadata.tables, "alembic_version", *PROCRASTINATE_TABLES])


@pytest.fixture(params=PLACES, ids="-".join)
def jobs(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Jobs]:
    """A queue without a job: of each adapter, on each server that it knows."""
    adapter, server = request.param
    path = tmp_path / "jobs.db"
    if server == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    url = f"sqlite:///{path}" if server == "sqlite" else request.getfixturevalue("jobs_url")
    database = Database(url, synchronous="OFF")
    yield ADAPTERS[adapter](database, clock)
    database.dispose()

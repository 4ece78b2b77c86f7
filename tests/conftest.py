"""Fixtures of every test: a clock that stands still, a vault, settings, and a fresh database on both servers."""

import base64
import contextlib
import importlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.clock import ManualClock
from base.database import Database, metadata
from tests.support.postgres import Cluster, running_cluster

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, ten o'clock in Paris: a working day."""

VAULT_KEY = "test:" + base64.b64encode(bytes(range(32))).decode()
INDEX_KEY = base64.b64encode(bytes(range(32, 64))).decode()

for floor in ("base.jobs", "engine", "people", "care", "pathways", "webhooks"):
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module(f"{floor}.tables")


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at ten in the morning until a test moves it."""
    return ManualClock(NOON)


@pytest.fixture
def vault():
    """A vault with keys of no worth."""
    return importlib.import_module("base.vault").Vault((VAULT_KEY,), INDEX_KEY)


@pytest.fixture
def settings(tmp_path: Path):
    """Complete settings of a CPTS called `demo`; nothing of the machine's environment comes in."""
    return importlib.import_module("base.settings").Settings.load(
        {
            "JALON_DATABASE_URL": f"sqlite:///{tmp_path / 'jalon.db'}",
            "JALON_SECRET_KEY": "a secret of no worth, long enough to be taken",
            "JALON_VAULT_KEYS": VAULT_KEY,
            "JALON_INDEX_KEY": INDEX_KEY,
            "JALON_VAR_DIR": str(tmp_path),
        }
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL cluster of this test process's own."""
    with running_cluster() as cluster:
        yield cluster


NAMES = itertools.count(1)


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"empty_{next(NAMES)}"
    yield postgres.create(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that holds the schema and no row."""
    path = tmp_path_factory.mktemp("schema") / "template.db"
    _create_schema(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    """A PostgreSQL database that holds the schema and no row."""
    _create_schema(postgres.create("schema_template"))
    return "schema_template"


def _create_schema(url: str) -> None:
    database = Database(url, synchronous="OFF")
    metadata.create_all(database.engine)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database with the whole schema, on each of the two servers in turn."""
    make: dict[str, Callable[[pytest.FixtureRequest], contextlib.AbstractContextManager[str]]] = {
        "sqlite": _sqlite_copy,
        "postgresql": _postgres_copy,
    }
    with make[request.param](request) as url:
        yield url


@contextlib.contextmanager
def _sqlite_copy(request: pytest.FixtureRequest) -> Iterator[str]:
    folder: Path = request.getfixturevalue("tmp_path")
    path = folder / "jalon.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite:///{path}"


@contextlib.contextmanager
def _postgres_copy(request: pytest.FixtureRequest) -> Iterator[str]:
    cluster: Cluster = request.getfixturevalue("postgres")
    name = f"test_{next(NAMES)}"
    yield cluster.create(name, template=request.getfixturevalue("postgres_template"))
    cluster.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the whole schema and no row, on each of the two servers in turn."""
    database = Database(database_url, synchronous="OFF")
    yield database
    database.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end what was not run, and why: nothing is left out silently."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("NOT RUN", red=True, bold=True)
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} tests were not run. {reason}")

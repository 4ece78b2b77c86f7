"""Fixtures of every test: a clock that stands still, a vault, settings, and a fresh database on both servers."""

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_hypothesis

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from base.vault import Vault
from jalon.schema import metadata
from people.sign_in import passwords
from tests.support import absent
from tests.support.keys import INDEX_KEY, SECRETS, VAULT_KEY
from tests.support.postgres import Cluster, running_cluster

# how long an example takes says nothing: the machine may do much else
settings_of_hypothesis.register_profile(
    "patient",
    settings_of_hypothesis.get_profile(settings_of_hypothesis.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings_of_hypothesis.load_profile("patient")

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, ten o'clock in Paris: a working day."""


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at ten in the morning until a test moves it."""
    return ManualClock(NOON)


@pytest.fixture
def vault() -> Vault:
    """A vault with keys of no worth."""
    return Vault((VAULT_KEY,), INDEX_KEY)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Complete settings of a CPTS called `demo`; nothing of the machine's environment comes in."""
    place = {"JALON_DATABASE_URL": f"sqlite:///{tmp_path / 'jalon.db'}", "JALON_VAR_DIR": str(tmp_path)}
    return Settings.load({**SECRETS, **place, "JALON_SECOND_FACTOR": "optional"})


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least effort: what is slow on purpose is tested where it belongs."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


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
def postgres_schema(postgres: Cluster) -> str:
    """The name of a PostgreSQL database that holds the schema, emptied for each test."""
    _create_schema(postgres.create("schema"))
    return "schema"


def _create_schema(url: str) -> None:
    database = Database(url, synchronous="OFF")
    metadata.create_all(database.engine)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database with the whole schema, on each of the two servers in turn."""
    make: dict[str, Callable[[pytest.FixtureRequest], contextlib.AbstractContextManager[str]]] = {
        "sqlite": _sqlite_copy,
        "postgresql": _postgres_emptied,
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
def _postgres_emptied(request: pytest.FixtureRequest) -> Iterator[str]:
    cluster: Cluster = request.getfixturevalue("postgres")
    yield cluster.empty(request.getfixturevalue("postgres_schema"), metadata.tables)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the whole schema and no row, on each of the two servers in turn."""
    database = Database(database_url, synchronous="OFF")
    yield database
    database.dispose()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing of the machine may be missing: a skipped test has failed, unless it wants ../shared."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail") and absent.ELSEWHERE not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else report.longrepr
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end the figures that tests recorded, and what was not run, and why."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "figures":
                terminalreporter.section(report.nodeid.rpartition("::")[2])
                terminalreporter.line(value.strip())
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("NOT RUN", red=True, bold=True)
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} tests were not run. {reason}")

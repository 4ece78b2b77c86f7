"""The setting JALON_JOBS as an installer meets it."""

import pytest

from base.clock import SystemClock
from base.database import Database
from base.jobs.adapters import ADAPTERS
from tests.jalon.conftest import Command


def words(said: str) -> str:
    (line,) = (line for line in said.splitlines() if "Travaux de fond" in line)
    return line.partition("Travaux de fond")[2].strip()


def test_check_says_who_does_the_background_work(jalon: Command, postgres_url: str) -> None:
    jalon("db", "upgrade")
    assert words(jalon("check")) == "par « embedded »"
    jalon.use(JALON_DATABASE_URL=postgres_url, JALON_JOBS="procrastinate")
    jalon("db", "upgrade")
    assert words(jalon("check")) == "par « procrastinate »"


@pytest.mark.parametrize(("before", "now"), [("embedded", "procrastinate"), ("procrastinate", "embedded")])
def test_jobs_that_wait_in_the_old_queue_keep_the_program_from_starting_until_they_are_moved(
    jalon: Command, postgres_url: str, before: str, now: str
) -> None:
    jalon.use(JALON_DATABASE_URL=postgres_url, JALON_JOBS=now)
    jalon("db", "upgrade")
    database = Database(postgres_url)
    with database.begin() as session:
        ADAPTERS[before]("demo", SystemClock()).enqueue(session, "note", {})
    told = "Restés dans l’ancienne file, depuis que JALON_JOBS a changé : 1. Lancez : jalon db upgrade"
    assert words(jalon("check", code=1)) == told
    assert told in jalon("worker", code=1)
    assert "Travaux de fond passés dans la nouvelle file : 1." in jalon("db", "upgrade")
    assert words(jalon("check")) == f"par « {now} »"
    with database.read() as session:
        assert ADAPTERS[now]("demo", SystemClock()).counts(session) == {"ready": 1}
    database.dispose()


def test_sqlite_is_refused_with_procrastinate(jalon: Command) -> None:
    jalon.use(JALON_JOBS="procrastinate")
    assert "« procrastinate » demande PostgreSQL" in jalon("check", code=1)

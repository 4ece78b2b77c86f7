"""While a process uses the database, no migration that must be alone is done; real processes, on both servers."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from base import migrations, presence
from base.database import Database
from base.errors import Conflict, SettingsError
from tests.support.nursery import ROOT
from tests.support.patience import PATIENCE, until
from tests.support.server import Server

HOLDS = """
import sys
from base.database import Database
from base.presence import present
with present(Database(sys.argv[1])):
    print("present", flush=True)
    sys.stdin.read()
"""
"""An older process, as far as the newer one can tell."""
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return (
        f"sqlite:///{tmp_path / 'jalon.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )


@pytest.fixture
def older(url: str) -> Iterator[Database]:
    """A database from before a migration that must be alone."""
    database = Database(url, synchronous="OFF")
    with database.engine.begin() as connection:
        command.upgrade(migrations.config(connection), "0004_procrastinate")
    yield database
    database.dispose()


@contextmanager
def using(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that uses the database."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == b"present\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def is_alone(database: Database) -> bool:
    with database.engine.begin() as connection, presence.alone(database, connection) as free:
        return free


def becomes_alone(database: Database) -> bool:
    """PostgreSQL notices within moments that a killed process is gone."""
    until(lambda: is_alone(database), "the killed process is still there")
    return True


def test_a_migration_that_must_be_alone_waits_until_every_other_process_is_gone(older: Database, url: str) -> None:
    with using(url) as first, using(url) as second:
        for process in (first, second):
            with pytest.raises(Conflict, match="0005_offers demande que tout Jalon soit arrêté") as refused:
                migrations.upgrade(older)
            assert refused.value.code == "database-in-use"
            assert migrations.current(older) == "0004_procrastinate"
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert becomes_alone(older)
        assert migrations.upgrade(older)[0] == "0005_offers"


def test_the_command_says_so_in_one_line(older: Database, url: str, tmp_path: Path) -> None:
    server = Server(tmp_path, url, NOW)
    asked = [sys.executable, "-m", "jalon", "db", "upgrade"]
    with using(url):
        told = subprocess.run(asked, env=server.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr.startswith("jalon : La mise à jour 0005_offers demande")
    assert told.stderr.count("\n") == 1


def test_migrations_that_may_stand_beside_others_do_not_wait(older: Database, url: str) -> None:
    with older.engine.begin() as connection:
        command.upgrade(migrations.config(connection), "0005_offers")
    with using(url):
        assert migrations.upgrade(older)[0] == "0006_case_lists"
        assert migrations.is_current(older)


def test_site_and_background_work_are_present_while_they_run(url: str, tmp_path: Path) -> None:
    server = Server(tmp_path, url, NOW, command=("serve",))
    server.prepare()
    database = Database(url, synchronous="OFF")
    with ExitStack() as stack:
        stack.callback(database.dispose)
        server.start()
        stack.callback(server.stop)
        assert not is_alone(database)
        server.stop()
        assert becomes_alone(database)
        worker = subprocess.Popen([sys.executable, "-m", "jalon", "worker"], env=server.environment, cwd=ROOT,
                                  stdout=subprocess.DEVNULL)  # fmt: skip
        stack.callback(worker.wait)
        stack.callback(worker.kill)
        until(lambda: not is_alone(database), "the worker never set its mark")
        worker.terminate()
        assert worker.wait(PATIENCE) == 0  # it ends what it is at, beside the other tests
        assert becomes_alone(database)


def test_the_mark_is_set_anew_when_the_server_drops_the_connection(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "LOOK_SECONDS", 0.05)
    database = Database(postgres_url)
    mine = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    with presence.present(database), database.engine.begin() as connection:
        before = connection.execute(text(mine)).scalars().all()
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before[0]})
        another = text(f"{mine} AND pid <> {before[0]}")
        until(lambda: connection.execute(another).scalars().all(), "the mark is gone")
    assert becomes_alone(database)
    database.dispose()


def test_who_waited_for_a_migration_to_end_refuses_the_newer_database(older: Database, url: str) -> None:
    assert migrations.upgrade(older)
    with older.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(SettingsError, match="plus récente que ce Jalon"), migrations.in_use(older):
        pass
    assert becomes_alone(older)


def test_the_operators_table_says_which_migrations_must_be_alone() -> None:
    lines = (ROOT / "docs" / "deployment.md").read_text("utf-8").splitlines()
    told = {line.split("`")[1] for line in lines if line.startswith("| `0") and line.split("|")[2].strip() == "alone"}
    assert told == migrations.ALONE

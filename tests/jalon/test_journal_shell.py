"""`jalon journal`: on a database that an older release began, on a sound one and on one that somebody has touched."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from base import migrations
from base.clock import ManualClock
from base.database import Database
from engine.chain import Break
from engine.verification import verify
from jalon.installation import load_settings
from pathways.anchoring import anchor_yesterday
from pathways.context import build

RUN = """INSERT INTO run (tenant, id, definition, process, version, state, seq, ticks, entries, started_at, started_by)
VALUES ('demo', 'r1', 'd', 'p', 1, 'active', 1, 1, 2, '2026-11-20 09:00:00', 'anne')"""
LINES = (
    "('demo', 'r1', 1, '2026-11-20 09:00:00.000000', 'anne', 'run_started', 'début', NULL)",
    "('demo', 'r1', 2, '2026-11-20 09:00:00.250000', 'anne', 'task_opened', 'Relire', :detail)",
)


def write_case(database: Database) -> None:
    with database.begin() as session:
        session.execute(text(RUN))
        for line in LINES:
            columns = "(tenant, run, n, at, actor, kind, element, detail)"
            session.execute(text(f"INSERT INTO journal {columns} VALUES {line}"), {"detail": b'{"task":"t1"}'})


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path):
    """A database of the first release, with a case under way."""
    url = f"sqlite:///{tmp_path / 'jalon.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url, synchronous="OFF")
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET TIME ZONE 'UTC'"))
        command.upgrade(migrations.config(connection), "0001_foundation")
    write_case(database)
    yield database
    database.dispose()


def test_a_journal_that_an_older_release_wrote_is_chained_by_the_upgrade(old):
    assert migrations.upgrade(old)[0] == "0002_journal_chain"
    with old.read() as session:
        assert [said for said in verify(session, "demo") if isinstance(said, Break)] == []
        assert session.execute(text("SELECT count(*) FROM journal WHERE hash IS NULL")).scalar() == 0


def test_a_journal_that_stands_is_said_to(jalon):
    jalon("db", "upgrade")
    assert "Le journal est intact : 0 dossiers, 0 lignes, 0 jours scellés." in jalon("journal", "verify")


def test_the_first_altered_line_is_named(jalon):
    jalon("db", "upgrade")
    database = Database(load_settings().database_url)
    write_case(database)
    said = jalon("journal", "verify", code=1)
    assert "dossier r1, ligne 1 : ce qui est écrit n’est plus ce qui avait été écrit" in said
    assert "Le journal a été altéré : 1 faute" in said
    assert "n’existe pas" in jalon("journal", "verify", "--case", "r2", code=1)
    database.dispose()


def test_each_day_is_anchored_once_it_is_over(jalon):
    jalon("db", "upgrade")
    context = build(load_settings())
    clock = ManualClock(datetime(2026, 11, 21, 22, 30, tzinfo=UTC))  # 23:30 in Paris
    context = replace(context, clock=clock)
    assert anchor_yesterday(context) == 1
    assert anchor_yesterday(context) == 0
    clock.advance(timedelta(minutes=35))
    assert anchor_yesterday(context) == 0, "a transaction of the evening may not have ended yet"
    clock.advance(timedelta(minutes=10))
    assert anchor_yesterday(context) == 1
    lines = [line for line in jalon("journal", "anchors").splitlines() if "lignes" in line]
    assert [line.split()[0] for line in lines] == ["2026-11-20", "2026-11-21"]
    context.database.dispose()

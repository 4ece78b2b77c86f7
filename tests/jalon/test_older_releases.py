"""Databases that older releases left behind, cases under way in them: upgraded, and each case goes on to its end.

`releases/` holds one for every schema that was released: invented people, cases of three questions at different points.
`leave_behind.py` writes them, run by the program of that release.
"""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from flask.testing import FlaskClient
from sqlalchemy import MetaData, text

from base import migrations
from base.database import Database
from care.identity import patients
from engine.chain import Break
from engine.verification import verify
from jalon.app import create_app
from jalon.demo.sign_ins import PASSWORD
from jalon.worker import build_worker
from pathways.context import Context, build
from tests.support.server import Server

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql"))
RELEASED = ["0001_foundation", "0006_case_lists", "0018_job_log", "0020_answered_tasks"]
SAID_TOO_LITTLE = ["0001_foundation"]
"""Their journals did not hold what a case had begun with."""
ANSWER = {"systolique": "142", "commentaire": "RAS", "suite": "poursuivre"}
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def fill_sqlite(path: Path, release: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(release.read_text("utf-8"))
    return f"sqlite:///{path}"


def fill_postgres(url: str, source: str, version: str) -> None:
    """The same rows on the other server, whose schema of that release is made by the migrations."""
    old, new = Database(source), Database(url)
    kept, made = MetaData(), MetaData()
    with old.engine.connect() as reading, new.engine.begin() as writing:
        command.upgrade(migrations.config(writing), version)
        kept.reflect(reading)
        made.reflect(writing)
        for table in (table for table in made.sorted_tables if table.name in kept.tables):
            rows = [aware(row._asdict()) for row in reading.execute(kept.tables[table.name].select())]
            if rows and table.name != "alembic_version":
                writing.execute(table.insert(), rows)
    old.dispose()
    new.dispose()


def aware(row: dict[str, object]) -> dict[str, object]:
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}


@pytest.fixture(params=["sqlite", "postgresql"])
def left_behind(request: pytest.FixtureRequest, tmp_path: Path):
    """The database of an older release, of each in turn, on each server."""

    def fill(release: Path) -> str:
        source = fill_sqlite(tmp_path / "old.db", release)
        if request.param == "sqlite":
            return source
        url = request.getfixturevalue("postgres_url")
        fill_postgres(url, source, release.stem)
        return url

    return fill


@pytest.fixture
def opened(tmp_path: Path):
    """An installation on a database; let go at the end."""
    made: list[Context] = []

    def make(url: str) -> Context:
        made.append(build(Server(tmp_path, url, NOW).settings))
        return made[-1]

    yield make
    for context in made:
        context.database.dispose()


def finish(context: Context) -> FlaskClient:
    """Answer, through the page's own form, whatever waits for the doctor, who stays signed in."""
    client, worker = create_app(context).test_client(), build_worker(context)
    client.post("/connexion", data={"login": "medecin@loire-sucs.test", "password": PASSWORD})
    csrf = client.get("/api/session").get_json()["csrf"]
    while waiting := client.get("/api/tasks").get_json()["tasks"]:
        answer = client.post(f"/taches/{waiting[0]['id']}", data={"_csrf": csrf, **ANSWER})
        assert answer.status_code == 303, re.sub(r"\s+", " ", answer.get_data(as_text=True))[:500]
        worker.run_once()
    return client


def test_every_schema_that_was_released_is_tried():
    assert [release.stem for release in RELEASES] == RELEASED
    assert set(RELEASED) < set(migrations.versions())


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.stem)
def test_a_case_that_an_older_release_began_goes_on_to_its_end(release, left_behind, opened):
    context = opened(left_behind(release))
    applied = migrations.upgrade(context.database)
    assert applied == migrations.versions()[migrations.versions().index(release.stem) + 1 :]
    with context.database.read() as session:
        begun = session.execute(text("SELECT state FROM run")).scalars().all()
        assert patients.unknown_key(session, context.vault, context.tenant) == "", "its patients are still found"
    assert set(begun) == {"active"}
    doctor = finish(context)
    ended = doctor.get("/api/cases?list=termines").get_json()["cases"]
    assert len(ended) == len(begun), "also those that had begun before the upgrade"
    with context.database.read() as session:
        runs = session.execute(text("SELECT id, state FROM run")).all()
        assert [run.state for run in runs] == ["completed"] * len(begun)
        assert [said for said in verify(session, context.tenant) if isinstance(said, Break)] == []
        for left in ("token", "timer", "subscription", "job"):
            assert session.execute(text(f"SELECT count(*) FROM {left}")).scalar() == 0, left
        for run in runs:
            replay = context.engine.replay(session, run.id)
            given = [entry.kind for entry in replay.inputs()]
            if release.stem in SAID_TOO_LITTLE:
                assert replay.difference is not None
                assert (replay.difference.n, replay.difference.reason) == (1, "untold")
                continue
            assert given == ["run_started", *["task_completed"] * 3] or "task_assigned" in given
            assert replay.difference is None
            assert context.engine.unlike(session, replay) is None

"""SQLite plans by what stands in the file, also on connections that were open before."""

from itertools import count

import pytest

from base import statistics
from base.database import Database

LOOK = "SELECT * FROM bead WHERE tenant = 'demo' AND colour = 'blue' AND number = 7"
TURNS = count()


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'beads.db'}", synchronous="OFF")
    with database.begin() as session:
        for said in (
            "CREATE TABLE bead (tenant TEXT, number INTEGER, colour TEXT)",
            "CREATE INDEX by_colour ON bead (tenant, colour)",
            "CREATE INDEX by_number ON bead (tenant, number)",
        ):
            session.connection().exec_driver_sql(said)
        beads = [("demo", 7, f"colour {n}") for n in range(1000)]
        session.connection().exec_driver_sql("INSERT INTO bead VALUES (?, ?, ?)", beads)
    yield database
    database.dispose()


def plan(line):
    """The plan by which a statement was just run; an explanation that is kept does not ask whether anything changed."""
    line.exec_driver_sql(LOOK).all()
    found = [row[3] for row in line.exec_driver_sql(f"EXPLAIN QUERY PLAN {LOOK} -- {next(TURNS)}")]
    line.rollback()
    return found[0]


def test_a_connection_that_was_open_before_plans_by_what_it_is_told(database):
    with database.engine.connect() as line:
        assert "by_number" in plan(line), "nothing to learn"
        statistics.renew(database)
        assert "by_colour" in plan(line)


def test_it_learns_again_when_what_is_rare_has_changed(database):
    with database.engine.connect() as line:
        statistics.renew(database)
        assert "by_colour" in plan(line)
        with database.begin() as session:
            for said in ("DELETE FROM bead", *(f"INSERT INTO bead VALUES ('demo', {n}, 'blue')" for n in range(1000))):
                session.connection().exec_driver_sql(said)
        statistics.renew(database)
        assert "by_number" in plan(line)


@pytest.mark.parametrize(("number", "colour", "rarer"), [(10, 1, "by_number"), (1, 10, "by_colour")])
def test_what_fills_the_sample_is_counted(database, number, colour, rarer):
    beads = [("demo", 7 + n % number, f"colour {n % colour}") for n in range(5000)]
    with database.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM bead")
        session.connection().exec_driver_sql("INSERT INTO bead VALUES (?, ?, ?)", beads)
    statistics.renew(database)
    with database.engine.connect() as line:
        assert rarer in plan(line)
        told = dict(line.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1").all())
    assert told["by_number"] == f"5000 5000 {5000 // number}"
    assert told["by_colour"] == f"5000 5000 {5000 // colour}"


def test_an_empty_file_and_another_server_are_left_as_they_are(tmp_path, postgres_url):
    for url in (f"sqlite:///{tmp_path / 'empty.db'}", postgres_url):
        database = Database(url)
        assert statistics.renew(database) == 0
        database.dispose()

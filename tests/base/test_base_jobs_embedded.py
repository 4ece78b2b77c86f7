"""What the embedded queue promises beside the port: at rest it holds up nobody and writes nothing."""

from sqlalchemy import event, text

from base.database import Database
from tests.support.queues import EmbeddedJobs


def test_looking_for_work_when_there_is_none_takes_no_write_lock_of_sqlite(sqlite_template, clock):
    database = Database(f"sqlite:///{sqlite_template}")
    jobs, statements = EmbeddedJobs(database, clock), []
    event.listen(database.engine, "connect", lambda line, _record: line.set_trace_callback(statements.append))
    assert jobs.worker({"note": print}).run_once() == 0
    database.dispose()
    assert "BEGIN" in statements
    assert not [said for said in statements if said.startswith(("UPDATE", "WITH", "BEGIN IMMEDIATE"))]


def test_looking_for_work_when_there_is_none_is_no_write_of_postgresql(jobs_url, clock):
    """A transaction that writes nothing gets no number."""
    database = Database(jobs_url)
    jobs = EmbeddedJobs(database, clock)

    def numbers():
        with database.read() as session:
            return session.scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))

    before = numbers()
    assert jobs.worker({"note": print}).run_once() == 0
    assert numbers() == before
    jobs.ask()
    assert numbers() > before
    database.dispose()

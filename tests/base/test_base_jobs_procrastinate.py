"""What stands behind the port when it is procrastinate: its tools see the jobs, its notifications cross processes."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import select, text

from base.database import Database
from base.errors import RunError
from base.jobs.adapters import bring_over, left_elsewhere
from base.jobs.embedded import EmbeddedQueue
from base.jobs.tables import job
from tests.support.patience import PATIENCE, until
from tests.support.queues import ADAPTERS, ProcrastinateJobs


@pytest.fixture
def jobs(jobs_url, clock):
    database = Database(jobs_url)
    yield ProcrastinateJobs(database, clock)
    database.dispose()


def count(jobs, what):
    with jobs.database.read() as session:
        return session.scalar(text(f"SELECT count(*) FROM {what}"))


def test_procrastinates_own_tools_see_our_jobs(jobs, jobs_url, clock):
    later = clock.now() + timedelta(hours=1)
    job_id = jobs.ask(name="one", run_at=later, dedupe_key="look:1", serial_key="case:1", priority=3)
    app = App(connector=SyncPsycopgConnector(conninfo=jobs_url.replace("+psycopg", "")))
    with app.open():
        (seen,) = app.job_manager.list_jobs()
    assert (str(seen.id), seen.queue, seen.task_name, seen.status) == (job_id, "demo", "note", "todo")
    assert (seen.lock, seen.queueing_lock, seen.priority) == ("demo/case:1", "demo/look:1", 3)
    assert seen.scheduled_at == later


def test_a_job_that_waits_already_breaks_nothing_of_the_transaction(jobs, clock):
    """A clash of queueing locks aborts a PostgreSQL transaction unless a savepoint stands before it."""
    meanwhile = jobs.queue._defer  # between our look and our insert, somebody else asks for the same
    asked = []

    def hindered(session, kind, options):
        if not asked:
            asked.append(jobs.ask(dedupe_key="look:1"))
        return meanwhile(session, kind, options)

    queue = jobs.queue_of("demo")
    queue._defer = hindered
    with jobs.database.begin() as session:
        embedded = EmbeddedQueue("demo", clock).enqueue(session, "note", {})
        assert queue.enqueue(session, "note", {}, dedupe_key="look:1") == asked[0]
        assert queue.enqueue(session, "note", {}, dedupe_key="look:2") not in asked
    assert len(jobs.rows()) == 2
    with jobs.database.read() as session:
        assert session.scalars(select(job.c.id)).all() == [embedded]


LISTENING = "pg_stat_activity WHERE query LIKE 'LISTEN%'"


def await_listener(jobs):
    until(lambda: count(jobs, LISTENING), "nobody listens")


@pytest.mark.parametrize("tenant", ["demo", None])
def test_a_job_of_another_process_wakes_a_sleeping_worker_at_once(jobs, monkeypatch, tenant):
    monkeypatch.setattr("base.jobs.worker.IDLE_SECONDS", 10 * PATIENCE)
    started = threading.Event()
    worker = jobs.worker(lambda work: started.set(), tenant=tenant)
    worker.start()
    try:
        await_listener(jobs)
        assert not started.wait(0.2)
        jobs.ask()
        assert started.wait(PATIENCE)
    finally:
        worker.stop()


def test_a_worker_whose_connection_was_cut_listens_again(jobs, monkeypatch):
    monkeypatch.setattr("base.jobs.worker.IDLE_SECONDS", 10 * PATIENCE)
    monkeypatch.setattr("base.jobs.worker.TROUBLE_SECONDS", 0.1)
    started = threading.Event()
    worker = jobs.worker(lambda work: started.set())
    worker.start()
    try:
        await_listener(jobs)
        with jobs.database.read() as session:
            cut = session.scalar(text(f"SELECT pid FROM {LISTENING}"))
            session.execute(text("SELECT pg_terminate_backend(:cut, 2000)"), {"cut": cut})
        await_listener(jobs)
        assert not started.wait(0.2)
        jobs.ask()
        assert started.wait(PATIENCE)
    finally:
        worker.stop()


def test_the_sleep_of_a_listening_worker_ends_with_it(jobs, monkeypatch):
    monkeypatch.setattr("base.jobs.worker.IDLE_SECONDS", 10 * PATIENCE)
    worker = jobs.worker(lambda work: None)
    worker.start()
    await_listener(jobs)
    worker.stop(PATIENCE)
    assert count(jobs, "procrastinate_workers") == 0


def test_a_worker_that_was_given_up_for_dead_comes_back_under_a_new_number(jobs):
    claims = jobs.claims()
    assert claims.take() is None
    jobs.expire()
    jobs.claims().reap()
    jobs.ask()
    assert claims.take() is not None


def test_dead_workers_leave_no_row(jobs):
    for _ in range(3):
        jobs.claims().take()
    jobs.expire()
    jobs.claims().reap()
    assert count(jobs, "procrastinate_workers") == 0


def test_a_settled_job_leaves_no_trace_in_procrastinates_tables(jobs, clock):
    tries = []

    def fail_once(work):
        tries.append(work.attempt)
        if len(tries) == 1:
            raise RunError("Une fois.")

    jobs.ask()
    worker = jobs.worker(fail_once)
    worker.run_once()
    clock.advance(timedelta(minutes=1))
    worker.run_once()
    assert (count(jobs, "procrastinate_jobs"), count(jobs, "procrastinate_events")) == (0, 0)


@pytest.mark.parametrize(("before", "now"), [("embedded", "procrastinate"), ("procrastinate", "embedded")])
def test_a_change_of_the_setting_takes_the_jobs_along_in_their_order(jobs, settings, clock, before, now):
    place = replace(settings, database_url="postgresql+psycopg://x")
    old, new = (ADAPTERS[name](jobs.database, clock) for name in (before, now))
    held, notes = [], []

    def dawdle(work):
        with new.database.begin() as session:
            held.append(bring_over(session, replace(place, jobs=now), clock))
        with work.finish():
            held.append("written")

    options = {"dedupe_key": "look:1", "serial_key": "case:1", "priority": 2}
    old.ask(name="first", **options)
    old.ask(name="second", serial_key="case:1", run_at=clock.now() + timedelta(hours=1))
    with old.database.read() as session:
        assert left_elsewhere(session, replace(place, jobs=now), clock) == 2
        assert left_elsewhere(session, replace(place, jobs=before), clock) == 0
    old.worker(dawdle).run_once()
    assert held == [2]
    assert old.rows() == []
    assert new.ask(name="twin", **options) == new.rows()[0].id
    new.worker(lambda work: notes.append(work.payload["name"])).run_once()
    assert notes == ["first"]
    clock.advance(timedelta(hours=1))
    new.worker(lambda work: notes.append(work.payload["name"])).run_once()
    assert notes == ["first", "second"]

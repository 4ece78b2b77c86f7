from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from base.errors import Invalid
from base.health import queue_health, remarks
from base.jobs import Worker
from base.jobs.embedded import EmbeddedQueue


def refuse(work):
    raise Invalid("Non.")


def test_wise_settings_call_for_no_remark(settings):
    assert remarks(settings) == []


def test_unwise_settings_are_remarked_upon(settings):
    unwise = replace(
        settings,
        demo=True,
        host="0.0.0.0",
        sqlite_synchronous="OFF",
        clock_file=Path("clock"),
        public_url="http://j.test",
    )
    assert len(remarks(unwise)) == 3
    assert "en clair" in remarks(replace(unwise, demo=False, clock_file=None, sqlite_synchronous="FULL"))[0]


def test_late_and_dead_jobs_are_counted(database, clock):
    queue = EmbeddedQueue("demo", clock)
    with database.begin() as session:
        queue.enqueue(session, "bad", {})
    Worker(database, clock, {"bad": refuse}).run_once()
    with database.begin() as session:
        queue.enqueue(session, "unknown", {})
        start = clock.now()
        clock.advance(timedelta(minutes=4))
        health = queue_health(session, clock, queue)
        assert (health.waiting, health.dead, health.late_since) == (1, 1, None)
        clock.advance(timedelta(minutes=2))
        assert queue_health(session, clock, queue).late_since == start
        assert queue_health(session, clock, EmbeddedQueue("other", clock)).waiting == 0

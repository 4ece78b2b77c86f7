"""What background work costs: jobs asked for and done each second, per adapter and server."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import text

from base.clock import SystemClock
from base.database import Database
from base.jobs import JobStore, Work, Worker
from base.jobs.adapters import ADAPTERS
from base.migrations import upgrade
from bench.figures import Timing
from tests.support.postgres import DURABLE, running_cluster

CLOCK = SystemClock()
ASKED, TOGETHER, LATER = 600, 100, 5_000
CASES = 50
PATIENCE = 120.0


def measure() -> list[Timing]:
    """Each adapter on each server that it knows, in the same run; a job is done in a transaction of its own."""
    return [shown(timing) for setting, database, queue in queues() for timing in figures(setting, database, queue)]


def queues() -> Iterator[tuple[str, Database, JobStore]]:
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder, running_cluster(DURABLE) as cluster:
        places = (
            ("embedded", "SQLite FULL", f"sqlite:///{folder}/jobs.db"),
            ("embedded", "PostgreSQL", cluster.create("embedded")),
            ("procrastinate", "PostgreSQL", cluster.create("procrastinate")),
        )
        for adapter, server, url in places:
            upgrade(url)
            database = Database(url)
            yield f"{adapter}, {server}", database, ADAPTERS[adapter]("bench", CLOCK)
            database.dispose()


def figures(setting: str, database: Database, queue: JobStore) -> Iterator[Timing]:
    yield asked(f"{setting}: asked for, one a transaction", database, queue, 1)
    yield done(f"{setting}: done, 1 thread", database, queue, 1)
    yield asked(f"{setting}: asked for, {TOGETHER} a transaction", database, queue, TOGETHER)
    yield done(f"{setting}: done, 4 threads", database, queue, 4)
    with database.begin() as session:
        for number in range(LATER):
            queue.enqueue(session, "later", {"n": str(number)}, run_at=CLOCK.now() + timedelta(days=1))
    ask(database, queue, TOGETHER)
    analyse(database)
    yield done(f"{setting}: done, 1 thread, {LATER} wait for tomorrow", database, queue, 1)


def analyse(database: Database) -> None:
    """What autovacuum does within a minute of so many new rows."""
    if not database.is_sqlite:
        with database.begin() as session:
            session.execute(text("ANALYZE"))


def asked(setting: str, database: Database, queue: JobStore, together: int) -> Timing:
    began = time.perf_counter()
    ask(database, queue, together)
    return Timing(setting, per_second=ASKED / (time.perf_counter() - began))


def ask(database: Database, queue: JobStore, together: int) -> None:
    """Jobs of so many cases in turn, of each case one after the other."""
    for first in range(0, ASKED, together):
        with database.begin() as session:
            for number in range(first, first + together):
                queue.enqueue(session, "note", {"n": str(number)}, serial_key=f"case-{number % CASES}")


def done(setting: str, database: Database, queue: JobStore, threads: int) -> Timing:
    """From the start of the worker to the end of the last job."""
    count, all_done = Countdown(ASKED), threading.Event()

    def work_on(work: Work) -> None:
        with work.finish():
            pass
        if count.is_last():
            all_done.set()

    handlers = {"note": work_on, "later": work_on}
    worker = Worker(database, CLOCK, handlers, threads=threads, claims=queue.claims, wake=queue.wake)
    began = time.perf_counter()
    with working(worker):
        if not all_done.wait(PATIENCE):
            raise TimeoutError(setting)
        seconds = time.perf_counter() - began
    return Timing(setting, per_second=ASKED / seconds)


class Countdown:
    def __init__(self, left: int) -> None:
        self._left, self._lock = left, threading.Lock()

    def is_last(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left == 0


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def shown(timing: Timing) -> Timing:
    print(timing.line(), flush=True)
    return timing

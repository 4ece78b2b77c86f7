"""Processes killed at random under load: what was acknowledged took effect exactly once, and nothing is stuck.

Workers, web processes, lines to the database and PostgreSQL itself. `JALON_CRASH_SECONDS` makes each setting last
longer than the few seconds of an ordinary run: 120 of them are hundreds of kills.
"""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bench.over_http import FOLDER
from engine import tables
from engine.chain import Break
from engine.verification import verify
from jalon.demo import load
from pathways import catalogue
from pathways.context import Context, build
from pathways.library import read_folder
from tests.crashes.load import HOSPITAL, Books, Client
from tests.support.keys import WEBHOOK_SECRET
from tests.support.nursery import Nursery
from tests.support.patience import PATIENCE, until
from tests.support.postgres import DURABLE, Cluster, running_cluster
from tests.support.server import Server, running
from webhooks import partners

SECONDS = float(os.environ.get("JALON_CRASH_SECONDS", "15"))
SEED = int(os.environ.get("JALON_CRASH_SEED", "43"))
WORKERS, CLIENTS = 3, 3
LONGEST_LULL = 0.7
"""Seconds without a strike while nothing is acknowledged."""
RESTART_EVERY = max(6.0, SECONDS / 8)
"""Seconds between one restart of PostgreSQL and the next."""


@dataclass
class Storm:
    """What may be killed, and how often it was."""

    context: Context
    server: Server
    nursery: Nursery
    dice: random.Random
    cluster: Cluster | None
    kills: Counter[str] = field(default_factory=Counter)

    def rage(self, seconds: float, books: Books) -> None:
        """As many strikes as seconds at least, however slow the machine; it is given three times as long for them."""
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds or self.kills.total() < seconds > passed / 3:
            self.let_work(books, self.dice.uniform(0.02, 0.25))
            strike = self.dice.choices([self.worker, self.web, self.all_web, self.line], [6, 4, 0.3, 3])[0]
            if self.cluster is not None and passed > RESTART_EVERY * (1 + self.restarts):
                strike = self.database
            strike()
            self.revive()

    @staticmethod
    def let_work(books: Books, moment: float) -> None:
        """A moment of work under way before the next strike: whoever hits only what is starting proves nothing."""
        before, end = books.steps, time.monotonic() + LONGEST_LULL
        while books.steps == before and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(moment)

    @property
    def restarts(self) -> int:
        return sum(number for name, number in self.kills.items() if name.startswith("PostgreSQL"))

    def revive(self) -> None:
        """What found no database when it started has ended: started anew, as the system's own supervisor does."""
        gone = [pid for pid in self.nursery.children if not is_there(pid)]
        for pid in gone:
            self.nursery.children.remove(pid)
            self.nursery.bear("worker")
        if not is_there(self.server.pid or 0):
            self.server.start()

    def worker(self) -> None:
        kill(self.nursery.children.pop(self.dice.randrange(WORKERS)))
        self.nursery.bear("worker")
        self.kills["worker"] += 1

    def web(self) -> None:
        """One of the processes that answer; the one that watches starts another."""
        if answering := children(self.server.pid):
            kill(self.dice.choice(answering))
            self.kills["web"] += 1

    def all_web(self) -> None:
        self.server.restart()
        self.kills["all web"] += 1

    def database(self) -> None:
        """PostgreSQL goes, by turns as if the power had and in order, and comes back."""
        assert self.cluster is not None
        at_once = self.restarts % 2 == 0
        self.cluster.stop(signal.SIGQUIT if at_once else signal.SIGINT)
        time.sleep(self.dice.uniform(0, 0.5))
        self.cluster.start()
        self.kills[f"PostgreSQL {'immediate' if at_once else 'fast'}"] += 1

    def line(self) -> None:
        """The database drops one connection, in the middle of whatever it does."""
        if self.context.database.is_sqlite:
            return
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with self.context.database.begin() as session:
            lines = session.execute(text(query)).scalars().all()
            if lines:
                session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": self.dice.choice(lines)})
                self.kills["line"] += 1


def children(pid: int | None) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listing.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == pid]


def is_there(pid: int) -> bool:
    """A child that nobody has asked after is there no more either."""
    status = Path(f"/proc/{pid}/stat")
    with suppress(FileNotFoundError, ProcessLookupError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture(params=["sqlite", "postgresql", "procrastinate"])
def storm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storm]:
    """Two web processes, three workers, one pathway of three questions; on PostgreSQL, which waits for the disk as in
    production, with each of the two queues.
    """
    if request.param == "sqlite":
        with blowing(tmp_path, f"sqlite:///{tmp_path / 'jalon.db'}", "embedded", None) as found:
            yield found
        return
    with (
        running_cluster(DURABLE) as cluster,
        blowing(tmp_path, cluster.create("storm"), request.param, cluster) as found,
    ):
        yield found


@contextmanager
def blowing(tmp_path: Path, url: str, queue: str, cluster: Cluster | None) -> Iterator[Storm]:
    jobs = "procrastinate" if queue == "procrastinate" else "embedded"
    more = {"JALON_WEB_PROCESSES": "2", "JALON_JOBS": jobs}
    server = Server(tmp_path, url, datetime.now(UTC), command=("serve",), more=more)
    server.environ.pop("JALON_CLOCK_FILE")
    server.prepare()
    context = build(server.settings)
    with context.database.begin() as session:
        load.add_people(session, context)
        partners.add(session, context, key=HOSPITAL, name="Banc d’essai", secret=WEBHOOK_SECRET)
        catalogue.publish(session, context, read_folder(FOLDER), "essai", "")
    with running(server), working(server, tmp_path / "workers.log") as nursery:
        yield Storm(context, server, nursery, random.Random(SEED), cluster)
    context.database.dispose()


@contextmanager
def working(server: Server, log: Path) -> Iterator[Nursery]:
    nursery = Nursery(server.environment, log)
    try:
        for _ in range(WORKERS):
            nursery.bear("worker")
        yield nursery
    finally:
        nursery.close()


def test_the_books_balance_after_a_storm(storm: Storm) -> None:
    books = Books()
    clients = [Client(storm.server.url, books, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    storm.rage(SECONDS, books)
    for client in clients:
        client.stopping.set()
    for client in clients:
        client.join(180)
    print(f"\n{len(books.cases)} cases, {len(books.answered)} answers, {books.resent} sent again, {dict(storm.kills)}")
    assert books.faults == []
    assert storm.kills.total() >= SECONDS / 2, "a storm that hardly blew proves nothing"
    assert len(books.cases) >= CLIENTS
    settle(storm.context)
    balance(storm.context, books)


def settle(context: Context) -> None:
    """What was under way when the last client left comes to rest."""

    def is_done() -> bool:
        with context.database.read() as session:
            return not any(context.queue.counts(session).values())

    until(is_done, "jobs are left", 2 * PATIENCE)


def balance(context: Context, books: Books) -> None:
    with context.database.read() as session:
        opened = {str(run): state for run, state in session.execute(select(tables.run.c.id, tables.run.c.state))}
        journal = session.execute(select(tables.journal.c.run, tables.journal.c.kind, tables.journal.c.detail)).all()
        left = {name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in ("token", "timer")}
        open_tasks = session.execute(select(tables.task.c.id).where(tables.task.c.state == "open")).all()
        faults = [said for said in verify(session, context.tenant) if isinstance(said, Break)]
        incidents = session.execute(text("SELECT message FROM incident")).scalars().all()
    assert sorted(opened) == sorted(books.cases.values()), "one case for each message, whatever was sent again"
    assert set(opened.values()) == {"completed"}
    assert incidents == []
    done = Counter(str(detail) for _, kind, detail in journal if kind == "task_completed")
    answers = Counter(run for run, kind, _ in journal if kind == "task_completed")
    assert set(done.values()) == {1}
    assert answers == Counter(books.answered.values()) == Counter(dict.fromkeys(opened, 3))
    starts = Counter(run for run, kind, _ in journal if kind == "run_started")
    assert set(starts.values()) == {1}
    assert (left, open_tasks, faults) == ({"token": 0, "timer": 0}, [], [])

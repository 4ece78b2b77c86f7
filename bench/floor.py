"""The floor under a durable step: the bare commit of the same rows by the driver alone, and a step on each storage."""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection

from base import migrations
from base.database import LOGGED, MAPPED, Database, metadata
from base.prepared import Compiled
from bench import pathways
from bench.engine import CALENDAR, CLOCK, answer, begin, define, open_run, open_task, step
from bench.figures import Timing
from engine.engine import Engine
from engine.environment import Environment
from jalon.scratch import NoQueue
from tests.support.postgres import DURABLE, running_cluster

RUNS = 60
LITE = "sqlite:///"
Writes = list[tuple[str, list[Any]]]


@dataclass
class Kept:
    """What each transaction wrote, in order; `is_step` tells the answers from the starts."""

    writes: list[tuple[bool, Writes]] = field(default_factory=list)

    def taken(self) -> list[tuple[bool, Writes]]:
        """What was kept since the last time."""
        found, self.writes = self.writes, []
        return found

    @contextmanager
    def transaction(self, *, is_step: bool) -> Iterator[None]:
        self.writes.append((is_step, []))
        execute = Compiled._execute

        def kept(compiled: Compiled, connection: Connection, parameters: Any, many: bool = False) -> Any:
            if not compiled.text.startswith("SELECT"):
                self.writes[-1][1].append((compiled.text, parameters if many else [parameters]))
            return execute(compiled, connection, parameters, many)

        with patch.object(Compiled, "_execute", kept):
            yield


def measure() -> Iterator[Timing]:
    """The floor and the step above it in turn, run by run, so that both meet the same moments of machine and disk."""
    yield in_memory()
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder, running_cluster(DURABLE) as cluster:
        for synchronous in ("FULL", "NORMAL"):
            database = Database(f"{LITE}{folder}/{synchronous}.db", synchronous=synchronous)
            metadata.create_all(database.engine)
            with closing(Bare(f"{folder}/{synchronous}-floor.db", synchronous)) as bare:
                yield (ours := stepped(database, f"SQLite {synchronous}", bare))
                yield bare.timing(ours)
        url = cluster.create("floor")
        migrations.upgrade(url)
        yield stepped(Database(url), "PostgreSQL, fsync")


def in_memory() -> Timing:
    """Walls and processor time of a step without rows."""
    definition = define(pathways.thirty_nodes(ours=True))
    walls: list[float] = []
    busy: list[float] = []
    for _ in range(RUNS):
        run = begin(definition)
        while run.state == "active":
            clocked(lambda run=run: step(run), walls, busy)
    return per_second("step in memory", walls, busy)


def stepped(database: Database, where: str, bare: "Bare | None" = None) -> Timing:
    """Of two runs one is timed; what the other writes is written once more by the driver alone."""
    engine, kept = Engine(Environment(CLOCK, CALENDAR, {}, NoQueue()), "bench"), Kept()
    walls: list[float] = []
    busy: list[float] = []
    with database.begin() as session:
        digest = engine.deploy(session, {"p.bpmn": pathways.thirty_nodes(ours=True)})
    for number in range(2 * RUNS):
        if number % 2:
            open_run(database, engine, digest, f"run{number}")
        else:
            with kept.transaction(is_step=False):
                open_run(database, engine, digest, f"run{number}")
        while task := open_task(database, f"run{number}"):
            if number % 2:
                clocked(lambda task=task: answer(database, engine, task), walls, busy)
            else:
                with kept.transaction(is_step=True):
                    answer(database, engine, task)
        if bare is not None and not number % 2:
            bare.write(kept.taken())
    database.dispose()
    return per_second(f"durable step, {where}", walls, busy)


def clocked(work: Any, walls: list[float], busy: list[float]) -> None:
    """Microseconds, of the wall and of the processor."""
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    work()
    walls.append((time.perf_counter_ns() - wall) / 1_000)
    busy.append((time.process_time_ns() - cpu) / 1_000)


def per_second(name: str, walls: list[float], busy: list[float]) -> Timing:
    notes = {"steps_per_second": 1e6 / statistics.mean(walls), "cpu_ms_per_step": statistics.mean(busy) / 1e3}
    return Timing(name, walls, notes=notes)


class Bare:
    """A database of the same tables: the same statements with the same values, and nothing else."""

    def __init__(self, path: str, synchronous: str) -> None:
        empty = Database(f"{LITE}{path}")
        metadata.create_all(empty.engine)
        empty.dispose()
        self.synchronous, self.steps = synchronous, list[float]()
        self.line = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", MAPPED, LOGGED):
            self.line.execute(f"PRAGMA {pragma}").close()

    def write(self, transactions: Sequence[tuple[bool, Writes]]) -> None:
        """Transactions of one run, of which the steps are timed."""
        for is_step, writes in transactions:
            began = time.perf_counter_ns()
            self.line.execute("BEGIN IMMEDIATE")
            for text, rows in writes:
                self.line.executemany(text, rows) if len(rows) > 1 else self.line.execute(text, rows[0])
            self.line.execute("COMMIT")
            if is_step:
                self.steps.append((time.perf_counter_ns() - began) / 1_000)

    def timing(self, ours: Timing) -> Timing:
        ratio = ours.median / statistics.median(self.steps)
        return Timing(f"the bare commit of the same rows, {self.synchronous}", self.steps, notes={"ratio": ratio})

    def close(self) -> None:
        self.line.close()

"""How a durable step grows: by the turns of a run, by the tasks it has side by side; and what each step writes."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from base.database import Database
from base.prepared import Compiled, Row
from bench import pathways
from bench.engine import installed, reload, timed
from bench.figures import Timing
from engine import tables
from engine.engine import Engine

TURNS, CHILDREN = (10, 100, 1_000, 10_000), (10, 100, 1_000)
AROUND, COUNTED = 60, 3
"""Steps that are measured at each point."""


@dataclass
class Written:
    """Rows, and bytes (values as they are handed over), that a step writes."""

    rows: int = 0
    bytes: int = 0


@contextmanager
def counting() -> Iterator[Written]:
    """Beside what is timed: every write goes through one method."""
    found, write = Written(), Compiled.write

    def counted(self: Compiled, connection: Connection, rows: Sequence[Row]) -> int:
        touched = write(self, connection, rows)
        found.rows += touched
        found.bytes += sum(size(value) for row in rows for value in row.values())
        return touched

    with patch.object(Compiled, "write", counted):
        yield found


def size(value: object) -> int:
    return len(value) if isinstance(value, bytes) else len(str(value)) if value is not None else 0


def measure() -> Iterator[Timing]:
    """Runs are kept in memory between steps, as a server keeps them; loads are made beside."""
    yield from turning("turn", pathways.endless(ours=True))
    yield from turning("turn in a sub-process of a called process", pathways.endless_within())
    yield from side_by_side()


def turning(what: str, content: bytes) -> Iterator[Timing]:
    with installed() as (database, anew):
        engine = anew()
        for turn in TURNS:
            digest = begin_run(database, engine, f"run{turn}", content)
            turn_on(database, engine, f"run{turn}", turn - AROUND // 2)
        yield from points(database, engine, {f"durable step at {what} {turn}": f"run{turn}" for turn in TURNS})
        for turn in TURNS:
            loads = [timed(lambda turn=turn: reload(database, engine, digest, f"run{turn}")) for _ in range(AROUND)]  # type: ignore[misc]
            yield Timing(f"load at {what} {turn}", loads)


def side_by_side() -> Iterator[Timing]:
    with installed() as (database, anew):
        engine = anew()
        for number in CHILDREN:
            begin_run(database, engine, f"run{number}", pathways.side_by_side(number, ours=True))
        yield from points(
            database, engine, {f"durable completion of 1 of {number}": f"run{number}" for number in CHILDREN}, 6
        )


def points(database: Database, engine: Engine, runs: Mapping[str, str], number: int = AROUND) -> Iterator[Timing]:
    """One transaction a step, each run in turn so that all meet the same moments; then what a step writes."""
    taken = [[step(database, engine, run) for run in runs.values()] for _ in range(number)]
    first = statistics.median(row[0] for row in taken)
    for place, (name, run) in enumerate(runs.items()):
        found = [row[place] for row in taken]
        with counting() as written:
            for _ in range(COUNTED):
                step(database, engine, run)
        notes = {"rows": written.rows / COUNTED, "bytes_written": written.bytes / COUNTED}
        yield Timing(name, found, notes={**notes, "ratio": statistics.median(found) / first})


def begin_run(database: Database, engine: Engine, run: str, content: bytes) -> str:
    with database.begin() as session:
        digest = engine.deploy(session, {"p.bpmn": content})
        engine.start(session, run=run, definition=digest, process="p", message=None, variables={"n": 0}, actor="bench")
    return digest


def turn_on(database: Database, engine: Engine, run: str, turns: int) -> None:
    """Many turns in few transactions: on the way to what is measured."""
    while turns > 0:
        with database.begin() as session:
            for _ in range(min(turns, 200)):
                engine.complete(session, task=open_task(session, run), variables={}, actor="bench")
        turns -= 200


def open_task(session: Session, run: str) -> str:
    of_run = (tables.task.c.tenant == "bench", tables.task.c.run == run, tables.task.c.state == "open")
    return str(session.scalars(select(tables.task.c.id).where(*of_run).limit(1)).one())


def step(database: Database, engine: Engine, run: str) -> float:
    with database.read() as session:
        task = open_task(session, run)
    return timed(lambda: complete(database, engine, task))


def complete(database: Database, engine: Engine, task: str) -> None:
    with database.begin() as session:
        engine.complete(session, task=task, variables={}, actor="bench")

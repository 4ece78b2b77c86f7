"""How a durable step grows: by the turns of a run, by the tasks it has side by side; and what each step writes."""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from sqlalchemy import Connection, select

from base.database import Database
from base.prepared import Compiled, Row
from bench import pathways
from bench.engine import installed, reload, timed
from bench.figures import Timing
from engine import tables
from engine.engine import Engine

TURNS, CHILDREN = (10, 100, 1_000, 10_000), (10, 100, 1_000)
AROUND, COUNTED = 30, 3
"""Steps that are measured at each point."""
RUN = "run"


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
        engine, digest, done, first = anew(), begin_run(database, anew(), content), 0, 0.0
        for turn in TURNS:
            turn_on(database, engine, turn - done - AROUND // 2)
            found = list(steps(database, engine, f"durable step at {what} {turn}", first))
            first = first or found[0].median
            loads = [timed(lambda: reload(database, engine, digest, RUN)) for _ in range(AROUND)]
            yield from (*found, Timing(f"load at {what} {turn}", loads))
            done = turn + AROUND // 2 + COUNTED


def side_by_side() -> Iterator[Timing]:
    first = 0.0
    for number in CHILDREN:
        with installed() as (database, anew):
            engine = anew()
            begin_run(database, engine, pathways.side_by_side(number, ours=True))
            found = list(
                steps(database, engine, f"durable completion of 1 of {number}", first, min(number // 2, AROUND))
            )
            first = first or found[0].median
            yield from found


def begin_run(database: Database, engine: Engine, content: bytes) -> str:
    with database.begin() as session:
        digest = engine.deploy(session, {"p.bpmn": content})
        engine.start(session, run=RUN, definition=digest, process="p", message=None, variables={"n": 0}, actor="bench")
    return digest


def turn_on(database: Database, engine: Engine, turns: int) -> None:
    """Many turns in few transactions: on the way to what is measured."""
    while turns > 0:
        with database.begin() as session:
            for _ in range(min(turns, 200)):
                found = session.scalars(OPEN).first()
                engine.complete(session, task=str(found), variables={}, actor="bench")
        turns -= 200


def steps(database: Database, engine: Engine, name: str, first: float, number: int = AROUND) -> Iterator[Timing]:
    """One transaction each; then their ratio to the first point, and what each wrote."""
    taken = [step(database, engine) for _ in range(number)]
    with counting() as written:
        for _ in range(COUNTED):
            step(database, engine)
    notes = {"rows": written.rows / COUNTED, "bytes_written": written.bytes / COUNTED}
    ratio = {"ratio": statistics.median(taken) / first} if first else {}
    yield Timing(name, taken, notes=notes | ratio)


OPEN = (
    select(tables.task.c.id)
    .where(tables.task.c.tenant == "bench", tables.task.c.run == RUN)
    .where(tables.task.c.state == "open")
    .limit(1)
)


def step(database: Database, engine: Engine) -> float:
    with database.read() as session:
        found = str(session.scalars(OPEN).first())
    return timed(lambda: complete(database, engine, found))


def complete(database: Database, engine: Engine, task: str) -> None:
    with database.begin() as session:
        engine.complete(session, task=task, variables={}, actor="bench")

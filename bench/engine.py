"""What the engine costs, beside plain SpiffWorkflow: parse, step, save, reload, memory, and how a step grows."""

import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import SystemClock
from base.database import Database, metadata
from bench import pathways, plain_engine
from bench.figures import Timing
from engine import reader, rows, steps, tables
from engine.definition import Definition
from engine.engine import Engine
from engine.environment import Environment, World
from engine.inspection import inspect
from engine.refusals import EXECUTABLE
from engine.run import Run
from jalon.scratch import NoQueue

CALENDAR, CLOCK = Calendar(), SystemClock()
RUNS, LONG, PARSES, WAITING = 60, 6, 60, 300
TURNS, PLAIN_TURNS = (10, 100, 1_000, 10_000), (10, 100)
CHILDREN = (10, 100, 1_000)
SIZES = ((" of 30 nodes", pathways.thirty_nodes, RUNS // 2), (" of 102 nodes", pathways.hundred_nodes, LONG))
AROUND = 10
"""Steps that are measured at each point of a curve."""


def measure() -> list[Timing]:
    """All figures of one run; ours and the library's in turn, so that both meet the same moments."""
    return [found for part in (parsing, stepping, durable, memory, turns, children) for found in shown(part())]


def shown(timings: Iterator[Timing]) -> Iterator[Timing]:
    for timing in timings:
        print(timing.line(), flush=True)
        yield timing


# --- ours, in memory --------------------------------------------------------------------------------------------------


def define(content: bytes) -> Definition:
    return inspect({"p.bpmn": content}, CALENDAR, EXECUTABLE)


def parse(content: bytes) -> Definition:
    return Definition({"p.bpmn": content}, {"p.bpmn": reader.read(content, "p.bpmn")})


def world(session: Session | None = None) -> World:
    return World(CLOCK.now(), "bench", CALENDAR, {}, session or Session(), "bench", rehearsal=session is None)


def begin(definition: Definition, key: str = "run") -> Run:
    run = Run(definition, "p", world(), key)
    steps.start(run, {"n": 0})
    steps.advance(run)
    rows.forget(run)
    return run


def step(run: Run) -> None:
    """Answer one task and go on to the next."""
    waiting = next(token for token in run.tokens.values() if "task" in token.internal_data)
    run.live_in(world())
    steps.finish(run, waiting, {})
    steps.advance(run)
    rows.forget(run)


def timed(work: Callable[[], object]) -> float:
    """Microseconds."""
    began = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - began) / 1_000


# --- the measures -----------------------------------------------------------------------------------------------------


def parsing() -> Iterator[Timing]:
    ours, theirs = pathways.thirty_nodes(ours=True), pathways.thirty_nodes(ours=False)
    works = (lambda: parse(ours), lambda: plain_engine.parse(theirs), lambda: define(ours))
    taken = [[timed(work) for work in works] for _ in range(PARSES)]
    names = ("parse 30 nodes", "parse 30 nodes, plain SpiffWorkflow", "parse and check 30 nodes")
    for number, name in enumerate(names):
        yield Timing(name, [one[number] for one in taken])


def stepping() -> Iterator[Timing]:
    """A task answered, and everything up to the next one."""
    definition, spec = define(pathways.thirty_nodes(ours=True)), plain_engine.parse(pathways.thirty_nodes(ours=False))
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(RUNS):
        run, workflow = begin(definition), plain_engine.begin(spec)
        while not run.completed:
            ours.append(timed(lambda run=run: step(run)))  # type: ignore[misc]
            theirs.append(timed(lambda workflow=workflow: plain_engine.step(workflow)))  # type: ignore[misc]
        if not workflow.is_completed():
            raise AssertionError("the two do not play the same pathway")
    yield Timing("step in memory", ours)
    yield Timing("step in memory, plain SpiffWorkflow", theirs)


@dataclass
class Steps:
    """Microseconds of each step and of each reload."""

    steps: list[float] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)


def durable() -> Iterator[Timing]:
    """The same on the disk (SQLite FULL), with tasks and journal; plain: one JSON text. In turn, run by run."""
    for size, nodes, runs in (
        (" of 30 nodes", pathways.thirty_nodes, RUNS // 2),
        (" of 102 nodes", pathways.hundred_nodes, LONG),
    ):
        kept, reloaded, theirs = Steps(), Steps(), Steps()
        spec = plain_engine.parse(nodes(ours=False))
        with installed() as (database, anew), plain_engine.stored() as store:
            engine = anew()
            with database.begin() as session:
                digest = engine.deploy(session, {"p.bpmn": nodes(ours=True)})
            for number in range(runs):
                durable_run(database, digest, f"kept{number}", kept, lambda engine=engine: engine)  # type: ignore[misc]
                again = partial(forgetful, anew, database, digest)
                durable_run(database, digest, f"reloaded{number}", reloaded, again, loads=True)
                plain_durable_run(store, spec, number, theirs)
        yield Timing(f"durable step, run{size} kept in memory", kept.steps, notes={"times plain": times(theirs, kept)})
        yield Timing(f"durable step, run{size} reloaded", reloaded.steps)
        yield Timing(f"durable step, run{size}, plain SpiffWorkflow, JSON", theirs.steps)
        yield Timing(f"reload of a run{size}", reloaded.loads)
        yield Timing(f"reload of a run{size}, plain SpiffWorkflow, JSON", theirs.loads)


def times(theirs: Steps, ours: Steps) -> float:
    return statistics.median(theirs.steps) / statistics.median(ours.steps)


@contextmanager
def installed() -> Iterator[tuple[Database, Callable[[], Engine]]]:
    """A database on the disk, and a way to an engine that remembers nothing of the runs."""
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder:
        database = Database(f"sqlite:///{folder}/engine.db", synchronous="FULL")
        metadata.create_all(database.engine)
        yield database, lambda: Engine(Environment(CLOCK, CALENDAR, {}, NoQueue()), "bench")
        database.dispose()


def durable_run(
    database: Database, digest: str, run: str, taken: Steps, at_hand: Callable[[], Engine], *, loads: bool = False
) -> None:
    open_run(database, at_hand(), digest, run)
    while task := open_task(database, run):
        engine = at_hand()
        if loads:
            taken.loads.append(timed(lambda engine=engine: reload(database, engine, digest, run)))  # type: ignore[misc]
        taken.steps.append(timed(lambda engine=engine, task=task: answer(database, engine, task)))  # type: ignore[misc]


def forgetful(anew: Callable[[], Engine], database: Database, digest: str) -> Engine:
    """An engine that has read the definition, as any process has after its first case, but no run."""
    engine = anew()
    with database.read() as session:
        engine.definition(session, digest)
    return engine


def open_run(database: Database, engine: Engine, digest: str, run: str) -> None:
    with database.begin() as session:
        engine.start(session, run=run, definition=digest, process="p", message=None, variables={"n": 0}, actor="bench")


def open_task(database: Database, run: str) -> str | None:
    with database.read() as session:
        found = select(tables.task.c.id).where(tables.task.c.run == run, tables.task.c.state == "open")
        return session.scalars(found.order_by(tables.task.c.token)).first()


def answer(database: Database, engine: Engine, task: str) -> None:
    with database.begin() as session:
        engine.complete(session, task=task, variables={}, actor="bench")


def reload(database: Database, engine: Engine, digest: str, run: str) -> Run:
    with database.read() as session:
        header = rows.header(session, "bench", run, lock=False)
        if header is None:
            raise AssertionError(run)
        return rows.load(session, header, engine.definition(session, digest), world(session), run)


def plain_durable_run(store: plain_engine.Store, spec: Any, number: int, taken: Steps) -> None:
    workflow = plain_engine.begin(spec)
    state = plain_engine.dump(workflow)
    store.add(number, workflow)
    goes_on = True
    while goes_on:
        taken.loads.append(timed(lambda: plain_engine.load(state)))
        began = time.perf_counter_ns()
        goes_on = store.durable_step(number)
        taken.steps.append((time.perf_counter_ns() - began) / 1_000)


def memory() -> Iterator[Timing]:
    """Of one run that waits for its first task, many of them being kept; the definition is shared."""
    definition, spec = define(pathways.thirty_nodes(ours=True)), plain_engine.parse(pathways.thirty_nodes(ours=False))
    state = plain_engine.dump(plain_engine.begin(spec))
    yield Timing("memory of a waiting run", bytes_used=kept(lambda: begin(definition)))
    yield Timing("memory of a waiting run, plain SpiffWorkflow", bytes_used=kept(lambda: plain_engine.begin(spec)))
    loaded = kept(lambda: plain_engine.load(state))
    yield Timing("memory of a waiting run, plain, from JSON", bytes_used=loaded)


def kept(make: Callable[[], Any]) -> float:
    make()
    tracemalloc.start()
    held = [make() for _ in range(WAITING)]
    used = tracemalloc.get_traced_memory()[0] / len(held)
    tracemalloc.stop()
    return used


def turns() -> Iterator[Timing]:
    """A step at turn 10, 100… of one run. Plain SpiffWorkflow stops at turn 250, where it says that it is completed."""
    run, done = begin(define(pathways.endless(ours=True))), 0
    workflow = plain_engine.begin(plain_engine.parse(pathways.endless(ours=False)))
    their_turns = 0
    for turn in TURNS:
        while done < turn - AROUND:
            step(run)
            done += 1
        yield Timing(f"step in memory at turn {turn}", [timed(lambda: step(run)) for _ in range(AROUND)])
        done += AROUND
        if turn not in PLAIN_TURNS:
            continue
        while their_turns < turn - AROUND:
            plain_engine.step(workflow)
            their_turns += 1
        taken = [timed(lambda: plain_engine.step(workflow)) for _ in range(AROUND)]
        their_turns += AROUND
        yield Timing(f"step in memory at turn {turn}, plain SpiffWorkflow", taken)


def children() -> Iterator[Timing]:
    """One of so many tasks side by side is answered."""
    for number in CHILDREN:
        run = begin(define(pathways.side_by_side(number, ours=True)))
        taken = [timed(lambda run=run: step(run)) for _ in range(AROUND // 2)]  # type: ignore[misc]
        yield Timing(f"completion of 1 child of {number}", taken)
        workflow = plain_engine.begin(plain_engine.parse(pathways.side_by_side(number, ours=False)))
        taken = [timed(lambda w=workflow: plain_engine.step(w)) for _ in range(AROUND // 2)]  # type: ignore[misc]
        yield Timing(f"completion of 1 child of {number}, plain SpiffWorkflow", taken)

"""What timers cost: many due at once, few when idle, and thousands that wait for a month."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import func, select, text

from base import migrations
from base.clock import ManualClock, SystemClock
from base.settings import Settings
from bench.engine import timed
from bench.figures import Timing
from engine import tables
from engine.engine import Engine
from jalon.worker import build_worker
from pathways.context import Context, build
from tests.support.keys import SECRETS
from tests.support.models import catch, chain, document, end, process, start, timer
from tests.support.postgres import DURABLE, running_cluster

DUE, WAITING, IDLE, TOGETHER = 20_000, 4_000, 12, 500


def measure(due: int = DUE) -> Iterator[Timing]:
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as folder, running_cluster(DURABLE) as cluster:
        for label, url in (("SQLite FULL", f"sqlite:///{folder}/timers.db"), ("PostgreSQL", cluster.create("timers"))):
            with installed(Path(folder), url) as context:
                yield from at_rest(context, label)
                for workers in (1,) if context.database.is_sqlite else (1, 3):
                    yield drained(context, f"{label}, timers drained by {workers}", due, workers)
                yield lateness(context, f"{label}, lateness when idle")


@contextmanager
def installed(folder: Path, url: str) -> Iterator[Context]:
    context = build(Settings.load({**SECRETS, "JALON_DATABASE_URL": url, "JALON_VAR_DIR": str(folder)}))
    migrations.upgrade(context.database)
    yield context
    context.database.dispose()


def at(context: Context, clock: ManualClock | SystemClock) -> Context:
    engine = Engine(replace(context.engine.environment, clock=clock), context.tenant)
    return replace(context, clock=clock, engine=engine)


def open_runs(context: Context, name: str, number: int, wait: str) -> None:
    nodes = (start(), catch("pause", timer("timeDuration", wait)), end(), chain("start", "pause", "end"))
    with context.database.begin() as session:
        digest = context.engine.deploy(session, {"p.bpmn": document(process("p", *nodes))})
    for first in range(0, number, TOGETHER):
        with context.database.begin() as session:
            for n in range(first, min(first + TOGETHER, number)):
                context.engine.start(
                    session, run=f"{name}{n}", definition=digest, process="p", message=None, variables={}, actor="bench"
                )


def at_rest(context: Context, label: str) -> Iterator[Timing]:
    """A sweep that finds nothing due, with nobody waiting and with thousands."""
    for waiting in (0, WAITING):
        if waiting:
            open_runs(context, "month", waiting, "P30D")
        sweep(context)
        taken = [timed(lambda: sweep(context)) for _ in range(60)]
        yield Timing(f"{label}, sweep while {waiting} timers wait for a month", taken)


def sweep(context: Context) -> int:
    return context.engine.fire_due(context.database)


def drained(context: Context, name: str, due: int, workers: int) -> Timing:
    """Each worker has an engine of its own, as another process has; each run is one transaction."""
    later = ManualClock(context.clock.now())
    open_runs(at(context, later), f"due{workers}-", due, "PT1H")
    later.advance(timedelta(hours=2))
    with context.database.begin() as session:
        if not context.database.is_sqlite:
            session.execute(text("ANALYZE timer, run, token"))
    engines = [at(context, later) for _ in range(workers)]
    threads = [threading.Thread(target=drain, args=(one,)) for one in engines]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    with context.database.read() as session:
        fired = tables.journal.c
        ours = (fired.kind == "timer_fired", fired.run.like(f"due{workers}-%"))
        count = session.scalar(select(func.count()).where(*ours))
    if count != due:
        raise AssertionError(f"{count} of {due} fired")
    return Timing(name, per_second=due / seconds)


def drain(context: Context) -> None:
    while sweep(context):
        pass


def lateness(context: Context, name: str) -> Timing:
    """A worker with nothing else to do; how long after its time each timer fired."""
    idle = at(context, SystemClock())
    worker = build_worker(idle)
    worker.start()
    for n in range(IDLE):
        open_runs(idle, f"idle{n}-", 1, "PT1.5S")
        time.sleep(0.23)
    time.sleep(4)
    worker.stop()
    with context.database.read() as session:
        fired = tables.journal.c
        ours = (fired.kind == "timer_fired", fired.run.like("idle%"))
        rows = session.execute(select(fired.at, fired.detail).where(*ours)).all()
    if len(rows) != IDLE:
        raise AssertionError(f"{len(rows)} of {IDLE} fired")
    return Timing(name, [late(row.at, row.detail) for row in rows], wanted=2_000_000)


def late(fired: datetime, detail: bytes) -> float:
    """Microseconds after it was due."""
    due = datetime.fromisoformat(orjson.loads(detail)["due"])
    return (fired - due) / timedelta(microseconds=1)

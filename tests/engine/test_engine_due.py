"""Many timers due at once fire in order, in bounded sweeps that workers share, each once; at rest they cost nothing."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from base.clock import ManualClock
from base.database import Database
from engine import tables
from engine.sweep import due_runs
from tests.engine.house import House
from tests.support.models import catch, chain, end, start, timer

RUNS = [f"0000000000run{n:03}" for n in range(40)]


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    """Cases that wait, each a minute longer than the one before."""
    built = House(database, clock)
    digest = built.deploy(start(), catch("pause", timer("timeDuration", "P1D")), end(), chain("start", "pause", "end"))
    for run in RUNS:
        built.begin(digest, run=run)
        clock.advance(timedelta(minutes=1))
    return built


def ended(house: House) -> list[str]:
    with house.database.read() as session:
        return sorted(session.scalars(select(tables.run.c.id).where(tables.run.c.state == "completed")))


def test_the_oldest_fire_first_and_no_more_than_a_sweep_may(house: House, clock: ManualClock) -> None:
    clock.advance(timedelta(days=2))
    for fired in (3, 6, 9):
        assert house.engine.fire_due(house.database, limit=3) == 3
        assert ended(house) == RUNS[:fired]


def test_what_fell_due_while_nobody_worked_fires_in_order_after_a_restart(house: House, clock: ManualClock) -> None:
    clock.advance(timedelta(days=30))
    other = House(house.database, clock)
    assert other.engine.fire_due(house.database, limit=5) == 5
    assert ended(house) == RUNS[:5]


def test_several_workers_share_what_is_due_and_fire_nothing_twice(house: House, clock: ManualClock) -> None:
    clock.advance(timedelta(days=2))
    workers = [House(house.database, clock) for _ in range(3)]

    def drain(worker: House) -> int:
        return sum(worker.engine.fire_due(house.database, limit=10) for _ in range(8))

    with ThreadPoolExecutor(3) as pool:
        moved = list(pool.map(drain, workers))
    assert sum(moved) == len(RUNS)
    assert ended(house) == RUNS
    with house.database.read() as session:
        fired = Counter(session.scalars(select(tables.journal.c.run).where(tables.journal.c.kind == "timer_fired")))
    assert fired == Counter(RUNS)


def test_a_run_in_somebodys_hands_is_passed_over_and_fires_at_the_next_sweep(house: House, clock: ManualClock) -> None:
    if house.database.is_sqlite:
        return  # its one writer holds all runs at once: whoever sweeps waits
    clock.advance(timedelta(days=2))
    with house.database.begin() as session:
        session.execute(select(tables.run.c.id).where(tables.run.c.id == RUNS[0]).with_for_update())
        assert house.engine.fire_due(house.database, limit=4) == 3
    assert house.engine.fire_due(house.database, limit=1) == 1
    assert ended(house) == RUNS[:4]


def test_a_sweep_with_nothing_due_asks_the_same_few_questions_and_writes_nothing(house: House) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    assert house.engine.fire_due(house.database) == 0
    event.remove(house.database.engine, "before_cursor_execute", note)
    assert all(statement.startswith(("SELECT", "BEGIN")) for statement in asked)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 5


def test_due_timers_are_found_by_their_index(house: House) -> None:
    statement = due_runs("demo", house.clock.now(), 10)
    with house.database.read() as session:
        text = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        if house.database.is_sqlite:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")
        else:
            session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = session.connection().exec_driver_sql(f"EXPLAIN {text}")
        said = " ".join(str(row[-1]) for row in plan)
    assert "ix_timer_due_at" in said
    assert "Sort" not in said
    assert "TEMP B-TREE" not in said

"""What can never happen: a definition that is written to, Python that is evaluated, two who are both first."""

import contextlib
import sys
import threading
from typing import Any

import pytest
from sqlalchemy import select

from base.calendars import Calendar
from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict
from engine import tables
from engine.engine import Engine
from engine.environment import Environment
from engine.rehearsal import Rehearsal
from tests.engine.driver import CALENDAR, MORNING, define
from tests.engine.house import CASE, House, Queue
from tests.engine.test_engine_database import simple
from tests.support.models import (
    DECISION,
    boundary,
    chain,
    document,
    end,
    flow,
    gateway,
    many,
    process,
    rule,
    script,
    start,
    timer,
    user,
)

MODEL = document(
    process(
        "p",
        start(),
        rule("r", "urgence", "urgence"),
        user("u", many("=[1, 2]", "n", output=("o", "=n * 2"))),
        boundary("b", "u", timer("timeDuration", "=delai"), cancels=False),
        script("s", "=n + 1", "n"),
        gateway("exclusive", "g", default="f"),
        end(),
        end("e2"),
        end("e3"),
        chain("start", "r", "u", "g"),
        chain("b", "s", "e3"),
        flow("g", "end", '=urgence = "haute"'),
        flow("g", "e2", id="f"),
    )
)


def play() -> Rehearsal:
    definition = define(MODEL, **{"u.dmn": DECISION})
    return Rehearsal(definition, CALENDAR, process="p", clock=ManualClock(MORNING))


def drive(run: Rehearsal) -> Rehearsal:
    run.start({"nihss": 9, "delai": "PT1H", "n": 0})
    run.advance()
    run.complete("u").complete("u")
    assert run.end_state == "end"
    assert run.variables["o"] == [2, 4]
    return run


def test_a_definition_cannot_be_written_to() -> None:
    definition = define(MODEL, **{"u.dmn": DECISION})
    container = definition.containers["p"]
    node: Any = container.task_specs["u"]
    for write in (
        lambda: setattr(node, "form", "other"),
        lambda: node.connect(node),
        lambda: container.task_specs.update(x=node),
        lambda: definition.containers.update(x=container),
        lambda: definition.files.update(x=b""),
        lambda: definition.parameters.update(x=1),
    ):
        with pytest.raises((AttributeError, TypeError)):
            write()


def picture(run: Rehearsal) -> dict[str, Any]:
    """All that the shared specs hold, as text."""
    return {
        f"{key}/{name}": sorted((k, repr(v)) for k, v in node.__dict__.items() if not k.endswith("_event"))
        for key, container in run.definition.containers.items()
        for name, node in container.task_specs.items()
    }


def test_a_run_leaves_its_definition_as_it_was() -> None:
    run = play()
    before = picture(run)
    drive(run)
    assert picture(run) == before


def test_no_python_is_evaluated_while_a_run_goes_on() -> None:
    run, hits, watching = play(), [], [True]

    def watch(event: str, arguments: Any) -> None:
        if watching[0] and event in ("exec", "compile", "os.system", "subprocess.Popen", "open", "socket.connect"):
            hits.append((event, str(arguments)[:80]))

    sys.addaudithook(watch)
    drive(run)
    watching[0] = False
    assert hits == []


def test_of_two_who_answer_at_once_one_is_told_so(database: Database, clock: ManualClock) -> None:
    house = House(database, clock)
    house.begin(house.deploy(*simple()))
    task = house.tasks()[0].id
    engines = [Engine(Environment(clock, Calendar(), {}, Queue()), "demo") for _ in range(2)]
    ready, told = threading.Barrier(4), []

    def answer(engine: Engine, name: str) -> None:
        ready.wait()
        try:
            with database.begin() as session:
                engine.complete(session, task=task, variables={"par": name}, actor=name)
            told.append("done")
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=answer, args=(engines[n % 2], f"p{n}")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["conflict", "conflict", "conflict", "done"]
    assert house.journal().count("task_completed") == 1


def test_runs_from_memory_and_from_rows_write_the_same(database: Database, clock: ManualClock) -> None:
    house = House(database, clock)
    digest = house.deploy(
        start(),
        gateway("parallel", "p1"),
        user("a"),
        user("b"),
        gateway("parallel", "j"),
        user("c"),
        end(),
        chain("start", "p1", "a", "j", "c", "end"),
        chain("p1", "b", "j"),
    )
    other = "0000000000case02"
    house.begin(digest)
    house.begin(digest, run=other)
    for element in ("b", "a", "c"):
        for run in (CASE, other):
            if run == other:
                house.engine.mover.memory.runs.clear()
            task = next(task for task in house.tasks() if task.run == run and task.element == element)
            with database.begin() as session:
                house.engine.complete(session, task=task.id, variables={element: 1}, actor="anne")
    assert house.journal(CASE) == house.journal(other)
    assert house.look(CASE).completed == house.look(other).completed


def test_a_run_is_remembered_only_once_its_transaction_has_committed(database: Database, clock: ManualClock) -> None:
    house = House(database, clock)
    digest = house.deploy(*simple())
    memory = house.engine.mover.memory.runs
    with contextlib.suppress(ZeroDivisionError), database.begin() as session:
        given: dict[str, Any] = {
            "definition": digest,
            "process": "p",
            "message": None,
            "variables": {},
            "actor": "anne",
        }
        house.engine.start(session, run=CASE, **given)
        with session.begin_nested():
            session.execute(select(tables.run))
        assert not memory
        raise ZeroDivisionError
    assert not memory
    house.begin(digest)
    assert list(memory) == [CASE]


def test_a_thousand_elements_in_a_row_run() -> None:
    names = [f"s{n}" for n in range(1000)]
    model = document(
        process("p", start(), *(script(n, "=1", "v") for n in names), end(), chain("start", *names, "end"))
    )
    run = Rehearsal(define(model), CALENDAR, process="p", clock=ManualClock(MORNING)).start()
    assert run.ended
    assert len(run.completed()) == 1002

"""Runs that begin by themselves: timers, signals, messages and conditions at the start of definitions in force."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import ManualClock
from base.database import Database
from base.errors import RunError
from engine import tables
from engine.engine import Engine
from engine.environment import Environment, Opening, Place
from engine.findings import Refused
from tests.engine.house import Queue
from tests.support.models import chain, definition, document, element, end, message, process, start, throw, timer, user

ROOTS = message("m", "lettre") + '<bpmn:signal id="S" name="canicule"/>'


class House:
    """An engine whose runs are opened one after the other: run1, run2…"""

    def __init__(self, database: Database, clock: ManualClock, opens: bool = True) -> None:
        self.database, self.clock, self.closed = database, clock, False
        self.asked: list[Opening] = []
        self.engine = Engine(Environment(clock, Calendar(), {}, Queue(), self.open if opens else None), "demo")

    def open(self, session: Session, opening: Opening) -> Place | None:
        if self.closed:
            raise RunError("Personne n’est de garde.")
        self.asked.append(opening)
        return Place(f"run{len(self.asked)}", {"dossier": f"run{len(self.asked)}"})

    def arm(self, trigger: str, **said: str) -> str:
        """A definition in force that begins with this event, then asks somebody."""
        parts = (start("start", trigger, **said), user("u"), end(), chain("start", "u", "end"))
        return self.put_in_force(document(ROOTS, process("p", *parts)))

    def put_in_force(self, content: bytes) -> str:
        with self.database.begin() as session:
            key = self.engine.deploy(session, {"test.bpmn": content})
            self.engine.arm(session, key)
        return key

    def sweep(self, **later: float) -> int:
        self.clock.advance(timedelta(**later))
        return self.engine.fire_due(self.database)

    def runs(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(select(tables.run.c.id).order_by(tables.run.c.id)))

    def variables(self, run: str) -> Mapping[str, Any]:
        with self.database.read() as session:
            return self.engine.look(session, run).scopes[0].variables

    def awaited(self) -> int:
        with self.database.read() as session:
            return len(session.execute(select(tables.opening)).all())


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def test_a_date_begins_one_run_and_is_over(house: House) -> None:
    house.arm(timer("timeDate", '=date and time("2026-12-01T09:00:00Z")'))
    house.clock.instant = house.clock.instant.replace(year=2026, month=11, day=30)
    assert house.sweep() == 0
    assert house.sweep(days=2) == 1
    assert (house.runs(), house.awaited()) == (["run1"], 0)
    assert house.variables("run1") == {"dossier": "run1"}
    assert house.sweep(days=2) == 0


def test_a_date_that_is_past_begins_nothing(house: House) -> None:
    house.arm(timer("timeDate", "2020-01-01T09:00:00Z"))
    assert (house.awaited(), house.sweep(days=1), house.runs()) == (0, 0, [])


def test_a_cycle_begins_a_run_each_time_and_what_was_missed_begins_one(house: House) -> None:
    house.arm(timer("timeCycle", "R4/P1D"))
    assert house.sweep(days=1) == 1
    assert house.sweep(days=2, hours=1) == 1
    assert house.sweep() == 0
    assert house.sweep(days=1) == 1
    assert house.sweep(days=9) == 0
    assert house.runs() == ["run1", "run2", "run3"]


def test_a_signal_begins_a_run_with_what_it_brought(house: House) -> None:
    house.arm(definition("signal", "S"))
    with house.database.begin() as session:
        assert house.engine.broadcast(session, signal="canicule", variables={"niveau": 3}, actor="ars") == 1
        assert house.engine.broadcast(session, signal="verglas", variables={}, actor="ars") == 0
    assert house.variables("run1") == {"dossier": "run1", "niveau": 3}
    assert [(asked.kind, asked.name) for asked in house.asked] == [("signal", "canicule")]


def test_a_message_goes_to_who_waits_for_it_else_it_begins_a_run_once(house: House) -> None:
    house.arm(definition("message", "m"))
    for _ in range(2):
        with house.database.begin() as session:
            taker = house.engine.correlate(
                session, message="lettre", key="x", variables={"page": 2}, actor="chu", message_id="1"
            )
            assert taker == "run1"
    assert house.runs() == ["run1"]
    assert house.variables("run1")["page"] == 2


def test_a_condition_begins_a_run_each_time_it_turns_true(house: House) -> None:
    evening = element("conditionalEventDefinition", "", element("condition", "", "=time(now()).hour >= 18"))
    house.clock.instant = house.clock.instant.replace(hour=9)
    house.arm(evening)
    assert house.sweep() == 0
    assert house.sweep(hours=10) == 1
    assert house.sweep(hours=1) == 0
    assert house.sweep(hours=12) == 0
    assert house.sweep(hours=12) == 1
    assert house.runs() == ["run1", "run2"]


def test_a_definition_that_is_disarmed_begins_nothing(house: House) -> None:
    key = house.arm(timer("timeCycle", "R/P1D"))
    with house.database.begin() as session:
        assert house.engine.arm(session, key) == 1
        assert house.engine.disarm(session, key) == 1
    assert house.sweep(days=3) == 0


def test_where_nobody_opens_runs_a_start_that_needs_it_is_refused(database: Database, clock: ManualClock) -> None:
    house = House(database, clock, opens=False)
    with pytest.raises(Refused, match="ne démarre aucun dossier"):
        house.arm(timer("timeCycle", "R/P1D"))


def test_where_nobody_opens_runs_none_begins_and_a_message_is_kept(database: Database, clock: ManualClock) -> None:
    house = House(database, clock, opens=False)
    house.arm(definition("message", "m"))
    with database.begin() as session:
        kept = house.engine.correlate(session, message="lettre", key="x", variables={}, actor="chu", message_id="1")
    assert kept is None
    assert house.runs() == []


def test_a_run_that_cannot_be_opened_is_tried_again(house: House) -> None:
    house.arm(timer("timeCycle", "R1/P1D"))
    house.closed = True
    assert house.sweep(days=1) == 0
    house.closed = False
    assert house.sweep() == 1
    assert house.runs() == ["run1"]


def test_a_multiple_start_begins_a_run_for_each_of_its_events(house: House) -> None:
    house.arm(definition("signal", "S") + timer("timeCycle", "R1/P1D"))
    with house.database.begin() as session:
        house.engine.broadcast(session, signal="canicule", variables={}, actor="ars")
    assert house.sweep(days=1) == 1
    assert house.runs() == ["run1", "run2"]


def test_a_parallel_multiple_start_goes_on_when_all_its_events_have_come(house: House) -> None:
    house.arm(definition("signal", "S") + definition("message", "m"), parallelMultiple="true")
    with house.database.begin() as session:
        house.engine.broadcast(session, signal="canicule", variables={"dossier": "d1", "niveau": 2}, actor="ars")
    with house.database.read() as session:
        assert [token.state for token in house.engine.look(session, "run1").tokens] == ["waiting"]
    with house.database.begin() as session:
        heard = house.engine.correlate(
            session, message="lettre", key="d1", variables={"page": 1}, actor="chu", message_id="1"
        )
    assert heard == "run1"
    assert house.variables("run1") == {"dossier": "d1", "niveau": 2, "page": 1}


def test_a_signal_of_a_run_begins_another(house: House) -> None:
    house.arm(definition("signal", "S"))
    parts = (start(), throw("t", definition("signal", "S")), end(), chain("start", "t", "end"))
    key = house.put_in_force(document(ROOTS, process("q", *parts)))
    with house.database.begin() as session:
        house.engine.start(session, run="first", definition=key, process="q", message=None, variables={}, actor="anne")
    with house.database.read() as session:
        sent = session.execute(select(tables.outbox)).one()
    with house.database.begin() as session:
        house.engine.broadcast(session, signal=sent.name, variables={}, actor="anne", sender="first")
    assert house.runs() == ["first", "run1"]

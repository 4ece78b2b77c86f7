"""What a person may do to an open task besides answering it: plan it, have it offered further, turn it down."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict
from engine import tables
from tests.engine.house import CASE, LETTER, House
from tests.support.models import boundary, chain, definition, element, end, start, user

ERROR = element("error", "cannot", errorCode="ne_peut_pas")
ESCALATION = element("escalation", "aside", escalationCode="ne_peut_pas")
LATER = datetime(2026, 12, 1, 7, tzinfo=UTC)


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def begin(house: House, *more: str, given: str = "") -> str:
    """A run that waits at its first task; the task's id."""
    parts = (start(), user("ask"), end(), chain("start", "ask", "end"), *more)
    house.begin(house.deploy(*parts, given=LETTER + given))
    return str(house.tasks()[0].id)


def test_a_plan_changes_the_task_and_its_place_in_the_lists(house: House) -> None:
    task = begin(house)
    with house.database.begin() as session:
        house.engine.plan(session, task=task, priority=90, follow_up_at=LATER, actor="bob")
    (row,) = house.tasks()
    assert (row.priority, row.follow_up_at) == (90, LATER)
    with house.database.read() as session:
        assert session.scalars(select(tables.task_candidate.c.rank)).all() == [-90]
        entry = house.engine.history(session, CASE)[-1]
    assert (entry.kind, entry.actor, entry.detail["priority"]) == ("task_planned", "bob", 90)


def test_a_task_is_offered_further_once(house: House) -> None:
    task = begin(house)
    for _ in range(2):
        with house.database.begin() as session:
            house.engine.offer(session, task=task, role="coordinateur", actor="bob")
    with house.database.read() as session:
        offers = session.execute(select(tables.task_candidate).order_by(tables.task_candidate.c.value)).all()
    assert [(one.value, one.open) for one in offers] == [("coordinateur", True), ("medecin_traitant", True)]
    house.complete("ask")
    with house.database.read() as session:
        assert not any(session.scalars(select(tables.task_candidate.c.open)).all())


def test_nobody_plans_or_turns_down_what_is_answered(house: House) -> None:
    task = begin(house)
    house.complete("ask")
    for verb in ("plan", "offer", "turn_down"):
        more = {"plan": {"priority": 1, "follow_up_at": None}, "offer": {"role": "x"}, "turn_down": {"code": "x"}}
        with pytest.raises(Conflict), house.database.begin() as session:
            getattr(house.engine, verb)(session, task=task, actor="bob", **more[verb])


def test_a_pathway_that_foresees_a_refusal_goes_its_own_way(house: House) -> None:
    way = (boundary("no", "ask", definition("error", "cannot")), user("other"), end("away"))
    task = begin(house, *way, chain("no", "other", "away"), given=ERROR)
    assert not turned_down(house, task, "pas_concerne")
    assert [one.element for one in house.tasks()] == ["ask"]
    assert turned_down(house, task, "ne_peut_pas")
    assert [one.element for one in house.tasks()] == ["other"]
    assert [one.id for one in house.tasks("cancelled")] == [task]
    assert_replays(house)


def test_an_escalation_may_begin_something_while_the_task_stays(house: House) -> None:
    way = (boundary("no", "ask", definition("escalation", "aside"), cancels=False), user("other"), end("away"))
    task = begin(house, *way, chain("no", "other", "away"), given=ESCALATION)
    assert turned_down(house, task, "ne_peut_pas")
    assert {one.element for one in house.tasks()} == {"ask", "other"}
    with house.database.begin() as session:
        house.engine.plan(session, task=task, priority=10, follow_up_at=None, actor="bob")
        house.engine.offer(session, task=task, role="coordinateur", actor="bob")
    assert_replays(house)


def turned_down(house: House, task: str, code: str) -> bool:
    with house.database.begin() as session:
        return house.engine.turn_down(session, task=task, code=code, actor="bob")


def assert_replays(house: House) -> None:
    """The journal alone leads to where the run stands."""
    with house.database.read() as session:
        replay = house.engine.replay(session, CASE)
        list(replay.inputs())
        assert replay.difference is None
        assert house.engine.unlike(session, replay) is None

"""What the doors ask of the engine beside answers: choosing in an ad-hoc sub-process, correcting, early messages."""

from datetime import timedelta

import pytest

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict
from engine import tables
from tests.engine.house import CASE, House
from tests.support.models import (
    catch,
    chain,
    definition,
    element,
    end,
    extensions,
    io,
    lanes,
    script,
    start,
    sub,
    user,
)


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def choosing(house: House, **said: str) -> str:
    """The task of an ad-hoc sub-process in the lane of the coordinators."""
    inside = element("adHocSubProcess", "H", user("a", name="Appeler"), user("b"), name="Soutenir", **said)
    swim = lanes(("coordination", "Coordination", ("start", "H", "end")))
    house.begin(house.deploy(swim, start(), inside, end(), chain("start", "H", "end")))
    return next(task.id for task in house.tasks() if task.element == "H")


def choose(house: House, task: str, element: str) -> None:
    with house.database.begin() as session:
        house.engine.choose(session, task=task, element=element, actor="anne")


def test_the_people_of_the_lane_see_what_they_may_choose_and_choose_it_again(house: House) -> None:
    task = choosing(house)
    assert [(found.element, found.role, found.name) for found in house.tasks()] == [("H", "coordination", "Soutenir")]
    (offer,) = house.look().choices
    assert (offer.task, offer.name, [one.id for one in offer.activities]) == (task, "Soutenir", ["a", "b"])
    choose(house, task, "a")
    choose(house, task, "a")
    (offer,) = house.look().choices
    assert (offer.begun, offer.running) == ({"a": 2}, {"a": 2})
    house.complete("a")
    assert house.look().choices[0].running == {"a": 1}
    assert [found.element for found in house.tasks()] == ["H", "a"]
    house.complete("H")
    assert (house.look().state, house.look().choices) == ("completed", ())
    assert house.journal().count("activity_chosen") == 2
    assert house.count(tables.token) == 0


def test_what_is_over_or_not_there_cannot_be_chosen(house: House) -> None:
    task = choosing(house, ordering="Sequential")
    with pytest.raises(Conflict, match="choisie ici"):
        choose(house, task, "unknown")
    choose(house, task, "a")
    assert house.look().choices[0].activities == ()
    with pytest.raises(Conflict, match="en cours"):
        choose(house, task, "b")
    with pytest.raises(Conflict, match="rien à choisir"):
        choose(house, next(found.id for found in house.tasks() if found.element == "a"), "b")
    house.complete("H")
    with pytest.raises(Conflict):
        choose(house, task, "a")


def test_who_has_not_seen_that_another_has_begun_it_is_told(house: House) -> None:
    task = choosing(house)
    for seen in (0, 1):
        with house.database.begin() as session:
            house.engine.choose(session, task=task, element="a", actor="anne", seen=seen)
    with house.database.begin() as session, pytest.raises(Conflict, match="quelqu’un d’autre"):
        house.engine.choose(session, task=task, element="a", actor="paul", seen=1)
    assert house.look().choices[0].begun == {"a": 2}


def test_a_correction_reaches_the_scope_of_the_incident(house: House) -> None:
    inner = sub(
        "A",
        extensions(io({"dose": "=0"})),
        start("s1"),
        script("s", '=assert(dose, dose > 0, "dose manquante")', "given"),
        end("e1"),
        chain("s1", "s", "e1"),
    )
    house.begin(house.deploy(start(), inner, end(), chain("start", "A", "end")))
    (incident,) = house.look().incidents
    assert (incident.element, incident.kind) == ("s", "expression")
    assert "dose manquante" in incident.message
    assert "dose = « 0 »" in incident.message
    with house.database.begin() as session:
        house.engine.mend(session, run=CASE, variables={"dose": 5}, actor="admin", incident=incident.id)
        house.engine.retry(session, incident=incident.id, actor="admin")
    assert house.look().state == "completed"
    assert house.variables() == {"dossier": CASE, "given": 5}


def test_a_message_that_nobody_takes_in_time_is_dropped(house: House, clock: ManualClock) -> None:
    waits = (start(), user("u"), catch("c", definition("message", "m")), end(), chain("start", "u", "c", "end"))
    house.begin(house.deploy(*waits))
    assert house.correlate("lettre") is None
    clock.advance(timedelta(days=31))
    house.engine.fire_due(house.database)
    assert house.count(tables.message_buffer) == 0
    house.complete("u")
    assert house.look().state == "active"


def test_each_kept_message_is_delivered_once_the_oldest_first(house: House, clock: ManualClock) -> None:
    waits = element(
        "receiveTask", "c", extensions(io({}, {"pages": "=append(pages, page)"})),
        element("multiInstanceLoopCharacteristics", "", element("loopCardinality", "", "2"), isSequential="true"),
        messageRef="m",
    )  # fmt: skip
    house.begin(house.deploy(start(), user("u"), waits, end(), chain("start", "u", "c", "end")), {"pages": []})
    for number in (1, 2, 3):
        clock.advance(timedelta(minutes=1))
        assert house.correlate("lettre", id=f"id{number}", page=number) is None
    house.complete("u")
    assert house.look().state == "completed"
    assert house.variables()["pages"] == [1, 2]

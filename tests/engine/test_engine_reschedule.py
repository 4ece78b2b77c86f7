"""A timer that waits shows why and can be moved: it fires at its new time only; the journal tells who moved it."""

from datetime import datetime, timedelta

import pytest

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict, NotFound
from engine.pictures import TimerPicture
from tests.engine.house import CASE, House
from tests.support.models import boundary, catch, chain, end, flow, start, timer, user

CYCLE = "R3/P1D"


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def waiting(house: House) -> TimerPicture:
    found: TimerPicture
    (found,) = house.look().timers
    return found


def move(house: House, due: datetime) -> None:
    one = waiting(house)
    with house.database.begin() as session:
        house.engine.reschedule(session, run=CASE, timer=one.id, due=due, actor="sophie")


def pause(house: House, expression: str = "P2JO") -> None:
    nodes = (start(), catch("pause", timer("timeDuration", expression)), end(), chain("start", "pause", "end"))
    house.begin(house.deploy(*nodes))


def test_a_timer_says_which_element_waits_by_which_expression_since_when_and_until_when(house: House) -> None:
    pause(house)
    began, one = house.clock.now(), waiting(house)
    house.clock.advance(timedelta(hours=5))
    assert waiting(house) == one
    assert (one.element, one.expression, one.since) == ("pause", "P2JO", began)
    assert one.due_at == began + timedelta(days=2)


@pytest.mark.parametrize("moved_by", [timedelta(hours=-47), timedelta(days=3)])
def test_a_timer_that_was_moved_fires_at_its_new_time_only(house: House, moved_by: timedelta) -> None:
    pause(house)
    due = waiting(house).due_at + moved_by
    move(house, due)
    house.clock.instant = due - timedelta(seconds=1)
    assert house.engine.fire_due(house.database) == 0
    house.clock.advance(timedelta(seconds=1))
    assert house.engine.fire_due(house.database) == 1
    assert house.look().state == "completed"


def test_another_process_reads_the_new_time(house: House, clock: ManualClock) -> None:
    pause(house)
    due = clock.now() + timedelta(hours=1)
    move(house, due)
    other = House(house.database, clock)
    assert waiting(other).due_at == due
    clock.advance(timedelta(hours=1))
    assert other.engine.fire_due(house.database) == 1


def test_the_journal_tells_who_moved_it_from_when_to_when(house: House) -> None:
    pause(house)
    before, due = waiting(house).due_at, house.clock.now() + timedelta(days=9)
    move(house, due)
    with house.database.read() as session:
        (entry,) = (one for one in house.engine.history(session, CASE) if one.kind == "timer_moved")
    assert (entry.actor, entry.element) == ("sophie", "pause")
    said = {"before": before.isoformat(), "due": due.isoformat()}
    assert {key: value for key, value in entry.detail.items() if key != "timer"} == said


def test_the_turns_of_a_cycle_after_the_moved_one_stay_where_they_were(house: House) -> None:
    visit = user("visit")
    remind = boundary("remind", "visit", timer("timeCycle", CYCLE), cancels=False)
    nodes = (start(), visit, remind, end(), end("reminded"), chain("start", "visit", "end"), flow("remind", "reminded"))
    house.begin(house.deploy(*nodes))
    began = house.clock.now()
    move(house, began + timedelta(hours=30))
    house.clock.advance(timedelta(hours=30))
    assert house.engine.fire_due(house.database) == 1
    assert waiting(house).due_at == began + timedelta(days=2)


def test_what_waits_no_longer_is_not_moved(house: House) -> None:
    pause(house)
    one = waiting(house)
    house.clock.instant = one.due_at
    house.engine.fire_due(house.database)
    for run, error in ((CASE, Conflict), ("0000000000nobody", NotFound)):
        with pytest.raises(error), house.database.begin() as session:
            house.engine.reschedule(session, run=run, timer=one.id, due=one.due_at, actor="sophie")

"""The periodic pass: one run that fails does not hold up the others, and none fails for ever unseen."""

from datetime import datetime, timedelta

import pytest

from base.clock import ManualClock
from base.database import Database
from engine import steps, sweep
from engine.run import Run
from tests.engine.house import CASE, House
from tests.support.models import catch, chain, end, start, timer

OTHER = "0000000000case02"


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def break_down(run: Run, _now: object) -> int:
    """A fault of the program, outside every step."""
    raise ZeroDivisionError(f"{run.key} Mme Durand")


def test_a_timer_that_cannot_fire_through_a_fault_is_an_incident_and_the_others_fire(
    house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause = catch("pause", timer("timeDuration", "P1D"))
    digest = house.deploy(start(), pause, end(), chain("start", "pause", "end"))
    house.begin(digest)
    house.begin(digest, run=OTHER)
    clock.advance(timedelta(days=1))
    fire = steps.fire_timers
    monkeypatch.setattr(steps, "fire_timers", lambda run, now: (break_down if run.key == CASE else fire)(run, now))
    house.engine.fire_due(house.database)
    assert house.look(OTHER).state == "completed"
    (incident,) = house.look().incidents
    assert (incident.element, incident.kind) == ("pause", "internal")
    assert "ZeroDivisionError" in incident.detail
    assert "Durand" not in incident.message + incident.detail
    assert house.engine.fire_due(house.database) == 0
    monkeypatch.undo()
    with house.database.begin() as session:
        house.engine.retry(session, incident=incident.id, actor="admin")
    assert house.engine.fire_due(house.database) == 1
    assert house.look().state == "completed"


def test_many_timers_fire_once_each_the_oldest_first_around_one_that_fails(
    house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause = catch("pause", timer("timeDuration", "P1D"))
    digest = house.deploy(start(), pause, end(), chain("start", "pause", "end"))
    runs = [f"000000000000c{n:03d}" for n in range(2 * sweep.TOGETHER + 3)]
    for run in reversed(runs):
        house.begin(digest, run=run)
        clock.advance(timedelta(seconds=1))
    clock.advance(timedelta(days=1))
    fired: list[str] = []
    fire = steps.fire_timers

    def note(run: Run, now: datetime) -> int:
        fired.append(run.key)
        return (break_down if run.key == runs[5] else fire)(run, now)

    monkeypatch.setattr(steps, "fire_timers", note)
    assert house.engine.fire_due(house.database) == len(runs) - 1
    assert [run for run in fired if run != runs[5]] == [run for run in reversed(runs) if run != runs[5]]
    assert house.look(runs[5]).incidents[0].kind == "internal"
    assert {house.look(run).state for run in runs if run != runs[5]} == {"completed"}
    assert house.engine.fire_due(house.database) == 0

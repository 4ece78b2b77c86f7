"""The periodic pass: one run that fails does not hold up the others, and none fails for ever unseen."""

from datetime import timedelta

import pytest

from base.clock import ManualClock
from base.database import Database
from engine import steps
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

"""A thousand processes that call each other: each opens in turn, and what is finished leaves the state."""

from base.clock import ManualClock
from base.database import Database
from engine import tables
from tests.engine.house import House
from tests.support.models import call, chain, end, flow, gateway, io, start, user

LEVELS = 1_000
LIVE = (tables.token, tables.scope, tables.variable, tables.subscription, tables.timer)


def nested() -> tuple[str, ...]:
    """A process that calls itself until n is reached, and asks somebody there."""
    given = io({"n": "=n + 1"})
    return (
        start(), gateway("exclusive", "deeper", default="last"), call("again", "p", given), user("ask"), end(),
        chain("start", "deeper"), flow("deeper", "again", f"=n < {LEVELS}"), flow("deeper", "ask", id="last"),
        chain("again", "end"), chain("ask", "end"),
    )  # fmt: skip


def test_a_thousand_levels_open_are_stored_are_loaded_and_leave_nothing(database: Database, clock: ManualClock) -> None:
    house = House(database, clock)
    house.begin(house.deploy(*nested()), {"n": 0})
    assert [task.element for task in house.tasks()] == ["ask"]
    assert house.count(tables.scope) == LEVELS
    other = House(database, clock)
    other.complete("ask")
    assert other.look().state == "completed"
    assert [other.count(table) for table in LIVE[:2]] == [0, 0]

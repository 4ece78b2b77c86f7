"""An answer is taken back although the case has moved on elsewhere: what has nothing to do with it stands."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from base.clock import ManualClock
from base.database import Database
from engine.chain import Break
from engine.journal import TAKEN_BACK
from engine.reliance import Reason
from engine.verification import verify
from tests.engine.driver import sqlite
from tests.engine.house import CASE, House
from tests.engine.random_models import Generator
from tests.engine.random_play import tell
from tests.engine.random_players import EveryInput, empty
from tests.support.models import boundary, chain, definition, end, flow, gateway, script, start, timer, user

WAYS = [("start", "split"), ("split", "a"), ("split", "b"), ("a", "a2"), ("b", "b2"), ("a2", "join"), ("b2", "join")]
SIDE_BY_SIDE = (
    start(), gateway("parallel", "split"), gateway("parallel", "join"), user("a"), user("b"), user("b2"), user("last"),
    end(), *(flow(source, target) for source, target in WAYS), chain("join", "last", "end"),
)  # fmt: skip
AROUND = (
    boundary("late", "b", timer("timeDuration", "PT2H"), cancels=False),
    boundary("news", "b", definition("message", "m"), cancels=False),
    end("e1"), end("e2"), chain("late", "e1"), chain("news", "e2"),
)  # fmt: skip


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def begin(house: House, a2: str = user("a2")) -> None:
    house.begin(house.deploy(*SIDE_BY_SIDE, a2, *AROUND))


def key_of(house: House, element: str, state: str = "open") -> str:
    return str(next(task.id for task in house.tasks(state) if task.element == element))


def against(house: House, element: str) -> Reason | None:
    with house.database.read() as session:
        return house.engine.may_take_back(session, task=key_of(house, element, "completed"), actor="anne")


def take_back(house: House, element: str) -> None:
    """By a process that remembers nothing; the journal then tells of the run as it is."""
    task = key_of(house, element, "completed")
    with house.database.begin() as session:
        House(house.database, house.clock).engine.take_back(session, task=task, actor="anne")
    with house.database.read() as session:
        assert [said for said in verify(session, "demo") if isinstance(said, Break)] == []
        assert_told(house.engine, session, CASE)


def assert_told(engine: Any, session: Any, run: str) -> None:
    replay = engine.replay(session, run)
    assert len(list(replay.inputs())) > 1
    assert replay.difference is None
    assert engine.unlike(session, replay) is None


def open_ones(house: House) -> set[str]:
    return {task.element for task in house.tasks()}


def claim(house: House) -> None:
    with house.database.begin() as session:
        house.engine.assign(session, task=key_of(house, "b"), before=None, after="claire", actor="claire")


def wait(house: House) -> None:
    house.clock.advance(timedelta(hours=3))
    assert house.engine.fire_due(house.database) == 1


def put_off(house: House) -> None:
    (waiting,) = house.look().timers
    with house.database.begin() as session:
        later = house.clock.now() + timedelta(days=2)
        house.engine.reschedule(session, run=CASE, timer=waiting.id, due=later, actor="claire")


LATER: dict[str, tuple[Callable[[House], Any], set[str]]] = {
    "claimed": (claim, {"a", "b"}),
    "answered": (lambda house: house.complete("b", bilan="fait"), {"a", "b2"}),
    "a message": (lambda house: house.correlate("lettre"), {"a", "b"}),
    "a timer": (wait, {"a", "b"}),
    "a moved timer": (put_off, {"a", "b"}),
}


@pytest.mark.parametrize(("later", "left"), LATER.values(), ids=LATER)
def test_what_others_do_beside_it_does_not_hold_an_answer(house: House, later: Any, left: set[str]) -> None:
    begin(house)
    house.complete("a", avis="non")
    later(house)
    assert against(house, "a") is None
    take_back(house, "a")
    assert open_ones(house) == left
    assert "avis" not in house.variables()
    house.complete("a", avis="oui")
    for element in ("a2", *sorted(left - {"a"}), "b2" if "b" in left else "last"):
        house.complete(element)
    if "b" in left:
        house.complete("last")
    assert (house.look().state, house.variables()["avis"]) == ("completed", "oui")


def test_what_was_answered_beside_it_stands_and_is_shown_as_done_once(house: House) -> None:
    begin(house)
    house.complete("a", avis="non")
    house.complete("b", bilan="fait")
    take_back(house, "a")
    assert house.variables()["bilan"] == "fait"
    assert dict(house.look().completed).get("a") is None
    assert house.look().completed["b"] == 1
    assert house.journal().count("task_completed") == 1


def test_of_two_answers_side_by_side_both_are_taken_back_in_either_order(house: House) -> None:
    begin(house)
    house.complete("a", avis="non")
    house.complete("b")
    take_back(house, "b")
    take_back(house, "a")
    assert open_ones(house) == {"a", "b"}
    house.complete("a")
    house.complete("b")
    take_back(house, "a")
    assert open_ones(house) == {"a", "b2"}
    house.complete("a")
    take_back(house, "a")
    assert open_ones(house) == {"a", "b2"}


def test_an_answer_given_before_one_that_was_taken_back_beside_it_stays_when_that_cannot_be_told(house: House) -> None:
    begin(house)
    house.complete("a")
    house.complete("b")
    take_back(house, "a")
    found = against(house, "b")
    assert found is None or found.code == "answer-not-replayable"


def test_whoever_answers_what_it_opened_relies_on_it(house: House) -> None:
    begin(house)
    house.complete("a")
    house.complete("b")
    house.complete("a2")
    found = against(house, "a")
    assert found is not None
    assert (found.code, found.actor) == ("answer-relied-on", "anne")


def test_whoever_brings_the_branches_together_relies_on_it(house: House) -> None:
    begin(house, script("a2", "=1", "un"))
    house.complete("a")
    house.complete("b")
    assert against(house, "a") is None
    house.complete("b2")
    found = against(house, "a")
    assert found is not None
    assert found.code == "answer-relied-on"


def test_whoever_reckons_with_its_value_relies_on_it(house: House) -> None:
    ways = [("start", "split"), ("split", "a"), ("split", "b"), ("a", "a2"), ("b", "sum"), ("sum", "b2")]
    parts = (
        start(),
        gateway("parallel", "split"),
        *map(user, ("a", "a2", "b", "b2")),
        script("sum", "=nombre + 1", "somme"),
    )
    ends = (end("e1"), end("e2"), chain("a2", "e1"), chain("b2", "e2"))
    house.begin(house.deploy(*parts, *ends, *(flow(source, target) for source, target in ways)), {"nombre": 1})
    house.complete("a", nombre=5)
    house.complete("b")
    found = against(house, "a")
    assert found is not None
    assert found.code == "answer-relied-on"
    with house.database.begin() as session, pytest.raises(Exception, match=found.words):
        house.engine.take_back(session, task=key_of(house, "a", "completed"), actor="anne")


class Undone(Exception):
    """Nothing of it is to be kept."""


class Withdraws(EveryInput):
    """After each input every answer that may be taken back is, to see that the journal tells of it; then it stands."""

    apart = 0

    def after(self) -> None:
        for row in self.answered():
            self.try_out(row)

    def answered(self) -> list[str]:
        from_journal = [entry for entry in self.history() if entry.kind == "task_completed"]
        return [entry.detail["task"] for entry in from_journal[-3:]]

    def history(self) -> list[Any]:
        with self.database.read() as session:
            return list(self.engine.history(session, "run"))

    def try_out(self, task: str) -> None:
        """Taken back in a transaction that is given up."""
        with suppress(Undone), self.verbs() as (engine, session):
            if engine.may_take_back(session, task=task, actor="a") is None:
                engine.take_back(session, task=task, actor="a")
                self.apart += "until" in engine.history(session, "run", whole=True)[-1].detail
                assert_told_in(engine, session)
            raise Undone

    def answer(self, task: str, values: dict[str, Any]) -> None:
        super().answer(task, values)
        self.after()

    def message(self, name: str) -> None:
        super().message(name)
        self.after()

    def pass_time(self) -> None:
        super().pass_time()
        self.after()


def assert_told_in(engine: Any, session: Any) -> None:
    assert TAKEN_BACK in [entry.kind for entry in engine.history(session, "run")]
    replay = engine.replay(session, "run")
    list(replay.inputs())
    assert replay.difference is None
    assert engine.unlike(session, replay) is None


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = sqlite(tmp_path_factory.mktemp("apart"))
    yield found
    found.dispose()


def test_in_random_runs_whatever_may_be_taken_back_leaves_a_run_that_its_journal_tells(shelf: Database) -> None:
    apart = 0
    for seed in range(40):
        made = Generator(seed)
        content = made.model()
        empty(shelf)
        player = Withdraws(content, shelf)
        for _ in tell(player, seed, made):
            pass
        apart += player.apart
        if apart > 8:
            return
    pytest.fail(f"only {apart} answers stood beside something else")

"""An answer that is taken back leaves the run as if it had never been given, unless somebody relies on it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict, NotFound
from base.jobs.embedded import EmbeddedQueue
from base.jobs.tables import job
from engine import journal, tables
from engine.chain import Break
from engine.engine import Engine
from engine.environment import Environment
from engine.verification import verify
from tests.engine.driver import CALENDAR, sqlite
from tests.engine.house import CASE, House
from tests.engine.random_models import Generator
from tests.engine.random_play import tell
from tests.engine.random_players import EveryInput, InMemory, empty
from tests.support.models import (
    boundary,
    catch,
    chain,
    definition,
    end,
    flow,
    gateway,
    many,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)

STATE = (tables.token, tables.scope, tables.variable, tables.subscription, tables.timer, tables.task_candidate)
OF_TASK = (
    "id",
    "token",
    "element",
    "assignee",
    "priority",
    "due_at",
    "state",
    "completed_at",
    "completed_by",
    "outcome",
)


def told(database: Database, tenant: str, run: str) -> dict[str, Any]:
    """All rows of a run that a step may change; tasks that wait no longer because of the answer are left out."""
    with database.read() as session:
        found: dict[str, Any] = {}
        for table in STATE:
            mine = [] if table is tables.task_candidate else [table.c.run == run]
            found[table.name] = sorted(map(str, session.execute(select(table).where(table.c.tenant == tenant, *mine))))
        columns = [tables.task.c[name] for name in OF_TASK]
        tasks = session.execute(select(*columns).where(tables.task.c.run == run, tables.task.c.state != "cancelled"))
        found["task"] = sorted(tasks, key=lambda row: row.id)
        header = select(*(tables.run.c[name] for name in ("ticks", "state", "end_state", "due_at", "definition")))
        found["run"] = session.execute(header.where(tables.run.c.id == run)).one()
        found["incident"] = session.execute(select(tables.incident.c.id).where(tables.incident.c.state == "open")).all()
    return found


class TakesBack(EveryInput):
    """Every answer is given, taken back when nobody relies on it, and given again."""

    taken_back = 0

    def answer(self, task: str, values: dict[str, Any]) -> None:
        with self.verbs() as (_, session):
            key = self.oldest(session, task)
        before = told(self.database, "test", "run")
        super().answer(task, values)
        with self.verbs() as (engine, session):
            against = engine.may_take_back(session, task=key, actor="a")
        if against is None:
            with self.verbs() as (engine, session):
                engine.take_back(session, task=key, actor="a")
            after = told(self.database, "test", "run")
            offers = "task_candidate"  # those of tasks that the answer had opened stay, closed
            assert set(before.pop(offers)) <= set(after.pop(offers))
            assert after == before
            self.taken_back += 1
            super().answer(task, values)
        else:
            assert against.code in ("run-ended", "answer-recorded")

    @property
    def trail(self) -> list[str]:
        with self.database.read() as session:
            entries = journal.standing(self.engine.history(session, "run"))
        return [entry.element for entry in entries if entry.kind == "element_completed"]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = sqlite(tmp_path_factory.mktemp("taken"))
    yield found
    found.dispose()


def test_a_random_run_whose_answers_are_taken_back_and_given_again_goes_as_one_whose_answers_stay(
    shelf: Database,
) -> None:
    taken_back = 0
    for seed in range(60):
        made = Generator(seed)
        content = made.model()
        empty(shelf)
        player = TakesBack(content, shelf)
        assert list(tell(player, seed, made)) == list(tell(InMemory(content), seed, made)), seed
        taken_back += player.taken_back
        with shelf.read() as session:
            assert [said for said in verify(session, "test") if isinstance(said, Break)] == []
    assert taken_back > 60


# --- on both servers --------------------------------------------------------------------------------------------------


@pytest.fixture
def house(database: Database, clock: ManualClock) -> House:
    return House(database, clock)


def key_of(house: House, element: str, state: str = "open") -> str:
    return str(next(task.id for task in house.tasks(state) if task.element == element))


def take_back(house: House, task: str, actor: str = "anne") -> None:
    with house.database.begin() as session:
        house.engine.take_back(session, task=task, actor=actor)


def against(house: House, task: str, actor: str = "anne") -> str | None:
    """The code of what stands against it; the verb says the same."""
    with house.database.read() as session:
        reason = house.engine.may_take_back(session, task=task, actor=actor)
    if reason is None:
        return None
    with pytest.raises(Conflict, match=reason.words) as refused:
        take_back(house, task, actor)
    assert refused.value.code == reason.code
    return reason.code


def comes_back(house: House, element: str, **values: Any) -> None:
    """Answer, take back: all rows are as before; the clock has moved on meanwhile."""
    before, task = told(house.database, "demo", CASE), key_of(house, element)
    offers = set(before.pop("task_candidate"))
    house.complete(element, **values)
    house.clock.advance(timedelta(minutes=1))
    take_back(house, task)
    after = told(house.database, "demo", CASE)
    assert offers <= set(after.pop("task_candidate"))
    assert after == before
    assert key_of(house, element) == task
    with house.database.read() as session:
        assert [said for said in verify(session, "demo") if isinstance(said, Break)] == []
    assert house.journal()[-1] == "answer_taken_back"


TWO = (start(), user("first"), user("second"), end(), chain("start", "first", "second", "end"))


def test_an_answer_taken_back_can_be_given_again_and_the_case_goes_on(house: House) -> None:
    house.begin(house.deploy(*TWO))
    comes_back(house, "first", avis="non")
    assert "avis" not in house.variables()
    assert [task.element for task in house.tasks("cancelled")] == ["second"]
    house.complete("first", avis="oui")
    assert house.variables()["avis"] == "oui"
    house.complete("second")
    assert house.look().state == "completed"


def test_a_process_that_remembers_nothing_takes_an_answer_back_just_as_well(house: House) -> None:
    house.begin(house.deploy(*TWO))
    task = key_of(house, "first")
    house.complete("first", avis="non")
    other = House(house.database, house.clock)
    take_back(other, task)
    house.complete("first", avis="oui")
    assert [task.element for task in other.tasks()] == ["second"]


def test_answers_are_taken_back_one_after_the_other_the_last_one_first(house: House) -> None:
    three = (start(), user("a"), user("b"), user("c"), end(), chain("start", "a", "b", "c", "end"))
    house.begin(house.deploy(*three))
    a, before = key_of(house, "a"), told(house.database, "demo", CASE)
    house.complete("a")
    b = key_of(house, "b")
    house.complete("b")
    assert against(house, a) == "answer-relied-on"
    take_back(house, b)
    take_back(house, a)
    assert told(house.database, "demo", CASE)["token"] == before["token"]
    for element in ("a", "b", "c"):
        house.complete(element)
    assert house.look().state == "completed"


def test_reminders_keep_the_due_date_that_they_had(house: House) -> None:
    reminded = boundary("late", "first", timer("timeDuration", "PT2H"))
    ways = (end("e2"), chain("late", "e2"))
    house.begin(house.deploy(*TWO, reminded, *ways))
    due = house.look().timers[0].due_at
    house.clock.advance(timedelta(minutes=90))
    comes_back(house, "first")
    assert house.look().timers[0].due_at == due
    house.clock.advance(timedelta(minutes=30))
    assert house.engine.fire_due(house.database) == 1
    assert house.look().state == "completed"


def test_what_the_answer_had_interrupted_goes_on(house: House) -> None:
    """Two of three have answered when the condition ends the others; a sub-process around it, with a deadline."""
    turns = many("=people", "one", until="=enough")
    inner = (start("s1"), user("ask", turns), end("e1"), chain("s1", "ask", "e1"))
    late = boundary("late", "around", timer("timeDuration", "P2D"))
    ways = (end("e2"), user("after"), chain("start", "around", "after", "end"), chain("late", "e2"))
    house.begin(
        house.deploy(start(), sub("around", *inner), late, end(), *ways), {"people": [1, 2, 3], "enough": False}
    )
    house.complete("ask")
    comes_back(house, "ask", enough=True)
    assert [task.element for task in house.tasks()] == ["ask", "ask"]
    house.complete("ask", enough=True)
    assert [task.element for task in house.tasks()] == ["after"]


def test_a_message_that_the_answer_had_let_in_is_kept_again(house: House) -> None:
    letter = catch("letter", definition("message", "m"))
    house.begin(house.deploy(*TWO[:3], letter, end(), chain("start", "first", "letter", "second", "end")))
    house.correlate("lettre", age=80)
    comes_back(house, "first")
    assert "age" not in house.variables()
    house.complete("first")
    assert house.variables()["age"] == 80
    assert [task.element for task in house.tasks()] == ["second"]


def test_a_message_that_came_while_nobody_waited_is_heard_by_whom_the_answer_had_sent_away(house: House) -> None:
    race = boundary("news", "first", definition("message", "m"))
    house.begin(house.deploy(*TWO, race, user("read"), end("e2"), chain("news", "read", "e2")))
    task = key_of(house, "first")
    house.complete("first")
    assert house.correlate("lettre") is None
    take_back(house, task)
    assert [task.element for task in house.tasks()] == ["read"]


def test_an_incident_that_the_answer_had_caused_goes_with_it(house: House) -> None:
    way = gateway("exclusive", "way", default="low")
    flows = flow("way", "second", "=level > 5"), flow("way", "end", id="low")
    house.begin(house.deploy(start(), user("first"), way, user("second"), end(), chain("start", "first", "way"), *flows,
                             chain("second", "end")))  # fmt: skip
    comes_back(house, "first", level=None)
    assert [one.state for one in house.look().incidents] == ["resolved"]
    house.complete("first", level=7)
    assert [task.element for task in house.tasks()] == ["second"]


def test_an_incident_that_the_answer_had_made_needless_is_there_again(house: House) -> None:
    way = gateway("exclusive", "way", default="low") + flow("way", "e1", "=level > 5") + flow("way", "e1", id="low")
    inner = (
        start("s1"),
        gateway("parallel", "split"),
        user("first"),
        end("stop", definition("terminate")),
        way,
        end("e1"),
    )
    ways = (chain("s1", "split", "first", "stop"), chain("split", "way"), chain("start", "in", "second", "end"))
    house.begin(house.deploy(start(), sub("in", *inner, *ways[:2]), user("second"), end(), ways[2]), {"level": None})
    assert [one.state for one in house.look().incidents] == ["open"]
    comes_back(house, "first")
    assert [one.state for one in house.look().incidents] == ["open"]


def test_what_was_not_sent_yet_stays_here(house: House) -> None:
    letter = throw("tell", definition("message", "m"))
    house.begin(house.deploy(*TWO[:3], letter, end(), chain("start", "first", "tell", "second", "end")))
    comes_back(house, "first")
    with house.database.read() as session:
        assert session.scalars(select(tables.outbox.c.state)).all() == ["withdrawn"]
    house.complete("first")
    with house.database.begin() as session:
        states = session.scalars(select(tables.outbox.c.state).order_by(tables.outbox.c.id)).all()
        assert states == ["withdrawn", "waiting"]
        session.execute(update(tables.outbox).where(tables.outbox.c.state == "waiting").values(state="routed"))
    assert against(house, key_of(house, "first", "completed")) == "answer-sent"


def test_an_operation_that_was_asked_for_is_asked_no_more_unless_it_runs(house: House) -> None:
    queue = EmbeddedQueue("demo", house.clock)
    house.engine = Engine(Environment(house.clock, CALENDAR, {}, queue), "demo")
    work = service("work", "job")
    house.begin(house.deploy(*TWO[:3], work, end(), chain("start", "first", "work", "second", "end")))
    comes_back(house, "first")
    with house.database.begin() as session:
        assert queue.counts(session) == {}
    task = key_of(house, "first")
    house.complete("first")
    with house.database.begin() as session:
        session.execute(update(job).values(state="running"))
    with pytest.raises(Conflict) as refused:
        take_back(house, task)
    assert refused.value.code == "answer-under-way"


def claim(house: House) -> None:
    with house.database.begin() as session:
        house.engine.assign(session, task=key_of(house, "second"), before=None, after="claire", actor="claire")


def wait(house: House) -> None:
    house.clock.advance(timedelta(hours=3))
    assert house.engine.fire_due(house.database) == 1


LATER = {
    "claimed": claim,
    "answered": lambda house: house.complete("second"),
    "a message": lambda house: house.correlate("lettre"),
    "a timer": wait,
}


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_an_answer_stays_once_the_case_has_moved_on(house: House, later: Any) -> None:
    events = boundary("late", "second", timer("timeDuration", "PT2H"), cancels=False)
    events += boundary("news", "second", definition("message", "m"), cancels=False)
    ends = user("third"), end("e1"), end("e2"), chain("late", "e1"), chain("news", "e2")
    house.begin(house.deploy(*TWO[:4], events, *ends, chain("start", "first", "second", "third", "end")))
    house.complete("first")
    later(house)
    assert against(house, key_of(house, "first", "completed")) == "answer-relied-on"


def test_it_is_said_who_relies_on_an_answer(house: House) -> None:
    house.begin(house.deploy(*TWO))
    task = key_of(house, "first")
    house.complete("first")
    claim(house)
    with house.database.read() as session:
        reason = house.engine.may_take_back(session, task=task, actor="anne")
    assert reason is not None
    assert (reason.actor, reason.at) == ("claire", house.clock.now())


def test_only_who_answered_takes_an_answer_back_and_only_while_the_case_is_open(house: House) -> None:
    house.begin(house.deploy(*TWO))
    task = key_of(house, "first")
    assert against(house, task) == "answer-not-given"
    house.complete("first")
    assert against(house, task, "claire") == "answer-not-yours"
    assert against(house, task) is None
    house.complete("second")
    assert against(house, task) == "run-ended"
    with pytest.raises(NotFound), house.database.begin() as session:
        house.engine.take_back(session, task="nowhere", actor="anne")


def test_what_an_operation_has_written_down_elsewhere_stays(database: Database, clock: ManualClock) -> None:
    house = House(database, clock, {"write": lambda call: {"written": True}})
    work = service("work", "write")
    house.begin(house.deploy(*TWO[:3], work, end(), chain("start", "first", "work", "second", "end")))
    house.complete("first")
    assert against(house, key_of(house, "first", "completed")) == "answer-recorded"


def test_a_journal_that_cannot_be_replayed_gives_no_answer_back(house: House) -> None:
    house.begin(house.deploy(*TWO))
    house.complete("first")
    with house.database.begin() as session:
        session.execute(tables.variable.delete())
    with pytest.raises(Conflict) as refused:
        take_back(House(house.database, house.clock), key_of(house, "first", "completed"))
    assert refused.value.code == "answer-not-replayable"


def test_of_two_who_take_the_same_answer_back_one_does(house: House) -> None:
    house.begin(house.deploy(*TWO))
    task = key_of(house, "first")
    house.complete("first")
    other = House(house.database, house.clock)
    take_back(house, task)
    with pytest.raises(Conflict) as refused:
        take_back(other, task)
    assert refused.value.code == "answer-not-given"
    assert house.journal().count("answer_taken_back") == 1

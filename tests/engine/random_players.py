"""The ways to play one run: by the token game, in memory, saved at every step, by the engine's verbs at every input."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from base.clock import ManualClock
from base.database import Database
from base.errors import Conflict
from engine import steps, tables
from engine.engine import Engine
from engine.environment import Environment
from engine.expressions import to_plain
from engine.propagation import BpmnError
from engine.rehearsal import Rehearsal, Stepper
from engine.run import Run
from jalon.scratch import NoQueue
from tests.engine.driver import CALENDAR, EVERY_STEP, MORNING, Driver, define
from tests.engine.token_game import Game
from tests.engine.token_table import Scheduler

ROWS_OF_A_RUN = (tables.token, tables.scope, tables.subscription, tables.timer)


def maybe(call: Any) -> dict[str, Any]:
    """The operation of the random models: fails while k0 is odd."""
    if call.variables["k0"] % 2:
        raise BpmnError("E")
    return {}


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """In a sequential ad-hoc sub-process nothing begins while something is going on: that is refused."""
    try:
        yield
    except Conflict as refused:
        if refused.code != "one-at-a-time":
            raise


class Keeper:
    """Keeps the messages that nobody awaits yet, where the engine's own shelf is not in play."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def message(self, name: str) -> None:
        self.kept.append(name)
        self.hand_out()

    def hand_out(self) -> None:
        while found := [name for name in self.awaited() if name in self.kept]:
            name = self.first(found)
            self.kept.remove(name)
            self.give(name)

    def first(self, found: Sequence[str]) -> str:
        """Who waits the longest is served first."""
        return found[0]

    def awaited(self) -> list[str]:
        """The messages that are awaited, those that are awaited longest first."""
        raise NotImplementedError

    def give(self, name: str) -> None:
        raise NotImplementedError


def awaited(run: Run) -> list[str]:
    tokens = [run.tokens[key] for key in sorted(run.tokens)]
    return [name for token in tokens for _, kind, name, _ in token.internal_data.get("subs", ()) if kind == "message"]


class ByTheStandard(Keeper):
    """The token game."""

    def __init__(self, content: bytes, pick: Scheduler) -> None:
        super().__init__()
        self.game = Game(content, "p", MORNING, pick)

    def start(self, values: dict[str, Any], message: str | None) -> None:
        self.game.start(values, message)

    def answer(self, task: str, values: dict[str, Any]) -> None:
        self.game.answer(task, values)
        self.hand_out()

    def choose(self, task: str, part: str) -> None:
        self.game.choose_task(task, part)
        self.hand_out()

    def first(self, found: Sequence[str]) -> str:
        """The standard does not say which of several kept messages comes first."""
        return found[self.game.pick(found)]

    def awaited(self) -> list[str]:
        return self.game.awaited()

    def give(self, name: str) -> None:
        self.game.hear(name)

    def signal(self, name: str) -> None:
        self.game.signal(name)
        self.hand_out()

    def pass_time(self) -> None:
        self.game.pass_time()
        self.hand_out()

    def cancel(self) -> None:
        self.game.cancel()

    def tasks(self) -> list[str]:
        return [token.node.id for token in self.game.tasks()]

    def due(self) -> datetime | None:
        return self.game.due()

    @property
    def trail(self) -> Sequence[str]:
        return self.game.trail

    @property
    def state(self) -> str:
        return self.game.state

    @property
    def values(self) -> dict[str, Any]:
        return self.game.top.values


class InMemory(Keeper):
    """A rehearsal, never saved, stepped by the loop that is given."""

    def __init__(self, content: bytes, step: Stepper = steps.advance) -> None:
        super().__init__()
        clock = ManualClock(MORNING)
        self.run = Rehearsal(
            define(content), CALENDAR, process="p", clock=clock, operations={"maybe": maybe}, step=step
        )

    def start(self, values: dict[str, Any], message: str | None) -> None:
        self.run.start(values, message=message)

    def answer(self, task: str, values: dict[str, Any]) -> None:
        self.run.complete(task, values)
        self.hand_out()

    def choose(self, task: str, part: str) -> None:
        with one_at_a_time():
            self.run.choose(part)
        self.hand_out()

    def awaited(self) -> list[str]:
        return awaited(self.run.run)

    def give(self, name: str) -> None:
        waiting = self.run.run.register.waiting("message", name, "d")
        assert waiting
        self.run.correlate(name, key="d")

    def signal(self, name: str) -> None:
        self.run.signal(name)
        self.hand_out()

    def pass_time(self) -> None:
        self.run.advance()
        self.hand_out()

    def cancel(self) -> None:
        self.run.do(lambda: steps.cancel(self.run.run, "test"))

    def tasks(self) -> list[str]:
        assert self.run.incidents() == [], self.run.incidents()
        return [task.element for task in self.run.tasks()]

    def due(self) -> datetime | None:
        return self.run.due()

    @property
    def trail(self) -> Sequence[str]:
        return self.run.completed()

    @property
    def state(self) -> str:
        return self.run.state

    @property
    def values(self) -> dict[str, Any]:
        return self.run.variables


class EveryStep(Keeper):
    """Saved and reloaded after every single token step."""

    def __init__(self, content: bytes, database: Database) -> None:
        super().__init__()
        self.driver = Driver(content, database, EVERY_STEP, operations={"maybe": maybe})

    def start(self, values: dict[str, Any], message: str | None) -> None:
        self.driver.start(values, message=message)

    def answer(self, task: str, values: dict[str, Any]) -> None:
        self.driver.do(task, **values)
        self.hand_out()

    def choose(self, task: str, part: str) -> None:
        with one_at_a_time():
            self.driver.choose(part, within=task)
        self.hand_out()

    def awaited(self) -> list[str]:
        return awaited(self.driver.run)

    def give(self, name: str) -> None:
        self.driver.message(name, "d")

    def signal(self, name: str) -> None:
        self.driver.signal(name)
        self.hand_out()

    def pass_time(self) -> None:
        self.driver.clock.instant = max(self.driver.clock.instant, self.due() or self.driver.clock.instant)
        self.driver.after(seconds=0)
        self.hand_out()

    def cancel(self) -> None:
        self.driver.input(lambda run: steps.cancel(run, "test"))

    def tasks(self) -> list[str]:
        assert self.driver.incidents == []
        return self.driver.tasks()

    def due(self) -> datetime | None:
        return self.driver.run.register.due()

    @property
    def trail(self) -> Sequence[str]:
        return self.driver.trail

    @property
    def state(self) -> str:
        return str(self.driver.run.state)

    @property
    def values(self) -> dict[str, Any]:
        return to_plain(self.driver.run.data.visible())


class EveryInput:
    """The engine's verbs, by an engine that starts anew with each input: nothing but rows goes from one to the next."""

    def __init__(self, content: bytes, database: Database) -> None:
        self.database, self.clock, self.sent = database, ManualClock(MORNING), 0
        with self.verbs() as (engine, session):
            self.definition = engine.deploy(session, {"test.bpmn": content})

    @contextmanager
    def verbs(self) -> Iterator[tuple[Engine, Any]]:
        environment = Environment(self.clock, CALENDAR, {"maybe": maybe}, NoQueue())
        with self.database.begin() as session:
            self.engine = Engine(environment, "test")
            yield self.engine, session

    def start(self, values: dict[str, Any], message: str | None) -> None:
        how = {"run": "run", "definition": self.definition, "process": "p", "message": message, "actor": "a"}
        with self.verbs() as (engine, session):
            engine.start(session, variables=values, **how)

    def answer(self, task: str, values: dict[str, Any]) -> None:
        with self.verbs() as (engine, session):
            engine.complete(session, task=self.oldest(session, task), variables=values, actor="a")

    def choose(self, task: str, part: str) -> None:
        with one_at_a_time(), self.verbs() as (engine, session):
            engine.choose(session, task=self.oldest(session, task), element=part, actor="a")

    @staticmethod
    def oldest(session: Session, element: str) -> str:
        """The open task of that element that has waited longest."""
        found = select(tables.task.c.id).where(tables.task.c.element == element, tables.task.c.state == "open")
        return str(session.scalars(found.order_by(tables.task.c.token)).first())

    def message(self, name: str) -> None:
        self.sent += 1
        with self.verbs() as (engine, session):
            engine.correlate(session, message=name, key="d", variables={}, actor="a", message_id=f"{self.sent:05}")

    def signal(self, name: str) -> None:
        with self.verbs() as (engine, session):
            engine.broadcast(session, signal=name, variables={}, actor="a")

    def pass_time(self) -> None:
        self.clock.instant = max(self.clock.instant, self.due() or self.clock.instant)
        with self.verbs() as (engine, _):
            pass
        engine.fire_due(self.database)

    def cancel(self) -> None:
        with self.verbs() as (engine, session):
            engine.cancel(session, run="run", actor="a", reason="test")

    def tasks(self) -> list[str]:
        with self.database.read() as session:
            assert session.execute(tables.incident.select()).all() == []
            return list(session.scalars(select(tables.task.c.element).where(tables.task.c.state == "open")))

    def due(self) -> datetime | None:
        with self.database.read() as session:
            found: datetime | None = session.scalar(select(tables.run.c.due_at))
            return found

    @property
    def trail(self) -> Sequence[str]:
        with self.database.read() as session:
            return [one.element for one in self.engine.history(session, "run") if one.kind == "element_completed"]

    @property
    def state(self) -> str:
        with self.database.read() as session:
            return str(session.scalar(select(tables.run.c.state)))

    @property
    def values(self) -> dict[str, Any]:
        with self.database.read() as session:
            scopes = self.engine.look(session, "run").scopes
            return next((dict(scope.variables) for scope in scopes if not scope.element), {})


def rows_left(database: Database) -> dict[str, int]:
    """Rows of a run that should be gone once it has ended; its own last variables stay."""
    with database.read() as session:
        found = {table.name: len(session.execute(table.select()).all()) for table in ROWS_OF_A_RUN}
        inner = session.execute(tables.variable.select().where(tables.variable.c.owner != "s0")).all()
        open_tasks = session.execute(tables.task.select().where(tables.task.c.state == "open")).all()
    return {name: n for name, n in {**found, "variable": len(inner), "task": len(open_tasks)}.items() if n}


def empty(database: Database) -> None:
    """Forget every run."""
    with database.begin() as session:
        for table in reversed(tables.metadata.sorted_tables):
            session.execute(table.delete())

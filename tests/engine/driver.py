"""A run driven by a test, saved three ways: never, after every input, after every single token step."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import ManualClock
from base.database import Database
from engine import steps, tables
from engine.definition import Definition
from engine.effects import Closed, Noted, Opened, Sent, Stuck
from engine.environment import World
from engine.expressions import to_plain, to_values
from engine.inspection import inspect
from engine.refusals import EXECUTABLE
from engine.rehearsal import start_node
from engine.rows import header, load, save_header, save_parts
from engine.run import Run
from engine.scopes import view
from engine.token import Token

NEVER, EVERY_INPUT, EVERY_STEP = "never", "every input", "every step"
CALENDAR = Calendar()
MORNING = datetime(2026, 11, 24, 9, tzinfo=UTC)


class Driver:
    """Drives one run; what it asks for is gathered in lists."""

    def __init__(
        self,
        content: bytes,
        database: Database,
        how: str,
        *,
        process: str = "p",
        operations: Mapping[str, Any] | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        self.definition = inspect({"test.bpmn": content, **(files or {})}, CALENDAR, EXECUTABLE)
        self.database, self.how, self.process = database, how, process
        self.clock, self.operations = ManualClock(MORNING), dict(operations or {})
        self.trail: list[str] = []
        self.out: list[tuple[str, str, str | None, dict[str, Any]]] = []
        self.incidents: list[Stuck] = []
        self.journal: list[Noted] = []
        self.opened: list[Opened] = []
        self.closed: list[Closed] = []
        self.steps = 0

    def world(self, session: Session) -> World:
        return World(self.clock.now(), "test", CALENDAR, self.operations, session, "test", rehearsal=self.how == NEVER)

    def start(self, variables: Mapping[str, Any] | None = None, *, message: str | None = None) -> "Driver":
        node = start_node(self.definition, self.process, message)
        with self.database.begin() as session:
            self.run = Run(self.definition, self.process, self.world(session), "run")
            steps.start(self.run, to_values(variables or {}), node)
            self._keep(session)
        return self._go_on()

    def input(self, act: Callable[[Run], Any]) -> Any:
        with self.database.begin() as session:
            self.run.live_in(self.world(session))
            answer = act(self.run)
            self._keep(session)
        self._go_on()
        return answer

    def _go_on(self) -> "Driver":
        while self.run.queue:
            with self.database.begin() as session:
                self.run.live_in(self.world(session))
                self.steps += steps.advance(self.run, 1 if self.how == EVERY_STEP else None)
                self._keep(session)
        return self

    def _keep(self, session: Session) -> None:
        self._gather()
        if self.how == NEVER or (self.how == EVERY_INPUT and self.run.queue):
            return
        save_header(session, self.run)
        save_parts(session, self.run)
        found = header(session, "test", "run")
        assert found is not None
        self.run = load(session, found, self.definition, self.world(session), "run")

    def _gather(self) -> None:
        effects, self.run.effects = self.run.effects, []
        for effect in effects:
            if isinstance(effect, Noted):
                self.journal.append(effect)
                self.trail += [effect.element] if effect.kind == "element_completed" else []
            elif isinstance(effect, Sent):
                self.out.append((effect.kind, effect.name, effect.key, to_plain(effect.payload)))
            elif isinstance(effect, Stuck):
                self.incidents.append(effect)
            elif isinstance(effect, Opened):
                self.opened.append(effect)
            elif isinstance(effect, Closed):
                self.closed.append(effect)

    # --- inputs ------------------------------------------------------------------------------------------------------

    def open_tasks(self) -> list[Token]:
        found = [t for t in self.run.tokens.values() if "task" in t.internal_data and not t.stuck]
        return sorted(found, key=lambda token: token.id)

    def tasks(self) -> list[str]:
        return sorted(token.task_spec.name for token in self.open_tasks())

    def do(self, name: str, *, at: int = 0, **values: Any) -> "Driver":
        """Answer the first (or at-th) open task of that element."""
        return self.answer([token for token in self.open_tasks() if token.task_spec.name == name][at].id, **values)

    def answer(self, token: int, **values: Any) -> "Driver":
        self.input(lambda run: steps.finish(run, run.tokens[token], to_values(values)))
        return self

    def choose(self, name: str, within: str | None = None) -> "Driver":
        """Begin an activity of the ad-hoc sub-process that is open."""
        holders = [t for t in self.open_tasks() if "choice" in t.internal_data and within in (None, t.task_spec.name)]
        self.input(lambda run: steps.choose(run, run.tokens[holders[0].id], name))
        return self

    def after(self, **time: float) -> "Driver":
        self.clock.advance(timedelta(**time))
        self.input(lambda run: steps.fire_timers(run, self.clock.now()))
        return self

    def message(self, name: str, key: str = "", **values: Any) -> bool:
        return bool(self.input(lambda run: steps.deliver(run, name, key, to_values(values))))

    def signal(self, name: str, **values: Any) -> int:
        return int(self.input(lambda run: steps.broadcast(run, name, to_values(values))))

    def retry(self) -> "Driver":
        stuck = next(token for token in self.run.tokens.values() if token.stuck)
        self.input(lambda run: steps.retry(run, run.tokens[stuck.id]))
        return self

    def mend(self, **values: Any) -> "Driver":
        """Correct variables of the run by hand."""
        self.input(lambda run: steps.mend(run, None, to_values(values)))
        return self

    # --- what can be seen --------------------------------------------------------------------------------------------

    def var(self, name: str) -> Any:
        return to_plain(self.run.data.visible()).get(name)

    def seen(self, name: str) -> dict[str, Any]:
        """What the first open task of that element sees."""
        found = view(next(token for token in self.open_tasks() if token.task_spec.name == name))
        return to_plain(dict(found))

    @property
    def ended(self) -> bool:
        return bool(self.run.completed)

    def left_over(self) -> dict[str, int]:
        """Rows of the run that should be gone once it has ended."""
        with self.database.read() as session:
            found = {
                table.name: len(session.execute(table.select()).all())
                for table in (tables.token, tables.scope, tables.subscription, tables.timer)
            }
            variables = session.execute(tables.variable.select().where(tables.variable.c.owner != "s0")).all()
        return {name: n for name, n in {**found, "variable": len(variables)}.items() if n}


def sqlite(folder: Path) -> Database:
    """A database of the test's own, when the server does not matter."""
    database = Database(f"sqlite:///{folder}/run.db", synchronous="OFF")
    tables.metadata.create_all(database.engine)
    return database


def define(content: bytes, **files: bytes) -> Definition:
    return inspect({"test.bpmn": content, **files}, CALENDAR, EXECUTABLE)

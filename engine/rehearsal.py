"""A run in memory, for `jalon play`, scenarios and drafts: no database, a clock that only moves when told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.clock import ManualClock
from base.errors import Conflict, Invalid, NotFound
from engine import steps
from engine.definition import Definition
from engine.effects import Closed, Effect, Freed, Noted, Opened, Sent, Stuck
from engine.elements.node import Node
from engine.environment import Operation, OperationCall, World
from engine.expressions import to_plain, to_values
from engine.pictures import Element, Entry, TimerPicture
from engine.run import Run
from engine.token import Token

Stepper = Callable[[Run], object]


@dataclass(frozen=True)
class Awaited:
    """A message that the run waits for."""

    element: str
    name: str
    key: str


@dataclass(frozen=True)
class Stop:
    """A token that cannot go on, and why."""

    element: str
    kind: str
    message: str


class Anything(dict[str, Operation]):
    """Operations of a rehearsal: those that were given, and for all others one that does nothing."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Operation:
        return _nothing


def _nothing(call: OperationCall) -> Mapping[str, Any]:
    return {}


class Rehearsal:
    """Plays one run of a definition. Values go in and come out as plain Python."""

    def __init__(
        self,
        definition: Definition,
        calendar: Calendar,
        *,
        process: str,
        clock: ManualClock,
        operations: Mapping[str, Operation] | None = None,
        actor: str = "jalon",
        step: Stepper = steps.advance,
    ) -> None:
        if process not in definition.processes:
            raise NotFound(f"Le processus « {process} » n’existe pas dans ce parcours.")
        self.definition, self.calendar, self.process, self.clock, self.actor = (
            definition,
            calendar,
            process,
            clock,
            actor,
        )
        self.operations = Anything(operations or {})
        self.step = step
        self.run = Run(definition, process, self._world(), "répétition")
        self.history: list[Entry] = []
        self.outbox: list[Sent] = []
        self.open: dict[str, Opened] = {}
        self.stuck: dict[int, Stop] = {}

    def _world(self) -> World:
        return World(self.clock.now(), self.actor, self.calendar, self.operations, Session(), tenant="", rehearsal=True)

    def do(self, act: Callable[[], object]) -> None:
        """One input: what `act` does to the run, and all that follows."""
        self.run.live_in(self._world())
        act()
        self.step(self.run)
        effects, self.run.effects = self.run.effects, []
        for effect in effects:
            self._take(effect)

    def _take(self, effect: Effect) -> None:
        if isinstance(effect, Noted):
            entry = Entry(
                len(self.history) + 1, self.clock.now(), self.actor, effect.kind, effect.element, effect.detail or {}
            )
            self.history.append(entry)
        elif isinstance(effect, Opened):
            self.open[effect.id] = effect
        elif isinstance(effect, Closed):
            self.open.pop(effect.task, None)
        elif isinstance(effect, Sent):
            self.outbox.append(effect)
        elif isinstance(effect, Stuck):
            self.stuck[effect.token] = Stop(effect.element, effect.kind, effect.message)
        elif isinstance(effect, Freed):
            self.stuck.pop(effect.token, None)

    # --- inputs ------------------------------------------------------------------------------------------------------

    def start(self, variables: Mapping[str, Any] | None = None, *, message: str | None = None) -> Rehearsal:
        """Begin, with the message that starts the process when it has one of that name."""
        node = start_node(self.definition, self.process, message)
        self.run.noted("run_started", "" if node is None else node.name)
        self.do(lambda: steps.start(self.run, to_values(variables or {}), node))
        return self

    def complete(self, task: str, values: Mapping[str, Any] | None = None) -> Rehearsal:
        """Answer a task, named by its id or by its element. Raises NotFound."""
        opened = self.task(task)
        self.run.noted("task_completed", opened.element, task=opened.id)
        self.run.effects.append(Closed(opened.id, "completed"))
        self.do(lambda: steps.finish(self.run, self.run.tokens[opened.token], to_values(values or {})))
        return self

    def choose(self, element: str) -> Rehearsal:
        """Begin an activity of an ad-hoc sub-process. Raises Conflict."""
        holders = [token for token in self.run.tokens.values() if "choice" in token.internal_data]
        for holder in sorted(holders, key=lambda token: token.id):
            if any(entry.name == element for entry in self.run.subprocesses[holder.id].spec.entries):
                self.do(partial(steps.choose, self.run, holder, element))
                return self
        raise Conflict(f"« {element} » ne peut pas être choisie.", code="not-a-choice")

    def correlate(self, message: str, values: Mapping[str, Any] | None = None, key: str | None = None) -> bool:
        """Give a message to whoever waits for it (with any key, unless one is said); whether somebody did."""
        awaited = next((m for m in self.messages() if m.name == message and key in (None, m.key)), None)
        if awaited is None:
            return False
        self.run.noted("message_received", awaited.element, name=message)
        self.do(lambda: steps.deliver(self.run, message, awaited.key, to_values(values or {})))
        return True

    def signal(self, name: str, values: Mapping[str, Any] | None = None) -> Rehearsal:
        self.do(lambda: steps.broadcast(self.run, name, to_values(values or {})))
        return self

    def advance(self, to: datetime | None = None) -> int:
        """Move the clock to an instant (to the next timer when none is said), timers fire in order; how many did.

        Raises Invalid when nothing is due ever, or the instant is in the past.
        """
        goal = to or self.due()
        if goal is None or goal < self.clock.now():
            raise Invalid("Aucune minuterie n’attend, ou cet instant est déjà passé.")
        fired = 0
        while (due := self.due()) is not None and due <= goal and not self.ended:
            self.clock.instant = max(self.clock.instant, due)
            self.do(lambda: steps.fire_timers(self.run, self.clock.now()))
            fired += 1
        self.clock.instant = max(self.clock.instant, goal)
        return fired

    def retry(self, element: str) -> Rehearsal:
        """Try again where the run is stuck. Raises Conflict."""
        key = next((key for key, stop in self.stuck.items() if stop.element == element), None)
        if key is None:
            raise Conflict(f"Rien n’est arrêté à « {element} ».")
        self.do(lambda: steps.retry(self.run, self.run.tokens[key]))
        return self

    # --- what can be seen --------------------------------------------------------------------------------------------

    def tasks(self) -> list[Opened]:
        """What waits for a person, the oldest first."""
        return sorted(self.open.values(), key=lambda task: task.token)

    def task(self, task: str) -> Opened:
        found = self.open.get(task) or next((opened for opened in self.tasks() if opened.element == task), None)
        if found is None:
            waiting = ", ".join(opened.element for opened in self.tasks()) or "aucune"
            raise NotFound(f"La tâche « {task} » n’attend pas de réponse. Tâches ouvertes : {waiting}.")
        return found

    def choices(self, task: Opened) -> tuple[Element, ...]:
        """What may be begun through a task of an ad-hoc sub-process; nothing through another."""
        token = self.run.tokens[task.token]
        return self.definition.choices(token.task_spec) if "choice" in token.internal_data else ()

    def messages(self) -> list[Awaited]:
        found = []
        for (kind, name, key), tokens in self.run.register.subscriptions.items():
            if kind == "message":
                found += [Awaited(token.task_spec.name, name, key) for token in tokens.values()]
        return sorted(found, key=lambda awaited: (awaited.name, awaited.element))

    def timers(self) -> list[TimerPicture]:
        """The next of each waiting element, the first to fire above."""
        found = [self._timer(self.run.tokens[key], due) for key, due in self.run.register.timers.items()]
        return sorted((one for one in found if one.token not in self.stuck), key=lambda timer: timer.due_at)

    def _timer(self, token: Token, due: datetime) -> TimerPicture:
        notes, node = token.internal_data["timers"], token.task_spec
        n = int(min(notes, key=lambda n: (notes[n]["due"], n)))
        return TimerPicture(node.name, node.label, due, token.since, node.triggers[n].text or "", token.id, n)

    def due(self) -> datetime | None:
        """When the next timer fires."""
        return next((timer.due_at for timer in self.timers()), None)

    def incidents(self) -> list[Stop]:
        return list(self.stuck.values())

    def completed(self) -> list[str]:
        """The elements that completed, in order."""
        return [entry.element for entry in self.history if entry.kind == "element_completed"]

    def sent(self) -> Sequence[tuple[str, str | None, dict[str, Any]]]:
        """What left: (message or signal, key, values)."""
        return [(sent.name, sent.key, to_plain(sent.payload)) for sent in self.outbox]

    @property
    def variables(self) -> dict[str, Any]:
        """The run's own variables, as plain values."""
        return to_plain(self.run.data.visible())

    @property
    def ended(self) -> bool:
        return self.run.state != "active"

    @property
    def end_state(self) -> str | None:
        return self.run.end_state or None

    @property
    def state(self) -> str:
        return self.run.state


def start_node(definition: Definition, process: str, message: str | None) -> Node | None:
    """The start that a message fires; None for the plain start. Raises NotFound."""
    if process not in definition.processes:
        raise NotFound(f"Le processus « {process} » n’existe pas dans cette version du parcours.")
    if message is None:
        return None
    for key, node, trigger in definition.events():
        if key == process and trigger.kind == "message" and trigger.name == message:
            return node
    raise NotFound(f"Le processus « {process} » ne commence pas par le message « {message} ».")

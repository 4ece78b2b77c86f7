"""A real run's inputs played on a draft of its pathway, as far as they still fit; in memory, at the times of then."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from base.calendars import Calendar
from base.clock import ManualClock
from base.errors import JalonError
from engine import steps
from engine.definition import Definition
from engine.elements.tasks import Service
from engine.environment import OperationCall
from engine.expressions import from_stored
from engine.inputs import is_input
from engine.pictures import Entry
from engine.propagation import BpmnError
from engine.rehearsal import Rehearsal
from engine.waiting import reschedule

OUTCOMES = frozenset({"operation_done", "operation_failed", "job_failed"})


@dataclass(frozen=True)
class Tried:
    """One input; `problem` says why the draft cannot take it, in French; empty when it did."""

    entry: Entry
    problem: str = ""


class Unfit(Exception):
    """The draft has no place for an input; the message says why, in French."""


class DraftReplay:
    """`entries` are those of the journal that stand, in their exact form; the first began the run."""

    def __init__(self, entries: Sequence[Entry], definition: Definition, calendar: Calendar) -> None:
        self.entries, self.definition, self.calendar = entries, definition, calendar
        self.early: list[Entry] = []
        self.opened = _opened(entries)
        self.outcomes: dict[str, deque[Entry]] = defaultdict(deque)
        for entry in entries:
            if entry.kind in OUTCOMES:
                self.outcomes[entry.element].append(entry)
        self.rehearsal: Rehearsal | None = None

    def inputs(self) -> Iterator[Tried]:
        """Each input in its turn, then the messages that nobody came to wait for."""
        for entry in filter(_is_given, self.entries):
            try:
                self._give(entry)
            except (Unfit, JalonError) as refused:
                yield Tried(entry, refused.message if isinstance(refused, JalonError) else str(refused))
            else:
                if entry not in self.early:
                    yield Tried(entry)
            if self.rehearsal is None:
                return
            yield from self._hand_out()
        yield from (Tried(entry, "personne n’attend ce message") for entry in self.early)

    @property
    def played(self) -> Rehearsal:
        """Raises Unfit when the run could not even begin."""
        if self.rehearsal is None:
            raise Unfit("le dossier ne commence pas")
        return self.rehearsal

    def _give(self, entry: Entry) -> None:
        if self.rehearsal is None:
            self._start(entry)
            return
        self._pass_time(entry.at)
        if self.rehearsal.ended:
            raise Unfit("le parcours est déjà terminé")
        ACTS[entry.kind](self, entry)

    def _pass_time(self, at: datetime) -> None:
        """What the draft's own timers do until then."""
        clock = self.played.clock
        if at > clock.now():
            self.played.advance(at)

    def _start(self, entry: Entry) -> None:
        process = str(entry.detail["process"])
        if process not in self.definition.processes:
            raise Unfit(f"le processus « {process} » n’y est plus")
        node = self.definition.containers[process].task_specs.get(entry.element) if entry.element else None
        if entry.element and node is None:
            raise Unfit(f"le départ « {entry.element} » n’y est plus")
        message = next((one.name for one in node.triggers if one.kind == "message"), None) if node else None
        self.rehearsal = Rehearsal(
            self.definition,
            self.calendar,
            process=process,
            clock=ManualClock(entry.at),
            operations=dict.fromkeys(self._types(), self._operate),
        )
        values = _values(entry)
        if "parametres" in values:
            values["parametres"] = dict(self.definition.parameters)
        self.rehearsal.start(values, message=message)

    def _types(self) -> set[str]:
        """The operations that the draft names, and those that the run called."""
        nodes = (node for container in self.definition.containers.values() for node in container.nodes())
        named = {kind for node in nodes if isinstance(node, Service) and (kind := node.type)}
        return named | {str(one.detail["type"]) for one in self.entries if one.kind == "operation_done"}

    def _operate(self, call: OperationCall) -> Mapping[str, Any]:
        """What the operation gave there then; nothing when it was not called."""
        line = self.outcomes[call.element]
        if not line:
            return {}
        entry = line.popleft()
        if entry.kind != "operation_done" and entry.detail.get("code"):
            raise BpmnError(str(entry.detail["code"]), _values(entry), str(entry.detail["message"]))
        return _values(entry)

    def _hand_out(self) -> Iterator[Tried]:
        """Messages that came before somebody waits for them."""
        for entry in list(self.early):
            if not self.played.ended and self.played.correlate(str(entry.detail["name"]), _values(entry)):
                self.early.remove(entry)
                yield Tried(entry)

    # --- each kind of input ------------------------------------------------------------------------------------------

    def answer(self, entry: Entry) -> None:
        self.played.complete(self._task(entry), _values(entry))

    def _task(self, entry: Entry) -> str:
        """The task that was opened as the same of its element, else any of that element. Raises Unfit."""
        ours = [one.detail["task"] for one in self.played.history if _opens(one, entry.element)]
        place = self.opened[entry.element].index(str(entry.detail["task"]))
        if place < len(ours) and ours[place] in self.played.open:
            return str(ours[place])
        if not any(task.element == entry.element for task in self.played.tasks()):
            raise Unfit("cette tâche n’y est pas ouverte à ce moment")
        return entry.element

    def choose(self, entry: Entry) -> None:
        self.played.choose(entry.element)

    def hear(self, entry: Entry) -> None:
        self.early.append(entry)

    def hear_signal(self, entry: Entry) -> None:
        self.played.signal(str(entry.detail["name"]), _values(entry))

    def move_timer(self, entry: Entry) -> None:
        found = next((timer for timer in self.played.timers() if timer.element == entry.element), None)
        if found is None:
            raise Unfit("cette échéance n’y attend pas à ce moment")
        token, due = self.played.run.tokens[found.token], datetime.fromisoformat(entry.detail["due"])
        reschedule(token, found.n, due)

    def retry(self, entry: Entry) -> None:
        if any(stop.element == entry.element for stop in self.played.incidents()):
            self.played.retry(entry.element)

    def mend(self, entry: Entry) -> None:
        run = self.played.run
        stuck = (token for token in run.tokens.values() if token.stuck and token.task_spec.name == entry.element)
        self.played.do(partial(steps.mend, run, next(stuck, None), _values(entry)))

    def cancel(self, entry: Entry) -> None:
        self.played.do(partial(steps.cancel, self.played.run, str(entry.detail.get("end", ""))))


ACTS: Mapping[str, Callable[[DraftReplay, Entry], None]] = {
    "task_completed": DraftReplay.answer,
    "activity_chosen": DraftReplay.choose,
    "message_received": DraftReplay.hear,
    "signal_received": DraftReplay.hear_signal,
    "timer_moved": DraftReplay.move_timer,
    "incident_resolved": DraftReplay.retry,
    "variables_mended": DraftReplay.mend,
    "run_cancelled": DraftReplay.cancel,
}
"""Beside the start. The draft's own timers fire at their own time; what operations gave is given when they are called;
in whose hands a task was and which version the run followed do not matter here."""


def _is_given(entry: Entry) -> bool:
    """A message that had been kept came from outside too: here it may be awaited earlier."""
    return entry.kind == "run_started" or (entry.kind in ACTS and (is_input(entry) or "kept" in entry.detail))


def _values(entry: Entry) -> dict[str, Any]:
    return from_stored(entry.detail.get("variables") or {})


def _opens(entry: Entry, element: str) -> bool:
    return entry.kind == "task_opened" and entry.element == element


def _opened(entries: Sequence[Entry]) -> Mapping[str, list[str]]:
    """The tasks of each element, in the order in which they were opened."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "task_opened":
            found[entry.element].append(str(entry.detail["task"]))
    return found

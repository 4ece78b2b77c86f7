"""A run built again from its journal: each input is given again at its time, and what follows is compared with what
was written then. Nothing is written, no operation is called: what operations gave stands in the journal.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.orm import Session

from base.calendars import Calendar
from base.errors import JalonError, RunError
from engine import journal, rows, steps
from engine.definition import Definition
from engine.effects import Effect, Noted
from engine.environment import Operation, OperationCall, World
from engine.expressions import from_stored
from engine.inputs import INPUTS, Departed, Difference, depart, difference
from engine.likeness import alike, likeness
from engine.pictures import Entry
from engine.propagation import BpmnError
from engine.run import Run
from engine.token import Token

CHANCE = frozenset({"task", "outbox"})
"""Ids that come by chance: those of the journal are taken over."""
COMPARED = {"incident_raised": ("kind",), "error_caught": ("by", "code"), "decision_made": ("decision", "value")}
"""Of these the rest is words, which may change from one release to the next."""
OUTCOMES = frozenset({"operation_done", "operation_failed", "incident_raised", "error_caught"})
Definitions = Callable[[str], Definition]


class NotWritten(RunError):
    """An operation of which the journal knows no outcome."""

    code = "replay"


class Outcomes(Mapping[str, Operation]):
    """The operations of a replay: each gives what it gave then."""

    def __init__(self, known: Collection[str], tell: Operation) -> None:
        self.known, self.tell = known, tell

    def __getitem__(self, kind: str) -> Operation:
        if kind not in self.known:
            raise KeyError(kind)
        return self.tell

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


class Replay:
    """One replay of one run. `keep`: the entries before which a likeness of the run is kept, in `kept`.

    With `begun` and `counters` it goes on from a run, and counts what it makes as another replay did: what that one was
    given, and this one is given too, then leads to the very same rows.
    """

    run: Run

    def __init__(
        self,
        run: str,
        entries: Sequence[Entry],
        definitions: Definitions,
        calendar: Calendar,
        operations: Collection[str],
        keep: Collection[int] = (),
        *,
        begun: Run | None = None,
        counters: Mapping[int, tuple[int, int]] | None = None,
    ) -> None:
        self.key, self.entries, self.definitions, self.calendar = run, entries, definitions, calendar
        self.operations = Outcomes(operations, self._outcome)
        taken_back = {entry.detail["entry"] for entry in entries if entry.kind == journal.TAKEN_BACK}
        self.keep, self.kept = taken_back | set(keep), dict[int, Run]()
        self.counters = dict(counters or {})
        self.goes_on = begun is not None
        if begun is not None:
            self.run = begun
        self.at = self.told = 0
        self.effects: list[Effect] = []
        self.difference: Difference | None = None
        self.parted: Difference | None = None

    def inputs(self) -> Iterator[Entry]:
        """Each input once it has been given and has led to what was written; ends at the first difference."""
        while self.at < len(self.entries) and self.difference is None:
            entry = self.entries[self.at]
            try:
                self._give(entry)
            except Departed as departed:
                self.difference = departed.difference
                return
            yield entry

    def _give(self, entry: Entry) -> None:
        act, begins = INPUTS.get(entry.kind), self.at == 0 and not self.goes_on
        if act is None or begins != (entry.kind == "run_started"):
            depart(entry, "missing")
        if entry.n in self.keep:
            self.kept[entry.n] = alike(self.run, self.run.world)
        self.told = self.at + 1
        if not begins:
            self.run.live_in(self.world(entry))
            self._count(entry)
        try:
            act(self, entry)
            steps.advance(self.run)
        except JalonError as error:
            raise Departed(difference(entry, "input")) from error
        except KeyError as missing:
            raise Departed(difference(entry, "untold")) from missing
        self.effects = self.run.effects
        rows.forget(self.run)
        self._compare(entry, [effect for effect in self.effects if isinstance(effect, Noted)])

    def _count(self, entry: Entry) -> None:
        """Ids and places go on as in the other replay, if there is one; else it is kept how they stood."""
        if self.goes_on:
            self.run.seq, self.run.ticks = self.counters[entry.n]
        else:
            self.counters[entry.n] = self.run.seq, self.run.ticks

    def without(self, before: Run, standing: Sequence[Entry], until: int) -> Run | None:
        """The run as it would be now, had it stood as `before` when all that stands from `until` on was given.

        None when that would not have led to the same; where it parted stands in `parted`.
        """
        later = [entry for entry in standing if entry.n >= until and entry.kind != journal.TAKEN_BACK]
        given = (self.definitions, self.calendar, self.operations.known)
        other = Replay(self.key, later, *given, begun=alike(before, before.world), counters=self.counters)
        deque(other.inputs(), maxlen=0)
        self.parted = other.difference
        return alike(other.run, other.run.world) if other.difference is None else None

    def world(self, entry: Entry) -> World:
        return World(entry.at, entry.actor, self.calendar, self.operations, Session(), tenant="", rehearsal=True)

    def _compare(self, given: Entry, made: Sequence[Noted]) -> None:
        holders = {token.internal_data["task"]: token for token in self.run.tokens.values() if _has_task(token)}
        if not made:
            depart(given, "missing")
        for place, one in enumerate(made, start=self.at):
            if place == len(self.entries):
                raise Departed(Difference(self.entries[-1].n + 1, given.at, one.kind, one.element, "extra"))
            entry = self.entries[place]
            if (one.kind, one.element[: len(entry.element) or None]) != (entry.kind, entry.element):
                depart(entry, "other", f"{one.kind} {one.element}".strip())
            if place > self.at and _said(one.kind, one.detail) != _said(entry.kind, entry.detail):
                depart(entry, "detail")
            if one.kind == "task_opened" and one.detail is not None and one.detail["task"] in holders:
                holders[one.detail["task"]].internal_data["task"] = entry.detail["task"]
        self.at += len(made)

    def _outcome(self, call: OperationCall) -> Mapping[str, Any]:
        """What the operation gave, or how it failed. Raises BpmnError, RunError."""
        for place in range(self.told, len(self.entries)):
            entry = self.entries[place]
            if entry.element == call.element and entry.kind in OUTCOMES:
                self.told = place + 1
                return _repeat(entry)
        raise NotWritten(f"Le journal ne dit pas ce qu’a donné « {call.element} ».")

    # --- who is meant ------------------------------------------------------------------------------------------------

    def holder(self, entry: Entry) -> Token:
        """The token that holds the task of an entry."""
        return self.first(entry, lambda token: token.internal_data.get("task") == entry.detail.get("task"))

    def meant(self, entry: Entry, holds: Callable[[Token], object]) -> Token:
        """The token that an entry names; an older program's names its element alone."""
        wanted = entry.detail.get("token")
        return self.first(entry, lambda token: wanted in (None, token.id) and holds(token))

    def first(self, entry: Entry, holds: Callable[[Token], object]) -> Token:
        found = next((self.run.tokens[key] for key in sorted(self.run.tokens) if holds(self.run.tokens[key])), None)
        return found or depart(entry, "input")


def _has_task(token: Token) -> bool:
    return "task" in token.internal_data


def _said(kind: str, detail: Mapping[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(orjson.dumps(dict(detail or {})))
    wanted = COMPARED.get(kind, told)
    return {name: value for name, value in told.items() if name in wanted and name not in CHANCE}


def _repeat(entry: Entry) -> Mapping[str, Any]:
    told = entry.detail
    if entry.kind == "operation_done":
        return from_stored(told["variables"])
    if entry.kind == "operation_failed":
        raise BpmnError(told["code"], from_stored(told["variables"]), told["message"])
    raise RunError(str(told.get("message")), code=told["kind" if entry.kind == "incident_raised" else "code"])


# --- beside what is stored --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unlike:
    """In what a replayed run is not the stored one: `what` is state, tokens, variables or tasks; `where` names the
    first place, never a value.
    """

    what: str
    where: str


def unlike(replayed: Run, stored: Run, open_tasks: Collection[str]) -> Unlike | None:
    """The first difference between two runs, as far as they can be seen."""
    if (replayed.state, replayed.end_state) != (stored.state, stored.end_state):
        return Unlike("state", f"{replayed.state} / {stored.state}")
    tasks = {token.internal_data["task"] for token in replayed.tokens.values() if _has_task(token)}
    for what, here, there in (
        ("tokens", _places(replayed), _places(stored)),
        ("variables", _values_of(replayed), _values_of(stored)),
        ("tasks", Counter(tasks), Counter(open_tasks)),
    ):
        if here != there:
            found = min({*(here - there), *(there - here)}, key=str)
            return Unlike(what, found if isinstance(found, str) else str(found[0]))
    return None


def _places(run: Run) -> Counter[Any]:
    tokens = (token for token in run.tokens.values() if token.id > 0)
    return Counter((token.task_spec.name, token.workflow.spec.name, token._state) for token in tokens)


def _values_of(run: Run) -> Counter[Any]:
    return Counter((name, owner, value) for (owner, name), value in likeness(run)["variables"].items())

"""The inputs of a replay: how each entry of a journal that came from outside is given to a run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from base.errors import RunError
from engine import journal, migration, steps
from engine.expressions import from_stored
from engine.journal import TAKEN_BACK
from engine.likeness import alike
from engine.pictures import Entry
from engine.propagation import BpmnError
from engine.run import Run
from engine.token import Token
from engine.waiting import do, reschedule

if TYPE_CHECKING:
    from engine.replay import Replay


@dataclass(frozen=True)
class Difference:
    """The first entry that the replay does not repeat. `reason`: `input` (it cannot be given here), `untold` (an older
    program did not write down all of it), `missing` (nothing such happens), `other` (`instead` happens), `detail` (it
    says something else), `extra` (nothing was written there).
    """

    n: int
    at: datetime
    kind: str
    element: str
    reason: str
    instead: str = ""


class Departed(Exception):
    """The replay has left what was written."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.reason)
        self.difference = difference


def depart(entry: Entry, reason: str, instead: str = "") -> NoReturn:
    raise Departed(difference(entry, reason, instead))


def difference(entry: Entry, reason: str, instead: str = "") -> Difference:
    return Difference(entry.n, entry.at, entry.kind, entry.element, reason, instead)


def _values(entry: Entry) -> dict[str, Any]:
    return from_stored(entry.detail.get("variables") or {})


def _noted(replay: Replay, entry: Entry) -> None:
    replay.run.noted(entry.kind, entry.element, **entry.detail)


def _start(replay: Replay, entry: Entry) -> None:
    found, process = replay.definitions(entry.detail["definition"]), entry.detail["process"]
    replay.run = Run(found, process, replay.world(entry), replay.key)
    _noted(replay, entry)
    node = found.containers[process].task_specs[entry.element] if entry.element else None
    steps.start(replay.run, _values(entry), node, entry.detail.get("trigger", 0))


def _answer(replay: Replay, entry: Entry) -> None:
    held = replay.holder(entry)
    _noted(replay, entry)
    held.note(task=None)
    steps.finish(replay.run, held, _values(entry))


def _choose(replay: Replay, entry: Entry) -> None:
    within = entry.detail["within"]
    held = replay.meant(entry, lambda token: "choice" in token.internal_data and token.task_spec.name == within)
    said = {name: value for name, value in entry.detail.items() if name not in ("within", "token")}
    steps.choose(replay.run, held, entry.element, said=said)


def _assign(replay: Replay, entry: Entry) -> None:
    replay.holder(entry)
    _noted(replay, entry)


def _turn_down(replay: Replay, entry: Entry) -> None:
    said = {name: value for name, value in entry.detail.items() if name != "token"}
    steps.turn_down(replay.run, replay.holder(entry), said)


def _hear(replay: Replay, entry: Entry) -> None:
    name, told = entry.detail["name"], entry.detail

    def triggers(token: Token) -> list[int]:
        subs = token.internal_data.get("subs", ()) if token.task_spec.name == entry.element and not token.stuck else ()
        return [n for n, kind, awaited, _ in subs if (kind, awaited) == ("message", name)]

    token = replay.meant(entry, triggers)
    _noted(replay, entry)
    replay.run.undo.clear()
    do(replay.run, token, "fire", [told.get("n", triggers(token)[0]), told["variables"]])
    steps.settle(replay.run)


def _hear_signal(replay: Replay, entry: Entry) -> None:
    _noted(replay, entry)
    steps.broadcast(replay.run, entry.detail["name"], _values(entry))


def _fire(replay: Replay, entry: Entry) -> None:
    steps.fire_timers(replay.run, entry.at)


def _move_timer(replay: Replay, entry: Entry) -> None:
    key, _, n = entry.detail.get("timer", "").partition(".")
    before = entry.detail["before"]

    def moved(token: Token) -> list[str]:
        timers = token.internal_data.get("timers", {}) if token.task_spec.name == entry.element else {}
        return [one for one, note in timers.items() if note["due"] == before and n in ("", one)]

    token = replay.first(entry, lambda token: key in ("", str(token.id)) and moved(token))
    replay.run.undo.clear()
    _noted(replay, entry)
    reschedule(token, int(moved(token)[0]), datetime.fromisoformat(entry.detail["due"]))


def _job(replay: Replay, entry: Entry) -> Token:
    at = entry.element
    return replay.meant(
        entry, lambda token: token.task_spec.name == at and "job" in token.internal_data and not token.stuck
    )


def _end_job(replay: Replay, entry: Entry) -> None:
    held = _job(replay, entry)
    _noted(replay, entry)
    steps.finish(replay.run, held, _values(entry))


def _fail_job(replay: Replay, entry: Entry) -> None:
    held, code, message = _job(replay, entry), entry.detail["code"], entry.detail["message"]
    _noted(replay, entry)
    failed = RunError(message, code="operation") if code is None else BpmnError(code, message=message)
    steps.fail(replay.run, held, failed)


def _hold(replay: Replay, entry: Entry) -> None:
    """What no input explains: timers that could not fire, or a job that an older program saw fail."""
    if entry.detail.get("kind") == "internal":
        steps.hold(replay.run, entry.at, "")
    elif entry.detail.get("kind") == "operation":
        steps.fail(replay.run, _job(replay, entry), RunError(entry.detail["message"], code="operation"))
    else:
        depart(entry, "missing")


def _stuck(replay: Replay, entry: Entry) -> Token:
    return replay.meant(entry, lambda token: token.stuck and token.task_spec.name == entry.element)


def _retry(replay: Replay, entry: Entry) -> None:
    steps.retry(replay.run, _stuck(replay, entry))


def _mend(replay: Replay, entry: Entry) -> None:
    steps.mend(replay.run, _stuck(replay, entry) if entry.element else None, _values(entry))


def _cancel(replay: Replay, entry: Entry) -> None:
    steps.cancel(replay.run, entry.detail.get("end", ""))


def _migrate(replay: Replay, entry: Entry) -> None:
    before = replay.run.definition
    replay.run = alike(replay.run, replay.run.world, replay.definitions(entry.detail["after"]))
    _noted(replay, entry)
    migration.listen(replay.run, before)


def _take_back(replay: Replay, entry: Entry) -> None:
    """The run is what it was before that answer; the ids that were given since are not given again."""
    before = replay.kept.get(entry.detail["entry"]) or depart(entry, "input")
    if "until" in entry.detail:
        said = [one for one in replay.entries if one.n < entry.n]
        before = replay.without(before, journal.standing(said), entry.detail["until"]) or depart(entry, "input")
    before.seq = replay.run.seq
    before.live_in(replay.run.world)
    replay.run = before
    _noted(replay, entry)


INPUTS: Mapping[str, Callable[[Replay, Entry], None]] = {
    "run_started": _start,
    "task_completed": _answer,
    TAKEN_BACK: _take_back,
    "task_assigned": _assign,
    "task_planned": _assign,
    "task_offered": _assign,
    "task_declined": _assign,
    "task_turned_down": _turn_down,
    "activity_chosen": _choose,
    "message_received": _hear,
    "signal_received": _hear_signal,
    "timer_fired": _fire,
    "timer_moved": _move_timer,
    "operation_done": _end_job,
    "job_failed": _fail_job,
    "incident_raised": _hold,
    "incident_resolved": _retry,
    "variables_mended": _mend,
    "run_migrated": _migrate,
    "run_cancelled": _cancel,
}


def is_input(entry: Entry) -> bool:
    """Whether an entry came from outside; a message that had been kept follows from what began to wait for it."""
    if entry.kind == "operation_done":
        return "token" in entry.detail
    return entry.kind in INPUTS and entry.kind != "incident_raised" and not entry.detail.get("kept")

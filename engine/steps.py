"""The loop: one token at a time does what it has to do, until nobody can go on without the world."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from base.errors import Conflict, RunError
from engine import failure
from engine.effects import Freed
from engine.expressions import to_stored, to_values
from engine.failure import guarded
from engine.propagation import BpmnError, match, raised, rise
from engine.scopes import chain, propagate, put_all
from engine.waiting import check_conditions, do, perform, signal

if TYPE_CHECKING:
    from engine.elements.node import Node
    from engine.run import Run, ScopeParts
    from engine.token import Token

DEADLOCK = "deadlock"
NOTHING: Mapping[str, str] = MappingProxyType({})
ENDLESS, EACH_TURN, ENDLESS_ANYWAY = 10_000, 40, 250_000
"""Steps after one input: the longest honest pathways take a few hundred, but for those of each turn of a repetition."""


def advance(run: Run, limit: int | None = None) -> int:
    """Step until nothing is ready, or so many steps; how many were done."""
    steps = 0
    run.turns.clear()
    while run.queue and (limit is None or steps < limit):
        step(run)
        steps += 1
        if steps >= ENDLESS and steps >= min(ENDLESS + EACH_TURN * sum(run.turns.values()), ENDLESS_ANYWAY):
            _stop(run, steps)
    return steps


def _stop(run: Run, steps: int) -> None:
    """A diagram that turns without ever waiting for anybody: a person must look."""
    message = f"Le parcours a fait {steps} étapes sans attendre personne : il tourne en rond."
    for token in run.queue:
        if not token.gone and not token.stuck:
            failure.stick(token, "endless-loop", message, token.task_spec.name)
    run.queue.clear()


def step(run: Run) -> None:
    run.undo.clear()
    token = run.queue.popleft()
    if not token.gone and not token.stuck:
        guarded(run, token, perform, token)
    settle(run)


def settle(run: Run) -> None:
    """What follows from a step: scopes end, conditions turn true, inclusive joins open."""
    while True:
        _end_scopes(run)
        if run.data_changed and run.register.conditions:
            run.data_changed = False
            check_conditions(run, list(run.register.conditions.values()))
            continue
        run.data_changed = False
        if not run.queue and _open_joins(run):
            continue
        if not run.queue and run.doubtful:
            _find_deadlocks(run)
        return


def _end_scopes(run: Run) -> None:
    while run.check:
        scope, _ = run.check.popitem()
        if scope.active == 0 and not scope.completed:
            _end_scope(run, scope)


def _end_scope(run: Run, scope: ScopeParts) -> None:
    if scope is run:
        run.end()
    elif not scope.owner.stuck and "todo" not in scope.owner.internal_data:
        do(run, scope.owner, "close")


def _open_joins(run: Run) -> bool:
    """Whether an inclusive join let its tokens through (in an order that a reload does not change)."""
    for place, (scope, gateway) in sorted(run.or_joins.items(), key=lambda item: item[0]):
        if scope.completed or gateway.idle(scope):
            del run.or_joins[place]
        elif gateway.ready(scope):
            gateway.release(scope)
            return True
    return False


def _find_deadlocks(run: Run) -> None:
    """Where every token of a scope waits at a join, none will ever come: a person must look."""
    doubtful, run.doubtful = run.doubtful, {}
    for scope in sorted(doubtful, key=lambda scope: scope.id):
        if scope.completed or scope.choosing or sum(map(len, scope.joins.values())) < scope.active:
            continue
        waiting = [token for tokens in scope.joins.values() for token in tokens]
        if any(token.stuck for token in waiting):
            continue
        for token in sorted(waiting, key=lambda token: token.id)[:1]:
            message = f"« {token.task_spec.label} » attend une branche par laquelle plus rien ne peut venir."
            failure.stick(token, DEADLOCK, message, token.task_spec.name)


# --- inputs from outside: each is followed by `advance` --------------------------------------------------------------


def start(run: Run, variables: Mapping[str, Any], node: Node | None = None, nth: int = 0) -> None:
    """The run begins; with a start event, the variables are what its nth trigger brings."""
    run.undo.clear()
    if node is None:
        put_all(run.data, variables)
        run.begin()
    else:
        run.begin(start=node, started=True, payload=to_stored(variables), nth=nth or None)
    settle(run)


def deliver(run: Run, name: str, key: str, values: Mapping[str, Any]) -> bool:
    """A message comes in; whether somebody waited for it. The one who waits the longest gets it."""
    run.undo.clear()
    waiting = run.register.waiting("message", name, key)
    if waiting:
        token, n = waiting[0]
        do(run, token, "fire", [n, to_stored(values)])
        settle(run)
    return bool(waiting)


def broadcast(run: Run, name: str, values: Mapping[str, Any]) -> int:
    """A signal comes in from another run."""
    run.undo.clear()
    heard = signal(run, name, values)
    settle(run)
    return heard


def finish(run: Run, token: Token, values: Mapping[str, Any]) -> None:
    """An answer, or the result of a job."""
    run.undo.clear()
    do(run, token, "finish", to_stored(values))
    settle(run)


def choose(
    run: Run, token: Token, element: str, seen: int | None = None, said: Mapping[str, str] = NOTHING
) -> None:  # fmt: skip
    """Begin an activity of an ad-hoc sub-process; the journal also holds what is `said` of it. Raises Conflict when it
    is none, not its turn, or when it was begun more often than whoever chooses has `seen`.
    """
    run.undo.clear()
    scope = run.subprocesses[token.id]
    if scope.spec.task_specs.get(element) not in scope.spec.entries:
        raise Conflict("Cette activité ne peut pas être choisie ici.", code="not-a-choice")
    if token.task_spec.sequential and scope.active:
        raise Conflict("Une activité est en cours : terminez-la d’abord.", code="one-at-a-time")
    begun = token.internal_data.get("begun", {})
    if seen is not None and begun.get(element, 0) > seen:
        name = scope.spec.task_specs[element].label
        raise Conflict(f"« {name} » vient d’être commencée par quelqu’un d’autre.", code="begun-meanwhile")
    token.note(begun={**begun, element: begun.get(element, 0) + 1})
    run.noted("activity_chosen", element, within=token.task_spec.name, token=token.id, **said)
    do(run, token, "activate", element)
    settle(run)


def fire_timers(run: Run, now: datetime) -> int:
    """Every timer that is due fires once, the oldest first; how many did."""
    run.undo.clear()
    fired = 0
    for key in _due(run, now):
        token = run.tokens.get(key)
        if token is None or token.stuck:
            continue
        notes = token.internal_data["timers"]
        n = min(notes, key=lambda n: (notes[n]["due"], n))
        run.noted("timer_fired", token.task_spec.name, due=notes[n]["due"])
        do(run, token, "fire", [int(n), None])
        settle(run)
        fired += 1
    return fired


def _due(run: Run, now: datetime) -> list[int]:
    return [token for at, token in sorted((at, token) for token, at in run.register.timers.items()) if at <= now]


def hold(run: Run, now: datetime, detail: str) -> None:
    """The timers that are due cannot fire: each is an incident."""
    run.undo.clear()
    for token in map(run.tokens.__getitem__, _due(run, now)):
        if not token.stuck:
            failure.stick(token, "internal", failure.INTERNAL, detail)


def mend(run: Run, token: Token | None, values: Mapping[str, Any]) -> None:
    """A person corrects variables: the run's own, or each in the nearest scope in which the token sees it."""
    run.undo.clear()
    propagate([run.data] if token is None else chain(token), values)
    place, where = ("", {}) if token is None else (token.task_spec.name, {"token": token.id})
    run.noted("variables_mended", place, **where, variables=to_stored(values))
    settle(run)


def retry(run: Run, token: Token) -> None:
    """An operator lets a stuck token try again."""
    run.undo.clear()
    run.effects.append(Freed(token.id))
    run.noted("incident_resolved", token.task_spec.name, token=token.id)
    failure.retry(token)
    settle(run)


def fail(run: Run, token: Token, error: BpmnError | RunError) -> None:
    """A job failed: a BPMN error that the diagram may catch, else an incident."""
    run.undo.clear()
    token.note(todo=["redo", None])
    guarded(run, token, _raise, token, error)
    settle(run)


def turn_down(run: Run, token: Token, said: Mapping[str, str]) -> bool:
    """Nobody does this task: whether a boundary event of its own names that error or escalation, and takes over.

    `said` is what the journal tells of it: the `task`, the `code`, for whom.
    """
    node, code = token.task_spec, said["code"]
    kind = next((kind for kind in ("error", "escalation") if match(node.boundary, kind, code, named=True)), None)
    if kind is None:
        return False
    run.undo.clear()
    run.noted("task_turned_down", node.name, **said, token=token.id)
    guarded(run, token, rise, token, kind, code, {})
    settle(run)
    return True


def _raise(token: Token, error: BpmnError | RunError) -> None:
    if isinstance(error, BpmnError):
        raised(token, error, to_values(error.values))
    else:
        raise error


def cancel(run: Run, reason: str) -> None:
    """An operator stops the run for good."""
    run.undo.clear()
    run.conclude("cancelled", reason)
    run.clear(run)
    settle(run)

"""Tokens that wait for something to happen: how they begin to wait, and what happens when it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from base.errors import RunError
from engine import spiff, timers
from engine.dialect import Trigger
from engine.expressions import evaluate, from_stored, to_stored, turned_true
from engine.failure import guarded
from engine.scopes import View, view

if TYPE_CHECKING:
    from engine.elements.node import Node
    from engine.run import Run, ScopeParts
    from engine.token import Token

SUBSCRIBED = ("message", "signal", "timer", "conditional")
"""The other kinds are looked up when thrown."""


class KeyMissing(RunError):
    """A message whose correlation key has no value."""

    code = "message"


# --- beginning to wait ------------------------------------------------------------------------------------------------


def subscribe(token: Token, triggers: Sequence[Trigger], extra: Mapping[str, Any] | None = None) -> None:
    """Wait for the triggers; `extra` is seen beside the variables.

    Raises ExpressionFailed, TimerUnreadable, KeyMissing.
    """
    run, seen = token.host, view(token, extra)
    subs: list[list[Any]] = []
    running: dict[str, Any] = {}
    for n, trigger in enumerate(triggers):
        if trigger.kind == "timer":
            running[str(n)] = timers.first(trigger, seen, run.world.calendar).note()
        elif trigger.kind == "message":
            subs.append([n, "message", trigger.name, key(trigger, seen)])
        elif trigger.kind in SUBSCRIBED:
            subs.append([n, trigger.kind, trigger.name or trigger.text, ""])
    token.become(spiff.WAITING)
    rewire(token, subs=subs or None, timers=running or None)
    if any(kind == "conditional" for _, kind, _, _ in subs):
        check_conditions(run, [token])


def rewire(token: Token, **notes: Any) -> None:
    """What a token waits for changes with these notes; taken back, it waits as before."""
    run = token.host
    run.undo.append((run.register.add, (token,)))
    run.register.remove(token)
    token.note(**notes)
    run.register.add(token)
    run.undo.append((run.register.remove, (token,)))
    run.rewired.add(token.id)


def reschedule(token: Token, n: int, due: datetime) -> None:
    """A timer falls due at another time; the turns of its cycle that follow stay where they were."""
    notes = token.internal_data["timers"]
    rewire(token, timers={**notes, str(n): {**notes[str(n)], "due": due.isoformat()}})


def leave_out(token: Token, n: int) -> None:
    """The token no longer waits for its trigger n."""
    notes = token.internal_data
    subs = [sub for sub in notes.get("subs", ()) if sub[0] != n]
    running = {key: note for key, note in notes.get("timers", {}).items() if key != str(n)}
    rewire(token, subs=subs or None, timers=running or None)


def key(trigger: Trigger, seen: View) -> str:
    """The correlation key, '' for a message that has none. Raises KeyMissing, ExpressionFailed."""
    if trigger.correlation is None:
        return ""
    value = evaluate(trigger.correlation, seen)
    if value is None or value == "":
        raise KeyMissing(f"Le message « {trigger.name} » n’a pas de clé : « {trigger.correlation} » ne donne rien.")
    return str(value)


def listen(scope: ScopeParts, node: Node, parent: Token, **notes: Any) -> Token:
    """A waiting token that keeps nothing alive: a boundary event, or a branch of an event-based gateway."""
    token = scope.top_workflow.spawn(scope, node, parent=parent, listener=True, **notes)
    subscribe(token, node.triggers)
    return token


def attach(token: Token) -> None:
    """The boundary events of an activity begin to listen."""
    for boundary in token.task_spec.boundary:
        if any(trigger.kind in SUBSCRIBED for trigger in boundary.triggers):
            listen(token.workflow, boundary, token)
        if token.gone:
            return


# --- something happens ------------------------------------------------------------------------------------------------


def do(run: Run, token: Token, verb: str, argument: Any = None) -> None:
    """Give a token something to do, at once; should it fail, its note remembers what to try again."""
    token.note(todo=[verb, argument])
    guarded(run, token, perform, token)


def perform(token: Token) -> None:
    """The next thing a token has to do."""
    todo = token.internal_data.get("todo")
    if todo is not None:
        token.note(todo=None)
        VERBS[todo[0]](token, todo[1])
    elif token._state == spiff.FUTURE:
        token.task_spec._update(token)
    elif token._state == spiff.READY and not token.task_spec.manual:
        token.run()


def finish(token: Token, values: Mapping[str, Any] | None) -> None:
    token.task_spec.finish(token, from_stored(values or {}))


def fire(token: Token, argument: Sequence[Any]) -> None:
    """Trigger n of a waiting token happened; a parallel-multiple event waits for all of its triggers."""
    n, stored = argument
    node = token.task_spec
    if node.parallel and len(node.triggers) > 1:
        stored = _gathered(token, n, stored)
        if stored is None:
            return
    payload = None if stored is None else from_stored(stored)
    gateway = token.parent if token.internal_data.get("branch") else None
    if gateway is not None:
        gateway.task_spec.won(gateway, token, payload)
    else:
        node.fire(token, n, payload)


def _gathered(token: Token, n: int, stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What all triggers brought, once the last one has happened; until then what has happened is awaited no more."""
    seen = {**token.internal_data.get("seen", {}), str(n): stored or {}}
    if len(seen) < len(token.task_spec.triggers):
        token.note(seen=seen)
        leave_out(token, n)
        return None
    token.note(seen=None)
    return {name: value for brought in seen.values() for name, value in brought.items()}


def close(token: Token, _: Any) -> None:
    token.task_spec.scope_done(token, token.host.subprocesses[token.id])


def activate(token: Token, element: str) -> None:
    token.task_spec.activate(token, token.host.subprocesses[token.id], element)


def resume(token: Token, _: Any) -> None:
    token.task_spec.resume(token)


def redo(token: Token, _: Any) -> None:
    """A job failed: ask for it again."""
    token.become(spiff.READY)
    token.run()


VERBS: Mapping[str, Callable[[Token, Any], None]] = {
    "finish": finish,
    "fire": fire,
    "close": close,
    "activate": activate,
    "resume": resume,
    "redo": redo,
}


def rearm(listener: Token, n: int) -> None:
    """A non-interrupting event waits on: cycles for their next turn to come, messages and signals for the next one."""
    node = listener.task_spec
    if node.parallel and len(node.triggers) > 1:
        if any(trigger.timer == "timeDate" for trigger in node.triggers):
            listener.retire(spiff.COMPLETED)  # a date never comes twice
        else:
            subscribe(listener, node.triggers)
    elif node.triggers[n].kind == "timer":
        wait_on(listener, n, missed=False)


def wait_on(token: Token, n: int, *, missed: bool) -> None:
    """After a turn of a cycle: its next one, also those that were missed or not; without one the timer is over."""
    notes, run = token.internal_data["timers"], token.host
    since = None if missed else run.now
    following = timers.following(timers.timer(notes[str(n)]), run.world.calendar, since)
    if following is not None:
        rewire(token, timers={**notes, str(n): following.note()})
        return
    leave_out(token, n)
    if not {"subs", "timers"} & token.internal_data.keys():
        token.retire(spiff.COMPLETED)


def signal(run: Run, name: str, values: Mapping[str, Any]) -> int:
    """Everyone in this run who waits for the signal now; how many did."""
    waiting = run.register.waiting("signal", name, "")
    for token, n in waiting:
        if not token.gone:
            do(run, token, "fire", [n, to_stored(values)])
    return len(waiting)


def check_conditions(run: Run, tokens: Sequence[Token]) -> None:
    """A conditional event fires when its condition turns true."""
    for token in sorted(tokens, key=lambda token: token.id):
        for n, kind, text, _ in token.internal_data.get("subs", ()):
            if kind == "conditional" and not token.gone and not token.stuck:
                guarded(run, token, _check, run, token, n, text)


def _check(run: Run, token: Token, n: int, text: str) -> None:
    holds = turned_true(text, view(token))
    before = token.internal_data.get("held", [])
    if holds != (n in before):
        token.note(held=[*before, n] if holds else [other for other in before if other != n])
    if holds and n not in before:
        do(run, token, "fire", [n, None])

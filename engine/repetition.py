"""Repetition of an activity: multi-instance (parallel, sequential) and the standard loop.

The body is one token, each turn is a child of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from base.errors import RunError
from engine import spiff
from engine.dialect import Loop, Trigger
from engine.effects import Sent
from engine.expressions import condition, evaluate, formula
from engine.propagation import rise
from engine.scopes import View, chain, propagate, put_all, view
from engine.waiting import attach, signal

if TYPE_CHECKING:
    from engine.elements.activity import Activity
    from engine.token import Token

ITEMS, OUT = "$items", "$out."
MOST = 20_000
MOST_TURNS = 10_000


class NotRepeatable(RunError):
    """What to repeat over is neither a list nor a number."""

    code = "repetition"


def begin(node: Activity, loop: Loop, body: Token) -> None:
    """Open the first turn, or all of them. Raises NotRepeatable, ExpressionFailed."""
    items, count = _turns(node, loop, view(body))
    if count is not None and count > MOST:
        raise NotRepeatable(f"« {node.label} » : {count} tours, c’est trop (au plus {MOST}).")
    if items is not None and loop.sequential:
        body.own().put(ITEMS, items)
    body.note(body=True, count=count, started=0, done=0, judged=0)
    body.become(spiff.STARTED)
    attach(body)
    if body.gone:
        return
    if loop.standard:
        if loop.test_before and not _again(loop, body):
            end(node, loop, body)
        else:
            turn(node, loop, body, None)
    elif not count:
        end(node, loop, body)
    else:
        for _ in range(1 if loop.sequential else count):
            turn(node, loop, body, items)


def _turns(node: Activity, loop: Loop, seen: View) -> tuple[list[Any] | None, int | None]:
    if loop.standard:
        return None, None
    if loop.collection is not None:
        items = evaluate(loop.collection, seen)
        if not isinstance(items, list):
            raise NotRepeatable(f"« {node.label} » : « {loop.collection} » n’est pas une liste.")
        return items, _within_reason(node, len(items))
    count = formula((loop.cardinality or "").removeprefix("="), seen)
    if not isinstance(count, Decimal) or count < 0 or count % 1:
        raise NotRepeatable(f"« {node.label} » : « {loop.cardinality} » n’est pas un nombre de fois.")
    return None, _within_reason(node, int(count))


def _within_reason(node: Activity, count: int) -> int:
    if count > MOST_TURNS:
        raise NotRepeatable(f"« {node.label} » se répéterait {count} fois ; {MOST_TURNS} est le plus possible.")
    return count


def turn(node: Activity, loop: Loop, body: Token, items: list[Any] | None) -> None:
    """One more inner instance."""
    n = body.internal_data["started"]
    place = body.workflow.id, node.name
    body.host.turns[place] = max(n + 1, body.host.turns.get(place, 0))
    body.note(started=n + 1)
    child = body.host.spawn(body.workflow, node, parent=body, inner=n)
    child.own().put("loopCounter", Decimal(n + 1))
    if loop.element and items is not None:
        put_all(child.own(), {loop.element: items[n]})


def collect(loop: Loop, child: Token, seen: View) -> None:
    """The child's part of the output collection: a row of its own, never a growing list."""
    if loop.out_element and child.parent is not None:
        child.parent.own().put(f"{OUT}{child.internal_data['inner']}", evaluate(loop.out_element, seen))


def counters(body: Token) -> dict[str, Decimal]:
    """Zeebe's names, and those of the standard's examples."""
    notes = body.internal_data
    total = notes.get("count") or notes["started"]
    done, active = notes["judged"], notes["started"] - notes["judged"]
    numbers = {
        "numberOfInstances": total,
        "numberOfCompletedInstances": done,
        "numberOfActiveInstances": active,
        "numberOfTerminatedInstances": 0,
        "nrOfInstances": total,
        "nrOfCompletedInstances": done,
        "nrOfActiveInstances": active,
        "nrOfTerminatedInstances": 0,
    }
    return {name: Decimal(number) for name, number in numbers.items()}


def _again(loop: Loop, body: Token) -> bool:
    started = body.internal_data["started"]
    if loop.maximum is not None and started >= loop.maximum:
        return False
    return loop.again is None or condition(loop.again, view(body, {"loopCounter": Decimal(started)}))


def child_done(body: Token) -> None:
    """A turn completed: count it now, and judge it next, as a step of its own (judging can fail)."""
    body.note(done=body.internal_data["done"] + 1)
    body.host.resume(body)


def go_on(node: Activity, loop: Loop, body: Token) -> None:
    """What follows each turn: another one, or the end."""
    while not body.gone and body.internal_data["judged"] < body.internal_data["done"]:
        body.note(judged=body.internal_data["judged"] + 1)
        _judge(node, loop, body)


def _judge(node: Activity, loop: Loop, body: Token) -> None:
    stop = _behave(node, loop, body)
    if body.gone:
        return
    if loop.standard:
        if _again(loop, body):
            turn(node, loop, body, None)
        else:
            end(node, loop, body)
    elif stop or _enough(loop, body):
        end(node, loop, body)
    elif loop.sequential:
        turn(node, loop, body, None if body.locals is None else body.locals.get(ITEMS))


def _enough(loop: Loop, body: Token) -> bool:
    if body.internal_data["judged"] == body.internal_data["count"]:
        return True
    return loop.until is not None and condition(loop.until, view(body, counters(body)))


def _behave(node: Activity, loop: Loop, body: Token) -> bool:
    """behavior None, One, Complex: an implicit event for the activity's own boundary; whether the rest stops."""
    stop = False
    for when, trigger in loop.signals:
        hit = _hits(loop, when, body)
        stop = stop or (hit and loop.behavior == "Complex")
        if hit and not body.gone:
            _throw(node, body, trigger)
    return stop


def _throw(node: Activity, body: Token, trigger: Trigger) -> None:
    """Its own boundary catches the implicit event of a turn, which never ends the others; else whoever else would."""
    for boundary in node.boundary:
        if any((t.kind, t.name, t.code) == (trigger.kind, trigger.name, trigger.code) for t in boundary.triggers):
            boundary.happen(body, {}, cancels=False)
            return
    if trigger.kind == "escalation":
        rise(body, "escalation", trigger.code, {})
    elif trigger.kind == "signal":
        body.host.effects.append(Sent("signal", trigger.name or "", None, {}, node.name))
        signal(body.host, trigger.name or "", {})


def _hits(loop: Loop, when: str | None, body: Token) -> bool:
    if when == "oneBehaviorEventRef":
        return loop.behavior == "One" and bool(body.internal_data["judged"] == 1)
    if when == "noneBehaviorEventRef":
        return loop.behavior == "None"
    return loop.behavior == "Complex" and when is not None and condition(when, view(body, counters(body)))


def end(node: Activity, loop: Loop, body: Token) -> None:
    """The outputs are gathered, the turns that still run are cancelled, the body completes."""
    if loop.out_collection:
        kept: Mapping[str, Any] = body.locals or {}
        count = body.internal_data.get("count") or body.internal_data["started"]
        scopes = chain(body)
        outputs = [kept.get(f"{OUT}{n}") for n in range(count)]
        propagate(scopes[1:] if body.locals else scopes, {loop.out_collection: outputs})
    node.choose(body)
    for key in list(body._children):
        child = body.workflow.tasks.get(key)
        if child is not None and child.inner:
            body.host.cancel(child)
    body.complete()

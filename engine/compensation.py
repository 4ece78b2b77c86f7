"""Compensation: what can be undone is remembered in its scope; a throw runs the handlers, latest first, one by one.

A handler lives in the scope of what it undoes; the note `undoing` ties it to the thrower, which may stand in another
scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import spiff
from engine.expressions import from_stored, to_stored
from engine.propagation import Uncaught
from engine.scopes import put_all

if TYPE_CHECKING:
    from engine.elements.node import Node
    from engine.run import ScopeParts
    from engine.token import Token

COUNT, RECORD = "%compseq", "%comp."
Record = dict[str, Any]


def remember(token: Token, handler: str) -> None:
    """An activity completed that a handler can undo; a turn of a repetition keeps what was its own."""
    _keep(token.workflow, {"activity": token.task_spec.name, "handler": handler, "locals": _locals(token)})


def remember_scope(token: Token, scope: ScopeParts) -> None:
    """A sub-process or a call completed: with something inside that can be undone, its variables are kept too."""
    nested = records(scope)
    own = any(trigger.kind == "compensation" for handler in scope.spec.handlers for trigger in handler.triggers)
    if (nested or own) and not token.internal_data.get("for"):
        inside = {"container": scope.spec.name, "wall": scope.wall, "values": to_stored(scope.data.visible())}
        record = {"activity": token.task_spec.name, "handler": None, "nested": nested, "locals": _locals(token)}
        _keep(token.workflow, record | inside)


def _keep(scope: ScopeParts, record: Record) -> None:
    n = scope.data.get(COUNT, 0) + 1
    scope.data.put(COUNT, n)
    scope.data.put(f"{RECORD}{n}", record)


def _locals(token: Token) -> Record:
    return {} if token.locals is None else to_stored(token.locals.visible())


def records(scope: ScopeParts) -> list[Record]:
    return [scope.data[name] for name in _names(scope)]


def _names(scope: ScopeParts) -> list[str]:
    return sorted((name for name in scope.data if name.startswith(RECORD)), key=lambda name: int(name[len(RECORD) :]))


def _concerned(token: Token) -> ScopeParts:
    """Inside an event sub-process, compensation concerns the scope around it."""
    scope: ScopeParts = token.workflow
    while scope.owner is not None and scope.owner.task_spec.by_event:
        scope = scope.owner.workflow
    return scope


def start(token: Token, activity: str | None = None, *, waits: bool = True) -> None:
    """Undo everything in the scope, or one activity; the token waits for all handlers, or sends one of its own."""
    scope = _concerned(token)
    found = []
    for name in reversed(_names(scope)):
        if activity in (None, scope.data[name]["activity"]):
            found.append(scope.data[name])
            scope.data.drop(name)
    handled = {record["activity"] for record in found if record["handler"]}
    todo = [record for record in found if record["handler"] or record["activity"] not in handled]
    if todo:
        doer = token if waits else token.host.spawn(token.workflow, token.task_spec, queued=False, apart=True)
        doer.note(undo=todo, undo_scope=scope.id)
        doer.become(spiff.STARTED)
        doer.host.resume(doer)


def pending(token: Token) -> bool:
    return "undo" in token.internal_data


def go_on(token: Token) -> bool:
    """Begin the next handler; whether there was one."""
    todo = token.internal_data["undo"]
    if not todo:
        token.note(undo=None, undo_scope=None)
        return False
    record, scope = todo[0], token.host.scopes[token.internal_data["undo_scope"]]
    token.note(undo=todo[1:])
    if record["handler"]:
        handler = token.host.spawn(scope, scope.spec.task_specs[record["handler"]], **{"for": token.id})
        if record["locals"]:
            put_all(handler.own(), from_stored(record["locals"]))
        token.note(undoing=handler.id)
    else:
        _reopen(token, scope, record)
    return True


def _reopen(token: Token, scope: ScopeParts, record: Record) -> None:
    """A finished sub-process comes back with its variables, for its own handlers."""
    run = token.host
    node: Node = scope.spec.task_specs[record["activity"]]
    owner = run.spawn(scope, node, queued=False, restored=True, **{"for": token.id})
    token.note(undoing=owner.id)
    owner.become(spiff.STARTED)
    if record["locals"]:
        put_all(owner.own(), from_stored(record["locals"]))
    inside = run.open_scope(owner, record["container"], wall=record["wall"])
    put_all(inside.data, from_stored(record["values"]))
    kinds = ((handler, trigger.kind) for handler in inside.spec.handlers for trigger in handler.triggers)
    handler = next((handler for handler, kind in kinds if kind == "compensation"), None)
    if handler is None:
        owner.note(undo=list(reversed(record["nested"])), undo_scope=inside.id)
        run.resume(owner)
        return
    for inner in record["nested"]:
        _keep(inside, inner)
    run.spawn(inside, handler)


def handled(token: Token) -> None:
    """A handler is done: its thrower goes on."""
    thrower = token.host.tokens.get(token.internal_data["for"])
    if thrower is not None:
        thrower.host.resume(thrower)


def restored_done(owner: Token) -> None:
    """All that is inside a reopened sub-process is undone."""
    run = owner.host
    scope = run.subprocesses.get(owner.id)
    if scope is not None:
        run.close_scope(scope)
    owner.retire(spiff.COMPLETED)
    handled(owner)


def cancel_transaction(token: Token) -> None:
    """A cancel end event: everything in the transaction stops, then is undone."""
    scope = token.workflow
    for other in list(scope.tasks.values()):
        if other is not scope.task_tree and other is not token and other.id in scope.tasks:
            token.host.cancel(other)
    token.note(cancels=True)
    start(token)
    if not pending(token):
        token.become(spiff.STARTED)
        token.host.resume(token)


def cancelled(token: Token) -> None:
    """The transaction is undone: its cancel boundary event takes over. Raises Uncaught when it has none."""
    run, owner = token.host, token.workflow.owner
    found = (b for b in owner.task_spec.boundary if any(trigger.kind == "cancel" for trigger in b.triggers))
    boundary = next(found, None)
    if boundary is None:
        name = owner.task_spec.label
        raise Uncaught(f"La transaction « {name} » est annulée, et aucun événement d’annulation ne dit la suite.")
    run.done(token)
    boundary.happen(owner.parent if owner.inner else owner, {})

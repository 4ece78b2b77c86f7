"""Errors and escalations climb from where they are thrown until something catches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from base.errors import RunError

if TYPE_CHECKING:
    from engine.elements.node import Node
    from engine.token import Token

UNCAUGHT = "uncaught-error"
CALCULATIONS = frozenset({"expression", "decision", "repetition"})
"""Failures of an activity's own calculation: any error event takes them, as it takes the errors of operations."""


class BpmnError(Exception):
    """An operation raises it to take the error boundary event of that code; `values` become variables."""

    def __init__(self, code: str, values: Mapping[str, Any] | None = None, message: str = "") -> None:
        super().__init__(message or code)
        self.code, self.values, self.message = code, dict(values or {}), message


class Uncaught(RunError):
    """A BPMN error of an operation that no event of the diagram catches."""

    code = UNCAUGHT


def raised(token: Token, error: BpmnError, values: Mapping[str, Any]) -> None:
    """An activity failed with a BPMN error. Raises Uncaught when the diagram does not foresee it."""
    if not rise(token, "error", error.code, values):
        said = f" : {error.message}" if error.message else ""
        raise Uncaught(f"L’erreur « {error.code} » n’est attrapée par aucun événement du diagramme{said}.")


def foreseen(token: Token, error: RunError) -> bool:
    """Whether an error event takes a failure: one that names its code or, for a calculation, one that takes any.

    What nobody can go on without knowing (no way out, an undecided condition, nobody for a task) must be named.
    """
    named = error.code not in CALCULATIONS
    found = catcher(token, "error", error.code, named=named)
    if found is None:
        return False
    event, place = found
    told = {"code": error.code, "message": error.message}
    token.host.noted("error_caught", token.task_spec.name, by=event.name, **told)
    event.happen(place, {"erreur": told}, cancels=True)
    return True


def thrown(token: Token, code: str | None, values: Mapping[str, Any]) -> None:
    """An error end event: uncaught, it ends the whole run as failed."""
    run = token.host
    if not rise(token, "error", code, values):
        run.done(token)
        run.conclude("failed", token.task_spec.label)
        run.clear(run)


def rise(token: Token, kind: str, code: str | None, values: Mapping[str, Any]) -> bool:
    """Whether a boundary event or an event sub-process took it, from the inside out."""
    found = catcher(token, kind, code)
    if found is None:
        return False
    event, place = found
    event.happen(place, values, cancels=True if kind == "error" else None)
    return True


def catcher(token: Token, kind: str, code: str | None, *, named: bool = False) -> tuple[Node, Any] | None:
    """(event, activity or scope) that would take it; `named`: only an event that names the code."""
    place = token
    while True:
        node, scope = place.task_spec, place.workflow
        boundary = match(node.boundary, kind, code, named=named)
        if boundary is not None:
            return boundary, place.parent if place.inner else place
        handler = match(_beside(node, scope), kind, code, named=named)
        if handler is not None:
            return handler, scope
        if scope.owner is None:
            return None
        place = scope.owner


def _beside(node: Node, scope: Any) -> list[Node]:
    """The event sub-processes that listen to an element; one that has interrupted the scope stands alone in it."""
    if node.by_event and node.interrupts:
        return []
    return [handler for handler in scope.spec.handlers if handler is not node]


def match(nodes: Iterable[Node], kind: str, code: str | None, *, named: bool = False) -> Node | None:
    """The event for exactly this code, else the one that catches any."""
    found = [node for node in nodes if any(t.kind == kind and t.code in (code, None) for t in node.triggers)]
    exact = (node for node in found if any(t.kind == kind and t.code == code for t in node.triggers))
    return next(exact, found[0] if found and not named else None)

"""Errors and escalations climb from where they are thrown until something catches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from base.errors import RunError

if TYPE_CHECKING:
    from engine.elements.node import Node
    from engine.token import Token

UNCAUGHT = "uncaught-error"


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
        said = f" : {error.message}" if error.message else ""
        raise Uncaught(f"L’erreur « {error.code} » n’est attrapée par aucun événement du diagramme{said}.")


def thrown(token: Token, code: str | None) -> None:
    """An error end event: uncaught, it ends the whole run as failed."""
    run = token.host
    if not rise(token, "error", code, {}):
        run.done(token)
        run.state, run.end_state, run.ended_by = "failed", token.task_spec.label, code or "error"
        run.clear(run)


def rise(token: Token, kind: str, code: str | None, values: Mapping[str, Any]) -> bool:
    """Whether a boundary event or an event sub-process took it, from the inside out."""
    place = token
    while True:
        node, scope = place.task_spec, place.workflow
        boundary = match(node.boundary, kind, code)
        if boundary is not None:
            body = place.parent if place.inner else place
            boundary.happen(body, values, cancels=True if kind == "error" else None)
            return True
        handler = None if node.by_event else match(scope.spec.handlers, kind, code)
        if handler is not None:
            handler.happen(scope, values)
            return True
        if scope.owner is None:
            return False
        place = scope.owner


def match(nodes: Iterable[Node], kind: str, code: str | None) -> Node | None:
    """The event for exactly this code, else the one that catches any."""
    found = [node for node in nodes if any(t.kind == kind and t.code in (code, None) for t in node.triggers)]
    exact = (node for node in found if any(t.kind == kind and t.code == code for t in node.triggers))
    return next(exact, found[0] if found else None)

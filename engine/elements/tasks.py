"""Tasks that the engine does alone: plain, script, service, business rule, send and receive tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine import waiting
from engine.decided import told
from engine.decisions import Evaluation
from engine.dialect import XML, ZEEBE, References, attribute, extension, kid, message, refuse, true
from engine.effects import Asked
from engine.elements import events
from engine.elements.activity import Activity
from engine.environment import OperationCall
from engine.expressions import evaluate, formula, from_stored, to_stored, to_values
from engine.scopes import Copies, view
from engine.token import Token


class Plain(Activity):
    """task and manualTask: nobody to wait for."""

    def _run_hook(self, token: Token) -> Any:
        self.settle(token)
        return True


class Script(Activity):
    """A FEEL expression (zeebe:script) whose value becomes a variable."""

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        script = extension(node, "script")
        if script is None and kid(node, "script") is not None:
            raise refuse(
                node,
                "Cette tâche contient un script qui n’est pas du FEEL.",
                hint="Dans les réglages de la tâche, choisissez la réalisation « Expression FEEL ».",
                code="script-not-feel",
            )
        self.expression = (attribute(script, "expression") or "").removeprefix("=")
        self.variable = attribute(script, "resultVariable") or ""

    def _run_hook(self, token: Token) -> Any:
        self.settle(token, {self.variable: formula(self.expression, view(token))} if self.expression else None)
        return True


class Service(Activity):
    """An operation inside the step when one is registered, else a job. Send tasks may throw a message instead."""

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        headers = extension(node, "taskHeaders")
        self.type = attribute(extension(node, "taskDefinition"), "type")
        found = [] if headers is None else headers.findall(ZEEBE + "header")
        self.headers = {header.get("key") or "": header.get("value") or "" for header in found}
        self.message = message(node.get("messageRef"), references, node) if node.get("messageRef") else None

    def _run_hook(self, token: Token) -> Any:
        if self.type is None:
            self._send(token)
            return True
        kind = str(evaluate(self.type, view(token)))
        if kind not in token.host.world.operations:
            token.note(job=kind)
            token.host.effects.append(Asked(token.id, self.name, kind, self.headers))
            return None
        with savepoint(token):
            self.settle(token, self._operate(token, kind))
        return True

    def _send(self, token: Token) -> None:
        sent = None if self.message is None else events.letter(token, self.message)
        self.settle(token)
        if sent is not None:
            events.send(token, sent)

    def _operate(self, token: Token, kind: str) -> Mapping[str, Any]:
        run, world = token.host, token.host.world
        call = OperationCall(
            world.session, world.tenant, run.key, self.name, kind, Copies(view(token)), self.headers, world.now
        )
        result = to_values(world.operations[kind](call) or {})
        run.noted("operation_done", self.name, type=kind, variables=to_stored(result))
        return result


@contextmanager
def savepoint(token: Token) -> Iterator[None]:
    """What an operation wrote goes when its step fails."""
    world = token.host.world
    if world.rehearsal:
        yield
        return
    with world.session.begin_nested():
        yield


class Rule(Service):
    """A DMN decision, or an operation."""

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        called = extension(node, "calledDecision")
        self.decision, self.variable = attribute(called, "decisionId"), attribute(called, "resultVariable") or ""

    def _run_hook(self, token: Token) -> Any:
        if self.decision is None:
            return super()._run_hook(token)
        seen = view(token)
        decision = str(evaluate(self.decision, seen))
        definition = token.host.definition
        found: Evaluation = definition.decide(decision, seen)
        name = definition.model(decision).names[decision]
        token.host.noted("decision_made", self.name, **told(decision, name, definition.reads[decision], seen, found))
        self.settle(token, {self.variable: found.value})
        return True


class Receive(Activity):
    """Waits for a message."""

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        if node.get("messageRef"):
            self.triggers = (message(node.get("messageRef"), references, node),)
        self.instantiates = true(node.get("instantiate"))

    def arrive(self, token: Token) -> bool:
        if token.internal_data.get("started"):
            return True  # the message is what started the run
        if not super().arrive(token):
            return False
        if not self.triggers:
            return True
        waiting.subscribe(token, self.triggers)
        return False

    def fire(self, token: Token, n: int, payload: Mapping[str, Any] | None) -> None:
        self.finish(token, payload)

    def _run_hook(self, token: Token) -> Any:
        payload = token.internal_data.get("payload")
        self.settle(token, None if payload is None else from_stored(payload))
        return True

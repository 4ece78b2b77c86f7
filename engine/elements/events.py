"""Events: what starts, ends, waits, catches on a boundary, throws."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

from engine import compensation, mappings, propagation, spiff, waiting
from engine.dialect import XML, References, Trigger, attribute, extension, triggers, true
from engine.dialect import mappings as read_mappings
from engine.effects import Sent
from engine.elements.node import Node
from engine.expressions import from_stored, to_stored
from engine.scopes import view
from engine.token import Token


class Event(Node):
    """What all events share: triggers and mappings."""

    def read(self, node: XML, references: References) -> None:
        self.triggers = triggers(node, references)
        self.maps_in, self.maps_out = read_mappings(node, references)
        self.parallel = true(node.get("parallelMultiple"))

    def settle(self, token: Token, result: Values[str, Any] | None = None) -> None:
        mappings.give_out(self, token, result)
        self.choose(token)

    def _run_hook(self, token: Token) -> Any:
        payload = token.internal_data.get("payload")
        self.settle(token, None if payload is None else from_stored(payload))
        return True


class Start(Event):
    """A start event: nothing, or what the message that started the run brought.

    With a form, a person may start the run as well: what they answer comes in the message's place.
    """

    form: str | None = None

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        self.form = attribute(extension(node, "formDefinition"), "formId")

    def begin(self, token: Token) -> None:
        notes = token.internal_data
        if not self.parallel or len(self.triggers) == 1:
            super().begin(token)
            return
        n, stored = notes.get("nth", 0), notes.get("payload") or {}
        waiting.subscribe(token, self.triggers, from_stored(stored))
        waiting.do(token.host, token, "fire", [n, stored])

    def fire(self, token: Token, n: int, payload: Values[str, Any] | None) -> None:
        """A parallel multiple start: the first event made the run, the last one lets it go."""
        self.finish(token, payload)


class Catch(Event):
    """An intermediate catching event."""

    def arrive(self, token: Token) -> bool:
        if not self.triggers or self.triggers[0].kind == "link" or token.internal_data.get("started"):
            return True
        waiting.subscribe(token, self.triggers)
        return False

    def fire(self, token: Token, n: int, payload: Values[str, Any] | None) -> None:
        if not token.internal_data.get("timers", {}).get(str(n), {}).get("left"):
            self.finish(token, payload)
            return
        self.settle(token, payload)  # a cycle: one token per turn, the last one leaves
        token.host.done(token)
        for flow in token.taken:
            token.host.move(token.workflow, flow)
        waiting.wait_on(token, n, missed=True)


class Boundary(Event):
    """A listener under its activity; when it fires, a token passes through it."""

    cancels = True
    undoes = False

    def read(self, node: XML, references: References) -> None:
        super().read(node, references)
        self.attached = node.get("attachedToRef")
        self.undoes = any(trigger.kind == "compensation" for trigger in self.triggers)
        self.cancels = true(node.get("cancelActivity"), default=True)

    def fire(self, token: Token, n: int, payload: Values[str, Any] | None) -> None:
        if token.parent is not None:
            self.happen(token.parent, payload, token, n)

    def happen(
        self,
        activity: Token,
        payload: Values[str, Any] | None,
        listener: Token | None = None,
        n: int = 0,
        cancels: bool | None = None,
    ) -> None:
        run = activity.host
        run.spawn(activity.workflow, self, payload=None if payload is None else to_stored(payload))
        if self.cancels if cancels is None else cancels:
            run.cancel(activity)
        elif listener is not None:
            waiting.rearm(listener, n)


class Throw(Event):
    """An intermediate throwing event: everything that can fail is computed before anything leaves."""

    def _run_hook(self, token: Token) -> Any:
        mappings.take_in(self, token)
        letters = [letter(token, trigger) for trigger in self.triggers]
        self.settle(token)
        for trigger, sent in zip(self.triggers, letters, strict=True):
            throw(token, trigger, sent)
            if token.gone:
                return False
        stays = compensation.pending(token) or "cancels" in token.internal_data
        return None if stays else True

    def resume(self, token: Token) -> None:
        """A compensation handler is done."""
        if compensation.pending(token) and compensation.go_on(token):
            return
        if "apart" in token.internal_data:
            token.retire(spiff.COMPLETED)
        elif token.internal_data.get("cancels"):
            compensation.cancelled(token)
        else:
            self.choose(token)
            token.complete()


class End(Throw):
    """An end event: what it throws, then nothing more."""

    def choose(self, token: Token) -> None:
        token.taken = ()

    def _on_complete(self, token: Token) -> None:
        self.mark_end(token)
        super()._on_complete(token)

    def mark_end(self, token: Token) -> None:
        """The run's end state is the last end event of its own level, or of what interrupted that level."""
        scope = token.workflow
        while scope.owner is not None and getattr(scope.owner.task_spec, "interrupts", False):
            scope = scope.owner.workflow
        if scope is token.host and token.host.state == "active":
            token.host.conclude("active", self.label)


def letter(token: Token, trigger: Trigger) -> Sent | None:
    """What a message or a signal carries out of the run. Raises KeyMissing, ExpressionFailed."""
    if trigger.kind not in ("message", "signal"):
        return None
    key = waiting.key(trigger, view(token)) if trigger.kind == "message" else ""
    return Sent(trigger.kind, trigger.name or "", key or None, brought(token), token.task_spec.name)


def brought(token: Token) -> dict[str, Any]:
    """What a throw hands over: the values of its input mappings."""
    return {} if token.locals is None else token.locals.visible()


def throw(token: Token, trigger: Trigger, sent: Sent | None) -> None:
    """Let one trigger of a throwing event happen."""
    run = token.host
    if sent is not None:
        send(token, sent)
    elif trigger.kind == "escalation":
        propagation.rise(token, "escalation", trigger.code, brought(token))
    elif trigger.kind == "error":
        propagation.thrown(token, trigger.code, brought(token))
    elif trigger.kind == "compensation":
        compensation.start(token, trigger.activity, waits=trigger.waits)
    elif trigger.kind == "cancel":
        compensation.cancel_transaction(token)
    elif trigger.kind == "terminate":
        run.done(token)
        if isinstance(token.task_spec, End):
            token.task_spec.mark_end(token)
        run.clear(token.workflow)


def send(token: Token, sent: Sent) -> None:
    """The letter goes into the outbox; a signal is heard inside the run at once."""
    run = token.host
    run.effects.append(sent)
    run.noted(f"{sent.kind}_thrown", sent.element, name=sent.name, outbox=sent.id)
    if sent.kind == "signal":
        waiting.signal(run, sent.name, sent.payload)

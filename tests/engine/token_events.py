"""The rules of the token game for events: who waits, what happens then, what is thrown, what is undone."""

import re
from datetime import timedelta

from tests.engine.token_model import Event, Node
from tests.engine.token_table import Scope, Table, Token, Wait

AWAITED = ("message", "signal", "timer", "conditional")
DURATION = re.compile(r"(?:R(\d+)/)?PT(\d+)M")


class Events(Table):
    """Events and compensation."""

    def await_events(self, node: Node, scope: Scope, host: Token | None) -> None:
        for event in node.events:
            if event.kind in AWAITED and not (host and host.gone):
                wait = Wait(event, node, scope, host, None)
                if event.kind == "timer":
                    times, minutes = DURATION.fullmatch(event.said or "").groups()
                    wait.due, wait.left = self.now + timedelta(minutes=int(minutes)), int(times or 1) - 1
                self.waits.append(wait)
                if event.kind == "conditional":
                    self.look(wait)

    def attach(self, token: Token) -> None:
        for boundary in token.node.boundary:
            if not token.gone:
                self.await_events(boundary, token.scope, token)

    def fire(self, wait: Wait) -> None:
        """What somebody waited for has happened."""
        if wait not in self.waits:
            return
        node, host = wait.node, wait.host
        if wait.left and wait.due:
            wait.left -= 1
            wait.due += timedelta(minutes=int(DURATION.fullmatch(wait.event.said or "").group(2)))
        elif wait.event.kind == "timer" or node.interrupts:
            self.waits.remove(wait)
        if host is not None and host.node.kind == "eventBasedGateway":
            self.trail.append(host.node.id)
            self.take(host)
            self.put(node, wait.scope).passes = True
        elif host is None or node.kind == "boundaryEvent":
            self.happen(node, wait.scope, host)
        elif node.kind == "receiveTask":
            self.waits = [other for other in self.waits if other is not wait]
            self.finish(host)
        else:
            self.leave(host, self.choose(host))

    def happen(self, node: Node, scope: Scope, host: Token | None, cancels: bool | None = None) -> None:
        """A boundary event or an event sub-process catches something."""
        if host is None:
            if node.interrupts:
                self.clear(scope)
            self.put(node, scope)
            return
        self.put(node, scope)
        if node.interrupts if cancels is None else cancels:
            self.take(host)

    def throw(self, token: Token) -> None:
        """What an event throws; one that its own throw takes away does not complete."""
        event = token.node.events[0] if token.node.events else Event("none")
        flows = [] if token.node.kind == "endEvent" else token.node.out
        if event.kind == "signal":
            for wait in [w for w in self.waits if (w.event.kind, w.event.said) == ("signal", event.said)]:
                self.fire(wait)
        elif event.kind == "escalation":
            self.rise(token, "escalation", event.said)
        elif event.kind == "error":
            self.rise(token, "error", event.said)
            return
        elif event.kind == "terminate":
            self.trail.append(token.node.id)
            self.clear(token.scope)
        elif event.kind == "cancel":
            for other in list(token.scope.tokens):
                if other is not token:
                    self.take(other)
            self.waits = [wait for wait in self.waits if wait.scope is not token.scope or wait.host]
        if not token.gone and event.kind in ("compensate", "cancel"):
            self.compensate(token)
        elif not token.gone:
            self.leave(token, flows)

    def rise(self, token: Token, kind: str, code: str | None) -> None:
        """From the inside out, to the nearest boundary event or event sub-process that catches it."""
        place = token
        while True:
            found = next((b for b in place.node.boundary if Event(kind, code) in b.events), None)
            if found is not None:
                self.happen(found, place.scope, place.body or place, cancels=True if kind == "error" else None)
                return
            beside = [] if place.node.flag("triggeredByEvent") else place.scope.container.handlers
            handler = next((h for h in beside if Event(kind, code) in h.events), None)
            if handler is not None:
                self.happen(handler, place.scope, None)
                return
            if place.scope.owner is None:
                break
            place = place.scope.owner
        if kind == "error":
            self.trail.append(token.node.id)
            self.state = "failed"
            self.clear(self.top)

    def look(self, wait: Wait) -> None:
        host = wait.host or Token(wait.node, wait.scope)
        holds, before = self.holds(wait.event.said, host), wait.held
        wait.held = holds
        if holds and not before and wait in self.waits:
            self.fire(wait)

    # --- compensation ------------------------------------------------------------------------------------------------

    def compensate(self, token: Token) -> None:
        """Undo what was done in the scope, the latest first, one after the other."""
        scope = token.scope
        while scope.owner is not None and scope.owner.node.flag("triggeredByEvent"):
            scope = scope.owner.scope
        handled = {activity for activity, handler, _ in scope.done if handler}
        todo = [one for one in reversed(scope.done) if one[1] or one[0] not in handled]
        scope.done = []
        token.undo, token.waits = [(scope, one) for one in todo], True
        self.undo_next(token)

    def undo_next(self, token: Token) -> None:
        while token.undo:
            scope, (activity, handler, inside) = token.undo.pop(0)
            if handler:
                self.put(scope.container.nodes[handler], scope).thrower = token
                return
            if inside is not None:  # a finished sub-process comes back for its own handlers
                inside.open = True
                self.scopes.append(inside)
                holder = Token(scope.container.nodes[activity], scope)
                scope.tokens.append(holder)
                holder.thrower, holder.inside, inside.owner, inside.tokens = token, inside, holder, [holder]
                holder.undo = [(inside, one) for one in reversed(inside.done)]
                inside.done = []
                self.undo_next(holder)
                return
        self.undone(token)

    def undone(self, token: Token) -> None:
        if token.thrower is not None:
            if token.inside is not None:
                token.inside.tokens = []
                self.close(token.inside)
            self.take(token)
            self.undo_next(token.thrower)
        elif token.node.events[0].kind == "cancel":
            self.trail.append(token.node.id)
            owner = token.scope.owner
            boundary = next(b for b in owner.node.boundary if b.events[0].kind == "cancel")
            self.happen(boundary, owner.scope, owner.body or owner, cancels=True)
        else:
            self.leave(token, [] if token.node.kind == "endEvent" else token.node.out)

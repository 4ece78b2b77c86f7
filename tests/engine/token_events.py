"""The rules of the token game for events: who waits, what happens then, what is thrown, what is undone."""

import re
from datetime import datetime, timedelta

from tests.engine.token_model import Event, Node
from tests.engine.token_table import Scope, Table, Token, Values, Wait

AWAITED = ("message", "signal", "timer", "conditional")
DURATION = re.compile(r"(?:R(\d+)/)?PT(\d+)M")


class Events(Table):
    """Events and compensation."""

    def begin(self, scope: Scope, values: Values, message: str | None = None) -> None:
        """Tokens stand on the starts, or where the message comes in with the values; event sub-processes listen."""
        if message is None:
            scope.values.update(values)
            for node in scope.container.starts:
                self.put(node, scope)
        else:
            self.begin_by(scope, values, Event("message", message))
        self.listen(scope)

    def listen(self, scope: Scope) -> None:
        """Event sub-processes listen, unless one of them has ended it all at once."""
        for handler in scope.container.handlers:
            if not any(token.node.flag("triggeredByEvent") and token.node.interrupts for token in scope.tokens):
                self.await_events(handler, scope, None)

    def begin_by(self, scope: Scope, values: Values, event: Event) -> None:
        """The event of a start, or of a gateway that begins the process with one or all of its events."""
        nodes = scope.container.nodes
        gateway = next((node for node in nodes.values() if node.flag("instantiate")), None)
        following = [nodes[flow.target] for flow in gateway.out] if gateway else []
        node = next(node for node in (*scope.container.starts, *following) if event in node.events)
        token = self.put(node, scope)
        token.passes = True
        token.brings = values
        if not node.together and self.pick((False, True)):  # it is open whether others listen before it is complete
            scope.values.update(values)
        if node.together:
            self.ready.remove(token)
            self.await_events(node, scope, token)
            self.fire(next(wait for wait in self.waits if wait.host is token and wait.event == event))
        for other in following if gateway and gateway.xml.get("eventGatewayType") == "Parallel" else []:
            if other is not node:
                self.put(other, scope)

    def await_events(self, node: Node, scope: Scope, host: Token | None, again: Wait | None = None) -> None:
        """Wait for each event of a node; again: in the same place, and what has held already must turn true anew."""
        kinds = AWAITED if host is None or not host.gone else ()
        fresh = [Wait(event, node, scope, host, None) for event in node.events if event.kind in kinds]
        self.count += 1
        for wait in fresh:
            wait.held, wait.place = again is not None, again.place if again else self.count
            if wait.event.kind == "timer":
                wait.due, wait.left = self.times(wait.event)
        self.waits += fresh
        for wait in fresh:
            if wait.event.kind == "conditional" and wait in self.waits:
                self.look(wait)

    def times(self, event: Event) -> tuple[datetime, int]:
        """When a timer is due, and how often after that."""
        if event.form == "timeDate":
            return datetime.fromisoformat(event.said or ""), 0
        times, minutes = DURATION.fullmatch(event.said or "").groups()
        return self.now + timedelta(minutes=int(minutes)), int(times or 1) - 1

    def attach(self, token: Token) -> None:
        for boundary in token.node.boundary:
            if not token.gone:
                self.await_events(boundary, token.scope, token)

    def fire(self, wait: Wait) -> None:
        """What somebody waited for has happened."""
        if wait not in self.waits:
            return
        node, host = wait.node, wait.host
        if node.together:
            self.waits.remove(wait)
            if any((w.node, w.scope, w.host) == (node, wait.scope, host) for w in self.waits):
                return
        elif wait.left and wait.due:
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
            if node.together and not node.interrupts:
                self.await_events(node, wait.scope, host, again=wait)
        elif node.kind == "receiveTask":
            self.finish(host)
        else:
            self.give(host, host.brings)
            self.leave(host, self.choose(host))

    def happen(self, node: Node, scope: Scope, host: Token | None, cancels: bool | None = None) -> None:
        """A boundary event or an event sub-process catches something."""
        if host is None:
            if node.interrupts:
                self.clear(scope)
                if scope.owner is not None:
                    scope.owner.task = False  # nothing more can be chosen in an ad-hoc sub-process
            self.put(node, scope)
            return
        self.put(node, scope)
        if node.interrupts if cancels is None else cancels:
            self.take(host)

    def throw(self, token: Token) -> None:
        """What an event throws; one that its own throw takes away does not complete."""
        flows = [] if token.node.kind == "endEvent" else token.node.out
        for event in token.node.events:
            if not token.gone:
                self.throw_one(token, event)
        if not token.gone and not token.waits:
            self.leave(token, flows)

    def spread(self, signal: str | None) -> None:
        """All who wait for a signal hear it, in no order."""
        heard = [wait for wait in self.waits if (wait.event.kind, wait.event.said) == ("signal", signal)]
        while heard:
            self.fire(heard.pop(self.pick(heard)))

    def throw_one(self, token: Token, event: Event) -> None:
        if event.kind == "signal":
            self.spread(event.said)
        elif event.kind == "escalation":
            self.rise(token, "escalation", event.said)
        elif event.kind == "error":
            self.rise(token, "error", event.said)
        elif event.kind == "terminate":
            self.trail.append(token.node.id)
            self.clear(token.scope)
        elif event.kind == "cancel":
            for other in list(token.scope.tokens):
                if other is not token:
                    self.take(other)
            self.waits = [wait for wait in self.waits if wait.scope is not token.scope or wait.host]
        if event.kind in ("compensate", "cancel"):
            self.compensate(token)

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

    def look_all(self) -> None:
        for wait in [wait for wait in self.waits if wait.event.kind == "conditional"]:
            self.look(wait)

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

"""The token game of BPMN 2.0, as small as it can be said: what the engine does is compared with it.

Nothing of the engine is used. One token after the other moves; which one is next is the scheduler's choice, for the
standard leaves it open. Values are Python's, expressions are the few forms that the random models use.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.engine.token_model import Container, Event, Flow, Node, read

Values = dict[str, Any]
Scheduler = Callable[[Sequence["Token"]], int]
AWAITED = ("message", "signal", "timer", "conditional")
COMPARE = re.compile(r"=?(\w+) (<|>|=|>=|!=) (\d+)")
COUNT_UP = re.compile(r"=?if (\w+) = null then 1 else (\w+) \+ 1")
DURATION = re.compile(r"(?:R(\d+)/)?PT(\d+)M")
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
    ">=": lambda a, b: a >= b,
    "!=": lambda a, b: a != b,
}


class Scope:
    """A process or an open sub-process: its variables, its tokens, what listens in it, what can be undone in it."""

    def __init__(self, container: Container, owner: "Token | None", wall: bool) -> None:
        self.container, self.owner, self.wall, self.open = container, owner, wall, True
        self.values: Values = {}
        self.tokens: list[Token] = []
        self.done: list[tuple[str, str | None, Scope | None]] = []  # (activity, handler, what is inside)


class Token:
    """On an element. A repeated activity is one body with a token for each turn."""

    def __init__(self, node: Node, scope: Scope, via: str | None = None, body: "Token | None" = None) -> None:
        self.node, self.scope, self.via, self.body, self.number = node, scope, via, body, 0
        self.gone = self.waits = self.passes = self.task = False
        self.values: Values = {}
        self.inside: Scope | None = None
        self.turns: list[Token] = []
        self.started = self.finished = 0
        self.items: list[Any] | None = None
        self.out: dict[int, Any] = {}
        self.line: list[str] = []
        self.thrower: Token | None = None  # of a compensation handler
        self.undo: list[tuple[Scope, tuple[str, str | None, Scope | None]]] = []


class Wait:
    """Somebody waits for one event; `host` is the activity of a boundary event or the gateway of a branch."""

    def __init__(self, event: Event, node: Node, scope: Scope, host: Token | None, due: datetime | None) -> None:
        self.event, self.node, self.scope, self.host, self.due = event, node, scope, host, due
        self.left, self.held = 0, False


class Game:
    def __init__(self, content: bytes, process: str, now: datetime, pick: Scheduler) -> None:
        self.model, self.now, self.pick = read(content), now, pick
        self.ready: list[Token] = []
        self.waits: list[Wait] = []
        self.trail: list[str] = []
        self.count = 0
        self.state = "active"
        self.scopes: list[Scope] = []
        self.top = self.enter(self.model[process], None, wall=True)

    # --- inputs ------------------------------------------------------------------------------------------------------

    def start(self, values: Values) -> None:
        self.top.values.update(values)
        self.begin(self.top)
        self.run()

    def tasks(self) -> list[Token]:
        """What people may answer, the oldest first."""
        found = [token for scope in self.scopes for token in scope.tokens if token.task]
        return sorted(found, key=lambda token: token.number)

    def awaits(self, message: str) -> bool:
        return any((wait.event.kind, wait.event.said) == ("message", message) for wait in self.waits)

    def answer(self, name: str, values: Values) -> None:
        token = next(token for token in self.tasks() if token.node.id == name)
        self.finish(token, values)
        self.run()

    def hear(self, kind: str, name: str) -> bool:
        """A message goes to one who waits, a signal to all; whether somebody did."""
        heard = [wait for wait in self.waits if (wait.event.kind, wait.event.said) == (kind, name)]
        for wait in heard[:1] if kind == "message" else heard:
            self.fire(wait)
        self.run()
        return bool(heard)

    def due(self) -> datetime | None:
        return min((wait.due for wait in self.waits if wait.due), default=None)

    def pass_time(self) -> None:
        self.now = self.due() or self.now
        for wait in sorted((w for w in self.waits if w.due and w.due <= self.now), key=lambda w: w.due or self.now):
            self.fire(wait)
            self.after()
        self.run()

    def cancel(self) -> None:
        self.state = "cancelled"
        self.clear(self.top)
        self.run()

    # --- the loop ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        self.after()
        while self.ready or self.open_join():
            if self.ready:
                token = self.ready.pop(self.pick(self.ready))
                if not token.gone:
                    self.arrive(token)
                self.after()

    def after(self) -> None:
        """Conditions turn true, scopes without tokens end."""
        for wait in [wait for wait in self.waits if wait.event.kind == "conditional"]:
            self.look(wait)
        for scope in reversed(list(self.scopes)):
            if scope.open and not scope.tokens:
                self.end(scope)

    def look(self, wait: Wait) -> None:
        host = wait.host or Token(wait.node, wait.scope)
        holds, before = self.holds(wait.event.said, host), wait.held
        wait.held = holds
        if holds and not before and wait in self.waits:
            self.fire(wait)

    def open_join(self) -> bool:
        """An inclusive gateway opens when nothing can come any more on its empty flows (BPMN 2.0.2, 13.4.3)."""
        for scope in self.scopes:
            for node in scope.container.nodes.values():
                here = [token for token in scope.tokens if token.node is node and token.waits]
                if node.kind == "inclusiveGateway" and here and not self.expects(scope, node, here):
                    first = {token.via: token for token in reversed(here)}
                    kept, *others = first.values()
                    for token in others:
                        self.take(token)
                    self.leave(kept, self.choose(kept))
                    self.after()
                    return True
        return False

    @staticmethod
    def expects(scope: Scope, node: Node, here: list[Token]) -> bool:
        before = {flow.id: scope.container.before(flow, node.id) for flow in node.into}
        full = [before[flow] for flow in before if flow in {token.via for token in here}]
        empty = [before[flow] for flow in before if flow not in {token.via for token in here}]
        elsewhere = {token.node.id for token in scope.tokens if token.node is not node}
        return any(any(n in e for e in empty) and not any(n in f for f in full) for n in elsewhere)

    # --- tokens ------------------------------------------------------------------------------------------------------

    def put(self, node: Node, scope: Scope, **more: Any) -> Token:
        token = Token(node, scope, **more)
        self.count += 1
        token.number = self.count
        scope.tokens.append(token)
        self.ready.append(token)
        return token

    def take(self, token: Token) -> None:
        """A token goes, and all that hangs on it."""
        if token.gone:
            return
        token.gone, token.task = True, False
        if token in token.scope.tokens:
            token.scope.tokens.remove(token)
        self.waits = [wait for wait in self.waits if wait.host is not token]
        for turn in list(token.turns):
            self.take(turn)
        for other in [one for scope in self.scopes for one in scope.tokens if one.thrower is token]:
            self.take(other)
        if token.inside:
            self.close(token.inside)

    def leave(self, token: Token, flows: Sequence[Flow]) -> None:
        """The element is complete."""
        self.trail.append(token.node.id)
        self.take(token)
        for flow in flows:
            for _ in range(int(token.node.xml.get("completionQuantity", "1"))):
                self.put(token.scope.container.nodes[flow.target], token.scope, via=flow.id)

    def choose(self, token: Token) -> list[Flow]:
        node = token.node
        if node.kind == "exclusiveGateway" and any(flow.condition for flow in node.out):
            hit = next((f for f in node.out if f.condition and self.holds(f.condition, token)), None)
            return [hit or next(flow for flow in node.out if flow.default)]
        taken = [f for f in node.out if not f.default and (not f.condition or self.holds(f.condition, token))]
        defaults = [flow for flow in node.out if flow.default]
        return taken if any(flow.condition for flow in taken) or not defaults else taken + defaults

    # --- elements ----------------------------------------------------------------------------------------------------

    def arrive(self, token: Token) -> None:
        kind = token.node.kind
        if kind == "parallelGateway":
            self.arrive_parallel(token)
        elif kind == "inclusiveGateway" and len(token.node.into) > 1:
            token.waits = True
        elif kind == "eventBasedGateway":
            token.waits = True
            for flow in token.node.out:
                self.await_events(token.scope.container.nodes[flow.target], token.scope, token)
        elif kind in ("intermediateThrowEvent", "endEvent"):
            self.throw(token)
        elif kind == "intermediateCatchEvent" and not token.passes and token.node.events[0].kind != "link":
            token.waits = True
            self.await_events(token.node, token.scope, token)
        elif kind.endswith(("Gateway", "Event")):
            self.leave(token, self.choose(token))
        else:
            self.arrive_activity(token)

    def arrive_parallel(self, token: Token) -> None:
        token.waits = True
        here = [one for one in token.scope.tokens if one.node is token.node and one.waits]
        first = {one.via: one for one in reversed(here)}
        if len(first) == len(token.node.into):
            for other in first.values():
                if other is not token and other.via != token.via:
                    self.take(other)
            self.leave(token, token.node.out)

    def arrive_activity(self, token: Token) -> None:
        node = token.node
        if token.body is None and not token.passes:
            need = int(node.xml.get("startQuantity", "1"))
            here = [one for one in token.scope.tokens if one.node is node and (one is token or one.waits)]
            if len(here) < need:
                token.waits = True
                return
            for other in here[: need - 1] if need > 1 else []:
                self.take(other)
            if self.repeats(node):
                self.repeat(token)
                return
        mapping = node.of("ioMapping")
        for one in [] if mapping is None else mapping:
            token.values[one.get("target", "")] = self.value(one.get("source", ""), token)
        if token.body is None and token.thrower is None:
            self.attach(token)
        if not token.gone:
            self.act(token)

    def act(self, token: Token) -> None:
        node, script, called = token.node, token.node.of("script"), token.node.of("calledElement")
        if node.kind == "userTask":
            token.task = True
        elif node.kind == "receiveTask" and not token.passes:
            token.waits = True
            self.await_events(node, token.scope, token)
        elif script is not None:
            self.finish(token, {script.get("resultVariable", ""): self.value(script.get("expression", ""), token)})
        elif node.kind == "serviceTask":
            self.operate(token)
        elif called is not None:
            token.inside = self.enter(self.model[called.get("processId", "")], token, wall=True)
            token.inside.values.update(self.seen(token))
            self.begin(token.inside)
        elif node.inside is not None:
            token.inside = self.enter(node.inside, token, wall=False)
            if node.kind == "adHocSubProcess":
                self.begin_ad_hoc(token)
            else:
                self.begin(token.inside)
        else:
            self.finish(token)

    def operate(self, token: Token) -> None:
        """The one operation of the random models fails with error E while k0 is odd."""
        if self.seen(token)["k0"] % 2:
            self.rise(token, "error", "E")
        else:
            self.finish(token)

    def finish(self, token: Token, results: Values | None = None) -> None:
        """An activity is done: its results leave, then its token does."""
        node, scope = token.node, token.scope
        self.give(token, results or {})
        flows = [] if token.body or token.thrower else self.choose(token)
        inside = token.inside
        if token.thrower is None:
            if inside is not None and inside.done:
                scope.done.append((node.id, None, inside))
            if node.undo:
                scope.done.append((node.id, node.undo, None))
        if inside is not None and inside.open:
            self.close(inside)
        self.leave(token, flows)
        if token.body is not None and not token.body.gone:
            self.turn_done(token.body, token)
        if token.thrower is not None and not token.thrower.gone:
            self.undo_next(token.thrower)
        if scope.owner and scope.owner.node.kind == "adHocSubProcess" and scope.open:
            self.judge(scope.owner, scope)

    # --- repetition --------------------------------------------------------------------------------------------------

    @staticmethod
    def repeats(node: Node) -> bool:
        return any(node.text(f"{kind}LoopCharacteristics") is not None for kind in ("multiInstance", "standard"))

    def repeat(self, body: Token) -> None:
        many = body.node.xml.find("{*}multiInstanceLoopCharacteristics")
        self.attach(body)
        if body.gone:
            return
        body.waits = True
        if many is None:
            before = body.node.xml.find("{*}standardLoopCharacteristics").get("testBefore") == "true"
            if before and not self.again(body):
                self.end_repetition(body)
            else:
                self.turn(body)
            return
        said = many.find("{*}extensionElements/{*}loopCharacteristics")
        body.items = self.value(said.get("inputCollection"), body)
        for _ in body.items[:1] if many.get("isSequential") == "true" else list(body.items):
            self.turn(body)

    def turn(self, body: Token) -> None:
        turn = self.put(body.node, body.scope, body=body)
        body.turns.append(turn)
        body.started += 1
        turn.values["loopCounter"] = body.started
        if body.items is not None:
            said = body.node.xml.find("{*}multiInstanceLoopCharacteristics/{*}extensionElements/{*}loopCharacteristics")
            turn.values[said.get("inputElement")] = body.items[body.started - 1]

    def again(self, body: Token) -> bool:
        loop = body.node.xml.find("{*}standardLoopCharacteristics")
        top, text = loop.get("loopMaximum"), body.node.text("standardLoopCharacteristics", "loopCondition")
        if top is not None and body.started >= int(top):
            return False
        return text is None or self.holds(text, body, {"loopCounter": body.started})

    def turn_done(self, body: Token, turn: Token) -> None:
        body.finished += 1
        many = body.node.xml.find("{*}multiInstanceLoopCharacteristics")
        if many is None:
            if self.again(body):
                self.turn(body)
            else:
                self.end_repetition(body)
            return
        body.out[turn.values["loopCounter"]] = turn.values.get("it")
        until = body.node.text("multiInstanceLoopCharacteristics", "completionCondition")
        enough = until is not None and self.holds(until, body, {"numberOfCompletedInstances": body.finished})
        if enough or body.finished == len(body.items or ()):
            self.end_repetition(body)
        elif many.get("isSequential") == "true":
            self.turn(body)

    def end_repetition(self, body: Token) -> None:
        flows = self.choose(body)
        if body.items is not None:
            self.give(body, {"res": [body.out.get(n + 1) for n in range(len(body.items))]})
        self.take(body)
        for flow in flows:
            self.put(body.scope.container.nodes[flow.target], body.scope, via=flow.id)

    # --- events ------------------------------------------------------------------------------------------------------

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

    # --- scopes ------------------------------------------------------------------------------------------------------

    def enter(self, container: Container, owner: Token | None, wall: bool) -> Scope:
        scope = Scope(container, owner, wall)
        self.scopes.append(scope)
        return scope

    def begin(self, scope: Scope) -> None:
        for handler in scope.container.handlers:
            self.await_events(handler, scope, None)
        for node in scope.container.starts:
            self.put(node, scope)

    def clear(self, scope: Scope) -> None:
        """Every token of a scope goes, and what listens in it."""
        self.waits = [wait for wait in self.waits if wait.scope is not scope]
        for token in list(scope.tokens):
            self.take(token)

    def close(self, scope: Scope) -> None:
        if scope.open:
            scope.open = False
            self.clear(scope)
            self.scopes.remove(scope)

    def end(self, scope: Scope) -> None:
        """Nothing moves in the scope any more."""
        owner = scope.owner
        if owner is None:
            self.state = "completed" if self.state == "active" else self.state
            self.close(scope)
        elif owner.node.kind == "adHocSubProcess" and owner.line:
            self.put(scope.container.nodes[owner.line.pop(0)], scope)
        else:
            self.finish(owner, dict(scope.values) if scope.wall else None)

    def begin_ad_hoc(self, token: Token) -> None:
        names = self.value(token.node.of("adHoc").get("activeElementsCollection"), token)
        scope = token.inside
        token.line = names[1:] if token.node.xml.get("ordering") == "Sequential" else []
        for name in names[:1] if token.line else names:
            self.put(scope.container.nodes[name], scope)

    def judge(self, owner: Token, scope: Scope) -> None:
        """An activity of an ad-hoc sub-process is done: is that enough?"""
        until = owner.node.text("completionCondition")
        if until and self.holds(until, Token(owner.node, scope)):
            owner.line = []
            self.clear(scope)

    # --- values ------------------------------------------------------------------------------------------------------

    def chain(self, token: Token) -> list[Values]:
        """The variables that a token sees, the innermost first; a called process sees nothing around it."""
        found = [one.values for one in (token, token.body) if one is not None]
        found.append(token.scope.values)
        return found if token.scope.wall or token.scope.owner is None else found + self.chain(token.scope.owner)

    def seen(self, token: Token) -> Values:
        return {name: value for values in reversed(self.chain(token)) for name, value in values.items()}

    def give(self, token: Token, results: Values) -> None:
        """Each result goes to the nearest scope that has the name, else to the process."""
        chain = self.chain(token)
        for name, value in results.items():
            next((values for values in chain if name in values), chain[-1])[name] = value

    def holds(self, text: str | None, token: Token, extra: Values | None = None) -> bool:
        return bool(self.value(text or "", token, extra))

    def value(self, text: str, token: Token, extra: Values | None = None) -> Any:
        seen = {**self.seen(token), **(extra or {})}
        if found := COUNT_UP.fullmatch(text):
            return (seen.get(found[1]) or 0) + 1
        if found := COMPARE.fullmatch(text):
            return seen.get(found[1]) is not None and ORDER[found[2]](seen[found[1]], int(found[3]))
        if text.startswith("=["):
            items = text[2:-1].split(", ")
            return [item.strip('"') if item.startswith('"') else int(item) for item in items]
        word = text.removeprefix("=")
        return int(word) if word.isdigit() else seen.get(word)

"""The rules of the token game for gateways and activities: arriving, acting, repeating, being done."""

from tests.engine.token_events import Events
from tests.engine.token_model import Node, Z
from tests.engine.token_table import Scope, Token, Values


class Elements(Events):
    """Gateways and activities."""

    def arrive(self, token: Token) -> None:
        kind = token.node.kind
        if kind == "parallelGateway":
            self.arrive_parallel(token)
        elif kind == "inclusiveGateway" and len(token.node.into) > 1:
            token.waits = True
        elif kind == "complexGateway":
            self.arrive_complex(token)
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
            self.give(token, token.brings)
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

    def arrive_complex(self, token: Token) -> None:
        """Opens when its condition holds; then one token of each flow that is still expected is lost."""
        scope, node = token.scope, token.node
        token.waits = True
        if node.id in scope.late:
            if token.via in scope.late[node.id]:
                self.take(token)
                self.expect(scope, node, scope.late[node.id] - {token.via})
            return
        here = [one for one in scope.tokens if one.node is node and one.waits]
        if self.holds(node.text("activationCondition"), token, {"activationCount": len(here)}):
            for other in here:
                if other is not token:
                    self.take(other)
            token.waits = False
            self.leave(token, self.choose(token))
            self.expect(scope, node, {flow.id for flow in node.into} - {one.via for one in here})

    def expect(self, scope: Scope, node: Node, flows: set[str]) -> None:
        """The flows of an open complex gateway on which a token may still come; without any it is reset."""
        before = {flow.id: scope.container.before(flow, node.id) for flow in node.into}
        coming = [
            {one.via} & before.keys() if one.node is node else {f for f in before if one.node.id in before[f]}
            for one in scope.tokens
            if one.node is not node or not one.waits
        ]
        scope.late[node.id] = {flow for flow in flows if any(flow in may and may <= flows for may in coming)}
        if not scope.late[node.id]:
            del scope.late[node.id]
            for one in scope.tokens:
                if one.node is node and one.waits:
                    one.waits = False
                    self.ready.append(one)

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
        for one in [] if mapping is None else mapping.findall(f"{Z}input"):
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
            said = called.get("processId", "")
            process = self.value(said, token) if said.startswith("=") else said
            token.inside = self.enter(self.model[process], token, wall=True)
            self.begin(token.inside, self.seen(token))
        elif node.inside is not None:
            token.inside = self.enter(node.inside, token, wall=False)
            if node.kind == "adHocSubProcess":
                self.begin_ad_hoc(token)
            else:
                self.begin(token.inside, {})
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
        self.give(token, *self.results(token, results or {}))
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

    def results(self, token: Token, results: Values) -> tuple[Values, bool]:
        """What leaves an activity, and whether past its own variables: the targets of its output mappings, if any."""
        mapping, inside = token.node.of("ioMapping"), token.inside
        outputs = [] if mapping is None else mapping.findall(f"{Z}output")
        seer = token if inside is None or inside.wall else Token(token.node, inside)
        if outputs:
            return {one.get("target", ""): self.value(one.get("source", ""), seer, results) for one in outputs}, True
        called = token.node.of("calledElement")
        kept = called is not None and called.get("propagateAllChildVariables") == "false"
        return ({} if kept else results), False

    # --- sub-processes -----------------------------------------------------------------------------------------------

    def end(self, scope: Scope) -> None:
        """Nothing moves in the scope any more."""
        owner = scope.owner
        if owner is None:
            self.state = "completed" if self.state == "active" else self.state
            self.close(scope)
        elif owner.node.kind == "adHocSubProcess" and owner.line:
            self.put(scope.container.nodes[owner.line.pop(0)], scope)
        elif not owner.task:
            self.finish(owner, dict(scope.values) if scope.wall else None)

    def begin_ad_hoc(self, token: Token) -> None:
        scope, said = token.inside, token.node.of("adHoc")
        token.task = said is None
        names = [] if said is None else self.value(said.get("activeElementsCollection"), token)
        token.line = names[1:] if token.node.xml.get("ordering") == "Sequential" else []
        for name in names[:1] if token.line else names:
            self.put(scope.container.nodes[name], scope)
        self.listen(scope)

    def choose_inside(self, owner: Token, name: str) -> None:
        """A person begins an activity of an ad-hoc sub-process."""
        if owner.node.xml.get("ordering") != "Sequential" or not owner.inside.tokens:
            self.put(owner.inside.container.nodes[name], owner.inside)

    def judge(self, owner: Token, scope: Scope) -> None:
        """An activity of an ad-hoc sub-process is done: is that enough?"""
        until = owner.node.text("completionCondition")
        if until and self.holds(until, Token(owner.node, scope)):
            self.enough(owner)

    def enough(self, owner: Token) -> None:
        """Nothing more begins in an ad-hoc sub-process."""
        owner.task, owner.line = False, []
        if owner.node.flag("cancelRemainingInstances", True):
            self.clear(owner.inside)

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
        if self.pick((False, True)):  # it is open whether conditions turn true before the repetition goes on
            self.look_all()
        if body.gone:
            return
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

    @staticmethod
    def gathers(node: Node) -> bool:
        said = node.xml.find("{*}multiInstanceLoopCharacteristics/{*}extensionElements/{*}loopCharacteristics")
        return said is not None and said.get("outputCollection") is not None

    def end_repetition(self, body: Token) -> None:
        flows = self.choose(body)
        if body.items is not None and self.gathers(body.node):
            self.give(body, {"res": [body.out.get(n + 1) for n in range(len(body.items))]})
        self.take(body)
        self.send(body, flows)

"""Gateways: joins count tokens per incoming flow, splits choose flows. No join ever merges data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine import spiff, waiting
from engine.dialect import XML, References, kid, text, true
from engine.elements.node import Node, NoWay
from engine.expressions import condition, to_stored
from engine.run import ScopeParts
from engine.scopes import view
from engine.token import Token

LATE = "%late."


class Exclusive(Node):
    """The first flow whose condition holds, else the default."""

    def choose(self, token: Token) -> None:
        if not self.is_conditional:
            token.taken = self.flows[:1]
            return
        seen = view(token)
        conditional = (flow for flow in self.flows if not flow.default and flow.condition is not None)
        chosen = next((flow for flow in conditional if condition(flow.condition or "", seen)), None)
        chosen = chosen or next((flow for flow in self.flows if flow.default), None)
        if chosen is None:
            raise NoWay(f"« {self.label} » : aucune condition n’est vraie et il n’y a pas de flux par défaut.")
        token.taken = (chosen,)


class Join(Node):
    """Tokens wait here, one list per gateway and scope."""

    gathers = True

    def here(self, scope: ScopeParts) -> list[Token]:
        return scope.joins.get(self.name, [])

    @staticmethod
    def by_flow(tokens: Iterable[Token]) -> dict[str | None, list[Token]]:
        """Incoming flow -> its tokens, by id: the same after a reload."""
        found: dict[str | None, list[Token]] = {}
        for token in sorted(tokens, key=lambda token: token.id):
            found.setdefault(token.internal_data.get("via"), []).append(token)
        return found

    @staticmethod
    def consume(tokens: Iterable[Token], kept: Token) -> None:
        for token in list(tokens):
            if token is not kept:
                token.retire(spiff.COMPLETED)


class Parallel(Join):
    """Waits for one token on each incoming flow, then lets one leave on each outgoing flow."""

    def arrive(self, token: Token) -> bool:
        if len(self.arrivals) <= 1:
            return True
        flows = self.by_flow([*self.here(token.workflow), token])
        if len(flows) < len(self.arrivals):
            token.wait()
            return False
        self.consume([waiting[0] for via, waiting in flows.items() if via != token.internal_data.get("via")], token)
        return True

    def choose(self, token: Token) -> None:
        token.taken = self.flows


class Inclusive(Join):
    """Opens when no token elsewhere can still come (BPMN 2.0, 13.4.3).

    A token that can reach an empty incoming flow, and no filled one, keeps it waiting.
    """

    reach: Mapping[str, frozenset[str]]

    def seal(self) -> None:
        self.reach = {flow.id: self._reaching(flow.source) for flow in self._arrivals}
        super().seal()

    def _reaching(self, source: str) -> frozenset[str]:
        """The nodes from which the flow can be reached without passing here."""
        seen: set[str] = set()
        todo = [source]
        while todo:
            name = todo.pop()
            if name in seen or name == self.name:
                continue
            seen.add(name)
            node: Node = self._wf_spec.task_specs[name]
            todo += [flow.source for flow in node._arrivals]
            if node.attached:
                todo.append(node.attached)
        return frozenset(seen)

    def arrive(self, token: Token) -> bool:
        if len(self.arrivals) <= 1:
            return True
        token.wait()
        token.host.or_joins[(token.workflow.id, self.name)] = (token.workflow, self)
        return False

    def ready(self, scope: ScopeParts) -> bool:
        filled = set(self.by_flow(self.here(scope)))
        empty = [self.reach[flow.id] for flow in self.arrivals if flow.id not in filled]
        full = [self.reach[flow.id] for flow in self.arrivals if flow.id in filled]
        return not any(
            any(name in reach for reach in empty) and not any(name in reach for reach in full)
            for name in self._elsewhere(scope)
        )

    def _elsewhere(self, scope: ScopeParts) -> Iterable[str]:
        for token in scope.tasks.values():
            if token is not scope.task_tree and token.task_spec is not self and not token.listener:
                yield token.task_spec.name

    def idle(self, scope: ScopeParts) -> bool:
        """Nothing is left to look after here."""
        return not self.here(scope)

    def release(self, scope: ScopeParts) -> None:
        first = [tokens[0] for tokens in self.by_flow(self.here(scope)).values()]
        self.consume(first, first[0])
        first[0].stop_waiting()
        first[0]._ready()

    def choose(self, token: Token) -> None:
        several = len(self.flows) > 1 or self.is_conditional
        token.taken = self.conditional_flows(token) if several else self.flows


class Complex(Inclusive):
    """activationCondition over activationCount; afterwards the other tokens are absorbed until the gateway is reset."""

    def read(self, node: XML, references: References) -> None:
        self.activation = text(kid(node, "activationCondition"))

    def arrive(self, token: Token) -> bool:
        if len(self.arrivals) <= 1:
            return True
        if self.activation is None:
            return super().arrive(token)
        if LATE + self.name in token.workflow.data:
            return self._late(token)
        come = [*self.here(token.workflow), token]
        if not condition(self.activation, view(token, {"activationCount": Decimal(len(come))})):
            token.wait()
            return False
        via = {other.internal_data.get("via") for other in come}
        self._expect(token.workflow, [flow.id for flow in self.arrivals if flow.id not in via], token)
        self.consume(self.here(token.workflow), token)
        return True

    def _late(self, token: Token) -> bool:
        """Until the gateway is reset: one token of each flow that is still expected goes, others wait for the reset."""
        scope, via = token.workflow, token.internal_data.get("via")
        late: list[str] = scope.data[LATE + self.name]
        if via not in late:
            token.wait()
            self._watch(scope)
            return False
        token.retire(spiff.COMPLETED)
        self._expect(scope, [flow for flow in late if flow != via])
        return False

    def _expect(self, scope: ScopeParts, flows: Iterable[str], besides: Token | None = None) -> None:
        """Of these flows, those on which a token may still come; without any the gateway is reset."""
        rest = self._awaited(scope, tuple(flows), besides)
        if rest:
            scope.data.put(LATE + self.name, rest)
            self._watch(scope)
            return
        scope.data.drop(LATE + self.name)
        if besides is None:
            self._again(list(self.here(scope)))

    def _awaited(self, scope: ScopeParts, flows: tuple[str, ...], besides: Token | None = None) -> list[str]:
        """A token that can also come by a flow that has given its token belongs to the next round."""
        others = [t for t in scope.tasks.values() if t not in (besides, scope.task_tree) and not t.listener]
        given = [flow.id for flow in self.arrivals if flow.id not in flows]
        mine = [other for other in others if not any(self._may_come(other, flow) for flow in given)]
        return [flow for flow in flows if any(self._may_come(other, flow) for other in mine)]

    def _watch(self, scope: ScopeParts) -> None:
        scope.top_workflow.or_joins[(scope.id, self.name)] = (scope, self)

    @staticmethod
    def _again(tokens: Iterable[Token]) -> None:
        """Tokens that came before the reset arrive anew, one after the other."""
        for token in tokens:
            token.stop_waiting()
            token.become(spiff.FUTURE)
        for token in tokens:
            token.host.enqueue(token)

    def _may_come(self, other: Token, flow: str) -> bool:
        if other.task_spec is self:
            return bool(other._state == spiff.FUTURE and other.internal_data.get("via") == flow)
        return other.task_spec.name in self.reach[flow]

    def idle(self, scope: ScopeParts) -> bool:
        return LATE + self.name not in scope.data if self.activation is not None else super().idle(scope)

    def ready(self, scope: ScopeParts) -> bool:
        """With a condition: whether what is still expected has gone another way."""
        if self.activation is None:
            return super().ready(scope)
        late = tuple(scope.data[LATE + self.name])
        return len(self._awaited(scope, late)) < len(late)

    def release(self, scope: ScopeParts) -> None:
        if self.activation is None:
            super().release(scope)
        else:
            self._expect(scope, scope.data[LATE + self.name])


class EventBased(Node):
    """Waits with one listener per following event; the first that fires wins."""

    def read(self, node: XML, references: References) -> None:
        self.instantiates = true(node.get("instantiate"))
        self.all = self.instantiates and node.get("eventGatewayType") == "Parallel"

    def arrive(self, token: Token) -> bool:
        if self.all:
            return True  # all of its events must come: each waits by itself
        token.become(spiff.WAITING)
        for flow in self.flows:
            target = token.workflow.spec.task_specs[flow.target]
            waiting.listen(token.workflow, target, token, via=flow.id, branch=True)
            if token.gone:
                break
        return False

    def won(self, token: Token, listener: Token, payload: dict[str, Any] | None) -> None:
        """The branch of the listener goes on, the others go."""
        run, scope, node, via = token.host, token.workflow, listener.task_spec, listener.internal_data.get("via")
        run.done(token)
        token.retire(spiff.COMPLETED)
        stored = None if payload is None else to_stored(payload)
        run.spawn(scope, node, via=via, started=True, payload=stored)

"""What all activities share: mappings, boundary events, repetition, quantities, compensation."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

from engine import compensation, mappings, repetition, spiff, waiting
from engine.dialect import XML, Lane, References, declared, loop, quantity
from engine.dialect import mappings as read_mappings
from engine.elements.node import Node
from engine.scopes import Scopes, View, chain
from engine.token import Token


class Activity(Node):
    """A task or a sub-process."""

    compensation: str | None = None  # its compensation handler
    declared: tuple[str, ...] = ()  # its own properties

    def __init__(self, container: Any, node: XML, kind: str, lane: Lane | None) -> None:
        super().__init__(container, node, kind, lane)
        self._boundary: list[Node] = []

    def read(self, node: XML, references: References) -> None:
        self.maps_in, self.maps_out = read_mappings(node, references)
        self.loop = loop(node, references)
        self.declared = declared(node)
        self.need, self.give = quantity(node, "startQuantity"), quantity(node, "completionQuantity")
        self.gathers = self.need > 1

    def carry(self, boundary: Node) -> None:
        self._boundary.append(boundary)

    def seal(self) -> None:
        self.boundary = tuple(self._boundary)
        super().seal()

    # --- arriving ----------------------------------------------------------------------------------------------------

    def arrive(self, token: Token) -> bool:
        if not token.inner:
            if self.need > 1 and self._too_few(token):
                return False
            if self.loop is not None:
                repetition.begin(self, self.loop, token)
                self._absorb(token)
                return False
        for name in self.declared:
            token.own().put(name, None)
        mappings.take_in(self, token)
        if not token.inner:
            waiting.attach(token)
            self._absorb(token)
        return not token.gone

    def _too_few(self, token: Token) -> bool:
        """startQuantity: so many tokens make one."""
        few = len(token.workflow.joins.get(self.name, ())) + 1 < self.need
        if few:
            token.wait()
        return few

    def _absorb(self, token: Token) -> None:
        """The tokens that waited become one with the last: nothing can fail any more."""
        if self.need > 1:
            for other in list(token.workflow.joins.get(self.name, ())):
                other.retire(spiff.COMPLETED)

    def resume(self, token: Token) -> None:
        """A turn of the repetition is over, or what a reopened sub-process holds is undone."""
        if compensation.pending(token):
            if not compensation.go_on(token):
                compensation.restored_done(token)
        elif self.loop is not None:
            repetition.go_on(self, self.loop, token)

    # --- leaving -----------------------------------------------------------------------------------------------------

    def inside(self, token: Token) -> Scopes | None:
        """The scopes that output mappings see first: a sub-process has its own."""
        return None

    def settle(self, token: Token, result: Values[str, Any] | None = None) -> None:
        mappings.give_out(self, token, result, self.inside(token))
        if token.inner and self.loop is not None:
            repetition.collect(self.loop, token, View(token.host, self.inside(token) or chain(token), result))
        elif "for" not in token.internal_data:
            self.choose(token)

    def _on_complete(self, token: Token) -> None:
        run, scope, notes = token.host, token.workflow, token.internal_data
        body = token.parent if token.inner else None
        undoes = "for" in notes
        if "body" not in notes and "restored" not in notes:
            run.done(token)
        if self.compensation and not undoes and "body" not in notes:
            compensation.remember(token, self.compensation)
        if body is None and not undoes:
            for flow in token.taken:
                for _ in range(self.give):
                    run.move(scope, flow)
        token.retire(spiff.COMPLETED)
        if body is not None and not body.gone:
            repetition.child_done(body)
        if undoes:
            compensation.handled(token)
        if scope.owner is not None and not scope.completed and not undoes:
            scope.owner.task_spec.child_left(scope.owner, scope)

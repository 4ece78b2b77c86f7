"""The token game of BPMN 2.0, as small as it can be said: what the engine does is compared with it.

Nothing of the engine is used. One token after the other moves; which one is next is the scheduler's choice, for the
standard leaves it open.
"""

from datetime import datetime

from tests.engine.token_elements import Elements
from tests.engine.token_model import Node
from tests.engine.token_table import Scope, Token, Values


class Game(Elements):
    """One run: its inputs, and the loop that follows each."""

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

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

    def start(self, values: Values, message: str | None) -> None:
        self.begin(self.top, values, message)
        self.run()

    def tasks(self) -> list[Token]:
        """What people may answer, the oldest first."""
        found = [token for scope in self.scopes for token in scope.tokens if token.task]
        return sorted(found, key=lambda token: token.number)

    def awaited(self) -> list[str]:
        """The messages that somebody waits for."""
        return [wait.event.said or "" for wait in self.waits if wait.event.kind == "message"]

    def answer(self, name: str, values: Values) -> None:
        token = next(token for token in self.tasks() if token.node.id == name)
        if token.inside is not None:  # the choice in an ad-hoc sub-process is over
            self.give(Token(token.node, token.inside), values)
            self.enough(token)
            if not token.inside.tokens:
                self.end(token.inside)
        else:
            self.finish(token, values)
        self.run()

    def choose_task(self, name: str, part: str) -> None:
        self.choose_inside(next(token for token in self.tasks() if token.node.id == name), part)
        self.run()

    def hear(self, message: str) -> None:
        """The one who waits the longest gets it."""
        found = [wait for wait in self.waits if (wait.event.kind, wait.event.said) == ("message", message)]
        self.fire(min(found, key=lambda wait: wait.place))
        self.run()

    def signal(self, name: str) -> None:
        self.spread(name)
        self.run()

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
        """A token moves or a join opens, until nothing can."""
        self.after()
        while moves := [*self.ready, *self.full_joins()]:
            token = moves[self.pick(moves)]
            if token in self.ready:
                self.ready.remove(token)
                if not token.gone:
                    self.arrive(token)
            else:
                self.open_join(token)
            self.after()

    def after(self) -> None:
        """Conditions turn true, scopes without tokens end."""
        self.look_all()
        for scope in reversed(list(self.scopes)):
            for gateway, flows in list(scope.late.items()):
                self.expect(scope, scope.container.nodes[gateway], flows)
            if scope.open and not scope.tokens:
                self.end(scope)

    def full_joins(self) -> list[Token]:
        """One token at each inclusive gateway where no other can come on an empty flow (BPMN 2.0.2, 13.4.3)."""
        found = []
        for scope in self.scopes:
            waiting = [t for t in scope.tokens if t.waits and t.node.kind == "inclusiveGateway"]
            for node in {token.node.id: token.node for token in waiting}.values():
                here = [token for token in waiting if token.node is node]
                if not self.expects(scope, node, here):
                    found.append(here[0])
        return found

    def open_join(self, token: Token) -> None:
        here = [one for one in token.scope.tokens if one.node is token.node and one.waits]
        kept, *others = {one.via: one for one in reversed(here)}.values()
        for other in others:
            self.take(other)
        self.leave(kept, self.choose(kept))

    @staticmethod
    def expects(scope: Scope, node: Node, here: list[Token]) -> bool:
        before = {flow.id: scope.container.before(flow, node.id) for flow in node.into}
        full = [before[flow] for flow in before if flow in {token.via for token in here}]
        empty = [before[flow] for flow in before if flow not in {token.via for token in here}]
        elsewhere = {token.node.id for token in scope.tokens if token.node is not node}
        return any(any(n in e for e in empty) and not any(n in f for f in full) for n in elsewhere)

"""The table of the token game: tokens, scopes and who waits, with the variables that a token sees.

Expressions are the few forms that the random models use; values are Python's.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tests.engine.token_model import Container, Event, Flow, Node, read

Values = dict[str, Any]
Scheduler = Callable[[Sequence[Any]], int]
COMPARE = re.compile(r"=?(\w+) (<|>|=|>=|!=) (\d+)")
COUNT_UP = re.compile(r"=?if (\w+) = null then 1 else (\w+) \+ 1")
CHOICE = re.compile(r'=if (.*) then "(\w+)" else "(\w+)"')
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
        self.late: dict[str, set[str]] = {}  # complex gateway that has opened -> flows on which a token may still come


class Token:
    """On an element. A repeated activity is one body with a token for each turn."""

    def __init__(self, node: Node, scope: Scope, via: str | None = None, body: "Token | None" = None) -> None:
        self.node, self.scope, self.via, self.body, self.number = node, scope, via, body, 0
        self.gone = self.waits = self.passes = self.task = False
        self.values: Values = {}
        self.brings: Values = {}  # by the event that began the process
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
        self.place = 0  # among those who wait for the same message


class Table:
    """Moves that every rule is made of."""

    def __init__(self, content: bytes, process: str, now: datetime, pick: Scheduler) -> None:
        self.model, self.now, self.pick = read(content), now, pick
        self.ready: list[Token] = []
        self.waits: list[Wait] = []
        self.trail: list[str] = []
        self.count = 0
        self.state = "active"
        self.scopes: list[Scope] = []
        self.top = self.enter(self.model[process], None, wall=True)

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
        self.send(token, flows)

    def send(self, token: Token, flows: Sequence[Flow]) -> None:
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

    # --- scopes ------------------------------------------------------------------------------------------------------

    def enter(self, container: Container, owner: Token | None, wall: bool) -> Scope:
        scope = Scope(container, owner, wall)
        self.scopes.append(scope)
        scope.values.update(dict.fromkeys(container.declared))
        return scope

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

    # --- values ------------------------------------------------------------------------------------------------------

    def chain(self, token: Token) -> list[Values]:
        """The variables that a token sees, the innermost first; a called process sees nothing around it."""
        found = [one.values for one in (token, token.body) if one is not None]
        found.append(token.scope.values)
        return found if token.scope.wall or token.scope.owner is None else found + self.chain(token.scope.owner)

    def seen(self, token: Token) -> Values:
        return {name: value for values in reversed(self.chain(token)) for name, value in values.items()}

    def give(self, token: Token, results: Values, outside: bool = False) -> None:
        """Each result goes to the nearest scope that has the name, else to the process."""
        chain = self.chain(token)[outside:]
        for name, value in results.items():
            next((values for values in chain if name in values), chain[-1])[name] = value

    def holds(self, text: str | None, token: Token, extra: Values | None = None) -> bool:
        return bool(self.value(text or "", token, extra))

    def value(self, text: str, token: Token, extra: Values | None = None) -> Any:
        seen = {**self.seen(token), **(extra or {})}
        if found := COUNT_UP.fullmatch(text):
            return (seen.get(found[1]) or 0) + 1
        if found := CHOICE.fullmatch(text):
            return found[2] if self.value(found[1], token, extra) else found[3]
        if found := COMPARE.fullmatch(text):
            return seen.get(found[1]) is not None and ORDER[found[2]](seen[found[1]], int(found[3]))
        if text.startswith("=["):
            items = text[2:-1].split(", ")
            return [item.strip('"') if item.startswith('"') else int(item) for item in items]
        word = text.removeprefix("=")
        return int(word) if word.isdigit() else seen.get(word)

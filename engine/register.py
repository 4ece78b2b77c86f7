"""Who waits for what in one run: messages and signals by name, timers by token, conditions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.token import Token

Subscription = tuple[str, str, str]
"""(kind, name, key); the key of what needs none is empty."""


class Register:
    """An index over the notes of the waiting tokens: after a reload it is filled from them again."""

    def __init__(self) -> None:
        self.subscriptions: dict[Subscription, dict[tuple[int, int], Token]] = {}
        self.timers: dict[int, datetime] = {}
        self.conditions: dict[int, Token] = {}

    def add(self, token: Token) -> None:
        for n, kind, name, key in token.internal_data.get("subs", ()):
            if kind == "conditional":
                self.conditions[token.id] = token
            else:
                self.subscriptions.setdefault((kind, name, key), {})[(token.id, n)] = token
        if token.internal_data.get("timers"):
            self.timers[token.id] = min(
                datetime.fromisoformat(t["due"]) for t in token.internal_data["timers"].values()
            )

    def remove(self, token: Token) -> None:
        for n, kind, name, key in token.internal_data.get("subs", ()):
            waiting = self.subscriptions.get((kind, name, key), {})
            waiting.pop((token.id, n), None)
            if not waiting:
                self.subscriptions.pop((kind, name, key), None)
        self.conditions.pop(token.id, None)
        self.timers.pop(token.id, None)

    def waiting(self, kind: str, name: str, key: str) -> list[tuple[Token, int]]:
        """Who waits for it now, in an order that a reload does not change: (token, number of its trigger)."""
        found = self.subscriptions.get((kind, name, key), {})
        return [(token, n) for (_, n), token in sorted(found.items(), key=lambda item: item[0]) if not token.stuck]

    def due(self) -> datetime | None:
        return min(self.timers.values(), default=None)

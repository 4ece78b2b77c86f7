"""Plays a run with random inputs, and tells what can be seen after each of them."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tests.engine.random_models import Generator
from tests.engine.random_parts import KEYS

LONG = 45
"""Inputs of one run; then it is cancelled."""


@dataclass(frozen=True)
class Chapter:
    """One input, and what follows from it whatever the order of what happens at the same time."""

    input: str
    completed: tuple[str, ...]
    tasks: tuple[str, ...]
    due: datetime | None
    state: str
    values: dict[str, Any]


class Player(Protocol):
    """One way to play a run."""

    def start(self, values: dict[str, Any], message: str | None) -> None: ...
    def answer(self, task: str, values: dict[str, Any]) -> None: ...
    def choose(self, task: str, part: str) -> None: ...
    def message(self, name: str) -> None: ...
    def signal(self, name: str) -> None: ...
    def pass_time(self) -> None: ...
    def cancel(self) -> None: ...
    def tasks(self) -> list[str]: ...
    def due(self) -> datetime | None: ...

    @property
    def trail(self) -> Sequence[str]: ...
    @property
    def state(self) -> str: ...
    @property
    def values(self) -> dict[str, Any]: ...


def tell(player: Player, seed: int, made: Generator) -> Iterator[Chapter]:
    """The story of a run: the inputs are chosen by the seed among what is open."""
    chosen, told = random.Random(seed), 0
    given = {"dossier": "d", **{key: chosen.randint(0, 3) for key in KEYS}}
    said, act = "start", lambda: player.start(given, made.first_message)
    for _ in range(LONG):
        act()
        trail = player.trail
        fresh, told = tuple(sorted(trail[told:])), len(trail)
        yield Chapter(said, fresh, tuple(sorted(player.tasks())), player.due(), player.state, dict(player.values))
        if player.state != "active":
            return
        said, act = next_input(player, chosen, made)
    player.cancel()


def next_input(player: Player, chosen: random.Random, made: Generator) -> tuple[str, Callable[[], None]]:
    tasks, due, luck = sorted(set(player.tasks())), player.due(), chosen.random()
    key, value = chosen.choice(KEYS), chosen.randint(0, 3)
    task, name, signal = chosen.choice(tasks or [""]), chosen.choice(made.messages or [""]), chosen.choice(("S0", "S1"))
    if luck < 0.01:
        return "cancel", player.cancel
    if luck < 0.06:
        return f"signal {signal}", lambda: player.signal(signal)
    if name and luck < (0.25 if tasks or due else 0.9):
        return f"message {name}", lambda: player.message(name)
    if task in made.choices and luck < 0.7:
        part = chosen.choice(made.choices[task])
        return f"choose {part}", lambda: player.choose(task, part)
    if tasks and (due is None or luck < 0.8):
        return f"answer {task}: {key} = {value}", lambda: player.answer(task, {key: value})
    if due is not None:
        return "time", player.pass_time
    return f"signal {signal}", lambda: player.signal(signal)

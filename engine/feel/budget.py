"""How much one evaluation may cost, and the meter that stops it."""

from dataclasses import dataclass
from time import thread_time

from engine.feel.errors import FeelBudgetError
from engine.feel.messages import told

CLOCK_EVERY = 500


@dataclass(frozen=True, slots=True)
class Budget:
    """`steps`: turns of loops and calls; `size`: characters and items produced; `depth`: nested calls and values;
    `seconds`: the thread's own processor time, so that a busy machine fails nothing.
    """

    steps: int = 100_000
    size: int = 1_000_000
    depth: int = 100
    seconds: float = 0.5


DEFAULT = Budget()


class Meter:
    """Counts what one evaluation spends; raises FeelBudgetError when the budget is gone."""

    __slots__ = ("budget", "deadline", "depth", "next_look", "size", "steps")

    def __init__(self, budget: Budget = DEFAULT) -> None:
        self.budget = budget
        self.steps = self.size = self.depth = 0
        self.next_look = min(CLOCK_EVERY, budget.steps)
        self.deadline: float | None = None  # set at the first look: most evaluations end before it

    def spend(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > self.next_look:
            self.look()

    def produce(self, size: int) -> None:
        """Announce characters or items *before* they are made."""
        self.size += size
        if self.size > self.budget.size:
            raise FeelBudgetError(told("too-large", limit=self.budget.size))
        self.spend(1 + size // 64)

    def enter(self) -> None:
        self.depth += 1
        self.spend()
        if self.depth > self.budget.depth:
            raise FeelBudgetError(told("too-deep", limit=self.budget.depth))

    def leave(self) -> None:
        self.depth -= 1

    def look(self) -> None:
        """Look at the steps and at the clock now."""
        if self.steps > self.budget.steps:
            raise FeelBudgetError(told("too-many-steps", limit=self.budget.steps))
        if self.deadline is None:
            self.deadline = thread_time() + self.budget.seconds
        if thread_time() > self.deadline:
            raise FeelBudgetError(told("too-much-time", limit=f"{self.budget.seconds:g}"))
        self.next_look = min(self.steps + CLOCK_EVERY, self.budget.steps)

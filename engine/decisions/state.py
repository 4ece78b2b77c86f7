"""What one evaluation carries through the tables: strictness, values already decided, the trace."""

from engine.decisions.errors import DecisionError
from engine.decisions.evaluation import TableTrace
from engine.feel.scope import Run, Scope
from engine.feel.values import FeelValue

MOST_TRACED = 1_000
Key = tuple[str, str]


class StrictRun(Run):
    """A run that does not pass over what cannot be read."""

    __slots__ = ()

    def broken(self, message: str) -> None:
        raise DecisionError(message)


class State:
    """`scope`: what the caller knows, where input data are found; `ground`: what a logic sees beneath what it requires,
    all of that when strict (a pathway's variables need no declaration), nothing as the standard says.
    """

    __slots__ = ("busy", "decided", "ground", "inputs", "run", "scope", "strict", "trace")

    def __init__(self, scope: Scope, *, strict: bool) -> None:
        self.scope, self.run, self.strict = scope, scope.run, strict
        self.ground = scope if strict else Scope({}, None, scope.run)
        self.decided: dict[Key, FeelValue] = {}
        self.busy: set[Key] = set()
        self.inputs: dict[str, FeelValue] = {}
        self.trace: list[TableTrace] = []

    def within(self, scope: Scope) -> "State":
        """A fresh round of decisions (a decision service is one) that writes the same trace."""
        inner = State(scope, strict=self.strict)
        inner.trace, inner.inputs = self.trace, self.inputs
        return inner

    def refuse(self, message: str, table: TableTrace | None = None) -> None:
        """No trustworthy answer: an error when strict, else null with a warning."""
        if self.strict:
            raise DecisionError(message, table=table)
        self.run.warn(message)

    def passed(self, trace: TableTrace) -> None:
        if len(self.trace) < MOST_TRACED:
            self.trace.append(trace)

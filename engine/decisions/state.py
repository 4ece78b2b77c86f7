"""What one evaluation carries through the logics: strictness, values already decided, the trace."""

from collections.abc import Mapping
from datetime import datetime

from engine.decisions.errors import DecisionError
from engine.decisions.evaluation import TableTrace
from engine.feel.budget import Meter
from engine.feel.builtins import BUILTINS
from engine.feel.errors import shortened
from engine.feel.messages import told
from engine.feel.scope import HostFunction, Run, Scope, TypeCheck
from engine.feel.text import text_of
from engine.feel.values import FeelValue

MOST_TRACED = 1_000
Key = tuple[str, str]


class DecisionRun(Run):
    """A run that counts what FEEL passes over: by it, a null that comes from an error is told from another."""

    __slots__ = ("_last", "faults")

    def __init__(
        self, meter: Meter, now: datetime | None, functions: Mapping[str, HostFunction], types: TypeCheck
    ) -> None:
        super().__init__(meter, now, functions, types)
        self.faults = 0
        self._last: tuple[str, dict[str, object]] = ("", {})

    def note(self, code: str, position: int | None = None, **values: object) -> None:
        self.faults += 1
        self._last = code, values
        super().note(code, position, **values)

    def warn(self, message: str, position: int | None = None) -> None:
        self.faults += 1
        self._last = "", {"": message}
        super().warn(message, position)

    @property
    def fault(self) -> str:
        """The last of them, as a sentence."""
        code, values = self._last
        return told(code, **values) if code else str(values.get("", ""))


class State:
    """`scope`: what the caller knows, where input data are found; `ground`: what a logic sees beneath what it requires,
    all of that when strict (a pathway's variables need no declaration), FEEL's functions alone as the standard says.
    """

    __slots__ = ("busy", "decided", "explains", "ground", "inputs", "run", "scope", "strict", "trace")

    def __init__(self, scope: Scope, run: DecisionRun, *, strict: bool, explains: bool = False) -> None:
        self.scope, self.run, self.strict, self.explains = scope, run, strict, explains
        self.ground = scope if strict else Scope(BUILTINS, None, run)
        self.decided: dict[Key, FeelValue] = {}
        self.busy: set[Key] = set()
        self.inputs: dict[str, FeelValue] = {}
        self.trace: list[TableTrace] = []

    def within(self, scope: Scope) -> "State":
        """A fresh round of decisions (a decision service is one) that writes the same trace."""
        inner = State(scope, self.run, strict=self.strict, explains=self.explains)
        inner.trace, inner.inputs = self.trace, self.inputs
        return inner

    def refuse(self, message: str) -> None:
        """No trustworthy answer: an error when strict, else null with a warning."""
        if self.strict:
            raise DecisionError(message)
        self.run.warn(message)

    def passed(self, trace: TableTrace) -> None:
        if len(self.trace) < MOST_TRACED:
            self.trace.append(trace)

    def shown(self, value: FeelValue) -> str:
        """A value as a message shows it."""
        return shortened(f'"{value}"' if isinstance(value, str) else text_of(value, self.run.meter))

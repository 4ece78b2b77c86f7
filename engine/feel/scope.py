"""Where names are looked up while an expression runs, and what all of the run shares."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from engine.feel.budget import Meter
from engine.feel.conversion import NATIVE, Foreign, to_feel
from engine.feel.errors import FeelError
from engine.feel.messages import LONGEST, Told, told
from engine.feel.values import FeelValue

HostFunction = Callable[..., Foreign]
TypeCheck = Callable[[str, FeelValue], bool]
WARNINGS_KEPT = 20


class Missing:
    """The answer for a name that no scope knows."""

    __slots__ = ()


MISSING: Final = Missing()


def no_type(name: str, value: FeelValue) -> bool:
    return False


class Run:
    """One evaluation, shared by all its scopes."""

    __slots__ = ("functions", "meter", "now", "types", "warnings")

    def __init__(
        self,
        meter: Meter,
        now: datetime | None = None,
        functions: Mapping[str, HostFunction] | None = None,
        types: TypeCheck = no_type,
    ) -> None:
        self.meter, self.now, self.functions, self.types = meter, now, functions or {}, types
        self.warnings: list[tuple[Told, int | None]] = []

    def note(self, code: str, position: int | None = None, **values: object) -> None:
        """Remember why something became null, in a sentence of the table of messages."""
        if len(self.warnings) < WARNINGS_KEPT:
            self.warnings.append((told(code, **values).placed(position), position))

    def warn(self, message: str, position: int | None = None) -> None:
        """The same, in a sentence of the caller's."""
        if len(self.warnings) < WARNINGS_KEPT:
            said = message if isinstance(message, Told) else Told(message[:LONGEST])
            self.warnings.append((said.placed(position), position))

    def broken(self, message: str) -> None:
        """A text that is no FEEL was to be run."""
        self.warn(message)


def _converted(name: str, value: Foreign) -> FeelValue:
    try:
        return to_feel(value)
    except (TypeError, FeelError) as error:
        cause = error.reason if isinstance(error, FeelError) else error
        raise FeelError(told("unreadable-variable", name=name, cause=cause)) from error


class Scope:
    """Names and values, looked up from the innermost outwards; the outermost may be any mapping."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, values: Mapping[str, FeelValue], parent: "Scope | None", run: Run) -> None:
        self.values, self.parent, self.run = values, parent, run

    def inner(self, values: Mapping[str, FeelValue]) -> "Scope":
        return Scope(values, self, self.run)

    def find(self, name: str) -> "FeelValue | Missing":
        scope = self
        while scope.parent is not None:
            found = scope.values.get(name, MISSING)
            if found is not MISSING:
                return found
            scope = scope.parent
        try:
            value = scope.values[name]
        except KeyError:
            return MISSING
        return value if type(value) in NATIVE else _converted(name, value)

"""One FEEL text of a decision: its value, and an error rather than a null that comes from one."""

from dataclasses import dataclass

from engine.decisions.errors import DecisionError
from engine.decisions.state import State
from engine.feel.compiler import Code
from engine.feel.errors import FeelBudgetError, FeelError, shortened
from engine.feel.scope import Scope
from engine.feel.values import FeelValue

AWARE = ("null", "is defined", "get or else")


@dataclass(frozen=True, slots=True)
class Text:
    """`what`: how messages name it. `tolerant`: it speaks of null, and may give it."""

    text: str
    code: Code
    what: str
    tolerant: bool

    def value(self, scope: Scope, state: State) -> FeelValue:
        """When strict, an error inside the text is not passed over."""
        if not state.strict:
            return self.code(scope)
        calm = state.run.faults
        try:
            value = self.code(scope)
        except FeelBudgetError:
            raise
        except FeelError as error:
            raise DecisionError(self._failed(error.message)) from error
        if state.run.faults != calm and not self.tolerant and _has_null(value):
            raise DecisionError(self._failed(state.run.fault))
        return value

    def _failed(self, why: str) -> str:
        return f"{self.what} : « {shortened(self.text)} » ne donne pas de valeur : {why}"


def knows_null(text: str) -> bool:
    """A text that speaks of null may answer it: its author thought of what is missing."""
    return any(word in text for word in AWARE)


def _has_null(value: FeelValue) -> bool:
    """Whether a value is null, or holds one at its first level."""
    inside = value if isinstance(value, list) else value.values() if isinstance(value, dict) else (value,)
    return any(one is None for one in inside)

"""Compiled FEEL texts: what the rest of Jalon evaluates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar, cast

from engine.feel.budget import DEFAULT, Budget, Meter
from engine.feel.builtins import BUILTINS
from engine.feel.cells import parse_tests
from engine.feel.compiler import Code, TestCode, emit, emit_tests
from engine.feel.conversion import Foreign, to_feel
from engine.feel.dependencies import dependencies
from engine.feel.errors import FeelBudgetError, FeelError, FeelSyntaxError
from engine.feel.messages import Told, told
from engine.feel.names import Names
from engine.feel.parser import parse_expression
from engine.feel.printing import print_tree
from engine.feel.properties import NAMES as PROPERTY_NAMES
from engine.feel.scope import HostFunction, Run, Scope
from engine.feel.values import FeelValue

Answer = TypeVar("Answer")
NOTHING: Final[Mapping[str, FeelValue]] = MappingProxyType({})
NO_FUNCTIONS: Final[Mapping[str, HostFunction]] = MappingProxyType({})
KNOWN: Final = Names([*BUILTINS, *PROPERTY_NAMES])
CACHED: Final = 20_000


class Outcome(NamedTuple):
    """A value, with the reasons why parts of the expression became null."""

    value: FeelValue
    warnings: tuple[Told, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A FEEL expression; may be evaluated from several threads at once."""

    text: str
    code: Code
    names: frozenset[str]
    possible_names: frozenset[str]
    calls: frozenset[str]
    known: Names

    def print(self) -> str:
        """The canonical text of the expression: it reads back as the same tree."""
        return guarded(self.text, lambda: print_tree(parse_expression(self.text, self.known), self.known))

    def evaluate(
        self,
        context: Mapping[str, Foreign] = NOTHING,
        *,
        budget: Budget = DEFAULT,
        now: datetime | None = None,
        functions: Mapping[str, HostFunction] = NO_FUNCTIONS,
    ) -> FeelValue:
        """The value, null where FEEL says null. `now` is what now() and today() tell, in its own zone if it has a
        name, else in Paris. Raises FeelError: budget spent, assert() failed, a host function failed."""
        return self.explain(context, budget=budget, now=now, functions=functions).value

    def explain(
        self,
        context: Mapping[str, Foreign] = NOTHING,
        *,
        budget: Budget = DEFAULT,
        now: datetime | None = None,
        functions: Mapping[str, HostFunction] = NO_FUNCTIONS,
    ) -> Outcome:
        """The value, and why it may be null. Raises as `evaluate` does."""
        run = Run(Meter(budget), now, functions)
        scope = outermost(context, run)
        value = guarded(self.text, lambda: self.code(scope))
        measure(value, run.meter, self.text)
        return Outcome(value, tuple([said for said, _ in run.warnings]))


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTests:
    """A cell of a decision table."""

    text: str
    code: TestCode
    names: frozenset[str]
    calls: frozenset[str]

    def accept(
        self,
        value: Foreign,
        context: Mapping[str, Foreign] = NOTHING,
        *,
        budget: Budget = DEFAULT,
        now: datetime | None = None,
    ) -> bool:
        """Whether the value passes; raises FeelError."""
        scope = outermost(context, Run(Meter(budget), now))
        feel = to_feel(value)
        return guarded(self.text, lambda: self.code(scope, feel)) is True


@lru_cache(maxsize=CACHED)
def compile(text: str, names: Names = KNOWN) -> Expression:  # noqa: A001 - FEEL's, never Python's
    """An expression, compiled once per process; `names` are known names of several words. Raises FeelSyntaxError."""
    return guarded(text, lambda: _compiled(text, names), FeelSyntaxError)


@lru_cache(maxsize=CACHED)
def compile_unary(text: str, names: Names = KNOWN) -> UnaryTests:
    """A cell of unary tests (`< 5`, `"a", "b"`, `[1..3]`, `-`). Raises FeelSyntaxError."""
    return guarded(text, lambda: _compiled_tests(text, names), FeelSyntaxError)


def _compiled(text: str, names: Names) -> Expression:
    node = parse_expression(text, names)
    found = dependencies(node)
    plain, possible = (read - BUILTINS.keys() for read in (found.names, found.possible_names))
    calls = frozenset(found.calls - BUILTINS.keys())
    return Expression(text, emit(node), frozenset(plain), frozenset(possible), calls, names)


def _compiled_tests(text: str, names: Names) -> UnaryTests:
    node = parse_tests(text, names)
    found = dependencies(node)
    read = frozenset(found.names - BUILTINS.keys())
    return UnaryTests(text, emit_tests(node), read, frozenset(found.calls - BUILTINS.keys()))


def outermost(context: Mapping[str, Foreign], run: Run) -> Scope:
    """The scope of what the caller knows; Python's scalars among it become FEEL's when they are read."""
    return Scope(cast(Mapping[str, FeelValue], context), None, run)


def guarded(text: str, work: Callable[[], Answer], too_deep: type[FeelError] = FeelBudgetError) -> Answer:
    """Runs work on a text, so that every failure of it says which text."""
    try:
        return work()
    except RecursionError:
        raise too_deep(told("recursion"), source=text) from None
    except FeelError as error:
        if error.source:
            raise
        raise type(error)(error.reason, source=text, position=error.position) from error


def measure(value: FeelValue, meter: Meter, text: str) -> None:
    """Refuse a result that unfolds to more than the budget: lists that share lists grow like powers."""
    if isinstance(value, list | dict):
        guarded(text, lambda: _unfold(value, meter))


def _unfold(value: FeelValue, meter: Meter) -> None:
    if isinstance(value, list | dict):
        meter.enter()
        meter.produce(len(value))
        for item in value.values() if isinstance(value, dict) else value:
            _unfold(item, meter)
        meter.leave()

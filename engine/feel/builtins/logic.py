"""Built-in functions on truth, null and identity."""

from engine.feel.builtins.signature import builtin
from engine.feel.comparison import equal
from engine.feel.errors import FeelError
from engine.feel.messages import told
from engine.feel.temporal import DateTime, Time
from engine.feel.values import Caller, Described, FeelValue, kind


def negation(caller: Caller, negand: FeelValue) -> FeelValue:
    if negand is not None and not isinstance(negand, bool):
        caller.note("not-boolean", word="not", value=Described(negand))
    return not negand if isinstance(negand, bool) else None


def all_true(values: list[FeelValue]) -> FeelValue:
    if any(value is False for value in values):
        return False
    return True if all(value is True for value in values) else None


def any_true(values: list[FeelValue]) -> FeelValue:
    if any(value is True for value in values):
        return True
    return False if all(value is False for value in values) else None


def identical(caller: Caller, first: FeelValue = None, second: FeelValue = None) -> FeelValue:
    """Same type, same value, and for times the same zone."""
    if kind(first) != kind(second):
        return False
    if isinstance(first, Time | DateTime) and isinstance(second, Time | DateTime):
        return first == second and first.zone == second.zone
    return equal(first, second, caller.meter)


def is_defined(value: FeelValue) -> FeelValue:
    return value is not None


def get_or_else(value: FeelValue, default: FeelValue) -> FeelValue:
    return default if value is None else value


def asserted(value: FeelValue, condition: FeelValue, cause: str | None = None) -> FeelValue:
    if condition is True:
        return value
    if cause:
        raise FeelError(told("assertion-cause", cause=cause))
    raise FeelError(told("assertion", found=Described(condition)))


FUNCTIONS = [
    builtin("not", ("negand: any", negation), metered=True, nullable=True),
    builtin("all", ("list: any", all_true), variadic=True, nullable=True),
    builtin("any", ("list: any", any_true), variadic=True, nullable=True),
    builtin("is", ("value1: any?, value2: any?", identical), metered=True),
    builtin("is defined", ("value: any", is_defined)),
    builtin("get or else", ("value: any, default: any", get_or_else), nullable=True),
    builtin("assert", ("value: any, condition: any, cause: string?", asserted), nullable=True),
]

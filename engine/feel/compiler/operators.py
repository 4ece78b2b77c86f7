"""Comparisons, logic in three values, and arithmetic."""

from decimal import Decimal

from engine.feel.arithmetic import OPERATIONS, negate
from engine.feel.comparison import between, order
from engine.feel.compiler.comparisons import COMPARE, incomparable
from engine.feel.compiler.emission import Code, emit
from engine.feel.errors import reason
from engine.feel.numbers import CONTEXT
from engine.feel.scope import Scope
from engine.feel.syntax import Arithmetic, Between, Comparison, Conjunction, Disjunction, Literal, Negation
from engine.feel.values import Described, FeelValue


@emit.register(Comparison)
def _comparison(node: Comparison) -> Code:
    left, right, compare, at = emit(node.left), emit(node.right), COMPARE[node.operator], node.at
    if isinstance(node.right, Literal):
        constant = node.right.value
        return lambda scope: compare(scope, left(scope), constant, at)
    return lambda scope: compare(scope, left(scope), right(scope), at)


@emit.register(Between)
def _between(node: Between) -> Code:
    value, low, high = emit(node.value), emit(node.low), emit(node.high)
    at = node.at

    def check(scope: Scope) -> bool | None:
        found, first, last = value(scope), low(scope), high(scope)
        answer = between(found, first, last)
        if answer is None:
            incomparable(scope, found, last if order(found, first) is not None else first, at)
        return answer

    return check


@emit.register(Conjunction)
def _conjunction(node: Conjunction) -> Code:
    left, right, at = emit(node.left), emit(node.right), node.at

    def both(scope: Scope) -> bool | None:
        first = left(scope)
        if first is False:
            return False
        second = right(scope)
        if second is False:
            return False
        if first is True and second is True:
            return True
        undecided(scope, "and", first, second, at)
        return None

    return both


@emit.register(Disjunction)
def _disjunction(node: Disjunction) -> Code:
    left, right, at = emit(node.left), emit(node.right), node.at

    def either(scope: Scope) -> bool | None:
        first = left(scope)
        if first is True:
            return True
        second = right(scope)
        if second is True:
            return True
        if first is False and second is False:
            return False
        undecided(scope, "or", first, second, at)
        return None

    return either


def undecided(scope: Scope, word: str, first: FeelValue, second: FeelValue, at: int) -> None:
    """Neither true nor false: null, or something that is no truth value, stands beside `and` or `or`."""
    odd = [value for value in (first, second) if not isinstance(value, bool)]
    found = next((value for value in odd if value is not None), None)
    scope.run.note("not-boolean", at, word=word, value=Described(found))


@emit.register(Arithmetic)
def _arithmetic(node: Arithmetic) -> Code:
    left, right, operate = emit(node.left), emit(node.right), OPERATIONS[node.operator]
    sign, at = node.operator, node.at

    def compute(scope: Scope) -> FeelValue:
        a, b = left(scope), right(scope)
        if isinstance(a, str) and isinstance(b, str):
            scope.run.meter.produce(len(a) + len(b))
        try:
            result = operate(a, b)
        except (ArithmeticError, ValueError) as error:
            scope.run.warn(reason(error), at)
            return None
        if result is None:
            no_result(scope, sign, a, b, at)
        return result

    return compute


def no_result(scope: Scope, sign: str, a: FeelValue, b: FeelValue, at: int) -> None:
    if sign == "/" and isinstance(b, Decimal) and not b:
        scope.run.note("division-by-zero", at)
    else:
        scope.run.note("operation", at, sign=sign, a=Described(a), b=Described(b))


@emit.register(Negation)
def _negation(node: Negation) -> Code:
    operand, at = emit(node.operand), node.at

    def opposite(scope: Scope) -> FeelValue:
        value = operand(scope)
        if type(value) is Decimal:
            return CONTEXT.minus(value)
        result = negate(value)
        if result is None:
            scope.run.note("negation", at, value=Described(value))
        return result

    return opposite

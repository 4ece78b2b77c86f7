"""Ranges: `[1..10]`, `(< 5)`."""

from engine.feel.comparison import order
from engine.feel.compiler.emission import Code, emit
from engine.feel.scope import Scope
from engine.feel.syntax import Literal, OneSided, RangeOf
from engine.feel.values import Described, FeelValue, Range


@emit.register(RangeOf)
def _range(node: RangeOf) -> Code:
    low, high, at = emit(node.low), emit(node.high), node.at
    low_included, high_included = node.low_included, node.high_included

    def span(scope: Scope) -> FeelValue:
        first, last = low(scope), high(scope)
        if (first is None and last is None) or (first is not None and last is not None and order(first, last) is None):
            scope.run.note("range-ends", at, a=Described(first), b=Described(last))
            return None
        return Range(first, last, low_included, high_included)

    if isinstance(node.low, Literal) and isinstance(node.high, Literal):
        first, last = node.low.value, node.high.value
        if first is not None and last is not None and order(first, last) is not None:
            constant = Range(first, last, low_included, high_included)
            return lambda _: constant
    return span


@emit.register(OneSided)
def _one_sided(node: OneSided) -> Code:
    operand, operator = emit(node.operand), node.operator
    return lambda scope: one_sided(operator, operand(scope))


def one_sided(operator: str, end: FeelValue) -> Range:
    if operator in (">", ">="):
        return Range(end, None, operator == ">=", high_included=False, open_high=True)
    if operator in ("<", "<="):
        return Range(None, end, low_included=False, high_included=operator == "<=", open_low=True)
    same = operator == "="
    return Range(end, end, same, same, operator=operator)

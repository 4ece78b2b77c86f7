"""The constants that a cell compares its input with: between them, its answer does not change."""

from collections.abc import Iterator

from engine.feel.budget import Meter
from engine.feel.compiler import emit
from engine.feel.dependencies import children
from engine.feel.errors import FeelError
from engine.feel.scope import Run, Scope
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    Conjunction,
    Disjunction,
    In,
    ListOf,
    Literal,
    Name,
    NamedCall,
    Negation,
    Node,
    OneSided,
    RangeOf,
    Test,
    Tests,
)
from engine.feel.temporal import Time
from engine.feel.values import FeelValue, Function, Range

INPUT = "?"
FIXED = (Literal, Negation, Arithmetic, ListOf, RangeOf, OneSided)
FIXED_CALLS = frozenset({"date", "time", "date and time", "duration", "years and months duration", "number", "string"})


class Unreadable(Exception):
    """The cell says more than comparisons with constants."""


def constants(tests: Tests) -> list[FeelValue]:
    """Every constant of a cell; raises Unreadable."""
    return [value for test in tests.items for value in _of_test(test)]


def fixed_value(node: Node) -> FeelValue:
    """The value of what depends on nothing; raises Unreadable."""
    if not _is_fixed(node):
        raise Unreadable
    try:
        return emit(node)(Scope({}, None, Run(Meter())))
    except FeelError as error:
        raise Unreadable from error


def _is_fixed(node: Node) -> bool:
    if isinstance(node, Call | NamedCall):
        name = node.function.name if isinstance(node.function, Name) else ""
        arguments = [child for child in children(node) if child is not node.function]
        return name in FIXED_CALLS and all(map(_is_fixed, arguments))
    return isinstance(node, FIXED) and all(map(_is_fixed, children(node)))


def _of_test(test: Test) -> Iterator[FeelValue]:
    if test.uses_input:
        yield from _of_predicate(test.operand)
    else:
        yield from _parts(fixed_value(test.operand), ordered=test.operator not in (None, "=", "!="))


def _of_predicate(node: Node) -> Iterator[FeelValue]:
    """A yes-or-no question about `?`."""
    if _is_input(node):
        yield from (True, False)
    elif isinstance(node, Conjunction | Disjunction):
        yield from _of_predicate(node.left)
        yield from _of_predicate(node.right)
    elif isinstance(node, Comparison):
        yield from _of_comparison(node)
    elif isinstance(node, Between) and _is_input(node.value):
        yield from _parts(fixed_value(node.low), ordered=True)
        yield from _parts(fixed_value(node.high), ordered=True)
    elif isinstance(node, In) and _is_input(node.value):
        for test in node.tests:
            yield from _of_test(test)
    elif isinstance(node, Call) and _is_negation(node):
        yield from _of_predicate(node.arguments[0])
    else:
        raise Unreadable


def _of_comparison(node: Comparison) -> Iterator[FeelValue]:
    sides = [side for side in (node.left, node.right) if not _is_input(side)]
    if len(sides) != 1:
        raise Unreadable
    yield from _parts(fixed_value(sides[0]), ordered=node.operator not in ("=", "!="))


def _parts(value: FeelValue, *, ordered: bool) -> Iterator[FeelValue]:
    """The constants within a list or a range."""
    if isinstance(value, list):
        for item in value:
            yield from _parts(item, ordered=ordered)
    elif isinstance(value, Range):
        is_ordered = value.operator not in ("=", "!=")
        ends = [end for end, is_open in ((value.low, value.open_low), (value.high, value.open_high)) if not is_open]
        for end in ends:
            yield from _parts(end, ordered=is_ordered)
    elif isinstance(value, dict | Function) or (isinstance(value, Time) and value.zone is not None):
        raise Unreadable
    elif ordered and isinstance(value, str):
        raise Unreadable  # texts have an order too, but a table that uses it is no list of cases
    else:
        yield value


def _is_input(node: Node) -> bool:
    return isinstance(node, Name) and node.name == INPUT


def _is_negation(node: Call) -> bool:
    return isinstance(node.function, Name) and node.function.name == "not" and len(node.arguments) == 1

"""The comparison operators as functions of two values, with a warning where two values cannot be compared."""

import operator as python
from collections.abc import Callable
from decimal import Decimal

from engine.feel.comparison import equal, order
from engine.feel.scope import Scope
from engine.feel.values import Described, FeelValue

Compare = Callable[[Scope, FeelValue, FeelValue, int], bool | None]


def compare_equal(scope: Scope, a: FeelValue, b: FeelValue, at: int) -> bool | None:
    same = equal(a, b, scope.run.meter)
    if same is None:
        incomparable(scope, a, b, at)
    return same


def compare_different(scope: Scope, a: FeelValue, b: FeelValue, at: int) -> bool | None:
    same = compare_equal(scope, a, b, at)
    return None if same is None else not same


def ordering(holds: Callable[[int], bool], on_numbers: Callable[[Decimal, Decimal], bool]) -> Compare:
    def compare(scope: Scope, a: FeelValue, b: FeelValue, at: int) -> bool | None:
        if type(a) is Decimal and type(b) is Decimal:
            return on_numbers(a, b)
        found = order(a, b)
        if found is None:
            incomparable(scope, a, b, at)
            return None
        return holds(found)

    return compare


def incomparable(scope: Scope, a: FeelValue, b: FeelValue, at: int) -> None:
    scope.run.note("incomparable", at, a=Described(a), b=Described(b))


COMPARE: dict[str, Compare] = {
    "=": compare_equal,
    "!=": compare_different,
    "<": ordering(lambda found: found < 0, python.lt),
    "<=": ordering(lambda found: found <= 0, python.le),
    ">": ordering(lambda found: found > 0, python.gt),
    ">=": ordering(lambda found: found >= 0, python.ge),
}

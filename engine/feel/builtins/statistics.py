"""Built-in functions that make one value of many: sum, mean, median, smallest, largest…"""

from collections import Counter
from decimal import Decimal

from engine.feel.builtins.signature import Body, builtin
from engine.feel.comparison import order
from engine.feel.durations import Months, Nanoseconds
from engine.feel.errors import Impossible
from engine.feel.numbers import CONTEXT
from engine.feel.values import Caller, Described, FeelValue

TWO = Decimal(2)


def numbers(values: list[FeelValue]) -> list[Decimal]:
    """The values, all numbers; raises Impossible."""
    found = [value for value in values if isinstance(value, Decimal)]
    if not values:
        raise Impossible("empty-list")
    if len(found) != len(values):
        odd = next(value for value in values if not isinstance(value, Decimal))
        raise Impossible("numbers-only", value=Described(odd))
    return found


def sum_of(values: list[FeelValue]) -> FeelValue:
    """Of numbers, or of durations of one kind."""
    first = values[0] if values else None
    if isinstance(first, Months | Nanoseconds):
        durations = [value for value in values if isinstance(value, type(first))]
        return first.of(sum(value.count for value in durations)) if len(durations) == len(values) else None
    return total(numbers(values))


def total(values: list[Decimal]) -> Decimal:
    result = Decimal(0)
    for value in values:
        result = CONTEXT.add(result, value)
    return result


def mean(values: list[FeelValue]) -> FeelValue:
    found = numbers(values)
    return CONTEXT.divide(total(found), Decimal(len(found)))


def median(values: list[FeelValue]) -> FeelValue:
    found = sorted(numbers(values))
    middle = len(found) // 2
    if len(found) % 2:
        return found[middle]
    return CONTEXT.divide(CONTEXT.add(found[middle - 1], found[middle]), TWO)


def deviation(values: list[FeelValue]) -> FeelValue:
    """The standard deviation of a sample."""
    found = numbers(values)
    if len(found) < 2:
        raise Impossible("one-number")
    centre = CONTEXT.divide(total(found), Decimal(len(found)))
    squares = [CONTEXT.power(CONTEXT.subtract(value, centre), TWO) for value in found]
    return CONTEXT.sqrt(CONTEXT.divide(total(squares), Decimal(len(found) - 1)))


def modes(values: list[FeelValue]) -> FeelValue:
    """The most frequent numbers, ascending."""
    if not values:
        return []
    counted = Counter(numbers(values))
    most = max(counted.values())
    return [*sorted(value for value, times in counted.items() if times == most)]


def product(values: list[FeelValue]) -> FeelValue:
    result = Decimal(1)
    for value in numbers(values):
        result = CONTEXT.multiply(result, value)
    return result


def extreme(sign: int) -> Body:
    def find(caller: Caller, values: list[FeelValue]) -> FeelValue:
        if not values:
            raise Impossible("empty-list")
        best = values[0]
        for value in values:
            caller.meter.spend()
            found = order(value, best)
            if found is None:
                raise Impossible("no-order", a=Described(best), b=Described(value))
            best = value if found * sign > 0 else best
        return best

    return find


FUNCTIONS = [
    builtin("sum", ("list: any", sum_of), variadic=True),
    builtin("mean", ("list: any", mean), variadic=True),
    builtin("median", ("list: any", median), variadic=True),
    builtin("stddev", ("list: any", deviation), variadic=True),
    builtin("mode", ("list: any", modes), variadic=True),
    builtin("product", ("list: any", product), variadic=True),
    builtin("min", ("list: any", extreme(-1)), variadic=True, metered=True),
    builtin("max", ("list: any", extreme(1)), variadic=True, metered=True),
]

"""`for`, `some` and `every`."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from engine.feel.comparison import order
from engine.feel.compiler.emission import Code, emit
from engine.feel.numbers import whole
from engine.feel.scope import Scope
from engine.feel.syntax import For, Iteration, Quantified
from engine.feel.temporal import Date, date_of
from engine.feel.values import Described, FeelValue, Range

LARGEST_STEP = 17  # digits after the first: what a Python range can count
Source = tuple[str, Code, Code | None, int]


class NothingToIterate(Exception):
    """A loop was given null."""


@emit.register(For)
def _for(node: For) -> Code:
    sources, body, uses_partial = _sources(node.iterations), emit(node.body), node.uses_partial

    def loop(scope: Scope) -> FeelValue:
        meter, results = scope.run.meter, list[FeelValue]()
        try:
            for inner in turns(scope, sources):
                if uses_partial:
                    meter.produce(len(results))
                    inner = inner.inner({"partial": list(results)})
                meter.produce(1)
                results.append(body(inner))
        except NothingToIterate:
            return None
        return results

    return loop


@emit.register(Quantified)
def _quantified(node: Quantified) -> Code:
    sources, body, universal, at = _sources(node.iterations), emit(node.body), node.universal, node.body.at

    def check(scope: Scope) -> bool | None:
        answer: bool | None = universal
        try:
            for inner in turns(scope, sources):
                found = body(inner)
                if found is (not universal):
                    return not universal
                if not isinstance(found, bool):
                    answer = None
                    inner.run.note("satisfies", at, value=Described(found))
        except NothingToIterate:
            return None
        return answer

    return check


def _sources(iterations: tuple[Iteration, ...]) -> list[Source]:
    return [(it.name, emit(it.source), emit(it.last) if it.last else None, it.at) for it in iterations]


def turns(scope: Scope, sources: list[Source]) -> Iterator[Scope]:
    """One scope for each combination of the iterated values; the last name turns fastest."""
    if not sources:
        yield scope
        return
    (name, first, last, at), *rest = sources
    for value in _values(scope, first(scope), last, at):
        scope.run.meter.spend()
        inner = scope.inner({name: value})
        if rest:
            yield from turns(inner, rest)
        else:
            yield inner


def _values(scope: Scope, first: FeelValue, last: Code | None, at: int) -> Iterable[FeelValue]:
    stop = None if last is None else last(scope)
    values = elements(first) if last is None else steps(first, stop)
    if values is not None:
        return values
    if last is None:
        scope.run.note("not-iterable", at, value=Described(first))
    else:
        scope.run.note("steps", at, a=Described(first), b=Described(stop))
    raise NothingToIterate


def elements(value: FeelValue) -> Iterable[FeelValue] | None:
    """What a loop goes through; a value that is no list is a list of one. None for null and for an endless range."""
    if isinstance(value, list):
        return value
    if isinstance(value, Range):
        ends = order(value.low, value.high)
        return None if ends is None or ends > 0 else steps(value.low, value.high, value)
    return None if value is None else [value]


def steps(first: FeelValue, last: FeelValue, bounds: Range | None = None) -> Iterable[FeelValue] | None:
    """Whole numbers or days from one end to the other, downwards too; None for anything else."""
    if isinstance(first, Decimal) and isinstance(last, Decimal):
        if max(first.adjusted(), last.adjusted()) > LARGEST_STEP:
            return None
        start, stop = whole(first), whole(last)
        return None if start is None or stop is None else map(Decimal, _integers(start, stop, bounds))
    if isinstance(first, Date) and isinstance(last, Date):
        return map(date_of, _integers(first.number, last.number, bounds))
    return None


def _integers(first: int, last: int, bounds: Range | None) -> range:
    step = 1 if last >= first else -1
    numbers = range(first, last + step, step)
    if bounds is None:
        return numbers
    return numbers[0 if bounds.low_included else 1 : len(numbers) - (not bounds.high_included)]

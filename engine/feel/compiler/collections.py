"""Lists, contexts and filters."""

from decimal import Decimal

from engine.feel.compiler.emission import Code, emit
from engine.feel.scope import Scope
from engine.feel.syntax import ContextOf, Filter, ListOf
from engine.feel.values import Described, FeelValue


@emit.register(ListOf)
def _list(node: ListOf) -> Code:
    items = [emit(item) for item in node.items]

    def build(scope: Scope) -> FeelValue:
        scope.run.meter.produce(len(items))
        return [item(scope) for item in items]

    return build


@emit.register(ContextOf)
def _context(node: ContextOf) -> Code:
    entries = [(name, emit(value)) for name, value in node.entries]
    at, twice = node.at, said_twice([name for name, _ in entries])

    def build(scope: Scope) -> FeelValue:
        if twice is not None:
            scope.run.note("same-entry", at, name=twice)
            return None
        scope.run.meter.produce(len(entries))
        made: dict[str, FeelValue] = {}
        inner = scope.inner(made)
        for name, value in entries:
            made[name] = value(inner)
        return made

    return build


def said_twice(names: list[str]) -> str | None:
    return next((name for rank, name in enumerate(names) if name in names[:rank]), None)


@emit.register(Filter)
def _filter(node: Filter) -> Code:
    target, predicate, at = emit(node.target), emit(node.predicate), node.at
    return lambda scope: filtered(scope, target(scope), predicate, at)


def filtered(scope: Scope, value: FeelValue, predicate: Code, at: int = 0) -> FeelValue:
    """The items for which the predicate is true, or the one at its index; a value that is no list is a list of one."""
    if value is None:
        return None
    items: list[FeelValue] = value if isinstance(value, list) else [value]
    if not items:
        answer = predicate(scope)
        return at_index(scope, items, answer, at) if isinstance(answer, Decimal) else []
    kept: list[FeelValue] = []
    for item in items:
        scope.run.meter.spend()
        answer = predicate(_item_scope(scope, item))
        if answer is True:
            kept.append(item)
        elif isinstance(answer, Decimal):
            return at_index(scope, items, answer, at)
        elif answer is not False and answer is not None:
            scope.run.note("filter", at, value=Described(answer))
            return None
    scope.run.meter.produce(len(kept))
    return kept


def _item_scope(scope: Scope, item: FeelValue) -> Scope:
    inner = scope.inner({"item": item})
    return inner.inner(item) if isinstance(item, dict) else inner


def at_index(scope: Scope, items: list[FeelValue], index: Decimal, at: int) -> FeelValue:
    """The item at a rank: 1 is the first, -1 the last; None outside."""
    rank = int(index)
    if rank != index:
        scope.run.note("fraction-index", at, index=Described(index))
        return None
    if rank == 0 or abs(rank) > len(items):
        scope.run.note("index", at, index=index, count=len(items))
        return None
    return items[rank - 1 if rank > 0 else rank]

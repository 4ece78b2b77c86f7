"""Lists, contexts and filters."""

from decimal import Decimal

from engine.feel.compiler.emission import Code, emit
from engine.feel.scope import Scope
from engine.feel.syntax import ContextOf, Filter, ListOf
from engine.feel.values import FeelValue, french


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
    names, at = {name for name, _ in entries}, node.at

    def build(scope: Scope) -> FeelValue:
        if len(names) < len(entries):
            scope.run.warn("le même nom est donné deux fois dans le contexte", at)
            return None
        scope.run.meter.produce(len(entries))
        made: dict[str, FeelValue] = {}
        inner = scope.inner(made)
        for name, value in entries:
            made[name] = value(inner)
        return made

    return build


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
        return None if isinstance(predicate(scope), Decimal) else []
    kept: list[FeelValue] = []
    for item in items:
        scope.run.meter.spend()
        answer = predicate(_item_scope(scope, item))
        if answer is True:
            kept.append(item)
        elif isinstance(answer, Decimal):
            return at_index(items, answer)
        elif answer is not False and answer is not None:
            scope.run.warn(f"un filtre doit donner vrai, faux ou un rang, et non {french(answer)}", at)
            return None
    scope.run.meter.produce(len(kept))
    return kept


def _item_scope(scope: Scope, item: FeelValue) -> Scope:
    inner = scope.inner({"item": item})
    return inner.inner(item) if isinstance(item, dict) else inner


def at_index(items: list[FeelValue], index: Decimal) -> FeelValue:
    """The item at a rank: 1 is the first, -1 the last; None outside."""
    rank = int(index)
    if 0 < rank <= len(items):
        return items[rank - 1]
    return items[rank] if -len(items) <= rank < 0 else None

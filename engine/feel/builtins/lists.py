"""Built-in functions on lists."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cmp_to_key

from engine.feel.builtins.signature import builtin
from engine.feel.comparison import equal, order
from engine.feel.errors import Impossible
from engine.feel.values import Caller, Described, FeelValue, Function

Items = list[FeelValue]


def contains(caller: Caller, items: Items, element: FeelValue) -> FeelValue:
    caller.meter.spend(len(items))
    return any(equal(item, element, caller.meter) is True for item in items)


def count(items: Items) -> FeelValue:
    return Decimal(len(items))


def index(items: Items, position: Decimal, *, after: int = 0) -> int:
    """Where a FEEL position (1 first, -1 last) lies in a Python list; raises Impossible outside."""
    rank = int(position)
    if rank == 0 or abs(rank) > len(items) + (after if rank > 0 else 0):
        raise Impossible("position", position=Described(position), count=len(items))
    return rank - 1 if rank > 0 else len(items) + rank


def sublist(items: Items, position: Decimal, length: Decimal | None = None) -> FeelValue:
    start = index(items, position)
    if length is not None and not 0 <= length <= len(items) - start:
        raise Impossible("length", length=Described(length), position=position, count=len(items))
    return items[start:] if length is None else items[start : start + int(length)]


def insert_before(caller: Caller, items: Items, position: Decimal, item: FeelValue) -> FeelValue:
    caller.meter.produce(len(items) + 1)
    at = index(items, position, after=1)
    return [*items[:at], item, *items[at:]]


def remove(caller: Caller, items: Items, position: Decimal) -> FeelValue:
    caller.meter.produce(len(items))
    at = index(items, position)
    return items[:at] + items[at + 1 :]


def replace_at(caller: Caller, items: Items, position: Decimal, item: FeelValue) -> FeelValue:
    caller.meter.produce(len(items))
    at = index(items, position)
    return [*items[:at], item, *items[at + 1 :]]


def replace_matching(caller: Caller, items: Items, match: Function, item: FeelValue) -> FeelValue:
    if len(match.parameters) != 2:
        raise Impossible("two-parameters", count=len(match.parameters))
    caller.meter.produce(len(items))
    return [item if told_match(caller, match, [found, item]) else found for found in items]


def told_match(caller: Caller, match: Function, arguments: Items) -> bool:
    answer = call(caller, match, arguments)
    if not isinstance(answer, bool):
        raise Impossible("match-answer", value=Described(answer))
    return answer


def call(caller: Caller, function: Function, arguments: Items) -> FeelValue:
    caller.meter.enter()
    answer = function.call(caller, arguments)
    caller.meter.leave()
    return answer


def reverse(caller: Caller, items: Items) -> FeelValue:
    caller.meter.produce(len(items))
    return items[::-1]


def index_of(caller: Caller, items: Items, match: FeelValue) -> FeelValue:
    caller.meter.produce(len(items))
    return [Decimal(at) for at, item in enumerate(items, 1) if equal(item, match, caller.meter) is True]


def distinct(caller: Caller, items: Items) -> Items:
    kept: Items = []
    for item in items:
        if not contains(caller, kept, item):
            caller.meter.produce(1)
            kept.append(item)
    return kept


def duplicates(caller: Caller, items: Items) -> FeelValue:
    seen: Items = []
    again: Items = []
    for item in items:
        (again if contains(caller, seen, item) else seen).append(item)
    return distinct(caller, again)


def flatten(caller: Caller, items: Items) -> FeelValue:
    return list(_leaves(caller, items))


def _leaves(caller: Caller, items: Items) -> Iterator[FeelValue]:
    caller.meter.enter()
    caller.meter.produce(len(items))
    for item in items:
        if isinstance(item, list):
            yield from _leaves(caller, item)
        else:
            yield item
    caller.meter.leave()


def concatenate(caller: Caller, *lists: FeelValue) -> Items:
    joined: Items = []
    for part in lists:
        if part is None:
            raise Impossible("list-expected")
        added = part if isinstance(part, list) else [part]
        caller.meter.produce(len(added))
        joined += added
    return joined


def union(caller: Caller, *lists: FeelValue) -> FeelValue:
    return distinct(caller, concatenate(caller, *lists))


def append(caller: Caller, items: Items, *added: FeelValue) -> FeelValue:
    caller.meter.produce(len(items) + len(added))
    return [*items, *added]


def partition(caller: Caller, items: Items, size: Decimal) -> FeelValue:
    step = int(size)
    if step < 1:
        raise Impossible("positive", value=Described(size))
    caller.meter.produce(len(items))
    return [items[start : start + step] for start in range(0, len(items), step)]


def is_empty(items: Items) -> FeelValue:
    return not items


def sort(caller: Caller, items: Items, precedes: Function | None = None) -> FeelValue:
    """By a function that says whether the first of two comes before, or by FEEL's order; the sort is stable."""
    caller.meter.produce(len(items))

    def natural(a: FeelValue, b: FeelValue) -> int:
        caller.meter.spend()
        found = order(a, b)
        if found is None:
            raise Impossible("no-order", a=Described(a), b=Described(b))
        return found

    def told(a: FeelValue, b: FeelValue) -> int:
        caller.meter.spend()
        if precedes is None or told_match(caller, precedes, [a, b]):
            return -1
        return 1 if told_match(caller, precedes, [b, a]) else 0

    if precedes is not None and len(precedes.parameters) != 2:
        raise Impossible("two-parameters", count=len(precedes.parameters))
    return sorted(items, key=cmp_to_key(natural if precedes is None else told))


POSITION = "list: list, position: number, newItem: any"
FUNCTIONS = [
    builtin("list contains", ("list: list, element: any", contains), metered=True),
    builtin("count", ("list: list", count)),
    builtin("sublist", ("list: list, start position: number, length: number?", sublist)),
    builtin("insert before", (POSITION, insert_before), metered=True),
    builtin("remove", ("list: list, position: number", remove), metered=True),
    builtin(
        "list replace",
        (POSITION, replace_at),
        ("list: list, match: function, newItem: any", replace_matching),
        metered=True,
    ),
    builtin("reverse", ("list: list", reverse), metered=True),
    builtin("index of", ("list: list, match: any", index_of), metered=True),
    builtin("distinct values", ("list: list", distinct), metered=True),
    builtin("duplicate values", ("list: list", duplicates), metered=True),
    builtin("flatten", ("list: list", flatten), metered=True),
    builtin("concatenate", ("list: any, ...", concatenate), metered=True),
    builtin("union", ("list: any, ...", union), metered=True),
    builtin("append", ("list: list, ...", append), metered=True),
    builtin("partition", ("list: list, size: number", partition), metered=True),
    builtin("is empty", ("list: list", is_empty)),
    builtin("sort", ("list: list, precedes: function?", sort), metered=True),
]

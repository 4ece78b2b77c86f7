"""What an expression reads from outside: its variables and the functions it calls."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from engine.feel.syntax import Call, ContextOf, Filter, For, FunctionOf, Name, NamedCall, Node, Quantified

Bound = frozenset[str]


@dataclass
class Dependencies:
    """`names`: surely variables; `possible_names`: inside a filter, where a name may also be a key of the item."""

    names: set[str] = field(default_factory=set)
    possible_names: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)


def dependencies(node: Node) -> Dependencies:
    found = Dependencies()
    _visit(node, frozenset({"?"}), found, in_filter=False)
    return found


def _visit(node: Node, bound: Bound, found: Dependencies, *, in_filter: bool) -> None:
    if isinstance(node, Name):
        if node.name not in bound:
            (found.possible_names if in_filter else found.names).add(node.name)
        return
    if isinstance(node, Call | NamedCall) and isinstance(node.function, Name):
        if node.function.name not in bound:
            found.calls.add(node.function.name)
        for argument in children(node):
            if argument is not node.function:
                _visit(argument, bound, found, in_filter=in_filter)
        return
    for child, inner, filtered in _scopes(node, bound):
        _visit(child, inner, found, in_filter=in_filter or filtered)


def _scopes(node: Node, bound: Bound) -> Iterator[tuple[Node, Bound, bool]]:
    """The children of a node, each with the names bound in it, and whether it is a filter's predicate."""
    if isinstance(node, For | Quantified):
        yield from _loop(node, bound)
    elif isinstance(node, FunctionOf):
        yield node.body, bound | {name for name, _ in node.parameters}, False
    elif isinstance(node, ContextOf):
        for name, value in node.entries:
            yield value, bound, False
            bound |= {name}
    elif isinstance(node, Filter):
        yield node.target, bound, False
        yield node.predicate, bound | {"item"}, True
    else:
        for child in children(node):
            yield child, bound, False


def _loop(node: For | Quantified, bound: Bound) -> Iterator[tuple[Node, Bound, bool]]:
    for iteration in node.iterations:
        yield iteration, bound, False
        bound |= {iteration.name}
    yield node.body, bound | {"partial"}, False


def children(node: Node) -> Iterator[Node]:
    for name in fields(node):
        yield from _nodes(object.__getattribute__(node, name.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)

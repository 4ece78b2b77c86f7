"""Which nodes of a graph lead back to themselves."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def looping(graph: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """Those on a round, and those between two rounds: what is left when every loose end is taken away."""
    after = {node: {found for found in links if found in graph} for node, links in graph.items()}
    before: dict[Node, set[Node]] = {node: set() for node in graph}
    for node, links in after.items():
        for found in links:
            before[found].add(node)
    left = set(graph)
    for forwards, backwards in ((after, before), (before, after)):
        _trim(left, forwards, backwards)
    return left


def _trim(left: set[Node], forwards: Mapping[Node, set[Node]], backwards: Mapping[Node, set[Node]]) -> None:
    """Take away, again and again, the nodes from which nothing that is left goes on."""
    ways = {node: len(forwards[node] & left) for node in left}
    ends = [node for node, count in ways.items() if not count]
    while ends:
        end = ends.pop()
        left.discard(end)
        for node in backwards[end] & left:
            ways[node] -= 1
            if not ways[node]:
                ends.append(node)

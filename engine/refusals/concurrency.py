"""Parallel branches that write one variable: which of them has the last word is left to chance."""

from collections import Counter
from collections.abc import Iterator

from engine.dialect import ZEEBE, attribute, extension
from engine.refusals.diagram import Diagram, Place
from engine.refusals.rule import Hit, rule

MOST_STEPS = 300_000
"""Elements looked at in one file: a file of people never comes near, a hostile one gets no answer beyond that."""


@rule(
    "parallel-writes",
    "Deux branches parallèles de « {name} » écrivent « {variable} » : la dernière efface l’autre.",
    "Donnez un nom propre à la donnée de chaque branche.",
    "warning",
)
def parallel_writes(diagram: Diagram) -> Iterator[Hit]:
    """Jalon: what two branches that go on at the same time always write, before they meet, has two names."""
    search = Search(MOST_STEPS)
    for place in diagram.of("parallelGateway", "inclusiveGateway"):
        if len(place.outgoing) > 1:
            yield from ((place.node, {"variable": name}) for name in search.written_twice(place))


class Search:
    """Looks along the flows of a file, for a number of steps in all."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def written_twice(self, split: Place) -> list[str]:
        """The variables that more than one branch writes whichever way it takes to where they meet."""
        firsts = list(split.level.after(split))
        branches = [self.reach(first, split) for first in firsts]
        met = {place for place, count in Counter(p for branch in branches for p in branch).items() if count > 1}
        own = [self.always_written(first, branch - met, met) for first, branch in zip(firsts, branches, strict=True)]
        counts = Counter(name for names in own for name in names)
        return sorted(name for name, count in counts.items() if count > 1) if self.left > 0 else []

    def always_written(self, first: Place, branch: set[Place], met: set[Place]) -> set[str]:
        names: set[str] = set()
        for place in sorted(branch, key=lambda one: one.id) if met else ():
            written = set(_written(place)) - names
            if written and self.reach(first, place).isdisjoint(met):
                names |= written
        return names

    def reach(self, first: Place, wall: Place) -> set[Place]:
        """The elements that tokens come to without completing the wall; what interrupts it leads around it."""
        found = set(first.level.attached.get(first.id, ())) if first is wall else {first}
        todo = list(found)
        while todo and self.left > 0:
            self.left -= 1
            place = todo.pop()
            fresh = {*place.level.after(place), *place.level.attached.get(place.id, ())}
            if wall in fresh:
                fresh |= set(wall.level.attached.get(wall.id, ()))
            fresh -= found | {wall}
            found |= fresh
            todo += fresh
        return found


def _written(place: Place) -> Iterator[str]:
    """What its mappings, its script or its decision write."""
    mapping = extension(place.node, "ioMapping")
    if mapping is not None:
        yield from (output.get("target") or "" for output in mapping.findall(f"{ZEEBE}output"))
        return
    for name in ("script", "calledDecision"):
        result = attribute(extension(place.node, name), "resultVariable")
        yield from [result] if result else []


RULES = (parallel_writes,)

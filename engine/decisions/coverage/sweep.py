"""The sweep over a table's columns: which boxes of values no rule covers (after Calvanese and others, 2016)."""

from collections.abc import Sequence

Box = tuple[int, ...]
MOST_STEPS = 100_000
CELLS_PER_STEP = 100  # looks at one rule and one piece


class TooLarge(Exception):
    """The table has more cases than the check may look at."""


class Work:
    """What a whole check may cost."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self.left = most

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooLarge


class Sweep:
    """Rules are the bits of an integer, and so are the pieces of each column.

    `classes`: for each column, its pieces grouped by the rules that accept them.
    """

    def __init__(self, accepted: Sequence[Sequence[int]], sizes: Sequence[int], work: Work) -> None:
        self.accepted, self.work = accepted, work
        work.spend(sum(len(rules) * size for rules, size in zip(accepted, sizes, strict=True)) // CELLS_PER_STEP)
        self.classes = [_classes(rules, size) for rules, size in zip(accepted, sizes, strict=True)]

    def uncovered(self, within: Box, rules: int, most: int) -> list[Box]:
        """Up to `most` boxes of `within` that none of the rules covers."""
        classes = [
            [(found & rules, pieces & space) for found, pieces in column if pieces & space]
            for column, space in zip(self.classes, within, strict=True)
        ]
        return list(Descent(within, classes, self._free(within, rules), most, self.work).gaps(0, rules))

    def _free(self, within: Box, rules: int) -> list[int]:
        """For each column, the rules that accept all of it and of those behind it."""
        free = [rules]
        for column, space in zip(reversed(self.accepted), reversed(within), strict=True):
            whole = sum(1 << rule for rule, pieces in enumerate(column) if not space & ~pieces)
            free.append(free[-1] & whole)
        return free[::-1]


class Descent:
    """One walk through the columns; what a set of rules leaves open behind a column is found once."""

    def __init__(
        self, within: Box, classes: Sequence[Sequence[tuple[int, int]]], free: Sequence[int], most: int, work: Work
    ) -> None:
        self.within, self.classes, self.free, self.most, self.work = within, classes, free, most, work
        self.known: dict[tuple[int, int], tuple[Box, ...]] = {}

    def gaps(self, column: int, rules: int) -> tuple[Box, ...]:
        """The boxes, from this column on, that the rules leave open."""
        if rules & self.free[column]:
            return ()
        if not rules or column == len(self.classes):
            return (self.within[column:],)
        found = self.known.get((column, rules))
        if found is None:
            found = self.known[column, rules] = self._merged(column, rules)
        return found

    def _merged(self, column: int, rules: int) -> tuple[Box, ...]:
        """Pieces behind which the same is open make one box."""
        by_rules: dict[int, int] = {}
        for accepting, pieces in self.classes[column]:
            by_rules[accepting & rules] = by_rules.get(accepting & rules, 0) | pieces
        self.work.spend(len(self.classes[column]))
        by_rest: dict[tuple[Box, ...], int] = {}
        for left, pieces in by_rules.items():
            rest = self.gaps(column + 1, left)
            if rest:
                by_rest[rest] = by_rest.get(rest, 0) | pieces
            if len(by_rest) >= self.most:
                break
        return tuple([(pieces, *box) for rest, pieces in by_rest.items() for box in rest][: self.most])


def _classes(rules: Sequence[int], size: int) -> list[tuple[int, int]]:
    found: dict[int, int] = {}
    for piece in range(size):
        accepting = sum(1 << rule for rule, pieces in enumerate(rules) if pieces >> piece & 1)
        found[accepting] = found.get(accepting, 0) | 1 << piece
    return list(found.items())

"""Patterns with references back (`(a)\\1`), which RE2 cannot run: tried way by way, each step paid to the meter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import singledispatch

from engine.feel.patterns.charsets import holds
from engine.feel.patterns.matching import Match, Meter
from engine.feel.patterns.notation import Anchor, Back, Characters, Choice, Group, Piece, Repeat, Sequence

Then = Callable[[int], int | None]
Step = Callable[["Attempt", int, Then], int | None]


@dataclass(slots=True)
class Attempt:
    """One search: the text, what each group holds so far, and who pays."""

    text: str
    meter: Meter
    groups: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Found:
    text: str
    spans: dict[int, tuple[int, int]]

    def group(self, index: int) -> str | None:
        span = self.spans.get(index)
        return None if span is None else self.text[span[0] : span[1]]

    def start(self) -> int:
        return self.spans[0][0]

    def end(self) -> int:
        return self.spans[0][1]


class Backtracking:
    """A compiled pattern whose cost only the budget bounds."""

    def __init__(self, piece: Piece, groups: int) -> None:
        self.groups = groups
        self._step = step(piece)

    def find(self, text: str, meter: Meter) -> Iterator[Match]:
        at = 0
        while at <= len(text):
            attempt = Attempt(text, meter, {})
            end = self._step(attempt, at, lambda found: found)
            if end is None:
                at += 1
                continue
            yield Found(text, {0: (at, end), **attempt.groups})
            at = max(end, at + 1)


@singledispatch
def step(piece: Piece) -> Step:
    """Matches a piece at a place, then what follows; the end of it all, or None."""
    raise TypeError(type(piece).__name__)


@step.register
def _(piece: Characters) -> Step:
    def match(attempt: Attempt, at: int, then: Then) -> int | None:
        attempt.meter.spend()
        fits = at < len(attempt.text) and holds(piece.ranges, ord(attempt.text[at]))
        return then(at + 1) if fits else None

    return match


@step.register
def _(piece: Anchor) -> Step:
    def match(attempt: Attempt, at: int, then: Then) -> int | None:
        edge = at == (0 if piece.start else len(attempt.text))
        beside = attempt.text[at - 1 : at] if piece.start else attempt.text[at : at + 1]
        return then(at) if edge or (piece.lines and beside == "\n") else None

    return match


@step.register
def _(piece: Sequence) -> Step:
    steps = [step(inner) for inner in piece.pieces]

    def match(attempt: Attempt, at: int, then: Then, rank: int = 0) -> int | None:
        if rank == len(steps):
            return then(at)
        return steps[rank](attempt, at, lambda reached: match(attempt, reached, then, rank + 1))

    return match


@step.register
def _(piece: Choice) -> Step:
    steps = [step(branch) for branch in piece.branches]

    def match(attempt: Attempt, at: int, then: Then) -> int | None:
        for branch in steps:
            end = branch(attempt, at, then)
            if end is not None:
                return end
        return None

    return match


@step.register
def _(piece: Group) -> Step:
    inner, number = step(piece.inner), piece.number

    def match(attempt: Attempt, at: int, then: Then) -> int | None:
        before = attempt.groups.get(number)

        def close(reached: int) -> int | None:
            kept = attempt.groups.get(number)
            attempt.groups[number] = (at, reached)
            end = then(reached)
            if end is None:
                restore(attempt, number, kept)
            return end

        end = inner(attempt, at, close)
        if end is None:
            restore(attempt, number, before)
        return end

    return match if number else inner


def restore(attempt: Attempt, number: int, span: tuple[int, int] | None) -> None:
    if span is None:
        attempt.groups.pop(number, None)
    else:
        attempt.groups[number] = span


@step.register
def _(piece: Repeat) -> Step:
    inner, low, high, lazy = step(piece.inner), piece.low, piece.high, piece.lazy

    def match(attempt: Attempt, at: int, then: Then, count: int = 0) -> int | None:
        attempt.meter.spend()

        def again(reached: int) -> int | None:
            if reached == at and count >= low:
                return None  # an empty turn would go on for ever
            return match(attempt, reached, then, count + 1)

        def onward() -> int | None:
            return inner(attempt, at, again) if high is None or count < high else None

        if count < low:
            return onward()
        if lazy:
            end = then(at)
            return onward() if end is None else end
        end = onward()
        return then(at) if end is None else end

    return match


@step.register
def _(piece: Back) -> Step:
    def match(attempt: Attempt, at: int, then: Then) -> int | None:
        start, end = attempt.groups.get(piece.number, (0, 0))
        said = attempt.text[start:end]
        found = attempt.text[at : at + len(said)]
        attempt.meter.spend(1 + len(said) // 64)
        same = found.lower() == said.lower() if piece.any_case else found == said
        return then(at + len(said)) if same and len(found) == len(said) else None

    return match

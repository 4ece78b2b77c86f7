"""Patterns run by RE2, in a time that grows with the text alone."""

from collections.abc import Iterator
from functools import singledispatch

import re2

from engine.feel.errors import Impossible
from engine.feel.patterns.matching import Match, Meter
from engine.feel.patterns.notation import Anchor, Characters, Choice, Group, Piece, Repeat, Sequence

LONGEST = 200_000
MEMORY = 4 << 20
WORK_PER_STEP = 2_000


class Linear:
    """A compiled pattern without references back."""

    def __init__(self, piece: Piece, groups: int) -> None:
        self.groups = groups
        text = written(piece)
        if len(text) > LONGEST:
            raise Impossible("pattern-long")
        options = re2.Options()
        options.log_errors = False
        options.max_mem = MEMORY
        try:
            self._compiled = re2.compile(text, options)
        except re2.error as error:
            raise Impossible("pattern-long") from error
        self._size: int = self._compiled.programsize

    def find(self, text: str, meter: Meter) -> Iterator[Match]:
        """All matches, none within another; what RE2 may cost at worst is paid before."""
        meter.spend(1 + len(text) * self._size // WORK_PER_STEP)
        for found in self._compiled.finditer(text):
            meter.look()
            yield found


@singledispatch
def written(piece: Piece) -> str:
    """The piece in RE2's notation."""
    raise TypeError(type(piece).__name__)


@written.register
def _(piece: Characters) -> str:
    if not piece.ranges:
        return r"[^\x00-\x{10FFFF}]"
    return "[" + "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in piece.ranges) + "]"


@written.register
def _(piece: Anchor) -> str:
    if piece.lines:
        return "(?m:^)" if piece.start else "(?m:$)"
    return r"\A" if piece.start else r"\z"


@written.register
def _(piece: Sequence) -> str:
    return "".join(map(written, piece.pieces))


@written.register
def _(piece: Choice) -> str:
    return "(?:" + "|".join(map(written, piece.branches)) + ")"


@written.register
def _(piece: Group) -> str:
    return ("(" if piece.number else "(?:") + written(piece.inner) + ")"


@written.register
def _(piece: Repeat) -> str:
    high = "" if piece.high is None else piece.high
    return f"(?:{written(piece.inner)}){{{piece.low},{high}}}" + "?" * piece.lazy

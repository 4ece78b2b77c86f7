"""One input column: its pieces, which of them may come in, and for each rule the pieces that its cell accepts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.decisions import model
from engine.decisions.conformity import Mismatch, conformed
from engine.decisions.coverage.constants import Unreadable, constants
from engine.decisions.coverage.pieces import Piece, key, pieces
from engine.decisions.library import Library
from engine.feel.budget import Meter
from engine.feel.cells import parse_tests
from engine.feel.compiler import TestCode, emit_tests
from engine.feel.errors import FeelError
from engine.feel.scope import Run, Scope
from engine.feel.values import FeelValue

ANYTHING = ("", "-")


class Misfit:
    """Stands for a value that is not of the type asked for."""


MISFIT = Misfit()


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of unary tests that compares its input with constants only."""

    code: TestCode
    constants: tuple[FeelValue, ...]

    def accepts(self, value: FeelValue) -> bool:
        try:
            return self.code(Scope({"?": value}, None, Run(Meter())), value) is True
        except FeelError:
            return False


@dataclass(frozen=True, slots=True)
class Column:
    """Sets of pieces are the bits of an integer. `sure`: what each rule's cell accepts; `possible`: the same, or all
    of it for a cell that cannot be read; `expected`: what may come in, null only when a cell speaks of it.
    """

    label: str
    limits: str
    pieces: Sequence[Piece]
    allowed: int
    expected: int
    sure: Sequence[int]
    possible: Sequence[int]
    unread: Sequence[int]
    outside: frozenset[int]  # rules whose cell would accept values, but none that is allowed


def read_cell(text: str, library: Library) -> Cell | None:
    """None for a text that is no FEEL, or that asks more than comparisons with constants."""
    try:
        tests = parse_tests(text, library.names)
        return Cell(emit_tests(tests), tuple(constants(tests)))
    except (FeelError, Unreadable, RecursionError):
        return None


def column(found: model.TableInput, texts: Sequence[str], library: Library) -> Column:
    """The column of a table, with the text of each rule's cell."""
    limits = [read_cell(text, library) for text in _limits(found, library) if text not in ANYTHING]
    cells = {text: read_cell(text, library) for text in dict.fromkeys(texts)}
    read = [cell for cell in (*cells.values(), *limits) if cell is not None]
    type_name = _type(found, library)
    parts = pieces((value for cell in read for value in cell.constants), _base(type_name, library))
    is_limited = all(cell is not None for cell in limits)
    brought = [conforming(part.sample, type_name, library) if is_limited else part.sample for part in parts]
    allowed = _allowed(found, brought, parts, library) if is_limited else (1 << len(parts)) - 1
    cut = Cut(
        parts, [part.sample if isinstance(one, Misfit) else one for part, one in zip(parts, brought, strict=True)]
    )
    whole = {text: cut.accepted(cell) for text, cell in cells.items() if cell is not None}
    named_null = any(None in cell.constants for cell in cells.values() if cell is not None)
    return Column(
        found.label,
        found.values or f"type {type_name}",
        parts,
        allowed,
        allowed if named_null else allowed & ~(1 << (len(parts) - 1)),
        [whole.get(text, 0) & allowed for text in texts],
        [whole.get(text, -1) & allowed for text in texts],
        [rule for rule, text in enumerate(texts) if text not in whole],
        frozenset(rule for rule, text in enumerate(texts) if whole.get(text) and not whole[text] & allowed),
    )


class Cut:
    """The pieces of a column, to be asked of its cells: once between two constants of a cell, not once a piece."""

    def __init__(self, parts: Sequence[Piece], samples: Sequence[FeelValue]) -> None:
        self.samples = samples
        self.places = {key(part.sample): place for place, part in enumerate(parts) if part.shape == "point"}
        self.blocks = list(_blocks(parts))

    def accepted(self, cell: Cell) -> int:
        """The pieces that a cell accepts."""
        own = sorted({self.places[key(value)] for value in cell.constants if value is not None})
        found = 0
        for start, end in self.blocks:
            for first, last in _spans(start, end, [place for place in own if start <= place < end]):
                if cell.accepts(self.samples[first]):
                    found |= (1 << last) - (1 << first)
        return found


def _spans(start: int, end: int, cuts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Each cut alone, and what lies between the cuts."""
    for cut in cuts:
        if start < cut:
            yield start, cut
        yield cut, cut + 1
        start = cut + 1
    if start < end:
        yield start, end


def _blocks(parts: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Where each kind of value begins and ends."""
    start = 0
    for _, found in groupby(parts, key=lambda part: part.kind):
        end = start + len(list(found))
        yield start, end
        start = end


# ---- what may come in


def _allowed(
    found: model.TableInput, samples: Sequence[FeelValue | Misfit], parts: Sequence[Piece], library: Library
) -> int:
    test = None if found.values in ANYTHING else read_cell(found.values, library)
    return sum(
        1 << place
        for place, (sample, part) in enumerate(zip(samples, parts, strict=True))
        if part.shape == "null" or not (isinstance(sample, Misfit) or (test and not test.accepts(sample)))
    )


def conforming(value: FeelValue, type_name: str, library: Library) -> FeelValue | Misfit:
    """The value as one of a type, a misfit when it is none."""
    try:
        return conformed(value, type_name, library, Run(Meter()))
    except (Mismatch, FeelError):
        return MISFIT


def _type(found: model.TableInput, library: Library) -> str:
    """The declared type of the column, else of the input data that it reads."""
    data = (one for one in library.model.elements.values() if isinstance(one, model.InputData))
    return found.type or next((one.type for one in data if one.name == found.text), "")


def _base(type_name: str, library: Library) -> str:
    """The type at the bottom of a chain of item definitions."""
    for item in _chain(type_name, library):
        type_name = item.type
    return type_name


def _limits(found: model.TableInput, library: Library) -> list[str]:
    """The texts of the values allowed by the column and by its type."""
    chain = list(_chain(_type(found, library), library))
    return [found.values, *(text for item in chain for text in (item.allowed, item.constraint))]


def _chain(type_name: str, library: Library) -> Iterator[model.ItemDefinition]:
    seen: set[str] = set()
    while type_name not in seen:
        seen.add(type_name)
        library, item = library.item(type_name)
        if item is None:
            return
        yield item
        type_name = item.type

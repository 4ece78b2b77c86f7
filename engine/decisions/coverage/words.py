"""Boxes of values in the words of a reader: « âge < 18 et sévérité = « grave » »."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from engine.decisions.coverage.columns import Column
from engine.decisions.coverage.pieces import Piece
from engine.decisions.coverage.sweep import Box
from engine.feel.budget import Meter
from engine.feel.text import text_of
from engine.feel.values import FeelValue

MOST_NAMED = 4


def case(columns: Sequence[Column], box: Box) -> str:
    """What tells a box from all that may come in; empty for all of it."""
    told = [_told(column, pieces) for column, pieces in zip(columns, box, strict=True) if column.expected & ~pieces]
    return " et ".join(told)


def shown(value: FeelValue) -> str:
    """A value as a reader of the table says it."""
    if isinstance(value, bool):
        return "vrai" if value else "faux"
    return f"«\u00a0{value}\u00a0»" if isinstance(value, str) else text_of(value, Meter())


def _told(column: Column, pieces: int) -> str:
    phrases = [phrase for run in _runs(column, pieces) for phrase in [_phrase(column, run)] if phrase]
    return " ou ".join(phrases) or f"{column.label} a une valeur"


def _runs(column: Column, pieces: int) -> Iterator[list[Piece]]:
    """Stretches of one kind that follow each other; texts have no order and stay together."""
    stretch = 0
    marked: list[tuple[str, int, Piece]] = []
    for place, piece in enumerate(column.pieces):
        if not column.allowed >> place & 1:
            continue
        if not pieces >> place & 1:
            stretch += 1
            continue
        marked.append((piece.kind, 0 if piece.kind in ("string", "boolean") else stretch, piece))
    for _, found in groupby(marked, key=lambda mark: mark[:2]):
        yield [piece for _, _, piece in found]


def _phrase(column: Column, run: Sequence[Piece]) -> str:
    label, first, last = column.label, run[0], run[-1]
    if first.shape == "null":
        return f"{label} absent"
    if first.kind in ("string", "boolean"):
        return _listed(column, run)
    if first is last and first.shape == "point":
        return f"{label} = {shown(first.sample)}"
    low = _low(first)
    high = _high(last)
    if low and high:
        return f"{low[1]} {low[0].replace('>', '<').replace('≥', '≤')} {label} {high[0]} {high[1]}"
    return " ".join((label, *(low or high))) if low or high else ""


def _low(piece: Piece) -> tuple[str, str] | tuple[()]:
    if piece.shape == "point":
        return "≥", shown(piece.sample)
    return (">", shown(piece.low)) if piece.low is not None else ()


def _high(piece: Piece) -> tuple[str, str] | tuple[()]:
    if piece.shape == "point":
        return "≤", shown(piece.sample)
    return ("<", shown(piece.high)) if piece.high is not None else ()


def _listed(column: Column, run: Sequence[Piece]) -> str:
    if run[-1].shape != "other":
        return f"{column.label} = {' ou '.join(shown(piece.sample) for piece in run)}"
    kept = {id(piece) for piece in run}
    others = [
        shown(piece.sample)
        for place, piece in enumerate(column.pieces)
        if piece.kind == "string" and id(piece) not in kept and column.allowed >> place & 1
    ]
    if 0 < len(others) <= MOST_NAMED:
        return f"{column.label} n’est ni {' ni '.join(others)}" if len(others) > 1 else f"{column.label} ≠ {others[0]}"
    named = [piece for piece in run if piece.shape == "point"]
    if not others and named:
        return ""
    return f"{column.label} = une autre valeur" if not named else f"{column.label} : autre valeur que celles des règles"

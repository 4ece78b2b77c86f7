"""The orders that no index knows – by patient, commune, pathway, role or column: a long list is put in them by blocks.

A patient's name is sealed, and a column that could be sorted by the database would tell the order of names to whoever
reads the rows. So BLOCK tasks at a time are opened and put in order, those due first before the others.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf, isfinite

from base.vault import normalise
from engine.tables import NEVER
from inbox.lists.columns import Column
from inbox.lists.rows import Waiting
from inbox.lists.wanted import COLUMN

BLOCK = 500
APART = "."
"""Between the task after which the block begins, and the last task shown of it."""
KEYS: Mapping[str, Callable[[Waiting], str]] = {
    "patient": lambda row: row.patient.name,
    "commune": lambda row: row.patient.commune,
    "parcours": lambda row: row.pathway,
    "role": lambda row: row.role,
}


@dataclass(frozen=True)
class Spot:
    """Where a sorted list goes on: the block begins after the task `start`, its rows after the task `last`."""

    start: str = ""
    last: str = ""

    @classmethod
    def read(cls, text: str) -> "Spot":
        start, apart, last = text.rpartition(APART)
        return cls(start, last) if apart else cls()

    def __str__(self) -> str:
        return f"{self.start}{APART}{self.last}"


def key(row: Waiting, order: str, shown: Sequence[Column]) -> tuple[object, ...]:
    """By what a row stands in an order; what has no value comes last."""
    text = _column(row, order[len(COLUMN) :], shown) if order.startswith(COLUMN) else KEYS[order](row)
    return (not text, *_comparable(text), row.due_at or NEVER, -row.priority, row.id)


def _column(row: Waiting, name: str, shown: Sequence[Column]) -> str:
    return next((said for one, said in zip(shown, row.columns, strict=True) if one.variable == name), "")


def _comparable(text: str) -> tuple[float, str]:
    """9 comes before 10, and numbers before words."""
    with suppress(ValueError):
        return (float(text), "") if isfinite(float(text)) else (inf, text)
    return (inf, normalise(text))

"""docs/feel.md as the tests read it: its context, its tables, and the decision tables among them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import FeelValue, Names, compile
from engine.feel.expression import KNOWN

PAGE = Path(__file__).parents[2] / "docs" / "feel.md"
NOW = datetime(2026, 3, 9, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
FENCE = re.compile(r"^```feel\n(.*?)^```", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\|.*\|\n\|(?:-+\|)+\n((?:\|.*\|\n)*)", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Table:
    """A Markdown table: its heads and its rows, cells as they are written."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def page() -> str:
    return PAGE.read_text("utf-8")


@cache
def tables() -> tuple[Table, ...]:
    found = (match[0].splitlines() for match in TABLE.finditer(page()))
    return tuple(Table(cells(lines[0]), tuple(map(cells, lines[2:]))) for lines in found)


def cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def codes(cell: str) -> list[str]:
    """What stands between backticks."""
    return CODE.findall(cell)


def rows(*heads: str) -> Iterator[tuple[str, ...]]:
    """The rows of all tables that begin with these heads."""
    for table in tables():
        if table.heads[: len(heads)] == heads:
            yield from table.rows


@cache
def context() -> dict[str, Any]:
    """The case of the page's examples."""
    written = FENCE.search(page())
    value = compile(written[1], names(written[1])).evaluate(now=NOW)
    assert isinstance(value, dict)
    return value


def names(written: str) -> Names:
    """The names of several words that a context gives values to."""
    return Names(re.findall(r"(\w+(?: \w+)+):", written), KNOWN)


def value_of(text: str, known: dict[str, Any] | None = None) -> FeelValue:
    known = context() if known is None else known
    return compile(text, Names(known, names(text))).evaluate(known, now=NOW)

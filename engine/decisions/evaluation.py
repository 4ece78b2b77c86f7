"""What an evaluation gives back: the value, the inputs, which rules fired and which cell refused each other rule."""

from dataclasses import dataclass
from typing import NamedTuple

from engine.feel import FeelValue


class MatchedRule(NamedTuple):
    """A rule that applied; they are numbered from 1, as on the screen."""

    table: str
    number: int
    id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rule did not apply: the first cell that refused its input (columns and rules count from 1)."""

    rule: int
    column: int
    cell: str


@dataclass(frozen=True, slots=True)
class TableTrace:
    """One passage through a table; `table` is the id of the decision or function that holds it."""

    table: str
    inputs: tuple[tuple[str, FeelValue], ...]
    matched: tuple[MatchedRule, ...]
    refused: tuple[Refusal, ...]
    output: FeelValue


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`inputs`: the input data that were read, or the tables' inputs when the file declares no input data;
    `trace`: the tables in the order in which they were passed.
    """

    value: FeelValue
    inputs: dict[str, FeelValue]
    rules: tuple[MatchedRule, ...]
    trace: tuple[TableTrace, ...]
    warnings: tuple[str, ...]

"""One thing that the static check says of a decision table."""

from dataclasses import dataclass

from engine.feel.values import FeelValue


@dataclass(frozen=True, slots=True)
class Remark:
    """`element` and `line`: the rule or the table to look at; `rules` count from 1, as on the screen.

    `code`: gap, overlap, dead-rule, masked-rule, output-not-allowed or unchecked. `example`: for a gap or an overlap,
    one value for each column of the table.
    """

    code: str
    table: str
    element: str
    line: int
    rules: tuple[int, ...]
    message: str
    hint: str
    example: tuple[FeelValue, ...] = ()

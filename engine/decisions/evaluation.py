"""What an evaluation gives back: the value, the inputs, which rules fired and which cells refused each other rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.decisions import model
from engine.feel import FeelValue


class MatchedRule(NamedTuple):
    """A rule that applied; they are numbered from 1, as on the screen."""

    table: str
    number: int
    id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell that refused its input: columns and rules count from 1."""

    rule: int
    column: int
    cell: str
    label: str
    value: FeelValue


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """What became of one rule. `matched` is None when it was not looked at, an earlier one having decided."""

    number: int
    id: str
    annotation: str
    outputs: tuple[str, ...]
    matched: bool | None
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class TableTrace:
    """One passage through a table; `table` is the id of the decision or function that holds it.

    `inputs`: the label and the value of each column. `source`: the table as it is written. `refusing`: for each rule
    that was looked at, the columns whose cells refused it: the first of them, or all when the evaluation explains.
    """

    table: str
    source: model.DecisionTable
    inputs: tuple[tuple[str, FeelValue], ...]
    matched: tuple[MatchedRule, ...]
    output: FeelValue
    refusing: Sequence[Sequence[int]]

    @property
    def hit_policy(self) -> str:
        """`UNIQUE`, `COLLECT SUM`…"""
        return f"{self.source.hit_policy} {self.source.aggregation}".strip()

    @property
    def expressions(self) -> tuple[str, ...]:
        """The text that each column reads."""
        return tuple(found.text for found in self.source.inputs)

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Every cell that is known to have refused its rule."""
        return tuple(refusal for rule in self.rules for refusal in rule.refused)

    @property
    def rules(self) -> tuple[RuleTrace, ...]:
        """Every rule of the table, in its order."""
        fired = {rule.number for rule in self.matched}
        return tuple(self._rule(number, rule, fired) for number, rule in enumerate(self.source.rules, 1))

    def _rule(self, number: int, rule: model.Rule, fired: set[int]) -> RuleTrace:
        seen = number <= len(self.refusing)
        refused = tuple(
            Refusal(number, column + 1, rule.inputs[column], *self.inputs[column])
            for column in (self.refusing[number - 1] if seen else ())
        )
        return RuleTrace(number, rule.id, rule.annotation, rule.outputs, number in fired if seen else None, refused)


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

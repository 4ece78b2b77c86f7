"""A table as the checks see it: its columns cut into pieces, and its outputs as far as they are constants."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.decisions import model
from engine.decisions.coverage.columns import Column, column
from engine.decisions.coverage.constants import Unreadable, fixed_value
from engine.decisions.coverage.remark import Remark
from engine.decisions.coverage.sweep import Box, Work
from engine.decisions.library import Library
from engine.feel.errors import FeelError
from engine.feel.parser import parse_expression
from engine.feel.values import FeelValue


class Unknown:
    """The value of an output that is no constant."""


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Subject:
    """One table; `work` is what one check of it may cost."""

    owner: str
    table: model.DecisionTable
    library: Library
    columns: Sequence[Column]
    outputs: Sequence[Sequence[FeelValue | Unknown]]
    work: Work = field(default_factory=Work)

    @property
    def count(self) -> int:
        return len(self.table.rules)

    @property
    def everything(self) -> int:
        """All rules, as bits."""
        return (1 << self.count) - 1

    @property
    def priorities(self) -> list[list[FeelValue] | None]:
        """The allowed values of each output, highest priority first."""
        found = [constant(f"[{one.values}]", self.library) if one.values else None for one in self.table.outputs]
        return [values if isinstance(values, list) else None for values in found]

    def box(self, rule: int, *, possible: bool = False) -> Box:
        """The pieces that a rule surely accepts, or accepts as far as its cells can be read."""
        return tuple(column.possible[rule] if possible else column.sure[rule] for column in self.columns)

    def sample(self, box: Box) -> tuple[FeelValue, ...]:
        """One value for each column, within a box; null only where nothing else is."""
        return tuple(
            column.pieces[_lowest(pieces & column.expected or pieces)].sample
            for column, pieces in zip(self.columns, box, strict=True)
        )

    def remark(self, code: str, rules: tuple[int, ...], message: str, hint: str, box: Box | None = None) -> Remark:
        """Points at the last of its rules, or at the table; `rules` count from 0 here."""
        where = self.table.rules[rules[-1]] if rules else self.table
        numbers = tuple(rule + 1 for rule in rules)
        example = () if box is None else self.sample(box)
        return Remark(code, self.owner, where.id, where.line or self.table.line, numbers, message, hint, example)


def read_subject(owner: str, table: model.DecisionTable, library: Library) -> Subject:
    width = len(table.inputs)
    rows = [(*rule.inputs, *[""] * width)[:width] for rule in table.rules]
    columns = [column(found, [row[place] for row in rows], library) for place, found in enumerate(table.inputs)]
    outputs = [[constant(text, library) for text in rule.outputs[: len(table.outputs)]] for rule in table.rules]
    return Subject(owner, table, library, columns, outputs)


def constant(text: str, library: Library) -> FeelValue | Unknown:
    """The value of an output's text, when it depends on nothing."""
    try:
        return fixed_value(parse_expression(text, library.names)) if text else None
    except (FeelError, Unreadable, RecursionError):
        return UNKNOWN


def _lowest(bits: int) -> int:
    """The first piece of a set."""
    return (bits & -bits).bit_length() - 1

"""The parser of a decision table's cells: unary tests, several of them, or their negation."""

from engine.feel.errors import FeelSyntaxError
from engine.feel.names import Names
from engine.feel.parser import Parser
from engine.feel.syntax import Tests
from engine.feel.tokens import END


def parse_tests(text: str, names: Names) -> Tests:
    """A cell of unary tests; empty or `-` accepts anything. Raises FeelSyntaxError."""
    cell = Cell(text, names)
    node = cell.unary_tests()
    cell.expect_end()
    return node


class Cell(Parser):
    """A cell's text."""

    def unary_tests(self) -> Tests:
        at = self.token.at
        if self.token.kind == END or (self.sees("-") and self.tokens[self.index + 1].kind == END):
            self.index = len(self.tokens) - 1
            return Tests(at, (), negated=False)
        if self.sees("not") and self.sees("(", 1):
            negated = self._negated_tests(at)
            if negated is not None:
                return negated
        return Tests(at, self.separated(self.test), negated=False)

    def _negated_tests(self, at: int) -> Tests | None:
        """`not(1, 2)`; None, with nothing read, when the cell is an expression such as `not(a) and b`."""
        start = self.index
        self.index += 2
        try:
            tests = self.separated(self.test)
            self.expect(")")
            self.expect_end()
        except FeelSyntaxError:
            self.index, self.depth = start, 0
            return None
        return Tests(at, tests, negated=True)

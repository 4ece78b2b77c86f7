"""What can go wrong with decisions: the file (its author must act) or one evaluation (the operator must)."""

from base.errors import PathwayError, RunError
from engine.decisions.evaluation import TableTrace


class UnreadableDecisions(PathwayError):
    """The file is no DMN that Jalon can read."""

    code = "decisions-unreadable"


class DecisionError(RunError):
    """A decision gave no answer to be trusted: no rule applies, two contradict each other, a value is not allowed…

    `table` tells, when a table was passed, which cell refused each rule.
    """

    code = "decision"

    def __init__(self, message: str, *, table: TableTrace | None = None) -> None:
        super().__init__(message)
        self.table = table

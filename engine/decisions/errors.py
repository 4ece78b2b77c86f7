"""What can go wrong with decisions: the file (its author must act) or one evaluation (the operator must)."""

from base.errors import PathwayError, RunError
from engine.decisions.evaluation import TableTrace


class UnreadableDecisions(PathwayError):
    """The file is no DMN that Jalon can read."""

    code = "decisions-unreadable"


class DecisionError(RunError):
    """A decision gave no answer to be trusted: no rule applies, two contradict each other, a value is not allowed…

    `table` tells, when it was in a table, how far that went and which cell refused each rule.
    """

    code = "decision"

    table: TableTrace | None = None

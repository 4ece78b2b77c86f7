"""What can go wrong with decisions: the file (its author must act) or one evaluation (the operator must)."""

from dataclasses import dataclass

from base.errors import PathwayError, RunError


class UnreadableDecisions(PathwayError):
    """The file is no DMN that Jalon can read."""

    code = "decisions-unreadable"


class DecisionError(RunError):
    """A decision gave no answer to be trusted: no rule applies, two contradict each other, a value is not allowed…"""

    code = "decision"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a file that can otherwise be read: which element, which line, what, in French."""

    element: str
    line: int
    message: str

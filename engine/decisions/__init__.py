"""DMN: decision tables and their requirement graph, read from the standard's files and decided on FEEL."""

from engine.decisions.decisions import Decisions, read
from engine.decisions.errors import DecisionError, Problem, UnreadableDecisions
from engine.decisions.evaluation import Evaluation, MatchedRule, Refusal, TableTrace

__all__ = [
    "DecisionError",
    "Decisions",
    "Evaluation",
    "MatchedRule",
    "Problem",
    "Refusal",
    "TableTrace",
    "UnreadableDecisions",
    "read",
]

"""DMN: decision tables and their requirement graph, read from the standard's files and decided on FEEL."""

from engine.decisions.coverage import Remark
from engine.decisions.decisions import Decisions, read
from engine.decisions.errors import DecisionError, UnreadableDecisions
from engine.decisions.evaluation import Evaluation, MatchedRule, Refusal, RuleTrace, TableTrace
from engine.decisions.problem import Problem

__all__ = [
    "DecisionError",
    "Decisions",
    "Evaluation",
    "MatchedRule",
    "Problem",
    "Refusal",
    "Remark",
    "RuleTrace",
    "TableTrace",
    "UnreadableDecisions",
    "read",
]

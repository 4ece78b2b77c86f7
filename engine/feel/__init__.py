"""FEEL, the expression language of decisions and pathways: compiled once, exact, bounded, cut off from the host."""

from engine.feel.budget import Budget
from engine.feel.conversion import Plain, from_feel, to_feel
from engine.feel.durations import Months, Nanoseconds
from engine.feel.errors import FeelBudgetError, FeelError, FeelSyntaxError
from engine.feel.expression import (
    Expression,
    Outcome,
    UnaryTests,
    compile,  # noqa: A004 - FEEL's, never Python's
    compile_unary,
)
from engine.feel.names import Names
from engine.feel.storage import dump, load
from engine.feel.temporal import Date, DateTime, Time
from engine.feel.values import FeelValue, Function, Range

__all__ = [
    "Budget",
    "Date",
    "DateTime",
    "Expression",
    "FeelBudgetError",
    "FeelError",
    "FeelSyntaxError",
    "FeelValue",
    "Function",
    "Months",
    "Names",
    "Nanoseconds",
    "Outcome",
    "Plain",
    "Range",
    "Time",
    "UnaryTests",
    "compile",
    "compile_unary",
    "dump",
    "from_feel",
    "load",
    "to_feel",
]

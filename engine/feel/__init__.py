"""FEEL, the expression language of decisions and pathways: compiled once, exact, bounded, cut off from the host.

It is a library in itself: nothing of Jalon is needed but `base.errors`.

    from engine.feel import Budget, FeelError, Names, compile, compile_unary, from_feel

    risk = compile("score élevé and age >= seuil", Names(["score élevé"]))    # once; cached by text and names
    risk.names                                                               # what it reads from outside
    risk.evaluate({"score élevé": True, "age": 80, "seuil": 75})             # True
    outcome = risk.explain({"score élevé": None, "age": "80", "seuil": 75})  # null, and why:
    [said.text("en") for said in outcome.warnings]      # 'a text ("80") and a number (75) cannot be compared'…

    compile_unary("[70..80), > 90").accept(95)                               # a cell of a decision table: True
    from_feel(compile('date("2026-03-31") + duration("P1M")').evaluate())    # '2026-04-30'

`compile` raises FeelSyntaxError; `evaluate` raises FeelBudgetError when the Budget is spent, and FeelError when an
author's assert() or a host function failed or the language refuses a function. Each says its `reason` (a code with its
values), `text("fr")` or `text("en")`, and its place: `position`, `line`, `column` and `excerpt()`. All else that has no
meaning is null, as the standard says, and `explain` tells why.

Numbers are Decimal of 34 digits; dates, times and durations are Date, Time, DateTime, Months and Nanoseconds, which
reach year ±999 999 999. Python's own values are taken as they are; `from_feel` gives plain JSON-able ones, and
`dump` and `load` keep values without loss. Expressions may be shared between threads.

The rooms: `tokens`, `names`, `reading`, `parser` and `cells` read a text into the tree of `syntax` (`printing` writes
it again); `compiler` makes closures of the tree; `builtins` holds the functions; `patterns` the regular expressions;
`arithmetic`, `comparison`, `typing` and `properties` what values mean; `messages` every sentence said about a failure.
"""

from engine.feel.budget import Budget
from engine.feel.conversion import Plain, from_feel, to_feel
from engine.feel.durations import Months, Nanoseconds
from engine.feel.errors import FeelBudgetError, FeelError, FeelSyntaxError, FeelTypeError
from engine.feel.expression import (
    Expression,
    Outcome,
    UnaryTests,
    compile,  # noqa: A004 - FEEL's, never Python's
    compile_unary,
)
from engine.feel.messages import Language, Told
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
    "FeelTypeError",
    "FeelValue",
    "Function",
    "Language",
    "Months",
    "Names",
    "Nanoseconds",
    "Outcome",
    "Plain",
    "Range",
    "Time",
    "Told",
    "UnaryTests",
    "compile",
    "compile_unary",
    "dump",
    "from_feel",
    "load",
    "to_feel",
]

"""Built-in functions on single numbers."""

import decimal
from decimal import Decimal

from engine.feel.builtins.signature import Body, builtin
from engine.feel.durations import Months, Nanoseconds
from engine.feel.numbers import CONTEXT, WIDE, rounded
from engine.feel.values import FeelValue

ZERO, TWO = Decimal(0), Decimal(2)


def rounding(mode: str) -> Body:
    def apply(n: Decimal, scale: Decimal | None = ZERO) -> FeelValue:
        return None if scale is None else rounded(n, scale, mode)

    return apply


def absolute(n: Decimal | Months | Nanoseconds) -> FeelValue:
    return CONTEXT.abs(n) if isinstance(n, Decimal) else n.of(abs(n.count))


def modulo(dividend: Decimal, divisor: Decimal) -> FeelValue:
    """With the sign of the divisor: `modulo(-12, 5)` is 3."""
    if not divisor:
        return None
    rest = WIDE.remainder(dividend, divisor)
    return CONTEXT.plus(WIDE.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest)


def square_root(number: Decimal) -> FeelValue:
    return CONTEXT.sqrt(number) if number >= 0 else None


def logarithm(number: Decimal) -> FeelValue:
    return CONTEXT.ln(number) if number > 0 else None


def exponential(number: Decimal) -> FeelValue:
    return CONTEXT.exp(number)


def is_odd(number: Decimal) -> FeelValue:
    return modulo(number, TWO) == 1


def is_even(number: Decimal) -> FeelValue:
    return modulo(number, TWO) == 0


SCALED, OPTIONAL = "n: number, scale: number", "n: number, scale: number?"
FUNCTIONS = [
    builtin("decimal", (SCALED, rounding(decimal.ROUND_HALF_EVEN))),
    builtin("floor", (OPTIONAL, rounding(decimal.ROUND_FLOOR))),
    builtin("ceiling", (OPTIONAL, rounding(decimal.ROUND_CEILING))),
    builtin("round up", (SCALED, rounding(decimal.ROUND_UP))),
    builtin("round down", (SCALED, rounding(decimal.ROUND_DOWN))),
    builtin("round half up", (SCALED, rounding(decimal.ROUND_HALF_UP))),
    builtin("round half down", (SCALED, rounding(decimal.ROUND_HALF_DOWN))),
    builtin("abs", ("n: number", absolute), ("n: duration", absolute)),
    builtin("modulo", ("dividend: number, divisor: number", modulo)),
    builtin("sqrt", ("number: number", square_root)),
    builtin("log", ("number: number", logarithm)),
    builtin("exp", ("number: number", exponential)),
    builtin("odd", ("number: number", is_odd)),
    builtin("even", ("number: number", is_even)),
]

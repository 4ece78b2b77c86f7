"""Built-in functions on single numbers."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from engine.feel.builtins.signature import Body, builtin
from engine.feel.durations import Months, Nanoseconds
from engine.feel.errors import Impossible
from engine.feel.numbers import CONTEXT, WIDE, rounded
from engine.feel.values import Described, FeelValue

ZERO, TWO = Decimal(0), Decimal(2)
MODES = {
    mode.removeprefix("ROUND_"): mode
    for mode in (ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP)
}


def rounding(mode: str) -> Body:
    def apply(n: Decimal, scale: Decimal | None = ZERO) -> FeelValue:
        result = None if scale is None else rounded(n, scale, mode)
        if result is None:
            raise Impossible("scale")
        return result

    return apply


def rounded_by(n: Decimal, scale: Decimal, mode: str) -> FeelValue:
    """`decimal(2.5, 0, "half_up")`, as Camunda writes it."""
    chosen = MODES.get(mode.upper())
    if chosen is None:
        raise Impossible("rounding-mode", mode=mode)
    return rounding(chosen)(n, scale)


def absolute(n: Decimal | Months | Nanoseconds) -> FeelValue:
    return CONTEXT.abs(n) if isinstance(n, Decimal) else n.of(abs(n.count))


def modulo(dividend: Decimal, divisor: Decimal) -> FeelValue:
    """With the sign of the divisor: `modulo(-12, 5)` is 3."""
    if not divisor:
        raise Impossible("division-by-zero")
    rest = WIDE.remainder(dividend, divisor)
    return CONTEXT.plus(WIDE.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest)


def square_root(number: Decimal) -> FeelValue:
    return CONTEXT.sqrt(positive(number, zero=True))


def logarithm(number: Decimal) -> FeelValue:
    return CONTEXT.ln(positive(number))


def positive(number: Decimal, *, zero: bool = False) -> Decimal:
    if number < 0 or (number == 0 and not zero):
        raise Impossible("positive", value=Described(number))
    return number


def exponential(number: Decimal) -> FeelValue:
    return CONTEXT.exp(number)


def is_odd(number: Decimal) -> FeelValue:
    return modulo(number, TWO) == 1


def is_even(number: Decimal) -> FeelValue:
    return modulo(number, TWO) == 0


SCALED, OPTIONAL = "n: number, scale: number", "n: number, scale: number?"
FUNCTIONS = [
    builtin("decimal", (SCALED, rounding(ROUND_HALF_EVEN)), (SCALED + ", mode: string", rounded_by)),
    builtin("floor", (OPTIONAL, rounding(ROUND_FLOOR))),
    builtin("ceiling", (OPTIONAL, rounding(ROUND_CEILING))),
    builtin("round up", (SCALED, rounding(ROUND_UP))),
    builtin("round down", (SCALED, rounding(ROUND_DOWN))),
    builtin("round half up", (SCALED, rounding(ROUND_HALF_UP))),
    builtin("round half down", (SCALED, rounding(ROUND_HALF_DOWN))),
    builtin("abs", ("n: number", absolute), ("n: duration", absolute)),
    builtin("modulo", ("dividend: number, divisor: number", modulo)),
    builtin("sqrt", ("number: number", square_root)),
    builtin("log", ("number: number", logarithm)),
    builtin("exp", ("number: number", exponential)),
    builtin("odd", ("number: number", is_odd)),
    builtin("even", ("number: number", is_even)),
]

"""FEEL numbers: decimals of 34 significant digits, rounded half even."""

import decimal
from decimal import Decimal

CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
WIDE = decimal.Context(prec=12_400, Emin=-12_400, Emax=12_400, traps=[decimal.InvalidOperation])
SCALES = range(-6111, 6177)


def number(value: float | str | Decimal) -> Decimal:
    """A FEEL number; raises decimal.InvalidOperation when the text is none, or is infinite or not a number."""
    made = CONTEXT.create_decimal(repr(value) if isinstance(value, float) else value)
    if not made.is_finite():
        raise decimal.InvalidOperation(str(value))
    return made


def rounded(value: Decimal, scale: Decimal, mode: str) -> Decimal | None:
    """The value with `scale` digits after the point; None when the scale is no scale."""
    digits = int(scale)
    if digits not in SCALES:
        return None
    return CONTEXT.plus(value.quantize(Decimal(1).scaleb(-digits), rounding=mode, context=WIDE))


def number_text(value: Decimal) -> str:
    plain = format(CONTEXT.plus(value), "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def whole(value: Decimal) -> int | None:
    """The integer that the value is, or None."""
    return int(value) if value == value.to_integral_value() else None

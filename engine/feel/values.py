"""What a FEEL expression may hold: the values, their kinds, ranges and functions."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

from engine.feel.budget import Meter
from engine.feel.durations import Months, Nanoseconds
from engine.feel.errors import FeelError
from engine.feel.temporal import Date, DateTime, Time


class Caller(Protocol):
    """What a function may ask of the evaluation that calls it."""

    meter: Meter
    now: datetime | None

    def warn(self, message: str, position: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Anything that FEEL can call."""

    name: str
    parameters: tuple[str, ...]

    def call(self, caller: Caller, arguments: "list[FeelValue]") -> "FeelValue":
        raise NotImplementedError

    def call_named(self, caller: Caller, arguments: "dict[str, FeelValue]") -> "FeelValue":
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """Values from `low` to `high`; a missing end is `open_low` or `open_high` (`< 5`), or null (`[1..null]`)."""

    low: "FeelValue"
    high: "FeelValue"
    low_included: bool
    high_included: bool
    open_low: bool = False
    open_high: bool = False
    operator: str = ""  # `=` or `!=` when it was so written: `low` alone, or everything but it

    @property
    def is_undefined(self) -> bool:
        return (self.low is None and not self.open_low) or (self.high is None and not self.open_high)


Scalar: TypeAlias = bool | str | Decimal | Date | Time | DateTime | Months | Nanoseconds | None
FeelValue: TypeAlias = Scalar | Range | Function | list["FeelValue"] | dict[str, "FeelValue"]

KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    Months: "years and months duration",
    Nanoseconds: "days and time duration",
    Range: "range",
}
FRENCH = {
    "null": "null",
    "boolean": "un booléen",
    "number": "un nombre",
    "string": "un texte",
    "list": "une liste",
    "context": "un contexte",
    "date": "une date",
    "time": "une heure",
    "date and time": "une date et heure",
    "years and months duration": "une durée en années et mois",
    "days and time duration": "une durée en jours et heures",
    "range": "un intervalle",
    "function": "une fonction",
}


def kind(value: FeelValue) -> str:
    """FEEL's name of the value's type; raises FeelError for what is no FEEL value."""
    found = KINDS.get(type(value))
    if found is not None:
        return found
    if isinstance(value, Function):
        return "function"
    raise FeelError(f"valeur étrangère à FEEL : {type(value).__name__} (passer par to_feel)")


def french(value: FeelValue) -> str:
    """The value's type as a French noun, for messages."""
    return FRENCH[kind(value)]

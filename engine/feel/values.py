"""What a FEEL expression may hold: the values, their kinds, ranges and functions."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

from engine.feel.budget import Meter
from engine.feel.durations import Months, Nanoseconds
from engine.feel.errors import FeelTypeError, shortened
from engine.feel.messages import Language, Spoken, told
from engine.feel.numbers import number_text
from engine.feel.temporal import Date, DateTime, Time


class Caller(Protocol):
    """What a function may ask of the evaluation that calls it."""

    meter: Meter
    now: datetime | None

    def warn(self, message: str, position: int | None = None) -> None: ...

    def note(self, code: str, position: int | None = None, **values: object) -> None: ...


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
NOUNS = {
    "null": ("null", "null"),
    "boolean": ("un booléen", "a boolean"),
    "number": ("un nombre", "a number"),
    "string": ("un texte", "a text"),
    "list": ("une liste", "a list"),
    "context": ("un contexte", "a context"),
    "date": ("une date", "a date"),
    "time": ("une heure", "a time"),
    "date and time": ("une date et heure", "a date and time"),
    "years and months duration": ("une durée en années et mois", "a duration in years and months"),
    "days and time duration": ("une durée en jours et heures", "a duration in days and time"),
    "range": ("un intervalle", "a range"),
    "function": ("une fonction", "a function"),
}
ITEMS: dict[type, tuple[str, str]] = {list: ("élément", "item"), dict: ("clé", "key")}
SHOWN = 24


def kind(value: FeelValue) -> str:
    """FEEL's name of the value's type; raises FeelTypeError for what is no FEEL value."""
    found = KINDS.get(type(value))
    if found is not None:
        return found
    if isinstance(value, Function):
        return "function"
    raise FeelTypeError(told("foreign-value", type=type(value).__name__))


def french(value: FeelValue) -> str:
    """The value's type as a French noun, for messages."""
    return NOUNS[kind(value)][0]


class Described(Spoken):
    """A value in a message: its type as a noun and, when it is short, itself."""

    __slots__ = ("value",)

    def __init__(self, value: FeelValue) -> None:
        self.value = value

    def text(self, language: Language) -> str:
        noun, shown = NOUNS[kind(self.value)][language == "en"], self._shown(language)
        return f"{noun} ({shown})" if shown else noun

    def _shown(self, language: Language) -> str:
        value = self.value
        if isinstance(value, str):
            return f'"{shortened(value, SHOWN)}"' if language == "en" else f"« {shortened(value, SHOWN)} »"
        if isinstance(value, list | dict):
            return f"{len(value)} {ITEMS[type(value)][language == 'en']}{'s' * (len(value) > 1)}"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Decimal):
            return shortened(number_text(value), SHOWN)
        return "" if value is None or isinstance(value, Range | Function) else str(value)


class Listed(Spoken):
    """Several values in a message."""

    __slots__ = ("values",)

    def __init__(self, values: "list[FeelValue]") -> None:
        self.values = values

    def text(self, language: Language) -> str:
        if not self.values:
            return "none" if language == "en" else "aucun"
        return ", ".join(Described(value).text(language) for value in self.values)

"""FEEL values as JSON can keep them without loss: `load(dump(value))` is the value."""

from decimal import Decimal

from engine.feel.conversion import OF_TIME, SAID, Plain
from engine.feel.errors import FeelError
from engine.feel.iso import read_date, read_date_time, read_duration, read_time
from engine.feel.messages import told
from engine.feel.numbers import number
from engine.feel.values import FeelValue, Range

NUMBER, TEMPORAL, RANGE, ESCAPE = "#", "@", "..", "\\"
MARKS = frozenset({NUMBER, TEMPORAL, RANGE, ESCAPE})
JSON_INTEGER = 2**53


def dump(value: FeelValue) -> Plain:
    """Integers that JSON holds stay numbers; other numbers, dates… become marked objects.

    Raises FeelError for a function.
    """
    if isinstance(value, SAID):
        return value
    if isinstance(value, Decimal):
        return _dump_number(value)
    if isinstance(value, list):
        return [dump(item) for item in value]
    if isinstance(value, dict):
        kept: Plain = {key: dump(item) for key, item in value.items()}
        return {ESCAPE: kept} if len(value) == 1 and MARKS & value.keys() else kept
    if isinstance(value, OF_TIME):
        return {TEMPORAL: str(value)}
    if isinstance(value, Range):
        return {RANGE: [dump(value.low), dump(value.high), *_flags(value)]}
    raise FeelError(told("function-kept"))


def load(kept: Plain) -> FeelValue:
    """The value that `dump` wrote; plain JSON numbers are read too."""
    if isinstance(kept, SAID):
        return kept
    if isinstance(kept, int | float):
        return number(kept)
    if isinstance(kept, list):
        return [load(item) for item in kept]
    if len(kept) == 1:
        ((mark, content),) = kept.items()
        if mark in MARKS:
            return _load_marked(mark, content)
    return {key: load(item) for key, item in kept.items()}


def _dump_number(value: Decimal) -> Plain:
    if value.as_tuple().exponent == 0 and abs(value) < JSON_INTEGER and not (value.is_zero() and value.is_signed()):
        return int(value)
    return {NUMBER: str(value)}


def _flags(value: Range) -> list[Plain]:
    return [value.low_included, value.high_included, value.open_low, value.open_high, value.operator]


def _load_marked(mark: str, content: Plain) -> FeelValue:
    if mark == NUMBER and isinstance(content, str):
        return Decimal(content)
    if mark == TEMPORAL and isinstance(content, str):
        return _load_temporal(content)
    if mark == RANGE and isinstance(content, list):
        low, high, *flags, operator = content
        low_in, high_in, open_low, open_high = map(bool, flags)
        return Range(load(low), load(high), low_in, high_in, open_low, open_high, str(operator))
    if mark == ESCAPE and isinstance(content, dict):
        return {key: load(item) for key, item in content.items()}
    raise ValueError(f"valeur gardée illisible : {mark}")


def _load_temporal(text: str) -> FeelValue:
    for read in (read_duration, read_time, read_date, read_date_time):
        value = read(text)
        if value is not None:
            return value
    raise ValueError(f"date, heure ou durée gardée illisible : {text}")

"""What stands in the boxes of a form before anybody types, as the texts that an HTML form posts."""

from decimal import Decimal

from engine.feel import from_feel, to_feel
from engine.feel.values import FeelValue
from pathways.forms import words
from pathways.forms.fields import Field, Option
from pathways.forms.nesting import Values, at

HOUR = "__heure"
Boxes = dict[str, str | list[str]]


def prefill(field: Field, known: Values) -> Boxes:
    """The boxes of one field, or of every row of a repeated list."""
    if field.type != "dynamiclist":
        return _boxes(field, field.key, at(known, field.key)) if field.key else {}
    rows = at(known, field.key)
    filled: Boxes = {}
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        for inner in _inner(field):
            if isinstance(row, dict):
                filled |= _boxes(inner, f"{field.key}.{number}.{inner.key}", at(row, inner.key))
    return filled


def _inner(field: Field) -> list[Field]:
    return [inner for one in field.components for inner in one.walk() if inner.key]


def _boxes(field: Field, key: str, value: FeelValue) -> Boxes:
    if value is None:
        value = to_feel(field.default)
    if value is None or value == "":
        return {}
    if isinstance(value, list):
        return {key: [_text(one) for one in value]}
    if field.subtype == "datetime":
        day, _, hour = str(from_feel(value)).partition("T")
        return {key: day, key + HOUR: hour[:5]}
    if field.subtype == "time":
        return {key: str(from_feel(value))[:5]}
    return {key: words.plain(value) if isinstance(value, Decimal) and field.type == "number" else _text(value)}


def _text(value: FeelValue) -> str:
    return Option(from_feel(value), "").text

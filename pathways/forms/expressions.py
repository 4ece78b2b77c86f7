"""The FEEL of forms: conditions, limits, computed choices and words; a form never fails because of one of them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine import feel
from engine.feel import FeelError, from_feel
from engine.feel.values import FeelValue
from pathways.forms import words
from pathways.forms.answers import decimal
from pathways.forms.fields import Field

Values = Mapping[str, FeelValue]


def evaluate(text: str, known: Values) -> FeelValue:
    """The value of an expression, null when it does not read."""
    try:
        return feel.compile(text).evaluate(known)
    except FeelError:
        return None


def limit(bound: object, known: Values) -> Decimal | None:
    """A least or greatest number, written out or computed."""
    if isinstance(bound, str) and bound.startswith("="):
        value = evaluate(bound[1:], known)
        return value if isinstance(value, Decimal) else None
    return None if bound is None or bound == "" else decimal(bound)


def hidden_ids(field: Field, known: Values, inherited: bool = False) -> Iterator[str]:
    """The ids that are not shown: a hidden group hides what it holds."""
    hides = inherited or (field.hide is not None and _holds(field, known))
    if hides:
        yield field.id
    for component in field.components:
        yield from hidden_ids(component, known, hides)


def filled_text(text: str, known: Values) -> str:
    """Words with their `{{expressions}}` in place, or one expression that starts with `=`."""
    if text.startswith("="):
        return shown(evaluate(text[1:], known))
    first, *parts = text.split("{{")
    filled = [first]
    for part in parts:
        expression, closed, rest = part.partition("}}")
        value = shown(evaluate(expression.strip().removeprefix("="), known)) if closed else "{{" + part
        filled.append(value + rest)
    return "".join(filled)


def shown(value: FeelValue) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value)
    return words.plain(value) if isinstance(value, Decimal) else str(from_feel(value))


def _holds(field: Field, known: Values) -> bool:
    try:
        return field.hide is not None and field.hide.evaluate(known) is True
    except FeelError:
        return False

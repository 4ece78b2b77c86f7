"""FEEL values as texts: what `string()` answers."""

from decimal import Decimal

from engine.feel.budget import Meter
from engine.feel.numbers import number_text
from engine.feel.values import FeelValue, Function, Range


def text_of(value: FeelValue, meter: Meter) -> str:
    """A text is itself; inside a list or a context it stands between quotes."""
    return value if isinstance(value, str) else _inner(value, meter)


def _inner(value: FeelValue, meter: Meter) -> str:
    meter.enter()
    text = _structure(value, meter) if isinstance(value, list | dict | Range) else _scalar(value)
    meter.produce(len(text))
    meter.leave()
    return text


def _structure(value: "list[FeelValue] | dict[str, FeelValue] | Range", meter: Meter) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_inner(item, meter) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_inner(item, meter)}" for key, item in value.items()) + "}"
    low, high = (_inner(end, meter) if end is not None else "" for end in (value.low, value.high))
    return f"{'[' if value.low_included else '('}{low}..{high}{']' if value.high_included else ')'}"


def _scalar(value: FeelValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return '"' + value.replace('"', '\\"') + '"'
    return "function" if isinstance(value, Function) else str(value)

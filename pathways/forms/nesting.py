"""Between dotted keys and the nested values that a pathway knows."""

from collections.abc import Mapping

from engine.feel.values import FeelValue

Values = Mapping[str, FeelValue]


def at(values: Values, key: str) -> FeelValue:
    """The value at a dotted key, null on any missing step."""
    value: FeelValue = dict(values)
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def nested(values: Values) -> dict[str, FeelValue]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`."""
    whole: dict[str, FeelValue] = {}
    for key, value in values.items():
        *outer, last = key.split(".")
        place = whole
        for part in outer:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        place[last] = value
    return whole


def merged(known: Values, data: Values) -> dict[str, FeelValue]:
    """What is known with the answers over it; a group's answers join the variable of that name."""
    both = dict(known)
    for name, value in data.items():
        before = both.get(name)
        both[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return both

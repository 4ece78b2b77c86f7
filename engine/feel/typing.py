"""FEEL's types: whether a value is an instance of one."""

from engine.feel.scope import Run, no_type
from engine.feel.syntax import TypeName
from engine.feel.temporal import Date, midnight
from engine.feel.values import KINDS, FeelValue, Function, Range, kind

SIMPLE = frozenset({*KINDS.values(), "function"}) - {"null"}
ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "any": "Any",
    "null": "Null",
}


def is_instance(value: FeelValue, expected: TypeName, run: Run) -> bool:
    name = ALIASES.get(expected.name, expected.name)
    if name == "Null":
        return value is None
    if value is None:
        return False
    if name == "Any":
        return True
    run.meter.spend()
    if expected.inner is not None:
        return _is_parameterized(value, name, expected, expected.inner, run)
    if name in SIMPLE:
        return kind(value) == name
    if run.types is no_type:
        run.note("unknown-type", expected.at, name=name)
    return run.types(name, value)


def coerced(value: FeelValue, expected: TypeName, run: Run) -> FeelValue:
    """The value as a typed parameter takes it, by FEEL's implicit conversions; null when it does not conform."""
    if value is None or is_instance(value, expected, run):
        return value
    if isinstance(value, list) and len(value) == 1 and is_instance(value[0], expected, run):
        return value[0]
    if is_instance([value], expected, run):
        return [value]
    if isinstance(value, Date) and ALIASES.get(expected.name, expected.name) == "date and time":
        return midnight(value, 0)
    return None


def _is_parameterized(value: FeelValue, name: str, expected: TypeName, inner: tuple[TypeName, ...], run: Run) -> bool:
    if name == "list" and isinstance(value, list):
        return all(_fits(item, inner[0], run) for item in value)
    if name == "range" and isinstance(value, Range):
        return all(_fits(end, inner[0], run) for end in (value.low, value.high))
    if name == "context" and isinstance(value, dict):
        entries = zip(expected.keys, inner, strict=True)
        return all(key in value and _fits(value[key], entry, run) for key, entry in entries)
    return name == "function" and isinstance(value, Function) and len(value.parameters) == len(inner)


def _fits(value: FeelValue, expected: TypeName, run: Run) -> bool:
    return value is None or is_instance(value, expected, run)

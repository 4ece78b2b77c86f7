"""Built-in functions on contexts."""

from engine.feel.builtins.signature import builtin
from engine.feel.values import Caller, FeelValue

Entries = dict[str, FeelValue]


def get_value(context: Entries, key: str) -> FeelValue:
    return context.get(key)


def get_nested_value(context: Entries, keys: list[FeelValue]) -> FeelValue:
    value: FeelValue = context
    for key in keys:
        value = value.get(key) if isinstance(value, dict) and isinstance(key, str) else None
    return value


def get_entries(caller: Caller, context: Entries) -> FeelValue:
    caller.meter.produce(len(context) * 2)
    return [{"key": key, "value": value} for key, value in context.items()]


def context_of(caller: Caller, entries: list[FeelValue]) -> FeelValue:
    """From a list of `{key, value}`; None when an entry is no such thing or a key comes twice."""
    caller.meter.produce(len(entries))
    made: Entries = {}
    for entry in entries:
        key = entry.get("key") if isinstance(entry, dict) else None
        if not isinstance(key, str) or key in made or not isinstance(entry, dict) or "value" not in entry:
            return None
        made[key] = entry["value"]
    return made


def put(caller: Caller, context: Entries, key: str, value: FeelValue) -> FeelValue:
    caller.meter.produce(len(context) + 1)
    return {**context, key: value}


def put_nested(caller: Caller, context: Entries, keys: list[FeelValue], value: FeelValue) -> FeelValue:
    if not keys or not isinstance(keys[0], str):
        return None
    if len(keys) == 1:
        return put(caller, context, keys[0], value)
    inner = context.get(keys[0])
    changed = put_nested(caller, inner, keys[1:], value) if isinstance(inner, dict) else None
    return None if changed is None else put(caller, context, keys[0], changed)


def merge(caller: Caller, contexts: list[FeelValue]) -> FeelValue:
    made: Entries = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        caller.meter.produce(len(context))
        made.update(context)
    return made


FUNCTIONS = [
    builtin("get value", ("m: context, key: string", get_value), ("m: context, keys: list", get_nested_value)),
    builtin("get entries", ("m: context", get_entries), metered=True),
    builtin("context", ("entries: list", context_of), metered=True),
    builtin(
        "context put",
        ("context: context, key: string, value: any", put),
        ("context: context, keys: list, value: any", put_nested),
        metered=True,
    ),
    builtin("context merge", ("contexts: list", merge), metered=True),
]

"""Built-in functions on contexts."""

from engine.feel.builtins.signature import builtin
from engine.feel.errors import Impossible
from engine.feel.values import Caller, Described, FeelValue

Entries = dict[str, FeelValue]


def get_value(caller: Caller, context: Entries, key: str) -> FeelValue:
    if key not in context:
        caller.note("no-entry", name=key)
    return context.get(key)


def get_nested_value(caller: Caller, context: Entries, keys: list[FeelValue]) -> FeelValue:
    """The value behind a path of keys; an empty path leads nowhere."""
    value: FeelValue = context if keys else None
    for key in texts(keys):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Impossible("no-inner-context", name=key)
        value = get_value(caller, value, key)
    return value


def texts(keys: list[FeelValue]) -> list[str]:
    found = [key for key in keys if isinstance(key, str)]
    if len(found) != len(keys) or not found:
        raise Impossible("keys")
    return found


def get_entries(caller: Caller, context: Entries) -> FeelValue:
    caller.meter.produce(len(context) * 2)
    return [{"key": key, "value": value} for key, value in context.items()]


def context_of(caller: Caller, entries: list[FeelValue]) -> FeelValue:
    """From a list of `{key, value}`."""
    caller.meter.produce(len(entries))
    made: Entries = {}
    for entry in entries:
        key = entry.get("key") if isinstance(entry, dict) else None
        if not isinstance(key, str) or key in made or not isinstance(entry, dict) or "value" not in entry:
            raise Impossible("entries")
        made[key] = entry["value"]
    return made


def put(caller: Caller, context: Entries, key: str, value: FeelValue) -> Entries:
    caller.meter.produce(len(context) + 1)
    return {**context, key: value}


def put_nested(caller: Caller, context: Entries, keys: list[FeelValue], value: FeelValue) -> FeelValue:
    """Nested calls of `context put`, so that every context on the way must be there."""
    way = [context]
    *outer, last = texts(keys)
    for key in outer:
        inner = way[-1].get(key)
        if not isinstance(inner, dict):
            raise Impossible("no-inner-context", name=key)
        way.append(inner)
    changed = put(caller, way.pop(), last, value)
    for key in reversed(outer):
        changed = put(caller, way.pop(), key, changed)
    return changed


def merge(caller: Caller, contexts: list[FeelValue]) -> FeelValue:
    made: Entries = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise Impossible("contexts-only", value=Described(context))
        caller.meter.produce(len(context))
        made.update(context)
    return made


FUNCTIONS = [
    builtin(
        "get value",
        ("m: context, key: string", get_value),
        ("m: context, keys: list", get_nested_value),
        ("context: context, key: string", get_value),
        ("context: context, keys: list", get_nested_value),
        metered=True,
        nullable=True,
    ),
    builtin("get entries", ("m: context", get_entries), ("context: context", get_entries), metered=True),
    builtin("context", ("entries: list", context_of), metered=True),
    builtin(
        "context put",
        ("context: context, key: string, value: any", put),
        ("context: context, keys: list, value: any", put_nested),
        metered=True,
    ),
    builtin("context merge", ("contexts: list", merge), metered=True),
]

"""Built-in functions on texts."""

from decimal import Decimal

from engine.feel.builtins.signature import builtin
from engine.feel.errors import Impossible
from engine.feel.patterns import Pattern, pattern, replacement
from engine.feel.values import Caller, Described, FeelValue


def substring(text: str, position: Decimal, length: Decimal | None = None) -> FeelValue:
    start = int(position)
    if start == 0 or abs(start) > len(text):
        raise Impossible("position", position=Described(position), count=len(text))
    if length is not None and length < 1:
        raise Impossible("positive", value=Described(length))
    first = start - 1 if start > 0 else len(text) + start
    return text[first:] if length is None else text[first : first + int(length)]


def length(text: str) -> FeelValue:
    return Decimal(len(text))


def upper(caller: Caller, text: str) -> FeelValue:
    caller.meter.produce(len(text) * 3)
    return text.upper()


def lower(caller: Caller, text: str) -> FeelValue:
    caller.meter.produce(len(text) * 3)
    return text.lower()


def before(text: str, match: str) -> FeelValue:
    return text.partition(match)[0] if match and match in text else ""


def after(text: str, match: str) -> FeelValue:
    return text.partition(match)[2] if match else text


def contains(text: str, match: str) -> FeelValue:
    return match in text


def starts_with(text: str, match: str) -> FeelValue:
    return text.startswith(match)


def ends_with(text: str, match: str) -> FeelValue:
    return text.endswith(match)


def compiled(caller: Caller, expression: str, flags: str | None = None) -> Pattern:
    """The pattern; making it may take a while, so the clock is looked at."""
    made = pattern(expression, flags or "")
    caller.meter.look()
    return made


def matches(caller: Caller, text: str, expression: str, flags: str | None = None) -> FeelValue:
    return next(compiled(caller, expression, flags).find(text, caller.meter), None) is not None


def replace(caller: Caller, text: str, expression: str, by: str, flags: str | None = None) -> FeelValue:
    """`$1` stands for the first group; a pattern that matches the empty text is refused."""
    found_by = compiled(caller, expression, flags)
    fill = replacement(by, found_by.groups, flags or "")
    if next(found_by.find("", caller.meter), None) is not None:
        raise Impossible("pattern-empty")
    parts, last = [], 0
    for found in found_by.find(text, caller.meter):
        parts += [text[last : found.start()], fill(found)]
        caller.meter.produce(len(parts[-2]) + len(parts[-1]))
        last = found.end()
    return "".join([*parts, text[last:]])


def split(caller: Caller, text: str, delimiter: str) -> FeelValue:
    caller.meter.produce(len(text))
    parts, last = list[FeelValue](), 0
    for found in compiled(caller, delimiter).find(text, caller.meter):
        if found.end() > found.start():
            parts.append(text[last : found.start()])
            last = found.end()
    return [*parts, text[last:]]


def extract(caller: Caller, text: str, expression: str) -> FeelValue:
    caller.meter.produce(len(text))
    return [found.group(0) for found in compiled(caller, expression).find(text, caller.meter)]


def join(
    caller: Caller, items: list[FeelValue], delimiter: str | None = None, prefix: str = "", suffix: str = ""
) -> FeelValue:
    """Nulls are left out; anything else that is no text makes null."""
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) != sum(item is not None for item in items):
        odd = next(item for item in items if not isinstance(item, str | None))
        raise Impossible("texts-only", value=Described(odd))
    caller.meter.produce(sum(map(len, texts)) + len(texts) * len(delimiter or ""))
    return prefix + (delimiter or "").join(texts) + suffix


def trim(text: str) -> FeelValue:
    return text.strip()


def is_blank(text: str) -> FeelValue:
    return not text.strip()


MATCH = "string: string, match: string"
FUNCTIONS = [
    builtin("substring", ("string: string, start position: number, length: number?", substring)),
    builtin("string length", ("string: string", length)),
    builtin("upper case", ("string: string", upper), metered=True),
    builtin("lower case", ("string: string", lower), metered=True),
    builtin("substring before", (MATCH, before)),
    builtin("substring after", (MATCH, after)),
    builtin("contains", (MATCH, contains)),
    builtin("starts with", (MATCH, starts_with)),
    builtin("ends with", (MATCH, ends_with)),
    builtin("matches", ("input: string, pattern: string, flags: string?", matches), metered=True),
    builtin("replace", ("input: string, pattern: string, replacement: string, flags: string?", replace), metered=True),
    builtin("split", ("string: string, delimiter: string", split), metered=True),
    builtin("extract", ("string: string, pattern: string", extract), metered=True),
    builtin(
        "string join",
        ("list: list, delimiter: string?", join),
        ("list: list, delimiter: string?, prefix: string, suffix: string", join),
        metered=True,
    ),
    builtin("trim", ("string: string", trim)),
    builtin("is blank", ("string: string", is_blank)),
]

"""Tables of FEEL examples: an expression, and its value as `string()` writes it within a list."""

import datetime as dt

from engine.feel import Outcome, compile

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
Table = dict[str, list[tuple[str, str]]]


def rows(table: Table) -> list[tuple[str, str]]:
    """All rows of all entries."""
    return [row for found in table.values() for row in found]


def shown(expression: str, **context: object) -> str:
    """What the expression gives, texts between quotes."""
    found = compile(f"string([{expression}\n])").evaluate(context, now=NOW)
    assert isinstance(found, str)
    return found[1:-1]


def explained(expression: str, **context: object) -> Outcome:
    return compile(expression).explain(context, now=NOW)

"""Whether one of several conditions is always true, as far as their texts tell."""

import re
from collections.abc import Iterator, Sequence

COMPARISON = re.compile(r'([\w.]+)[ ]?(<=|>=|!=|<|>|=)[ ]?([\w.-]+|"[^"]*")')
OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "!=", "!=": "="}
BOOLEANS = {"true": "false", "false": "true"}


def exhaustive(conditions: Sequence[str]) -> bool:
    """One of them is `true`, or two are opposite. (A null is an incident whatever the conditions are.)"""
    known = {_plain(condition) for condition in conditions}
    return "true" in known or any(not known.isdisjoint(_opposites(condition)) for condition in known)


def _plain(condition: str) -> str:
    """One way of writing what may be written in several."""
    text = " ".join(condition.strip().removeprefix("=").split())
    compared = COMPARISON.fullmatch(text)
    return "".join(compared.groups()) if compared else text


def _opposites(condition: str) -> Iterator[str]:
    yield f"not({condition})"
    compared = COMPARISON.fullmatch(condition)
    if compared:
        left, sign, right = compared.groups()
        yield left + OPPOSITE[sign] + right
        if sign == "=" and right in BOOLEANS:
            yield f"{left}={BOOLEANS[right]}"

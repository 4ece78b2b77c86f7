"""The values of a run as a person reads them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
NOTHING = "non renseigné"


def readable(value: Any, longest: int = 600) -> str:
    """One value in French: yes and no, numbers with a comma, lists and groups spelt out, cut when too long."""
    text = _spelt(value)
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def rows(variables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The variables of a scope, groups opened one level, in alphabetical order."""
    return [(path, readable(value)) for name in sorted(variables) for path, value in _opened(name, variables[name])]


def _opened(name: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        return [(f"{name}.{key}", inner) for key, inner in value.items()]
    return [(name, value)]


def _spelt(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(PARIS):%d/%m/%Y %H:%M}" if value.tzinfo else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} : {_spelt(inner)}" for key, inner in value.items()) or "vide"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_spelt, value)) or "aucun"
    return str(value)


def _number(value: float | Decimal) -> str:
    exact = Decimal(str(value))
    text = f"{exact.normalize():f}" if exact == exact.to_integral_value() else f"{exact:f}".rstrip("0")
    return text.replace(".", ",")

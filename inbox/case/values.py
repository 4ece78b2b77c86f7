"""One value as a person reads it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from inbox import vocabulary

PARIS = ZoneInfo("Europe/Paris")
NOTHING = "non renseigné"


def readable(value: Any, longest: int = 600) -> str:
    """One value in French: yes and no, numbers with a comma, lists and groups spelt out, cut when too long."""
    text = _spelt(value)
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


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
        return ", ".join(f"{vocabulary.key(key)} : {_spelt(inner)}" for key, inner in value.items()) or "vide"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_spelt, value)) or "aucun"
    return _text(str(value))


def _text(text: str) -> str:
    """A text as it is; one that states an instant is said as people write it, a code or a duration in words."""
    body, _, _zone = text.partition("@")
    if len(body) < len("2026-11-24") or not body[:4].isdigit() or body[4] != "-":
        return vocabulary.text(text)
    try:
        moment = datetime.fromisoformat(body)
    except ValueError:
        return text
    return f"{moment:%d/%m/%Y}" if len(body) == len("2026-11-24") else f"{moment:%d/%m/%Y %H:%M}"


def _number(value: float | Decimal) -> str:
    exact = Decimal(str(value))
    text = f"{exact.normalize():f}" if exact == exact.to_integral_value() else f"{exact:f}".rstrip("0")
    return text.replace(".", ",")
